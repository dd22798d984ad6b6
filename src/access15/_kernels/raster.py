"""Pixels linked to streets, and the time at every pixel.

Pixels stand on a lattice without an origin of its own: pixel ``(i, j)`` lies at ``(i * pixel_m, j *
pixel_m)``. They are kept in square tiles of `TILE` × `TILE`, and only where streets are near.
"""

import numpy as np
from numba import uint32

from access15._kernels._jit import kernel

TILE = 32
BLOCK = 8
NOT_REACHED = 0xFFFFFFFF
OUTSIDE, MIXED, INSIDE = 0, 1, 2
_PINNED = 0.5


@kernel
def link_tiles(
    tiles, pixel_m, reach_m, segments, start, ids, size, x0, y0, nx, ny, out_segment, out_t, out_m
):  # fmt: skip
    """Find the nearest segment within ``reach_m`` of every pixel of some tiles; the lowest row on ties.

    The grid is read once for a tile. Its pixels are served in blocks: all candidates of a block lie within the
    distance of its middle to the nearest segment plus the block's diagonal. The loops over segments and over pixels
    have no branch.

    Parameters
    ----------
    tiles : (t, 2) int64
        Column and row of each tile.
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
    pixels = BLOCK * BLOCK
    seen = np.zeros(segments.shape[0], np.int32)
    # Pages that are never written cost nothing: only the first few entries are.
    row = np.empty(segments.shape[0], np.int64)
    line = np.empty((5, segments.shape[0]), np.float64)
    near = np.empty(segments.shape[0], np.float64)
    kept = np.empty(segments.shape[0], np.int64)
    best, along, across, up = np.empty(pixels), np.empty(pixels), np.empty(pixels), np.empty(pixels)
    which = np.empty(pixels, np.int64)
    half = (BLOCK - 1) * pixel_m * np.sqrt(0.5) * (1 + 1e-9)
    side = (TILE - 1) * pixel_m
    for k in range(tiles.shape[0]):
        west, south = tiles[k, 0] * TILE * pixel_m, tiles[k, 1] * TILE * pixel_m
        a0 = max(int(np.floor((west - reach_m - x0) / size)), 0)
        a1 = min(int(np.floor((west + side + reach_m - x0) / size)), nx - 1)
        b0 = max(int(np.floor((south - reach_m - y0) / size)), 0)
        b1 = min(int(np.floor((south + side + reach_m - y0) / size)), ny - 1)
        count = 0
        # A tile beside the grid has no squares: nothing may be read there.
        for b in range(b0, b1 + 1 if a1 >= a0 else b0):
            for entry in range(start[b * nx + a0], start[b * nx + a1 + 1]):
                s = ids[entry]
                if seen[s] == k + 1:
                    continue
                seen[s] = k + 1
                dx = segments[s, 2] - segments[s, 0]
                dy = segments[s, 3] - segments[s, 1]
                length2 = dx * dx + dy * dy
                row[count] = s
                line[0, count] = segments[s, 0]
                line[1, count] = segments[s, 1]
                line[2, count] = dx
                line[3, count] = dy
                # For a segment without length t is 0 * 1 = 0.
                line[4, count] = 1.0 / length2 if length2 > 0 else 1.0
                count += 1
        for block in range((TILE // BLOCK) ** 2):
            bj = block // (TILE // BLOCK) * BLOCK
            bi = block % (TILE // BLOCK) * BLOCK
            for p in range(pixels):
                across[p] = (tiles[k, 0] * TILE + bi + p % BLOCK) * pixel_m
                up[p] = (tiles[k, 1] * TILE + bj + p // BLOCK) * pixel_m
            best[:] = reach_m * reach_m
            which[:] = -1
            along[:] = 0.0
            cx = (across[0] + across[pixels - 1]) / 2
            cy = (up[0] + up[pixels - 1]) / 2
            smallest = np.inf
            for c in range(count):
                t = ((cx - line[0, c]) * line[2, c] + (cy - line[1, c]) * line[3, c]) * line[4, c]
                t = min(max(t, 0.0), 1.0)
                ex = line[0, c] + t * line[2, c] - cx
                ey = line[1, c] + t * line[3, c] - cy
                near[c] = ex * ex + ey * ey
            for c in range(count):
                smallest = min(smallest, near[c])
            bound = min(np.sqrt(smallest) + 2 * half, reach_m + half) ** 2 * (1 + 1e-9)
            n = 0
            for c in range(count):
                kept[n] = c
                n += near[c] <= bound
            for c in kept[:n]:
                s = row[c]
                ax, ay, dx, dy, part = line[0, c], line[1, c], line[2, c], line[3, c], line[4, c]
                for p in range(pixels):
                    t = ((across[p] - ax) * dx + (up[p] - ay) * dy) * part
                    t = min(max(t, 0.0), 1.0)
                    ex = ax + t * dx - across[p]
                    ey = ay + t * dy - up[p]
                    d2 = ex * ex + ey * ey
                    closer = (d2 < best[p]) | ((d2 == best[p]) & (s < which[p]))
                    which[p] = s if closer else which[p]
                    along[p] = t if closer else along[p]
                    best[p] = d2 if closer else best[p]
            for p in range(pixels):
                i = bi + p % BLOCK
                j = bj + p // BLOCK
                out_segment[k, j, i] = which[p]
                out_m[k, j, i] = np.sqrt(best[p]) if which[p] >= 0 else np.inf
                out_t[k, j, i] = along[p]


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
    now = -1
    edge = -1
    before = length = total = 0.0
    for k in range(segment.size):
        s = segment[k]
        if s < 0:
            continue
        if s != now:
            # Neighbouring pixels mostly stand on one segment.
            now = s
            dx = segments[s, 2] - segments[s, 0]
            dy = segments[s, 3] - segments[s, 1]
            length = np.sqrt(dx * dx + dy * dy)
            before = before_m[s]
            edge = edge_of[s]
            total = edge_m[edge]
        along = before + t[k] * length
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
