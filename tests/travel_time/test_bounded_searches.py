"""Many bounded searches in one work space: blocks, epochs, full buckets, long arcs, interrupts, no JIT."""

from __future__ import annotations

import os

import numpy as np
import pytest

from access15.errors import InputError
from access15.model import Facilities, Population
from access15.profiles import DRIVE, WALK
from access15.testing import straight_streets
from access15.travel_time import iter_travel_times, travel_times
from random_streets import UTM, random_points, random_streets
from scripts_apart import assert_interrupt_breaks_nothing, assert_same_without_machine_code

COLUMNS = ("facility", "cell", "time_ms", "metres")


def equal(blocks, whole):
    for name in COLUMNS:
        parts = [getattr(block, name) for block in blocks]
        np.testing.assert_array_equal(np.concatenate(parts), getattr(whole, name))


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("pairs", [1, 50, 10**9])
def test_blocks_behind_each_other_are_the_whole_table(threads, pairs):
    network = random_streets(3)
    facilities, population = random_points(3, network, 120, 50)
    whole = travel_times(network, facilities, population, DRIVE, minutes=3, metres=True)
    blocks = list(
        iter_travel_times(
            network, facilities, population, DRIVE, minutes=3, metres=True, threads=threads, pairs=pairs
        )
    )
    assert len(blocks) > 1 or pairs == 10**9
    equal(blocks, whole)
    assert all(len(block.indptr) == 121 and block.origin == whole.origin for block in blocks)


def test_a_table_without_pairs_is_one_block_that_tells_who_is_unlinked():
    network = random_streets(3)
    facilities, population = random_points(3, network, 4, 9)
    far = Population.of(population.x + 9000, population.y, np.ones(9), UTM)
    (block,) = iter_travel_times(network, facilities, far, WALK, minutes=1)
    assert len(block.cell) == 0
    assert not block.cells.linked.any()


def test_a_table_left_early_leaves_nothing_behind():
    network = random_streets(3)
    facilities, population = random_points(3, network, 120, 50)
    whole = travel_times(network, facilities, population, WALK, metres=True)
    blocks = iter_travel_times(network, facilities, population, WALK, metres=True, pairs=1, threads=2)
    next(blocks)
    blocks.close()
    equal([travel_times(network, facilities, population, WALK, metres=True)], whole)


def test_bad_block_sizes_are_refused_at_once():
    network = random_streets(3)
    facilities, population = random_points(3, network, 4, 9)
    with pytest.raises(InputError, match="pairs must be above 0, not 0"):
        iter_travel_times(network, facilities, population, WALK, pairs=0)


def test_more_searches_than_epochs():
    network = random_streets(4)
    # 15 minutes take 20 bits of a label and leave 4,095 epochs.
    facilities, population = random_points(4, network, 5000, 30)
    everything = travel_times(network, facilities, population, WALK, metres=True)
    keep = everything.time_ms <= 900_000
    some = travel_times(network, facilities, population, WALK, metres=True, minutes=15, threads=1)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(some, name), getattr(everything, name)[keep])


@pytest.mark.parametrize("metres", [False, True])
def test_a_full_bucket_and_arcs_of_days(metres):
    # 3,000 streets of 100 m leave one junction, whose one other street is 400 km long.
    leaves = 3000
    angle = 2 * np.pi * np.arange(leaves) / leaves
    x = np.concatenate(([0.0], 100 * np.cos(angle), [400_000.0]))
    y = np.concatenate(([0.0], 100 * np.sin(angle), [0.0]))
    network = straight_streets(x, y, np.zeros(leaves + 1, int), np.arange(1, leaves + 2), crs=UTM)
    ends = Population.of(x[1:], y[1:], np.ones(leaves + 1), UTM)
    table = travel_times(network, Facilities.of(x[[0, -1]], y[[0, -1]], UTM), ends, WALK, metres=metres)
    near, far = (table.of(row) for row in (0, 1))
    np.testing.assert_array_equal(near[0], np.arange(leaves + 1))
    np.testing.assert_allclose(near[1], [75.0] * leaves + [300_000.0], atol=0.002)
    np.testing.assert_allclose(far[1], [300_075.0] * leaves + [0.0], atol=0.002)
    if metres:
        np.testing.assert_allclose(table.metres[:leaves], 100, rtol=1e-5)


TABLE = """
import hashlib
from random_streets import random_points, random_streets
from access15.profiles import DRIVE
from access15.travel_time import travel_times

network = random_streets(6)
digest = hashlib.sha256()
for minutes in (None, 6):
    table = travel_times(network, *random_points(6, network, 8, 40), DRIVE, minutes=minutes, metres=True)
    assert len(table.cell)
    for array in (table.indptr, table.cell, table.time_ms, table.metres):
        digest.update(array.tobytes())
print(digest.hexdigest())
"""


def test_tables_with_and_without_machine_code_are_the_same():
    assert_same_without_machine_code(TABLE)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_an_interrupt_ends_the_searches_and_breaks_nothing():
    assert_interrupt_breaks_nothing("profiles.WALK")
