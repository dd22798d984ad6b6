"""Pixels linked to streets, and the time at every pixel.

Pixels stand on a lattice without an origin of its own: pixel ``(i, j)`` lies at ``(i * pixel_m, j *
pixel_m)``. They are kept in square tiles of `TILE` × `TILE`, and only where streets are near.
"""

import numpy as np

from access15._kernels._jit import kernel

TILE = 32
BLOCK = 8
BLOCKS = (TILE // BLOCK) ** 2
PIXELS = BLOCK**2
NOT_REACHED = 0xFFFFFFFF
END = -2
OUTSIDE, MIXED, INSIDE = 0, 1, 2
_PINNED = 0.5


@kernel
def link_tiles(
    tiles, pixel_m, reach_m, segments, start, ids, size, x0, y0, nx, ny, out_segment, out_t, out_m
):
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
    out_segment : (t, BLOCKS, PIXELS) int32
        Filled with the segment row, -1 for none; rows of blocks in a tile, and rows of pixels in a block.
    out_t : (t, BLOCKS, PIXELS) float32
        Filled with the share along the segment.
    out_m : (t, BLOCKS, PIXELS) float32
        Filled with the distance, ``inf`` for none.
    """
    # Work space: the segments near a tile, those kept for a block, and the best of each pixel.
    seen = np.zeros(segments.shape[0], np.int32)
    # Pages that are never written cost nothing: only the first few entries are.
    row = np.empty(segments.shape[0], np.int64)
    line = np.empty((5, segments.shape[0]), np.float64)
    near = np.empty(segments.shape[0], np.float64)
    kept = np.empty(segments.shape[0], np.int64)
    best, along, across, up = np.empty(PIXELS), np.empty(PIXELS), np.empty(PIXELS), np.empty(PIXELS)
    which = np.empty(PIXELS, np.int64)
    half = (BLOCK - 1) * pixel_m * np.sqrt(0.5) * (1 + 1e-9)
    side = (TILE - 1) * pixel_m
    for k in range(tiles.shape[0]):
        # 1. Segments within reach of the tile, each once, as start, direction and inverse square of length.
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
        # 2. Block by block.
        for block in range(BLOCKS):
            bj = block // (TILE // BLOCK) * BLOCK
            bi = block % (TILE // BLOCK) * BLOCK
            for p in range(PIXELS):
                across[p] = (tiles[k, 0] * TILE + bi + p % BLOCK) * pixel_m
                up[p] = (tiles[k, 1] * TILE + bj + p // BLOCK) * pixel_m
            best[:] = reach_m * reach_m
            which[:] = -1
            along[:] = 0.0
            cx = (across[0] + across[PIXELS - 1]) / 2
            cy = (up[0] + up[PIXELS - 1]) / 2
            # The distance of its middle to every segment bounds which can be nearest to one of its pixels.
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
            # The nearest of these for every pixel, the lowest row on ties.
            for c in kept[:n]:
                s = row[c]
                ax, ay, dx, dy, part = line[0, c], line[1, c], line[2, c], line[3, c], line[4, c]
                for p in range(PIXELS):
                    t = ((across[p] - ax) * dx + (up[p] - ay) * dy) * part
                    t = min(max(t, 0.0), 1.0)
                    ex = ax + t * dx - across[p]
                    ey = ay + t * dy - up[p]
                    d2 = ex * ex + ey * ey
                    closer = (d2 < best[p]) | ((d2 == best[p]) & (s < which[p]))
                    which[p] = s if closer else which[p]
                    along[p] = t if closer else along[p]
                    best[p] = d2 if closer else best[p]
            for p in range(PIXELS):
                out_segment[k, block, p] = which[p]
                out_m[k, block, p] = np.sqrt(best[p]) if which[p] >= 0 else np.inf
                out_t[k, block, p] = along[p]


@kernel
def shares_along(segment, t, leg_m, slot, longest_m, segments, edge_of, before_m, edge_m, at_end_m):
    """Turn segments into edges and shares along segments into shares along edges, both in place.

    Parameters
    ----------
    segment : (blocks, PIXELS) int32
        In: of each pixel, -1 for none. Out: the edges of the block, each once, -1 for none; then `END`.
    t, leg_m : (blocks, PIXELS) float32
    slot : (blocks, PIXELS) uint8
        Filled with the place of each pixel's edge among the edges of its block.
    longest_m : (blocks,) float32
        Filled with the longest leg of each block.
    segments, edge_of, before_m, edge_m
        Of `access15.network.link.SegmentIndex`.
    at_end_m : float
        A position this close to the end of an edge is the junction itself.
    """
    for block in range(segment.shape[0]):
        edges = segment[block]  # Never longer than the pixels read so far.
        count = 0
        now = -2
        place = 0
        edge = -1
        before = length = total = 0.0
        longest = leg_m[block, 0]
        for p in range(PIXELS):
            s = segment[block, p]
            longest = max(longest, leg_m[block, p])
            if s != now:
                # Neighbouring pixels mostly stand on one segment.
                now = s
                edge = edge_of[s] if s >= 0 else -1
                if s >= 0:
                    dx = segments[s, 2] - segments[s, 0]
                    dy = segments[s, 3] - segments[s, 1]
                    length = np.sqrt(dx * dx + dy * dy)
                    before = before_m[s]
                    total = edge_m[edge]
                place = 0
                while place < count and edges[place] != edge:
                    place += 1
                if place == count:
                    edges[count] = edge
                    count += 1
            slot[block, p] = place
            if s >= 0:
                along = before + t[block, p] * length
                share = along / total if total > 0 else 0.0
                if along <= at_end_m:
                    share = 0.0
                elif total - along <= at_end_m and total > at_end_m:
                    share = 1.0
                t[block, p] = share
        if count < PIXELS:
            edges[count] = END
        longest_m[block] = longest


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
def _block_times(block_edges, labels, edges, own_row, times):
    """Fill ``times`` with what pixels of a block need to know of its edges, one column each, and bound their times.

    The rows are the label and the time of the edge ahead, the same behind, the labels of the two end nodes, and 1 for an
    edge that facilities stand on. Returned are the earliest and the latest time that any street point of a pixel can have,
    and whether facilities stand on any of the edges.
    """
    earliest = np.inf
    latest = -np.inf
    own = False
    for k in range(PIXELS):
        edge = block_edges[k]
        if edge == END:
            break
        if edge < 0:
            times[:6, k] = np.inf
            times[6, k] = 0.0
            latest = np.inf
            continue
        ahead = float(edges[edge, 2])
        behind = float(edges[edge, 3])
        tail = _milliseconds(labels[edges[edge, 0]]) if ahead != NOT_REACHED else np.inf
        head = _milliseconds(labels[edges[edge, 1]]) if behind != NOT_REACHED else np.inf
        at_tail = _milliseconds(labels[edges[edge, 4]])
        at_head = _milliseconds(labels[edges[edge, 5]])
        times[0, k], times[1, k], times[2, k], times[3, k] = tail, ahead, head, behind
        times[4, k], times[5, k] = at_tail, at_head
        times[6, k] = 0.0
        if own_row[edge] >= 0:
            times[6, k] = 1.0
            own = True
            earliest = 0.0
        earliest = min(earliest, tail, head, at_tail, at_head)
        later = min(tail + ahead, head + behind)
        latest = max(latest, later, min(at_tail, head + behind), min(at_head, tail + ahead))
    return earliest, latest, own


@kernel
def _late_block(
    edges_of,
    slot,
    shares,
    legs,
    longest_m,
    labels,
    edges,
    own_row,
    own_ptr,
    own_ms,
    own_best,
    limit_ms,
    ms_per_m,
    reach_m,
    strip_m,
    soft_ms,
    times,
    on_street,
    out,
):
    """Fill the pixels ``out`` (BLOCK, BLOCK) of one block and return how many are inside; see `late_strip`."""
    earliest, latest, own = _block_times(edges_of, labels, edges, own_row, times)
    if earliest - limit_ms >= soft_ms:
        out[:] = soft_ms
        return 0
    if max(latest - limit_ms + longest_m * ms_per_m, (longest_m - reach_m) * ms_per_m) <= -soft_ms:
        out[:] = -soft_ms
        return PIXELS
    # No branch on a pixel: on which street it stands, and where, no processor can foresee.
    for p in range(PIXELS):
        k = slot[p]
        share = float(shares[p])
        ahead = times[0, k] + share * times[1, k]
        behind = times[2, k] + (1.0 - share) * times[3, k]
        at_tail = times[4, k]
        at_head = times[5, k]
        ahead = ahead if share > 0.0 else at_tail
        behind = behind if share < 1.0 else at_head
        on_street[p] = min(ahead, behind)
    if own:
        for p in range(PIXELS):
            if times[6, slot[p]] > 0:
                on_street[p] = street_ms(
                    edges_of[slot[p]], float(shares[p]), labels, edges, own_row, own_ptr, own_ms, own_best
                )
    inside = 0
    for r in range(BLOCK):
        for q in range(BLOCK):
            leg = float(legs[r * BLOCK + q])
            street = on_street[r * BLOCK + q] - limit_ms
            late = street + leg * ms_per_m
            on_strip = max(street, (leg - strip_m) * ms_per_m)
            late = min(late, on_strip) if strip_m > 0 else late
            late = min(max(late, (leg - reach_m) * ms_per_m, -soft_ms), soft_ms)
            size = max(abs(late), soft_ms * 1e-2)
            out[r, q] = size if late > 0 else -size
            inside += late <= 0
    return inside


@kernel
def late_strip(
    strip,
    marks,
    i0,
    j0,
    tile_of,
    link_edges,
    link_slot,
    link_share,
    link_m,
    longest_m,
    labels,
    edges,
    own_row,
    own_ptr,
    own_ms,
    own_best,
    pins,
    limit_ms,
    ms_per_m,
    reach_m,
    strip_m,
    soft_ms,
    out,
    kind,
):
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
    link_edges, link_slot, link_share, link_m, longest_m
        As `shares_along` gives them, (tiles, BLOCKS, PIXELS), and the longest leg of each block, (tiles, BLOCKS).
    labels, edges, own_row, own_ptr, own_ms, own_best
        See `street_ms`.
    pins : (p, 2) int64
        Row and column of pixels that are inside whatever their time, in rising order: half a pixel's walk early or more.
    limit_ms, ms_per_m, reach_m, strip_m, soft_ms : float
    out : (BLOCK, columns of pixels) float64
    kind : (columns,) uint8
        Filled with what each block is: `OUTSIDE`, `INSIDE`, `MIXED`.
    """
    # 1. Block by block; what has no mark is outside.
    per_tile = TILE // BLOCK
    tile_row = strip // per_tile
    times = np.empty((7, PIXELS), np.float64)
    on_street = np.empty(PIXELS, np.float64)
    for b in range(marks.shape[1]):
        inside = 0
        if marks[strip, b]:
            tile = tile_of[tile_row, b // per_tile]
            at = strip % per_tile * per_tile + b % per_tile
            inside = _late_block(
                link_edges[tile, at],
                link_slot[tile, at],
                link_share[tile, at],
                link_m[tile, at],
                longest_m[tile, at],
                labels,
                edges,
                own_row,
                own_ptr,
                own_ms,
                own_best,
                limit_ms,
                ms_per_m,
                reach_m,
                strip_m,
                soft_ms,
                times,
                on_street,
                out[:, b * BLOCK : (b + 1) * BLOCK],
            )
        else:
            out[:, b * BLOCK : (b + 1) * BLOCK] = soft_ms
        kind[b] = OUTSIDE if inside == 0 else INSIDE if inside == BLOCK * BLOCK else MIXED
    # 2. Pins of this strip, found by halving: they are inside, whatever their time.
    first_row = (j0 + strip) * BLOCK
    low = 0
    high = pins.shape[0]
    while low < high:
        middle = (low + high) // 2
        if pins[middle, 0] < first_row:
            low = middle + 1
        else:
            high = middle
    for p in range(low, pins.shape[0]):
        r = pins[p, 0] - first_row
        if r >= BLOCK:
            break
        i = pins[p, 1] - i0 * BLOCK
        out[r, i] = min(out[r, i], -_PINNED * soft_ms)
        if kind[i // BLOCK] == OUTSIDE:
            kind[i // BLOCK] = MIXED
