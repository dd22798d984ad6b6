"""No sentence of the program stays English in what is written in Chinese: reports, workbooks, layers, drafts, what commands print."""

from __future__ import annotations

import html
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from access15.cli import main
from access15.outputs.words.codes import codes
from access15.study import sample

SAMPLES = Path(__file__).parents[2] / "data" / "sample"
SENTENCE = re.compile(r"(?<![\w./@:=&-])[A-Za-z][A-Za-z'’]*(?:,? +[A-Za-z][A-Za-z'’]*){2,}(?![\w./=])")
"""Three Latin words or more in a row."""

NOT_OURS = (
    "J Rehabil Res Dev",  # a journal
    "GADM",
)


@pytest.fixture(scope="module", params=["monaco", "county"])
def written(request, tmp_path_factory):
    """A bundled study, run and written in Chinese, and the names in its data."""
    out = tmp_path_factory.mktemp(request.param)
    result = sample(request.param).run()
    result.write(out, lang="zh")
    (out / "summary.txt").write_text(result.summary("zh"), "utf-8")
    inputs = result.inputs
    names = {
        *map(str, inputs.facilities.name),
        *map(str, inputs.facilities.tier),
        result.study.settings.study.name,
    }
    names |= {*map(str, inputs.areas.name)} if inputs.areas is not None else set()
    names |= {scenario.name for scenario in result.study.settings.scenarios}
    return request.param, out, names


def sentences(text: str, names: set[str]) -> list[str]:
    """Return the Latin sentences of a text that are no names, not even shortened ones."""
    for name in sorted(names, key=len, reverse=True):
        if name:
            text = text.replace(name, "◦")
    found = [" ".join(hit.split()) for hit in SENTENCE.findall(text)]
    return [hit for hit in found if not any(hit in name or hit in NOT_OURS for name in names)]


def cells(file: Path) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(file)) as database:
        for (table,) in database.execute("SELECT table_name FROM gpkg_contents").fetchall():
            columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
            for column in columns:
                # Keys of parameters and counts, and styles of QGIS, are for programs.
                if (table, column) == ("provenance", "key") or table == "layer_styles":
                    continue
                rows = database.execute(f'SELECT DISTINCT "{column}" FROM "{table}" WHERE typeof("{column}") = \'text\'')  # fmt: skip
                yield from ((f"{table}.{column}", str(value)) for (value,) in rows)
        yield from (
            ("titles", str(title)) for (title,) in database.execute("SELECT title FROM gpkg_data_columns")
        )
        for (style,) in database.execute("SELECT styleQML FROM layer_styles"):
            yield from (("labels", html.unescape(label)) for label in re.findall(r'label="([^"]*)"', style))


def test_the_scan_finds_english():
    assert sentences("程序记录：no street near enough", set()) == ["no street near enough"]
    assert sentences("Rest of Monaco，Jardin Exotique", {"Rest of Monaco"}) == []
    assert sentences("monaco.osm.pbf 15 min, keep = { tier }", set()) == []


def test_layers(written):
    _, out, names = written
    for file in sorted(out.glob("*.gpkg")):
        for where, value in cells(file):
            if value in codes():
                continue  # A code, which compares and styles rely on; what a GIS shows for it is Chinese.
            assert sentences(value, names) == [], (file.name, where, value[:300])


def test_workbook(written):
    _, out, names = written
    with zipfile.ZipFile(out / "tables.xlsx") as book:
        for part in book.namelist():
            if part.endswith(".xml"):
                for text in re.findall(r"<t[^>]*>([^<]*)</t>", book.read(part).decode()):
                    assert sentences(html.unescape(text), names) == [], text


def test_report(written):
    _, out, names = written
    page = (out / "report.html").read_text("utf-8")
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    page = page.split("Copyright (c)")[0] + page.split("</pre>")[-1]  # The licence of the map library.
    for text in re.sub(r"<[^>]+>", "\n", page).splitlines():
        assert sentences(html.unescape(text), names) == [], text


def test_summary(written):
    _, out, names = written
    short = names | {name[:n] for name in names for n in range(12, len(name))}
    for line in (out / "summary.txt").read_text("utf-8").splitlines():
        for part in re.split(r"\s{2,}", line):
            assert sentences(part, short) == [], line


def test_draft_and_inspect(written, tmp_path):
    name, _, names = written
    files = [
        file
        for file in sorted((SAMPLES / name).iterdir())
        if file.suffix in (".csv", ".gpkg", ".pbf", ".xlsx", ".geojson")
    ]
    files = [file for file in files if file.name not in ("new_bridge.geojson",)]
    drafted = CliRunner().invoke(main, ["init", *map(str, files), "--out", str(tmp_path / "s.toml"), "--lang", "zh"])  # fmt: skip
    assert drafted.exit_code == 0, drafted.stderr
    said = [*drafted.stdout.splitlines(), *(tmp_path / "s.toml").read_text("utf-8").splitlines()]
    for file in files:
        seen = CliRunner().invoke(main, ["inspect", str(file), "--lang", "zh"])
        assert seen.exit_code == 0, seen.stderr
        said += seen.stdout.splitlines()
    for line in said:
        if line.startswith(("未读取的列", "识别的列", "# 识别的列")):
            continue  # Names of columns, as they stand in the file.
        assert sentences(line, names) == [], line
