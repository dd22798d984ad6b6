"""What is wrong with the files of a study is said once per kind, worst first: by commands, in run.json, the report and Python."""

from __future__ import annotations

import html
import json
import re
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from access15.cli import main
from access15.study import Study
from town_files import LAT, LON, write_town

Spoil = Callable[[Path], str]
"""Spoils the files of a town; returns what stands in [facilities], [population] or [network] besides."""


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def clinics_of_all_sorts(folder: Path) -> str:
    rows = [
        ("002", "Shut Clinic", LON + 0.01, LAT, "closed"), ("003", "Smile Dental Clinic", LON + 0.02, LAT, ""), ("004", "West Clinic", LON, LAT, "open"),
        ("005", "Odd Clinic", LON + 0.03, LAT, "perhaps"), ("006", "Nowhere Clinic", "", "", "open"),
    ]  # fmt: skip
    lines = [f"001,West Clinic,{LON},{LAT},open", *(",".join(map(str, row)) for row in rows)]
    (folder / "clinics.csv").write_text("\n".join(["id,name,lon,lat,status", *lines]) + "\n", "utf-8")
    return ""


def people_of_all_sorts(folder: Path) -> str:
    with (folder / "people.csv").open("a", encoding="utf-8") as file:
        file.write(f"a,{LON},{LAT},\nb,{LON},{LAT},0\nTotal,,,620\n")
    return ""


def the_same_everywhere(folder: Path) -> str:
    rows = [f"{k},{LON + k * 0.0003:.6f},{LAT},7" for k in range(120)]
    (folder / "people.csv").write_text("\n".join(["id,lon,lat,population", *rows]) + "\n", "utf-8")
    return ""


def streets_of_all_sorts(folder: Path) -> str:
    ways = "".join(
        f'<way id="{90 + k}" version="1"><nd ref="{1 + k}"/><nd ref="{40 + k}"/>{tags}</way>'
        for k, tags in enumerate(
            [
                '<tag k="highway" v="boulevard_of_dreams"/>',
                '<tag k="route" v="ferry"/>',
                '<tag k="highway" v="residential"/><tag k="abandoned" v="yes"/>',
                '<tag k="highway" v="cycleway"/>',
            ]
        )
    )
    change(folder / "streets.osm", "</osm>", f"{ways}</osm>")
    return ""


def hidden_parts(folder: Path) -> str:
    book = openpyxl.Workbook()
    book.active.title = "old"
    book.active.append(["id", "lon", "lat", "population"])
    book.active.append(["x", LON, LAT, 5])
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("people")
    for line in (folder / "people.csv").read_text("utf-8").splitlines():
        sheet.append([float(v) if re.fullmatch(r"-?[\d.]+", v) else v for v in line.split(",")])
    sheet.row_dimensions[5].hidden = sheet.row_dimensions[6].hidden = True
    book.save(folder / "people.xlsx")
    change(folder / "study.toml", "people.csv", "people.xlsx")
    return ""


def western_letters(folder: Path) -> str:
    text = (folder / "clinics.csv").read_text("utf-8").replace("West Clinic", "Clinique des Érables à côté")
    (folder / "clinics.csv").write_bytes(text.encode("cp1252"))
    return ""


def people_far_off(folder: Path) -> str:
    with (folder / "people.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"off{k},{LON + 0.01},{LAT + 0.006 + k * 0.0001:.6f},40\n" for k in range(5))
        file.writelines(f"lost{k},{LON + 0.2 + k * 0.001},{LAT + 0.3},90\n" for k in range(3))
    return ""


def years_left_out(folder: Path) -> str:
    table = pd.read_csv(folder / "people.csv")
    both = pd.concat([table.assign(year=2019), table.assign(year=2020, population=table["population"] * 2)])
    both.assign(id=range(len(both))).to_csv(folder / "people.csv", index=False)
    change(folder / "study.toml", 'path = "people.csv"', 'path = "people.csv"\nkeep = { year = "2020" }')
    return ""


def several_points_and_a_wrong_cpg(folder: Path) -> str:
    shapes = [shapely.MultiPoint([(LON, LAT), (LON + 0.01, LAT)]), shapely.MultiPoint([(LON + 0.02, LAT)])]
    frame = gpd.GeoDataFrame(
        {"id": ["1", "2"], "name": ["高城镇卫生院", "乙卫生院"]}, geometry=shapes, crs="EPSG:4326"
    )
    frame.to_file(folder / "clinics.shp", encoding="gb18030")
    (folder / "clinics.cpg").write_text("ISO-8859-1")
    change(folder / "study.toml", 'path = "clinics.csv"', 'path = "clinics.shp"')
    return ""


def a_total_far_off(folder: Path) -> str:
    change(folder / "study.toml", 'path = "people.csv"', 'path = "people.csv"\ntotal = 6000')
    return ""


def a_price_and_a_spot(folder: Path) -> str:
    rows = [f"001,West Clinic,{LON},{LAT},35", f"002,East Clinic,{LON},{LAT},20", f"003,North Clinic,{LON + 0.01},{LAT},80"]  # fmt: skip
    (folder / "clinics.csv").write_text("\n".join(["id,name,lon,lat,cost", *rows]) + "\n", "utf-8")
    table = (
        pd.read_csv(folder / "clinics.csv")
        .rename(columns={"cost": "COST"})
        .assign(type="医疗保健服务;诊所;诊所", rating=4.5)
    )
    table.to_csv(folder / "clinics.csv", index=False)
    return ""


BAD: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "clinics of all sorts": (
        clinics_of_all_sorts,
        ("do not work", "no care for everybody", "doubles", "status in", "without coordinates"),
    ),
    "people of all sorts": (people_of_all_sorts, ("rows without a number of people", "sum rows")),
    "the same everywhere": (the_same_everywhere, ("values that do not look like people",)),
    "streets of all sorts": (
        streets_of_all_sorts,
        ("ways of a class the rules do not know", "ferries without a duration", "gone or not yet open"),
    ),
    "hidden parts": (hidden_parts, ("hidden rows", "hidden sheets")),
    "western letters": (western_letters, ("encoding guessed",)),
    "people far off": (people_far_off, ("far from a street", "unlinked")),
    "years left out": (years_left_out, ("rows left out by keep and drop",)),
    "several points and a wrong cpg": (several_points_and_a_wrong_cpg, ("multipoints", "wrong .cpg")),
    "a total far off": (a_total_far_off, ("total of people",)),
    "a price and a spot": (a_price_and_a_spot, ("one spot",)),
}


