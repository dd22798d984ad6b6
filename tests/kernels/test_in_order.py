"""Row numbers in rising order: dense ones by bits, scattered ones sorted."""

from __future__ import annotations

import numpy as np
import pytest

from access15._kernels.in_order import SORTED, in_order


@pytest.mark.parametrize(
    ("count", "among"),
    [
        (0, 10), (1, 1), (1, 5_000_000), (7, 7), (300, 310), (300, 100_000), (SORTED, 5_000_000),
        (SORTED + 1, 5_000_000), (40_000, 5_000_000),
    ],
)  # fmt: skip
def test_rows_come_in_order_and_the_bits_are_cleared(count, among):
    rng = np.random.default_rng(count)
    rows = np.concatenate((rng.choice(among, count, replace=False), [3])).astype(np.uint32)
    expected = np.append(np.sort(rows[:count]), 3)
    marks, groups = np.zeros(among // 32 + 1, np.uint32), np.zeros(among // 1024 + 1, np.uint32)
    in_order(rows, count, marks, groups, np.empty(SORTED, np.uint32))
    np.testing.assert_array_equal(rows, expected)
    assert not marks.any()
    assert not groups.any()


def test_rows_far_apart():
    rows = np.array([2**31, 0, 2**24, 255, 256, 2**31 - 1], np.uint32)
    in_order(rows, 6, np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(SORTED, np.uint32))
    np.testing.assert_array_equal(rows, [0, 255, 256, 2**24, 2**31 - 1, 2**31])
