"""p-median: exchanges and bounds on lists, for every cell the candidates worth going to, cheapest first.

Lists are compressed rows: those of cell ``i`` are ``idx`` and ``val`` from ``ptr[i]`` to ``ptr[i + 1]``, and ``far[i]`` is
what it costs, at least, when none of its list is open.
"""

from __future__ import annotations

import numpy as np

from access15._kernels._jit import kernel
from access15.arrays import Floats, Int8s, Int32s, Ints

OPEN, INSIDE, OUTSIDE = 0, 1, 2
"""A candidate is undecided, in every plan still wanted, or in none."""

FAR = 1e15
"""Cost of what is not in the list of a cell."""

FORCED = 1e12
"""Highest price of a cell that must be served within a reach."""


@kernel
def _two_nearest(
    ptr: Ints, idx: Int32s, val: Floats, far: Floats, slot: Ints, first: Ints, near: Floats, second: Floats
) -> float:
    """Write the slot of the cheapest open candidate of each cell (-1: none), its cost and the next; return the total."""
    total = 0.0
    for i in range(len(far)):
        first[i], near[i], second[i] = -1, far[i], far[i]
        for k in range(ptr[i], ptr[i + 1]):
            if slot[idx[k]] >= 0:
                if first[i] < 0:
                    first[i], near[i] = slot[idx[k]], val[k]
                else:
                    second[i] = val[k]
                    break
        total += near[i]
    return total


@kernel
def exchange(
    ptr: Ints, idx: Int32s, val: Floats, far: Floats, candidates: int, plan: Ints, most: int
) -> tuple[float, bool]:
    """Make up to ``most`` exchanges, each the best one; return the total, and whether none would help any more.

    Gains and losses as in Resende & Werneck (2007), A fast swap-based local search procedure.
    """
    p, n = len(plan), len(far)
    slot = np.full(candidates, -1)
    for s in range(p):
        slot[plan[s]] = s
    first, near, second = np.empty(n, np.int64), np.empty(n), np.empty(n)
    total = _two_nearest(ptr, idx, val, far, slot, first, near, second)
    gain, loss, extra = np.empty(candidates), np.empty(p), np.empty((candidates, p))
    for _ in range(most):
        gain[:], loss[:] = 0.0, 0.0
        extra[:, :] = 0.0
        for i in range(n):
            s = first[i]
            if s >= 0:
                loss[s] += second[i] - near[i]
            for k in range(ptr[i], ptr[i + 1]):
                if val[k] >= second[i]:
                    break
                if val[k] < near[i]:
                    gain[idx[k]] += near[i] - val[k]
                    if s >= 0:
                        extra[idx[k], s] += second[i] - near[i]
                elif s >= 0:
                    extra[idx[k], s] += second[i] - val[k]
        best, into, out = 1e-9 * abs(total), -1, -1
        for j in range(candidates):
            if slot[j] < 0:
                for s in range(p):
                    profit = gain[j] - loss[s] + extra[j, s]
                    if profit > best:
                        best, into, out = profit, j, s
        if into < 0:
            return total, True
        slot[plan[out]], slot[into], plan[out] = -1, out, into
        before = total
        total = _two_nearest(ptr, idx, val, far, slot, first, near, second)
        if total >= before:  # only rounding would go on
            return total, True
    return total, False


@kernel
def second_nearest(ptr: Ints, idx: Int32s, val: Floats, far: Floats, plan: Ints, candidates: int) -> Floats:
    """Return what the second cheapest site of a plan costs each cell."""
    n = len(far)
    slot = np.full(candidates, -1)
    for s in range(len(plan)):
        slot[plan[s]] = s
    first, near, second = np.empty(n, np.int64), np.empty(n), np.empty(n)
    _two_nearest(ptr, idx, val, far, slot, first, near, second)
    return second