@pytest.fixture(params=BAD)
def bad(request, tmp_path):
    """A study with something wrong in it, and the kinds of notes to expect."""
    study = write_town(tmp_path)
    spoil, kinds = BAD[request.param]
    spoil(tmp_path)
    return study, kinds


def said_on(stderr: str) -> list[str]:
    mark = "access15: note: "
    return [line.removeprefix(mark) for line in stderr.splitlines() if line.startswith(mark)]


def test_a_bad_study_says_so_everywhere_once_and_worst_first(bad, tmp_path):
    study, kinds = bad
    result = CliRunner().invoke(main, ["run", str(study), "--out", str(tmp_path / "out")])
    assert result.exit_code in (0, 1), result.stderr
    lines = said_on(result.stderr)
    notes = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["notes"]
    # Every kind that was planted is there, ...
    for kind in kinds:
        assert any(kind in note["kind"] for note in notes), (kind, [note["kind"] for note in notes])
    # ... each note once, in run.json and on stderr, ...
    assert max(Counter((note["source"], note["kind"]) for note in notes).values()) == 1
    assert max(Counter(lines).values()) == 1, lines
    for note in notes:
        assert sum(line.endswith(note["text"]) for line in lines) == 1, (note["text"], lines)
    # ... the worst first, with its per cent in front where it touches more than 1 %, ...
    order = [(-(note["share"] or 0.0), -note["count"]) for note in notes]
    assert order == sorted(order)
    for note in notes:
        assert ("% of the" in note["text"].split(":")[0]) == ((note["share"] or 0.0) >= 0.01)
    # ... in the report, ...
    page = html.unescape((tmp_path / "out" / "report.html").read_text("utf-8"))
    for note in notes:
        assert note["text"] in page, note["text"]
    # ... and as warnings in Python.
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        Study.from_toml(study).run(parts=())
    texts = Counter(str(one.message) for one in told if issubclass(one.category, UserWarning))
    for note in notes:
        assert sum(count for text, count in texts.items() if text.endswith(note["text"])) == 1, note["text"]


def test_every_command_says_what_is_wrong_with_what_it_reads(tmp_path):
    study = write_town(tmp_path)
    clinics_of_all_sorts(tmp_path)
    people_of_all_sorts(tmp_path)
    streets_of_all_sorts(tmp_path)
    files = {name: str(tmp_path / f"{name}") for name in ("streets.osm", "clinics.csv", "people.csv")}
    network, clinics = ["--network", files["streets.osm"]], ["--facilities", files["clinics.csv"]]
    people = ["--population", files["people.csv"]]
    case = ["--mode", "walk", "--minutes", "15"]
    closed, ferry = "rows are set aside, closed, suspended or not open yet", "have no duration"
    calls = {
        "coverage": ([*network, *clinics, *people, *case, "--out", "c.gpkg"], (closed, ferry)),
        "gaps": ([*network, *clinics, *people, *case, "--out", "g.gpkg"], (closed, ferry)),
        "isochrones": ([*network, *clinics, *case, "--out", "i.gpkg"], (closed, ferry)),
        "site": ([*network, *clinics, *people, "--candidates", "junctions", *case, "--p", "1", "--out", "s.gpkg"], (closed, ferry)),
        "matrix": ([*network, "--origins", files["people.csv"], "--destinations", files["clinics.csv"], "--mode", "walk", "--out", "m.csv"], (ferry,)),
        "init": ([*files.values(), "--out", "first.toml"], (closed,)),
        "inspect": ([files["clinics.csv"]], (closed,)),
    }  # fmt: skip
    for name, (words, wanted) in calls.items():
        words = [
            str(tmp_path / word) if word.endswith((".gpkg", "m.csv", "first.toml")) else word
            for word in words
        ]
        result = CliRunner().invoke(main, [name, *words])
        assert result.exit_code == 0, (name, result.stderr)
        lines = said_on(result.stderr)
        for text in wanted:
            assert sum(text in line for line in lines) == 1, (name, text, lines)
        assert max(Counter(lines).values()) == 1, (name, lines)
    assert study.exists()
