"""Pixels linked to streets, and the time at every pixel.

Pixels stand on a lattice without an origin of its own: pixel ``(i, j)`` lies at ``(i * pixel_m, j *
pixel_m)``. They are kept in square tiles of `TILE` × `TILE`, and only where streets are near.
"""

import numpy as np
from numba import uint32

from access15._kernels._jit import kernel

TILE = 64
BLOCK = 8
NOT_REACHED = 0xFFFFFFFF
OUTSIDE, MIXED, INSIDE = 0, 1, 2
_PINNED = 0.5


@kernel
def _squared_distance(x, y, segments, s):
    """Return ``(squared distance, share)`` of a point to a segment, as `snap.nearest_segment` has it."""
    dx = segments[s, 2] - segments[s, 0]
    dy = segments[s, 3] - segments[s, 1]
    length2 = dx * dx + dy * dy
    t = 0.0
    if length2 > 0:
        t = ((x - segments[s, 0]) * dx + (y - segments[s, 1]) * dy) / length2
        t = min(max(t, 0.0), 1.0)
    ex = segments[s, 0] + t * dx - x
    ey = segments[s, 1] + t * dy - y
    return ex * ex + ey * ey, t


@kernel
def link_tiles(
    tiles, first, last, pixel_m, reach_m, segments, start, ids, size, x0, y0, nx, ny, out_segment, out_t, out_m
):  # fmt: skip
    """Find the nearest segment within ``reach_m`` of every pixel of some tiles; the lowest row on ties.

    Pixels are served in blocks. All candidates of a block lie within the distance of its middle to the
    nearest segment plus the block's diagonal, so that the grid is read once for the whole block.

    Parameters
    ----------
    tiles : (t, 2) int64
        Column and row of each tile; rows ``first..last - 1`` are served.
    pixel_m, reach_m : float
    segments, start, ids, size, x0, y0, nx, ny
        A grid of `snap.grid_of_segments`.
    out_segment : (t, TILE, TILE) int32
        Filled with the segment row, -1 for none.
    out_t : (t, TILE, TILE) float32
        Filled with the share along the segment.
    out_m : (t, TILE, TILE) float32
        Filled with the distance, ``inf`` for none.
    """
    seen = np.zeros(segments.shape[0], np.int32)
    stamp = 0
    # Pages that are never written cost nothing: only the first few entries are.
    near = np.empty(segments.shape[0], np.int32)
    near_m = np.empty(segments.shape[0], np.float64)
    best = np.empty(BLOCK * BLOCK, np.float64)
    which = np.empty(BLOCK * BLOCK, np.int64)
    across = np.empty(BLOCK * BLOCK, np.float64)
    up = np.empty(BLOCK * BLOCK, np.float64)
    half = (BLOCK - 1) * pixel_m * np.sqrt(0.5) * (1 + 1e-9)
    for k in range(first, last):
        previous = -1
        for block in range((TILE // BLOCK) ** 2):
            bj = block // (TILE // BLOCK) * BLOCK
            bi = block % (TILE // BLOCK) * BLOCK
            if bj // BLOCK % 2 == 1:
                bi = TILE - BLOCK - bi  # There and back: the block before is a neighbour.
            i0 = tiles[k, 0] * TILE + bi
            j0 = tiles[k, 1] * TILE + bj
            cx = (i0 + (BLOCK - 1) / 2) * pixel_m
            cy = (j0 + (BLOCK - 1) / 2) * pixel_m
            bound = reach_m + half
            if previous >= 0:
                bound = min(bound, np.sqrt(_squared_distance(cx, cy, segments, previous)[0]) + 2 * half)
            a0 = max(int(np.floor((cx - bound - x0) / size)), 0)
            a1 = min(int(np.floor((cx + bound - x0) / size)), nx - 1)
            b0 = max(int(np.floor((cy - bound - y0) / size)), 0)
            b1 = min(int(np.floor((cy + bound - y0) / size)), ny - 1)
            stamp += 1
            count = 0
            middle = bound * bound * (1 + 1e-9)
            smallest = np.inf
            # A block beside the grid has no squares: nothing may be read there.
            for b in range(b0, b1 + 1 if a1 >= a0 else b0):
                for entry in range(start[b * nx + a0], start[b * nx + a1 + 1]):
                    s = ids[entry]
                    if seen[s] == stamp:
                        continue
                    seen[s] = stamp
                    d2 = _squared_distance(cx, cy, segments, s)[0]
                    if d2 > middle:
                        continue
                    if d2 < smallest:
                        smallest = d2
                        previous = s
                    near[count] = s
                    near_m[count] = d2
                    count += 1
            keep = (np.sqrt(smallest) + 2 * half) ** 2 * (1 + 1e-9)
            kept = 0
            for c in range(count):
                if near_m[c] <= keep:
                    s = near[c]
                    place = kept
                    while place > 0 and near[place - 1] > s:
                        near[place] = near[place - 1]
                        place -= 1
                    near[place] = s
                    kept += 1
            if kept == 0:
                previous = -1
            for p in range(BLOCK * BLOCK):
                across[p] = (i0 + p % BLOCK) * pixel_m
                up[p] = (j0 + p // BLOCK) * pixel_m
            best[:] = reach_m * reach_m
            which[:] = -1
            for c in range(kept):
                # Rows rise, so that a tie stays with the lowest; the loop over pixels has no branch.
                s = near[c]
                ax = segments[s, 0]
                ay = segments[s, 1]
                dx = segments[s, 2] - ax
                dy = segments[s, 3] - ay
                length2 = dx * dx + dy * dy
                # For a segment without length t is 0 / 1 = 0.
                length2 = length2 if length2 > 0 else 1.0
                for p in range(BLOCK * BLOCK):
                    t = ((across[p] - ax) * dx + (up[p] - ay) * dy) / length2
                    t = min(max(t, 0.0), 1.0)
                    ex = ax + t * dx - across[p]
                    ey = ay + t * dy - up[p]
                    d2 = ex * ex + ey * ey
                    closer = d2 < best[p]
                    which[p] = s if closer else which[p]
                    best[p] = d2 if closer else best[p]
            for p in range(BLOCK * BLOCK):
                s = which[p]
                i = bi + p % BLOCK
                j = bj + p // BLOCK
                out_segment[k, j, i] = s
                out_m[k, j, i] = np.inf
                out_t[k, j, i] = 0.0
                if s >= 0:
                    out_m[k, j, i] = np.sqrt(best[p])
                    out_t[k, j, i] = _squared_distance(across[p], up[p], segments, s)[1]


@kernel
def shares_along(segment, t, segments, edge_of, before_m, edge_m, at_end_m):
    """Turn segments into edges and shares along segments into shares along edges, both in place.

    Parameters
    ----------
    segment : (k,) int32
    t : (k,) float32
    segments, edge_of, before_m, edge_m
        Of `access15.network.link.SegmentIndex`.
    at_end_m : float
        A position this close to the end of an edge is the junction itself.
    """
    for k in range(segment.size):
        s = segment[k]
        if s < 0:
            continue
        along = before_m[s] + t[k] * np.hypot(
            segments[s, 2] - segments[s, 0], segments[s, 3] - segments[s, 1]
        )
        edge = edge_of[s]
        total = edge_m[edge]
        share = along / total if total > 0 else 0.0
        if along <= at_end_m:
            share = 0.0
        elif total - along <= at_end_m and total > at_end_m:
            share = 1.0
        segment[k] = edge
        t[k] = share


@kernel
def _milliseconds(label):
    return float(label) if label != NOT_REACHED else np.inf


@kernel
def street_ms(edge, share, labels, edges, own_row, own_ptr, own_ms, own_best):
    """Return the time at one place on a street, ``inf`` where it is not reached.

    Parameters
    ----------
    edge : int
    share : float
        Along the edge.
    labels : (n,) uint32
        Times, `NOT_REACHED` where not reached.
    edges : (m, 6) uint32
        Of each edge the rows of ``labels`` at which it is entered ahead and behind, its times ahead and
        behind (`NOT_REACHED` where it may not be travelled), and the rows of its two end nodes, for places
        that stand on them.
    own_row : (m,) int32
        Row of the edges that facilities stand on in ``own_ptr``, -1 for all others.
    own_ptr : (k + 1,) int64
    own_ms : (2, s) float64
        Times from the tail (row 0) and from the head (row 1) to each facility, rising along each edge.
    own_best : (2, s) float64
        Smallest "leg less position" of the facilities so far: arrival at position ``p`` is ``p + best``.
    """
    best = np.inf
    row = own_row[edge]
    for side in range(2):
        label = labels[edges[edge, side]]
        pass_ms = edges[edge, 2 + side]
        part = share if side == 0 else 1.0 - share
        if part == 0.0:
            best = min(best, _milliseconds(labels[edges[edge, 4 + side]]))
        elif pass_ms != NOT_REACHED:
            best = min(best, _milliseconds(label) + part * pass_ms)
        if row >= 0 and pass_ms != NOT_REACHED:
            position = part * pass_ms
            low = own_ptr[row]
            high = own_ptr[row + 1]
            # Positions are whole milliseconds: the facility's own place counts as reached.
            while low < high:
                middle = (low + high) // 2
                if own_ms[side, middle] <= position + 0.5:
                    low = middle + 1
                else:
                    high = middle
            if low > own_ptr[row]:
                best = min(best, position + own_best[side, low - 1])
    return best


@kernel
def places_ms(edge, share, labels, edges, own_row, own_ptr, own_ms, own_best, out):
    """Fill ``out`` (k,) float64 with the time at places on streets; see `street_ms`."""
    for k in range(edge.size):
        out[k] = street_ms(edge[k], share[k], labels, edges, own_row, own_ptr, own_ms, own_best)


@kernel
def _late_block(tile, pj0, pi0, link_edge, link_share, link_m, labels, edges, own_row, own_ptr, own_ms, own_best,
                limit_ms, ms_per_m, reach_m, strip_m, soft_ms, out, column):  # fmt: skip
    """Fill the columns of one block and return how many of its pixels are inside; see `late_strip`."""
    inside = 0
    edge_now = -1
    ahead_ms = behind_ms = uint32(0)
    at_tail = at_head = from_tail = from_head = np.inf
    own = False
    for r in range(BLOCK):
        for q in range(BLOCK):
            late = soft_ms
            edge = link_edge[tile, pj0 + r, pi0 + q]
            if edge >= 0:
                if edge != edge_now:
                    # Neighbouring pixels mostly stand on one edge: its times are looked up once.
                    edge_now = edge
                    ahead_ms = edges[edge, 2]
                    behind_ms = edges[edge, 3]
                    from_tail = _milliseconds(labels[edges[edge, 0]])
                    from_head = _milliseconds(labels[edges[edge, 1]])
                    if ahead_ms == NOT_REACHED:
                        from_tail = np.inf
                    if behind_ms == NOT_REACHED:
                        from_head = np.inf
                    at_tail = _milliseconds(labels[edges[edge, 4]])
                    at_head = _milliseconds(labels[edges[edge, 5]])
                    own = own_row[edge] >= 0
                share = float(link_share[tile, pj0 + r, pi0 + q])
                leg = float(link_m[tile, pj0 + r, pi0 + q])
                if own:
                    on_street = street_ms(edge, share, labels, edges, own_row, own_ptr, own_ms, own_best)
                else:
                    ahead = from_tail + share * ahead_ms if share > 0.0 else at_tail
                    behind = from_head + (1.0 - share) * behind_ms if share < 1.0 else at_head
                    on_street = min(ahead, behind)
                on_street -= limit_ms
                late = on_street + leg * ms_per_m
                if strip_m > 0:
                    late = min(late, max(on_street, (leg - strip_m) * ms_per_m))
                late = min(max(late, (leg - reach_m) * ms_per_m), soft_ms)
                if late > 0:
                    late = max(late, soft_ms * 1e-2)
                else:
                    late = max(min(late, -soft_ms * 1e-2), -soft_ms)
                    inside += 1
            out[r, column + q] = late
    return inside


@kernel
def late_strip(
    strip, marks, i0, j0, tile_of, link_edge, link_share, link_m, labels, edges, own_row, own_ptr, own_ms,
    own_best, pins, limit_ms, ms_per_m, reach_m, strip_m, soft_ms, out, kind,
):  # fmt: skip
    """Fill a row of blocks with how much too late each pixel is, in ms: 0 or less is inside, cut off at ± ``soft_ms``.

    A pixel is inside when the time at its street plus its leg is within the limit, or when it lies within
    ``strip_m`` of a street point that is; and when its leg is no longer than ``reach_m``. No value is
    closer to 0 than a hundredth of ``soft_ms``, so that no contour runs through a pixel.

    Parameters
    ----------
    strip : int
        Row of ``marks``.
    marks : (rows, columns) bool
        Blocks that can have pixels inside: whole tiles each way.
    i0, j0 : int
        Lattice position of ``marks[0, 0]`` in blocks: the corner of a tile.
    tile_of : (tile rows, tile columns) int32
        Row in the link arrays of each tile that has a mark.
    link_edge, link_share, link_m : (tiles, TILE, TILE)
        Edge (-1 for none), share along it and leg of each pixel.
    labels, edges, own_row, own_ptr, own_ms, own_best
        See `street_ms`.
    pins : (p, 2) int64
        Row and column of pixels that are inside whatever their time, in rising order: half a pixel's walk early or more.
    limit_ms, ms_per_m, reach_m, strip_m, soft_ms : float
    out : (BLOCK, columns of pixels) float64
    kind : (columns,) uint8
        Filled with what each block is: `OUTSIDE`, `INSIDE`, `MIXED`.
    """
    per_tile = TILE // BLOCK
    tile_row = strip // per_tile
    pj0 = strip % per_tile * BLOCK
    for b in range(marks.shape[1]):
        inside = 0
        if marks[strip, b]:
            inside = _late_block(
                tile_of[tile_row, b // per_tile], pj0, b % per_tile * BLOCK, link_edge, link_share, link_m, labels,
                edges, own_row, own_ptr, own_ms, own_best, limit_ms, ms_per_m, reach_m, strip_m, soft_ms, out, b * BLOCK,
            )  # fmt: skip
        else:
            out[:, b * BLOCK : (b + 1) * BLOCK] = soft_ms
        kind[b] = OUTSIDE if inside == 0 else INSIDE if inside == BLOCK * BLOCK else MIXED
    first_row = (j0 + strip) * BLOCK
    for p in range(np.searchsorted(pins[:, 0], first_row), pins.shape[0]):
        r = pins[p, 0] - first_row
        if r >= BLOCK:
            break
        i = pins[p, 1] - i0 * BLOCK
        out[r, i] = min(out[r, i], -_PINNED * soft_ms)
        if kind[i // BLOCK] == OUTSIDE:
            kind[i // BLOCK] = MIXED
