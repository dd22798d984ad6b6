import contextlib
import os
import sqlite3
import subprocess
import sys
import textwrap

import pandas as pd
import pytest

from access15.errors import InputError, MissingFileError, OutputError
from access15.outputs import FileOpenError, replacing, write_table
from access15.outputs.atomic import SQLITE_SIDECARS, database_is_open


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_file_appears_whole_with_its_folder(tmp_path):
    target = tmp_path / "new" / "deep" / "a.json"
    with replacing(target) as temp:
        assert temp.parent == target.parent
        assert temp.suffix == ".json"
        temp.write_text("{}", "utf-8")
        assert not target.exists()
    assert target.read_text("utf-8") == "{}"
    assert names(target.parent) == ["a.json"]


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "a.csv"
    target.write_text("old", "utf-8")
    with (
        pytest.raises(UnicodeEncodeError),
        replacing(target) as temp,
        temp.open("w", encoding="ascii") as file,
    ):
        file.write("half" * 10_000 + "é")
    assert target.read_text("utf-8") == "old"
    assert names(tmp_path) == ["a.csv"]


def test_failure_removes_the_folders_it_made(tmp_path):
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "x" / "y" / "a.csv"):
        raise KeyboardInterrupt
    assert names(tmp_path) == []


def test_own_errors_pass_and_system_errors_become_output_errors(tmp_path):
    with pytest.raises(MissingFileError, match="no such"), replacing(tmp_path / "a.csv"):
        raise MissingFileError("no such file")
    with pytest.raises(OutputError, match=r"a\.csv cannot be written: no space left on device; free space"):  # noqa: SIM117
        with replacing(tmp_path / "a.csv"):
            raise OSError(28, "No space left on device")
    assert names(tmp_path) == []


def test_path_is_a_folder(tmp_path):
    with pytest.raises(OutputError, match="is a folder: name a file"), replacing(tmp_path):
        pass


def test_folder_is_a_file(tmp_path):
    (tmp_path / "f").write_text("", "utf-8")
    with (
        pytest.raises(OutputError, match="f is a file, not a folder"),
        replacing(tmp_path / "f" / "g" / "a.csv"),
    ):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="folder permissions of POSIX")
