"""Odd OSM files give counted notes or one sentence; ``scripts/fuzz_streets.py`` tries many more."""

from __future__ import annotations

import pytest

from odd_osm import odd_file
from use_streets import use


@pytest.mark.parametrize("seed", range(20))
def test_an_odd_file_is_used_or_refused_in_one_sentence(tmp_path, seed):
    use(odd_file(tmp_path, seed))


def test_most_odd_files_are_used(tmp_path):
    """The maker makes maps, not only damage."""
    good = [seed for seed in range(12) if "network" in use(odd_file(tmp_path, seed))]
    assert len(good) > 3
