"""A hierarchy of rows: shortcuts between each row and the ranks above it, with exact times.

Ranks come from a nested dissection; rank 0 is the top. Rows are taken out from the last rank upwards; the
upper neighbours of a row that is taken out become neighbours of each other. After that any shortest path can
be cut into a piece that only climbs and one that only descends (Dibbelt, Strasser & Wagner 2016, customizable
contraction hierarchies). All rows here are ranks.
"""

import numpy as np
from numba import int64, uint32

from access15._kernels._jit import kernel
from access15._kernels.growth import copy

NONE = 0x7FFFFFFF
"""Label of what is not reached, ms. Any two labels add up without overflow."""


@kernel
def elimination_tree(start, heads, order, rank):
    """Return the parent of each rank: its last upper neighbour once all below are taken out (Liu 1986).

    Parameters
    ----------
    start, heads : (n + 1,) int64, (a,) int32
        Neighbours of each row of the graph, both ways, in compressed rows.
    order, rank : (n,) int32
        Row at each rank, rank of each row.

    Returns
    -------
    (n,) int32
        -1 at the top of each tree.
    """
    parent = np.full(order.size, -1, np.int32)
    top = np.full(order.size, -1, np.int32)
    for v in range(order.size - 1, -1, -1):
        for k in range(start[order[v]], start[order[v] + 1]):
            at = rank[heads[k]]
            while at > v:
                above = top[at]
                top[at] = v
                if above < 0:
                    parent[at] = v
                    break
                at = above
    return parent


@kernel
def blocks_of(parent, block_rows, twig_rows):
    """Sort an elimination tree into blocks: subtrees that follow each other, each without a gap.

    A block's own rows run from its root to the next fork, with all twigs that hang on them; its branches
    are blocks of their own.

    Parameters
    ----------
    parent : (n,) int32
        As from `elimination_tree`.
    block_rows, twig_rows : int
        Subtrees of at most so many rows are not divided, or never are blocks of their own inside others.

    Returns
    -------
    order : (n,) int32
        Rank of before at each new rank. Parents still come before their children.
    blocks : (b, 4) int32
        First row; first row behind the block's own; first row behind its branches too; the block that
        follows them. A block comes before its branches.
    """
    n = parent.size
    size = np.ones(n, np.int64)
    child = np.full(n, -1, np.int32)
    sibling = np.full(n, -1, np.int32)
    blocks = np.empty((n, 4), np.int32)
    order = np.empty(n, np.int32)
    # 1. Sizes of all subtrees, and the children of each row in chains. Tops are the first branches.
    branches = [int64(-1)]  # numba must see what the list will hold
    branches.pop()
    for v in range(n - 1, -1, -1):
        if parent[v] < 0:
            branches.append(v)
        else:
            size[parent[v]] += size[v]
            sibling[v] = child[parent[v]]
            child[parent[v]] = v
    # 2. Block by block: its own rows, with the twigs on them; at a fork large children become blocks of their own.
    top, n_blocks = 0, 0
    while len(branches):
        at = branches.pop()
        blocks[n_blocks, 0], blocks[n_blocks, 2] = top, top + size[at]
        own = [at]
        limit = block_rows if size[at] <= block_rows else twig_rows
        while len(own):
            v = own.pop()
            order[top] = v
            top += 1
            large = 0
            c = child[v]
            while c >= 0:
                large += size[c] > limit
                c = sibling[c]
            c = child[v]
            while c >= 0:
                if size[c] > limit and large > 1:
                    branches.append(int64(c))
                else:
                    own.append(int64(c))
                c = sibling[c]
        blocks[n_blocks, 1] = top
        n_blocks += 1
    # 3. The block behind the last branch of each.
    blocks = blocks[:n_blocks].copy()
    blocks[:, 3] = np.searchsorted(blocks[:, 0], blocks[:, 2])
    return order, blocks