@kernel
def _smallest_first(rows: Ints, count: int, value: Floats, k: int) -> None:
    """Bring the ``k`` rows of the smallest values to the front (Hoare's selection)."""
    low, high = 0, count - 1
    while 0 < k < count and low < high:
        pivot = value[rows[(low + high) // 2]]
        i, j = low, high
        while i <= j:
            while value[rows[i]] < pivot:
                i += 1
            while value[rows[j]] > pivot:
                j -= 1
            if i <= j:
                rows[i], rows[j] = rows[j], rows[i]
                i += 1
                j -= 1
        if k - 1 <= j:
            high = j
        elif k - 1 >= i:
            low = i
        else:
            break


@kernel
def _edge(rows: Ints, count: int, value: Floats, k: int) -> tuple[float, float]:
    """Return the largest value among the first ``k`` rows and the smallest of the others (-inf, inf where there are none)."""
    last, after = -np.inf, np.inf
    for r in range(k):
        last = max(last, value[rows[r]])
    for r in range(k, count):
        after = min(after, value[rows[r]])
    return last, after


@kernel
def bound_root(
    ptr: Ints,
    idx: Int32s,
    val: Floats,
    top: Floats,
    status: Int8s,
    p: int,
    price: Floats,
    kept: Floats,
    share: Floats,
    run: Floats,
    limit: float,
    target: float,
    steps: int,
    how: Floats,
) -> float:
    """Return a lower bound on the plans that cost less than ``limit``, inf where there is none; decisions grow in ``status``.

    With prices ``u`` the bound is their sum and the ``p`` smallest sums of ``min(0, cost - u)`` over a candidate's
    cells. Steps go along a deflected subgradient towards ``target``, which lies above the limit.

    Parameters
    ----------
    top : (n,) float64
        Highest useful price of each cell: what it costs where none of its list is open, less with sites inside.
    price, kept : (n,) float64
        Prices now, and those of the best bound.
    share : (m,) float64
        How often the bound's plans had each candidate, later ones count more.
    run : (2,) float64
        Step length and best bound so far.
    how : (4,) float64
        Steps without progress before the step is cut, by how much, share of the last direction that is kept, and the
        shortest step.
    """
    m, n = len(status), len(price)
    saving, slope, move = np.empty(m), np.empty(n), np.zeros(n)
    chosen = np.zeros(m, np.bool_)
    rows = np.empty(m, np.int64)
    length, bound, stalled = run[0], run[1], 0
    for _ in range(steps):
        # The bound of these prices.
        saving[:] = 0.0
        total = 0.0
        for i in range(n):
            total += price[i]
            for k in range(ptr[i], ptr[i + 1]):
                if val[k] >= price[i]:
                    break
                saving[idx[k]] += val[k] - price[i]
        left, count = p, 0
        for j in range(m):
            chosen[j] = status[j] == INSIDE
            if chosen[j]:
                left -= 1
                total += saving[j]
            elif status[j] == OPEN:
                rows[count] = j
                count += 1
        if left < 0 or count < left:
            return np.inf
        _smallest_first(rows, count, saving, left)
        for r in range(left):
            chosen[rows[r]] = True
            total += saving[rows[r]]
        if total >= limit:
            return np.inf
        stalled = 0 if total > bound + 1e-3 * (target - bound) else stalled + 1
        if total > bound:
            bound = total
            kept[:] = price
        # Candidates whose absence or use alone lifts the bound to the limit.
        last, after = _edge(rows, count, saving, left)
        for r in range(count):
            j = rows[r]
            if r >= left:
                if left == 0 or total - last + saving[j] >= limit:
                    status[j] = OUTSIDE
            elif total - saving[j] + after >= limit:
                status[j] = INSIDE
                for i in range(n):  # no cell pays more than a site inside costs
                    for k in range(ptr[i], ptr[i + 1]):
                        if val[k] >= top[i]:
                            break
                        if idx[k] == j:
                            top[i] = val[k]
                            break
        for j in range(m):
            share[j] = 0.95 * share[j] + (0.05 if chosen[j] else 0.0)
        if stalled >= how[0]:
            length *= how[1]
            stalled = 0
            price[:] = kept
            move[:] = 0.0
            if length < how[3]:
                break
            continue
        # Prices fall where several sites are below them, and rise where none is.
        norm = 0.0
        for i in range(n):
            slope[i] = 1.0
            for k in range(ptr[i], ptr[i + 1]):
                if val[k] >= price[i]:
                    break
                if chosen[idx[k]]:
                    slope[i] -= 1.0
            move[i] = slope[i] + how[2] * move[i]
            if not (move[i] > 0 and price[i] >= top[i]):
                norm += move[i] * move[i]
        if norm == 0.0:
            break
        step = length * (target - total) / norm
        for i in range(n):
            price[i] = min(max(price[i] + step * move[i], 0.0), top[i])
    run[0], run[1] = length, bound
    return float(bound)


@kernel
def _saving_of(row: Floats, price: Floats) -> float:
    """Return the sum of ``min(0, row - price)``, in four sums side by side."""
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    n = len(price) - len(price) % 4
    for i in range(0, n, 4):
        a += min(row[i] - price[i], 0.0)
        b += min(row[i + 1] - price[i + 1], 0.0)
        c += min(row[i + 2] - price[i + 2], 0.0)
        d += min(row[i + 3] - price[i + 3], 0.0)
    for i in range(n, len(price)):
        a += min(row[i] - price[i], 0.0)
    return float((a + b) + (c + d))


@kernel
def bound_node(
    cost: Floats,
    reach: Floats,
    top: Floats,
    status: Int8s,
    p: int,
    price: Floats,
    share: Floats,
    bound: float,
    limit: float,
    target: float,
    steps: int,
    how: Floats,
) -> float:
    """Return a lower bound on the plans that cost less than ``limit`` within the decisions of a node, inf: there is none.

    Parameters
    ----------
    cost : (m, n) float64
        Of candidates and cells, `FAR` where the candidate is not in the list of the cell.
    reach : (n,) float64
        Largest cost a cell may pay.
    top : (n,) float64
        Highest useful price: cost of the best site inside, or of none of the list.
    status, price, share
        As in `bound_root`; they change in place, the price to that of the best bound.
    bound : float
        A bound that is known.
    """
    m, n = cost.shape
    left, count = p, 0
    live, cell = np.empty(m, np.int64), np.empty(n, np.int64)
    for j in range(m):
        if status[j] == INSIDE:
            left -= 1
        elif status[j] == OPEN:
            live[count] = j
            count += 1
    if left < 0 or count < left:
        return np.inf
    # Cells that no open candidate would serve better are settled.
    hit = np.zeros(n, np.bool_)
    for r in range(count):
        row = cost[live[r]]
        for i in range(n):
            hit[i] |= (row[i] < top[i]) & (row[i] <= reach[i])
    base, k = 0.0, 0
    for i in range(n):
        if hit[i]:
            cell[k] = i
            k += 1
        else:
            base += top[i]
    if base >= limit:
        return np.inf
    sub, saving = np.empty((count, k)), np.empty(count)
    u, roof, best = np.empty(k), np.empty(k), np.empty(k)
    for a in range(k):
        roof[a] = top[cell[a]]
        u[a] = min(price[cell[a]], roof[a])
        best[a] = u[a]
    for r in range(count):
        for a in range(k):
            c = cost[live[r], cell[a]]
            sub[r, a] = c if c <= reach[cell[a]] else FAR
    rows, alive = np.arange(count), count
    slope, move = np.empty(k), np.zeros(k)
    length, stalled, highest = 0.3, 0, -np.inf
    for _ in range(steps):
        total = base
        for a in range(k):
            total += u[a]
        for q in range(alive):
            saving[rows[q]] = _saving_of(sub[rows[q]], u)
        _smallest_first(rows, alive, saving, left)
        for q in range(left):
            total += saving[rows[q]]
        if total >= limit:
            return np.inf
        stalled = 0 if total > highest + 1e-3 * (target - highest) else stalled + 1
        if total > highest:
            highest = total
            best[:] = u
        last, after = _edge(rows, alive, saving, left)
        for j in range(m):
            share[j] *= 0.95
        slope[:] = 1.0
        decided, still, more = 0, 0, 0
        for q in range(alive):
            r = rows[q]
            if q < left:
                share[live[r]] += 0.05
                for a in range(k):
                    if sub[r, a] < u[a]:
                        slope[a] -= 1.0
                if total - saving[r] + after >= limit:
                    status[live[r]] = INSIDE
                    more += 1
                    for a in range(k):
                        roof[a] = min(roof[a], sub[r, a])
            elif left == 0 or total - last + saving[r] >= limit:
                status[live[r]] = OUTSIDE
            if status[live[r]] == OPEN:
                rows[still] = r
                still += 1
            else:
                decided += 1
        if decided:
            alive = still
            left -= more
            if alive < left:
                return np.inf
            for a in range(k):
                u[a] = min(u[a], roof[a])
            if alive == left or left == 0:  # the plan is complete, and this is its cost
                for q in range(alive):
                    status[live[rows[q]]] = INSIDE if left else OUTSIDE
                    for a in range(k):
                        if left:
                            roof[a] = min(roof[a], sub[rows[q], a])
                total = base
                for a in range(k):
                    top[cell[a]] = roof[a]
                    total += roof[a]
                return np.inf if total >= limit else total
            continue
        if stalled >= how[0]:
            length *= how[1]
            stalled = 0
            for a in range(k):
                u[a] = min(best[a], roof[a])  # sites that came inside meanwhile count by what they cost
            move[:] = 0.0
            if length < how[3]:
                break
            continue
        norm = 0.0
        for a in range(k):
            move[a] = slope[a] + how[2] * move[a]
            if not (move[a] > 0 and u[a] >= roof[a]):
                norm += move[a] * move[a]
        if norm == 0.0:
            break
        step = length * (target - total) / norm
        for a in range(k):
            u[a] = min(max(u[a] + step * move[a], 0.0), roof[a])
    for a in range(k):
        top[cell[a]] = roof[a]
        price[cell[a]] = min(best[a], roof[a])
    return max(highest, bound)


@kernel
def splits(
    ptr: Ints, idx: Int32s, val: Floats, reach: Floats, status: Int8s, share: Floats, tag: Ints, tries: int
) -> tuple[Ints, Ints]:
    """Return cells and the ends of their lists up to which a site is open about half of the time, of distinct sets.

    ``tag`` is a random number of each candidate: sums of them tell sets apart.
    """
    cells, lasts = np.zeros(tries, np.int64), np.zeros(tries, np.int64)
    merits, names = np.zeros(tries), np.zeros(tries, np.int64)
    for i in range(len(reach)):
        total, name = 0.0, 0
        for k in range(ptr[i], ptr[i + 1]):
            if status[idx[k]] == INSIDE or val[k] >= reach[i]:  # within the reach there is a site anyway
                break
            if status[idx[k]] == OPEN:
                total += share[idx[k]]
                name += tag[idx[k]]
            if name and (k + 1 == ptr[i + 1] or val[k + 1] > val[k]):
                merit = min(total, 1.0 - total)
                worst = 0
                for t in range(tries):
                    if merits[t] < merits[worst]:
                        worst = t
                if merit > merits[worst]:
                    seen = False
                    for t in range(tries):
                        seen = seen or names[t] == name
                    if not seen:
                        merits[worst], cells[worst], lasts[worst], names[worst] = merit, i, k + 1, name
            if total >= 1:
                break
    kept = merits > 0
    return cells[kept], lasts[kept]
