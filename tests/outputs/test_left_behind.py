"""What dead runs left is swept, a file keeps its mode, and CSV files hold no formula of a stranger."""

import os
import stat
import subprocess
import sys

import pandas as pd
import pytest

from access15.outputs import replacing, write_table
from access15.outputs.atomic import _HOST
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
        f".T.{_HOST}-{dead}-0123abcd.tmp.gpkg", f".T.{_HOST}-{dead}-0123abcd.tmp.gpkg-journal", f".a b.{_HOST}-{dead}-0123abcd.tmp.csv",
        f".T.{_HOST}-{alive}-0123abcd.tmp.gpkg", f".T.{elsewhere}-{dead}-0123abcd.tmp.gpkg", ".T.tmp.gpkg", "T.csv",
    ]  # fmt: skip
    for name in names:
        (tmp_path / name).touch()
    with replacing(tmp_path / "new.csv") as temp:
        temp.write_text("x")
    assert {path.name for path in tmp_path.iterdir()} == {*names[3:], "new.csv"}


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