def test_unwritable_folder(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    code = f"""
        import os
        from pathlib import Path
        from access15.errors import OutputError
        from access15.outputs import replacing
        folder = Path({str(folder)!r})
        os.chdir(folder)                 # root may enter; the path stays valid as "."
        if os.getuid() == 0:
            os.setuid(65534)
        for path in ("a.csv", "sub/a.csv"):
            try:
                with replacing(path):
                    raise SystemExit("was written")
            except OutputError as error:
                print(error)
    """
    folder.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert "cannot be written to (permission denied): choose another folder" in first
    assert "cannot be made: permission denied" in second
    assert names(folder) == []


@pytest.mark.skipif(sys.platform == "win32", reason="ulimit")
def test_disk_full_leaves_nothing(tmp_path):
    code = f"""
        import resource, numpy as np, pandas as pd
        from access15.errors import OutputError
        from access15.outputs import write_table
        frame = pd.DataFrame({{"x": np.random.default_rng(1).random(50_000)}})
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        for name in ("t.csv", "t.parquet"):
            try:
                write_table({str(tmp_path)!r} + "/" + name, frame)
                print("written")
            except OutputError as error:
                print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [line.count("cannot be written: ") for line in done.stdout.splitlines()] == [1, 1], done.stdout
    assert names(tmp_path) == []


def hold(path, journal, statement):
    """Open a database in another process and keep it open."""
    code = f"""
        import sqlite3, sys
        database = sqlite3.connect({str(path)!r}, isolation_level=None)
        database.execute("PRAGMA journal_mode={journal}")
        database.execute({statement!r}).fetchall()
        print("ready", flush=True)
        sys.stdin.read()
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def make_database(path):
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE t (x)")
        database.execute("INSERT INTO t VALUES (1)")


@pytest.mark.parametrize(
    ("journal", "statement", "leases"),
    [
        ("wal", "SELECT * FROM t", True),
        ("wal", "SELECT * FROM t", False),
        ("delete", "BEGIN EXCLUSIVE", False),
        pytest.param(
            "delete", "SELECT * FROM t", True,
            marks=pytest.mark.skipif(sys.platform != "linux", reason="an idle handle is told of by Linux only"),
        ),
    ],
)  # fmt: skip
def test_open_elsewhere_is_noticed(tmp_path, monkeypatch, journal, statement, leases):
    path = tmp_path / "a.gpkg"
    make_database(path)
    if not leases:
        monkeypatch.setattr("access15.outputs.atomic._handle_is_open", lambda _: False)
    assert not database_is_open(path)
    process = hold(path, journal, statement)
    try:
        assert database_is_open(path)
    finally:
        process.communicate("")
    assert not database_is_open(path)


def test_not_a_database_counts_as_closed(tmp_path):
    path = tmp_path / "a.gpkg"
    path.write_text(
        "not a database at all, but long enough to have a header of one hundred bytes" * 3, "utf-8"
    )
    assert not database_is_open(path)


def test_new_file_is_kept_beside_an_open_one(tmp_path):
    target = tmp_path / "a.gpkg"
    target.write_text("old", "utf-8")
    kept = []
    for _ in range(2):
        with pytest.raises(FileOpenError, match="is open in another program: the new file is kept") as caught:  # noqa: SIM117
            with replacing(target, is_open=lambda _: True) as temp:
                temp.write_text("new", "utf-8")
        kept.append(caught.value.kept)
        assert caught.value.kept.name in str(caught.value)
    assert target.read_text("utf-8") == "old"
    assert [path.read_text("utf-8") for path in kept] == ["new", "new"]
    assert names(tmp_path) == sorted(["a.gpkg", *(path.name for path in kept)])


def test_system_that_refuses_to_replace_an_open_file(tmp_path, monkeypatch):
    target = tmp_path / "a.csv"
    target.write_text("old", "utf-8")
    real = type(target).replace

    def refuse(self, to):
        if str(to) == str(target):
            raise PermissionError(13, "The process cannot access the file")
        return real(self, to)

    monkeypatch.setattr(type(target), "replace", refuse)
    with pytest.raises(FileOpenError) as caught:
        write_table(target, pd.DataFrame({"x": [1]}))
    assert target.read_text("utf-8") == "old"
    assert names(tmp_path) == sorted(["a.csv", caught.value.kept.name])


def test_stale_sidecars_go_with_the_old_file(tmp_path):
    target = tmp_path / "a.gpkg"
    for ending in ("", *SQLITE_SIDECARS):
        (tmp_path / f"a.gpkg{ending}").write_text("stale", "utf-8")
    with replacing(target, sidecars=SQLITE_SIDECARS) as temp:
        temp.write_text("new", "utf-8")
    assert names(tmp_path) == ["a.gpkg"]


def test_new_file_has_the_usual_permissions(tmp_path):
    (tmp_path / "plain").write_text("", "utf-8")
    write_table(tmp_path / "a.csv", pd.DataFrame({"x": [1]}))
    assert (tmp_path / "a.csv").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_csv_opens_in_excel_and_has_no_inf(tmp_path):
    frame = pd.DataFrame({"id": ["001", "二"], "s": [float("inf"), 1.5]})
    path = write_table(tmp_path / "t.csv", frame)
    assert path.read_bytes().decode("utf-8") == "﻿id,s\n001,\n二,1.5\n".replace("\n", os.linesep)
    assert frame["s"][0] == float("inf")
    back = pd.read_parquet(write_table(tmp_path / "t.parquet", frame))
    assert back["id"].tolist() == ["001", "二"]
    assert back["s"].isna().tolist() == [True, False]


def test_table_of_an_unknown_kind(tmp_path):
    with pytest.raises(InputError, match=r"t\.xls is neither \.csv nor \.parquet"):
        write_table(tmp_path / "t.xls", pd.DataFrame())
