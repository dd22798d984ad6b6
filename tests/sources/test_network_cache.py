"""Networks kept on disk: the same network back, never a wrong one, never a crash."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import textwrap
import warnings
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from access15.errors import InputError, MissingFileError
from access15.model import Areas, fingerprint
from access15.network.slope import slope_network, stations
from access15.profiles import DRIVE, WALK
from access15.sources import network_cache
from access15.sources.network_cache import SUFFIX, cached, load_network, save_network
from access15.testing import street_map
from access15.travel_time import nearest_times

MONACO = next((Path(__file__).parents[2] / "data" / "sample").rglob("*.osm.pbf"))
WAYS = {
    "ABC": {"highway": "primary", "maxspeed": "50"},
    "CD": {"highway": "steps"},
    "DA": {"highway": "service"},
}


class Builder:
    """Counts how often it is asked."""

    def __init__(self, network):
        self.network, self.calls = network, 0

    def __call__(self):
        self.calls += 1
        return self.network


@pytest.fixture
def town():
    drawing = "A--B--C\n|     |\n|     |\n+-----D"
    return street_map(
        drawing, WAYS, turns=["no ABC B ABC"], nodes={"C": {"barrier": "gate", "access": "private"}}
    )


@pytest.fixture
def build(town):
    return Builder(town.network)


@pytest.fixture
def street_file(tmp_path):
    file = tmp_path / "town.osm"
    file.write_text("streets of today")
    return file


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "kept" / "here"


def only_file(folder):
    found = list(folder.iterdir())
    assert len(found) == 1
    return found[0]


def test_a_network_comes_back_as_it_was(town, tmp_path):
    points = stations(town.network)
    network = slope_network(town.network, points, 0.1 * points.x)
    notes = {**network.provenance, "bbox": (1.5, 2), "list": [1, None, True], 7: {"a": np.float64(0.5)}}
    network = replace(network, provenance=notes)
    save_network(network, tmp_path / "a.a15net")
    again = load_network(tmp_path / "a.a15net")
    assert fingerprint(again) == fingerprint(network)
    assert again.provenance == notes
    for field in fields(network):
        value, back = getattr(network, field.name), getattr(again, field.name)
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(back, value)
            assert back.dtype == value.dtype
            assert not back.flags.writeable
        else:
            assert back == value
            assert type(back) is type(value)
    people, care = town.population({"A": 1, "D": 2}), town.facilities("C")
    for profile in (WALK, DRIVE):
        times = [nearest_times(n, care, people, profile).seconds for n in (network, again)]
        np.testing.assert_array_equal(*times)


def test_the_second_time_nothing_is_built(street_file, folder, build):
    options = {"crs": None, "buffer_m": 100}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = cached(street_file, options, build, cache=folder)
        second = cached(str(street_file), dict(reversed(options.items())), build, cache=str(folder))
    assert build.calls == 1
    assert fingerprint(first) == fingerprint(second)
    assert only_file(folder).name.startswith("town-")
    moved = street_file.rename(street_file.with_name("town.osm.pbf"))
    cached(moved, options, build, cache=folder)
    assert build.calls == 1
    cached(moved, options, build, cache=False)
    assert build.calls == 2


def test_other_options_or_files_are_other_networks(street_file, tmp_path, folder, build):
    raster = tmp_path / "dem.tif"
    raster.write_bytes(b"1")
    square = shapely.box(0, 0, 1, 1)
    areas = [Areas(id=["1"], name=[name], polygons=[square], crs="EPSG:4326") for name in ("a", "b")]
    keys = [
        ([street_file], {}), ([street_file], {"crs": "EPSG:3857"}), ([street_file], {"clip": (0, 0, 1, 1)}),
        ([street_file], {"clip": square}), ([street_file], {"clip": shapely.box(0, 0, 1, 2)}),
        ([street_file], {"clip": areas[0]}), ([street_file], {"clip": areas[1]}),
        ([street_file], {"columns": {"class": "等级"}}), ([street_file, raster], {}),
    ]  # fmt: skip
    for _ in range(2):
        for files, options in keys:
            cached(files, options, build, cache=folder)
        assert build.calls == len(keys)
    raster.write_bytes(b"2")
    with pytest.warns(UserWarning, match="has changed since it was cached"):
        cached([street_file, raster], {}, build, cache=folder)
    assert build.calls == len(keys) + 1
    with pytest.raises(InputError, match="kind object cannot be cached"):
        cached(street_file, {"clip": object()}, build, cache=folder)


def test_a_changed_file_replaces_its_network_saying_so(street_file, tmp_path, folder, build):
    other = tmp_path / "elsewhere" / "town.osm"
    other.parent.mkdir()
    other.write_text("another town")
    cached(street_file, {}, build, cache=folder)
    cached(other, {}, build, cache=folder)
    street_file.write_text("streets of tomorrow")
    with pytest.warns(UserWarning, match=r"town\.osm has changed since it was cached"):
        cached(street_file, {}, build, cache=folder)
    assert build.calls == 3
    assert len(list(folder.iterdir())) == 2
    cached(other, {}, build, cache=folder)
    assert build.calls == 3


def damage(file, how):
    data = bytearray(file.read_bytes())
    if how == "emptied":
        data = bytearray()
    elif how == "cut off":
        data = data[: len(data) * 2 // 3]
    elif how == "cut in the header":
        data = data[:40]
    elif how == "header":
        data[60] ^= 1
    elif how == "something else":
        data = bytearray(b"PK" + bytes(500))
    else:
        data[-100] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize(
    "how", ["emptied", "cut off", "cut in the header", "header", "something else", "one bit of a number"]
)
def test_a_damaged_network_is_built_again_saying_so(street_file, folder, build, how):
    first = cached(street_file, {}, build, cache=folder)
    damage(only_file(folder), how)
    with pytest.warns(UserWarning, match=r"town-.*\.a15net (is|has) .*: it is built again"):
        again = cached(street_file, {}, build, cache=folder)
    assert build.calls == 2
    assert fingerprint(again) == fingerprint(first)
    cached(street_file, {}, build, cache=folder)
    assert build.calls == 2


@pytest.mark.parametrize(("name", "value"), [("_version", lambda: "0.0.9+old"), ("SCHEMA", 0)])
def test_a_network_of_another_version_is_built_again_saying_so(
    street_file, folder, build, monkeypatch, name, value
):
    with monkeypatch.context() as earlier:
        earlier.setattr(network_cache, name, value)
        cached(street_file, {}, build, cache=folder)
    with pytest.warns(
        UserWarning, match=r"(was written by access15 0.0.9\+old|has layout 0).*it is built again"
    ):
        cached(street_file, {}, build, cache=folder)
    assert build.calls == 2
    only_file(folder)


def test_a_changed_rule_in_any_folder_below_a_room_is_another_version(tmp_path):
    def digest():
        found = hashlib.blake2b(digest_size=4)
        network_cache._digest_folder(tmp_path, found)
        return found.hexdigest()

    seen = [digest()]
    for name in ("rules.py", "below/rules.py", "below/further/numbers.csv", "below/further/preset.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
        seen.append(digest())
        (tmp_path / name).write_text("2")
        seen.append(digest())
    assert len(set(seen)) == len(seen)
    (tmp_path / "below" / "__pycache__").mkdir()
    (tmp_path / "below" / "__pycache__" / "rules.pyc").write_text("1")
    assert digest() == seen[-1]


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(street_file, tmp_path, build):
    (tmp_path / "file").write_text("")
    with pytest.warns(UserWarning, match="could not be kept in"):
        found = cached(street_file, {}, build, cache=tmp_path / "file" / "below")
    assert found is build.network
    with pytest.raises(
        InputError, match='is a file, and networks are kept in a folder: name one, cache = "folder"'
    ):
        cached(street_file, {}, build, cache=tmp_path / "file")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_still_reads(street_file, folder, build):
    cached(street_file, {}, build, cache=folder)
    folder.chmod(0o500)
    try:
        cached(street_file, {}, build, cache=folder)
        assert build.calls == 1
        with pytest.warns(UserWarning, match="could not be kept"):
            cached(street_file, {"crs": "EPSG:3857"}, build, cache=folder)
    finally:
        folder.chmod(0o700)


def test_a_full_disk_leaves_nothing_behind(street_file, folder, build, monkeypatch):
    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.warns(UserWarning, match="No space left on device"):
        cached(street_file, {}, build, cache=folder)
    assert list(folder.iterdir()) == []


def test_a_missing_file_is_the_builders_to_tell(tmp_path, folder):
    def refuse():
        raise MissingFileError("no such streets")

    with pytest.raises(MissingFileError, match="no such streets"):
        cached(tmp_path / "none.osm", {}, refuse, cache=folder)


def test_shapefile_companions_count(tmp_path, folder, build):
    for end in (".shp", ".dbf"):
        (tmp_path / f"roads{end}").write_text("1")
    cached(tmp_path / "roads.shp", {}, build, cache=folder)
    (tmp_path / "roads.dbf").write_text("2")
    with pytest.warns(UserWarning, match="has changed"):
        cached(tmp_path / "roads.shp", {}, build, cache=folder)
    assert build.calls == 2


def test_two_processes_build_at_once(tmp_path):
    script = textwrap.dedent(f"""
        import time, warnings
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "monaco.osm.pbf: ")  # its notes
        from pathlib import Path
        from access15.model import fingerprint
        from access15.sources import read_network
        from access15.sources.network_cache import cached
        folder, file = Path({str(tmp_path)!r}), Path({str(MONACO)!r})
        built = []
        def build():
            built.append(read_network(file))
            me = folder / ("ready-" + str(len(list(folder.glob("ready-*")))) + "-" + str(time.monotonic_ns()))
            me.touch()
            until = time.monotonic() + 60
            while len(list(folder.glob("ready-*"))) < 2 and time.monotonic() < until:
                time.sleep(0.005)  # both have built before either writes
            return built[0]
        network = cached(file, {{}}, build, cache=folder / "kept")
        print(fingerprint(network), len(built))
    """)
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    out = [run.communicate(timeout=120) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], out
    prints, built = zip(*(text.split() for text, _ in out), strict=True)
    assert built == ("1", "1")
    kept = only_file(tmp_path / "kept")
    assert kept.suffix == SUFFIX
    assert {fingerprint(load_network(kept)), *prints} == {prints[0]}
