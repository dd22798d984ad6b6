"""What dead runs left is swept, a file keeps its mode, and CSV files hold no formula of a stranger."""

import os
import stat
import subprocess
import sys
import tempfile

import pandas as pd
import pytest

from access15.errors import OutputError
from access15.leftovers import HOST, passing_folder
from access15.outputs import replacing, write_table
from access15.sources.tables import read_table


def gone():
    """Return the number of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


@pytest.mark.skipif(os.name == "nt", reason="Windows does not tell of dead processes")
def test_temporaries_of_dead_runs_are_swept(tmp_path):
    dead, alive, elsewhere = gone(), os.getppid(), "00000000"
    names = [
        f".T.{HOST}-{dead}-0123abcd.tmp.gpkg", f".T.{HOST}-{dead}-0123abcd.tmp.gpkg-journal", f".a b.{HOST}-{dead}-0123abcd.tmp.csv",
        f".T.{HOST}-{alive}-0123abcd.tmp.gpkg", f".T.{elsewhere}-{dead}-0123abcd.tmp.gpkg", ".T.tmp.gpkg", "T.csv",
    ]  # fmt: skip
    for name in names:
        (tmp_path / name).touch()
    with replacing(tmp_path / "new.csv") as temp:
        temp.write_text("x")
    assert {path.name for path in tmp_path.iterdir()} == {*names[3:], "new.csv"}


@pytest.mark.skipif(os.name == "nt", reason="Windows does not tell of dead processes")
def test_folders_of_dead_runs_are_swept(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    names = [f"access15-{HOST}-{gone()}-0123abcd", f"access15-{HOST}-{os.getppid()}-0123abcd", f"access15-00000000-{gone()}-0123abcd"]  # fmt: skip
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "copy.osm.pbf").write_bytes(b"x")
    (tmp_path / "access15-mine").mkdir()
    with passing_folder() as folder:
        (folder / "copy.osm.pbf").write_bytes(b"x")
        assert {path.name for path in tmp_path.iterdir()} == {*names[1:], "access15-mine", folder.name}
    assert {path.name for path in tmp_path.iterdir()} == {*names[1:], "access15-mine"}


@pytest.mark.parametrize(
    "name", ["a" * 251 + ".csv", "县" * 83 + ".csv", "é" * 125 + ".csv", "." + "b" * 250 + ".csv"]
)
def test_a_name_as_long_as_the_system_takes_is_written(tmp_path, name):
    with replacing(tmp_path / name) as temp:
        assert len(os.fsencode(temp.name)) <= 255
        temp.write_text("x")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_longer_name_is_refused_in_words(tmp_path):
    with pytest.raises(OutputError, match="file name too long"), replacing(tmp_path / ("a" * 300 + ".csv")):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_replaced_file_keeps_its_mode(tmp_path, mode):
    file = tmp_path / "T.csv"
    file.write_text("old")
    file.chmod(mode)
    with replacing(file) as temp:
        temp.write_text("new")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new", mode)


def test_no_text_in_a_csv_is_a_formula_and_all_come_back(tmp_path):
    names = [
        "=cmd|'/C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\tx",
        "-5",
        "+3.5",
        "-",
        "plain",
        "'quoted'",
        "a=b",
    ]
    frame = pd.DataFrame({"id": [f"i{k}" for k in range(len(names))], "name": names, "n": range(len(names))})
    file = write_table(tmp_path / "T.csv", frame)
    raw = pd.read_csv(file, keep_default_na=False, dtype=str)["name"]
    assert [
        v for v in raw if v[:1] in "=+@\t" or (v[:1] == "-" and v[1:2].isdigit() and not v[1:].isdigit())
    ] == ["+3.5"]
    back = read_table(file).cells["name"].tolist()
    assert [b for b in back if b] == [n for n in names if n.strip()]
