"""Different row numbers in rising order, without comparing them."""

import numpy as np
from numba import int64, uint32, uint64

from access15._kernels._jit import kernel

_LOWEST = np.zeros(32, np.uint32)
_LOWEST[[(0x077CB531 << bit & 0xFFFFFFFF) >> 27 for bit in range(32)]] = np.arange(32)
"""Number of the lowest set bit, by the product with a de Bruijn sequence (Leiserson, Prokop, Randall 1998)."""

_SCATTERED = np.uint64(256)
"""Row numbers are sorted where there is one of so many, or fewer."""
SORTED = 1024
"""Most row numbers that are sorted."""


@kernel
def _scattered_in_order(rows, n, low, high, spare):
    """Put ``n`` row numbers, ``low`` to ``high``, in rising order: sorted by eight bits after eight, the last ones first."""
    counts = np.empty(256, np.uint32)
    span = uint64(high - low)
    shift = uint64(0)
    while span >> shift > uint64(0):
        counts[:] = uint32(0)
        for i in range(n):
            counts[(uint64(rows[i] - low) >> shift) & uint64(255)] += uint32(1)
        place = uint32(0)
        for digit in range(256):
            count = counts[digit]
            counts[digit] = place
            place += count
        for i in range(n):
            digit = (uint64(rows[i] - low) >> shift) & uint64(255)
            spare[counts[digit]] = rows[i]
            counts[digit] += uint32(1)
        for i in range(n):
            rows[i] = spare[i]
        shift += uint64(8)


@kernel
def in_order(rows, n, marks, groups, spare):
    """Put the first ``n`` of some different row numbers in rising order, by one bit per row and one per 32 of these.

    Where there are few of them among many, nearly all bits would be 0: these are sorted, with the help of ``spare``.
    """
    one = uint64(1)
    digits = uint64(0xFFFFFFFF)
    sequence = uint64(0x077CB531)
    top = uint64(27)
    low = uint32(0xFFFFFFFF)
    high = uint32(0)
    for i in range(n):
        low = min(low, rows[i])
        high = max(high, rows[i])
    if 0 < n <= spare.size and uint64(high - low) > _SCATTERED * uint64(n):
        _scattered_in_order(rows, n, low, high, spare)
        return
    for i in range(n):
        row = rows[i]
        marks[row >> uint32(5)] |= uint32(1) << (row & uint32(31))
        groups[row >> uint32(10)] |= uint32(1) << ((row >> uint32(5)) & uint32(31))
    at = uint64(0)
    for group in range(int64(low >> uint32(10)), int64(high >> uint32(10)) + 1):
        words = uint64(groups[group])
        groups[group] = uint32(0)
        while words > uint64(0):
            rest = words & (words - one)
            word = uint64(32 * group) + uint64(_LOWEST[((words ^ rest) * sequence & digits) >> top])
            words = rest
            bits = uint64(marks[word])
            marks[word] = uint32(0)
            while bits > uint64(0):
                rest = bits & (bits - one)
                bit = uint64(_LOWEST[((bits ^ rest) * sequence & digits) >> top])
                rows[at] = uint32(uint64(32) * word + bit)
                at += one
                bits = rest
