"""Damaged files that a reader once did not bear (`scripts/fuzz_readers.py`) are read, or refused with an error of access15."""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import random
import warnings
from pathlib import Path

import pytest

from access15.errors import Access15Error

SCRIPTS = Path(__file__).parents[2] / "scripts"
SEEDS = list(csv.DictReader((SCRIPTS / "fuzz_seeds.csv").read_text("utf-8").splitlines()))


@pytest.fixture(scope="module")
def fuzz():
    spec = importlib.util.spec_from_file_location("fuzz_readers", SCRIPTS / "fuzz_readers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def whole(fuzz, tmp_path_factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fuzz.whole_files(tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize(("seed", "name"), [(int(row["seed"]), row["file"]) for row in SEEDS])
@pytest.mark.filterwarnings("ignore")
def test_seed(fuzz, whole, tmp_path, seed, name):
    file = fuzz.damaged(whole[name], tmp_path, random.Random(seed))
    for read in fuzz.readers_of(name, whole):
        with contextlib.suppress(Access15Error):
            read(file)