@kernel
def fill_in(start, heads, order, rank):
    """Return the upper neighbours of each rank after all rows below have been taken out.

    Parameters
    ----------
    start, heads : (n + 1,) int64, (a,) int32
        Neighbours of each row of the graph, both ways, in compressed rows.
    order, rank : (n,) int32
        Row at each rank, rank of each row.

    Returns
    -------
    (n + 1,) int64, (m,) uint32
        Compressed rows of ranks, each sorted. The last one of a rank is its parent.
    """
    n = order.size
    first_child = np.full(n, -1, np.int32)
    sibling = np.full(n, -1, np.int32)
    begin = np.zeros(n + 1, np.int64)
    end = np.zeros(n + 1, np.int64)
    pool = np.empty(heads.size + n + 16, np.uint32)
    mark = np.full(n, -1, np.int32)
    # From the last rank up: the upper neighbours of a rank are its own and those of its children.
    top = int64(0)
    for v in range(n - 1, -1, -1):
        begin[v] = top
        mark[v] = v
        # Space for all of them, repeats counted.
        needed = start[order[v] + 1] - start[order[v]]
        child = first_child[v]
        while child >= 0:
            needed += end[child] - begin[child]
            child = sibling[child]
        if top + needed > pool.size:
            more = np.empty(2 * pool.size + needed, np.uint32)
            copy(pool[:top], more)
            pool = more
        # Its own neighbours, then its children's, each once.
        for k in range(start[order[v]], start[order[v] + 1]):
            other = rank[heads[k]]
            if other < v and mark[other] != v:
                mark[other] = v
                pool[top] = other
                top += 1
        child = first_child[v]
        while child >= 0:
            for k in range(begin[child], end[child]):
                upper = pool[k]
                if mark[upper] != v:
                    mark[upper] = v
                    pool[top] = upper
                    top += 1
            child = sibling[child]
        end[v] = top
        # Sorted, the last one is the parent.
        if top > begin[v]:
            pool[begin[v] : top].sort()
            parent = pool[top - 1]
            sibling[v] = first_child[parent]
            first_child[parent] = v
    # Into compressed rows by rank.
    ptr = np.zeros(n + 1, np.int64)
    above = np.empty(top, np.uint32)
    for v in range(n):
        ptr[v + 1] = ptr[v] + end[v] - begin[v]
        copy(pool[begin[v] : end[v]], above[ptr[v] :])
    return ptr, above


@kernel
def street_times(ptr, above, indptr, arcs, rank):
    """Return the times of the arcs themselves along each pair of neighbours, up and down, `NONE` where there is no arc."""
    up = np.full(above.size, NONE, np.uint32)
    down = np.full(above.size, NONE, np.uint32)
    for row in range(rank.size):
        for k in range(indptr[row], indptr[row + 1]):
            a, b = rank[row], rank[arcs[k, 0]]
            time = uint32(arcs[k, 1])
            if a > b:
                q = ptr[a] + np.searchsorted(above[ptr[a] : ptr[a + 1]], uint32(b))
                up[q] = min(up[q], time)
            elif b > a:
                q = ptr[b] + np.searchsorted(above[ptr[b] : ptr[b + 1]], uint32(a))
                down[q] = min(down[q], time)
    return up, down


@kernel
def add_shortcuts(ptr, above, limit, up, down):
    """Lower the times in place to those of the best path over lower ranks, as far as within the limit."""
    short = np.empty(1024, np.int64)
    for v in range(ptr.size - 2, -1, -1):
        if ptr[v + 1] - ptr[v] > short.size:
            short = np.empty(2 * (ptr[v + 1] - ptr[v]), np.int64)
        count = _within(ptr, v, limit, up, down, short)
        for a in range(count):
            i = short[a]
            q = ptr[above[i]]
            for b in range(a):
                j = short[b]
                while above[q] < above[j]:
                    q += 1
                up[q] = min(up[q], uint32(down[i] + up[j]))
                down[q] = min(down[q], uint32(down[j] + up[i]))


@kernel
def perfect(ptr, above, limit, up, down):
    """Lower the times in place to the shortest of all paths within the limit; return what is needed of them.

    A pair is not needed in a direction where a path over a higher rank is shorter: no search misses it.

    Returns
    -------
    needed_up, needed_down : (m,) bool
    """
    needed_up = up <= uint32(limit)
    needed_down = down <= uint32(limit)
    short = np.empty(1024, np.int64)
    for v in range(ptr.size - 1):
        if ptr[v + 1] - ptr[v] > short.size:
            short = np.empty(2 * (ptr[v + 1] - ptr[v]), np.int64)
        count = _within(ptr, v, limit, up, down, short)
        for a in range(count):
            i = short[a]
            q = ptr[above[i]]
            for b in range(a):
                j = short[b]
                while above[q] < above[j]:
                    q += 1
                if uint32(up[j] + down[q]) < up[i]:
                    up[i] = uint32(up[j] + down[q])
                    needed_up[i] = False
                if uint32(up[i] + up[q]) < up[j]:
                    up[j] = uint32(up[i] + up[q])
                    needed_up[j] = False
                if uint32(up[q] + down[j]) < down[i]:
                    down[i] = uint32(up[q] + down[j])
                    needed_down[i] = False
                if uint32(down[q] + down[i]) < down[j]:
                    down[j] = uint32(down[q] + down[i])
                    needed_down[j] = False
    return needed_up, needed_down


@kernel
def _within(ptr, v, limit, up, down, short):
    """Write the pairs of ``v`` that are within the limit one way or the other; return how many."""
    count = int64(0)
    for i in range(ptr[v], ptr[v + 1]):
        if up[i] <= uint32(limit) or down[i] <= uint32(limit):
            short[count] = i
            count += 1
    return count
