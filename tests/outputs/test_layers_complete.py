"""Every layer is whole: words in both languages, a look where it is drawn, its row in the docs; one that is not is found."""

from __future__ import annotations

import dataclasses
import re
import sqlite3
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pandas as pd
import pyogrio
import pytest

from access15.gaps.reasons import REASONS
from access15.gaps.shortage import KINDS as KINDS_OF_GAPS
from access15.outputs import LAYERS, said, words, write_geopackage
from access15.outputs._frames import STATUS_WORDS
from access15.outputs.layers import OF_A_COMPARISON, OF_A_RUN
from access15.outputs.layers._layer import Column, Layer
from access15.outputs.layers._symbols import Rule, marker
from access15.outreach import circuits, rules
from access15.study import Study
from town_files import place, write_town

DOCS = (Path(__file__).parents[2] / "docs" / "coverage-geopackage.md").read_text("utf-8")
KINDS = {"text": "O", "number": "f", "whole": "i", "flag": "b"}
SYMBOLS = {"Point": "marker", "MultiLineString": "line", "MultiPolygon": "fill"}
STYLE = {"cells": {"case": "walk", "minutes": 15.0, "classes": [5.0, 15.0]}}


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def documented(name: str, docs: str = DOCS) -> list[str] | None:
    """The columns of a layer as the page lists them, in their order; what stands in brackets explains."""
    row = re.search(rf"(?m)^\| `{name}` \|[^|]*\|([^|]*)\|$", docs)
    return row and re.findall(r"`([a-z0-9_<>]+)`", re.sub(r"\([^)]*\)", "", row[1]))


def sample_of(layer: Layer[Any]) -> pd.DataFrame:
    """A layer of one row of walking within 15 minutes."""
    named = [c.name.replace("<case>", "walk").replace("<min>", "15") for c in layer.columns]
    frame = pd.DataFrame({name: [15.0 if name == "minutes" else "walk"] for name in named})
    frame.attrs["style"] = STYLE.get(layer.name, {})
    return frame


def faults(layer: Layer[Any], docs: str = DOCS) -> list[str]:
    """What a layer lacks, one line each."""
    found = [] if re.fullmatch("[a-z_]+", layer.name) else [f"{layer.name}: no name for a file"]
    titles = [(layer.name, *layer.titles)]
    for column in layer.columns:
        titles.append((f"{layer.name}.{column.name}", column.titles[0] or "ok", column.titles[1]))
        parts = set(re.findall("<([a-z]+)>", column.name))
        if set(re.findall("{([a-z]+)}", column.titles[1])) != parts:
            found.append(f"{layer.name}.{column.name}: the Chinese title does not name {sorted(parts)}")
        if column.kind not in KINDS:
            found.append(f"{layer.name}.{column.name}: the kind {column.kind!r} is not known")
    if layer.geometry is not None:
        if layer.geometry not in SYMBOLS:
            return [*found, f"{layer.name}: the geometry {layer.geometry!r} is not known"]
        rules = layer.rules(sample_of(layer), SYMBOLS[layer.geometry]) if layer.rules else []
        if not rules:
            found.append(f"{layer.name}: it is drawn, but has no style")
        titles += [(f"{layer.name}, legend {rule.english!r}", rule.english, rule.chinese) for rule in rules]
    if layer.label and layer.label not in [column.name for column in layer.columns]:
        found.append(f"{layer.name}: the label {layer.label!r} is no column")
    for what, english, chinese in titles:
        if not english or is_chinese(english):
            found.append(f"{what}: no English words")
        if not is_chinese(chinese):
            found.append(f"{what}: no Chinese words")
    if documented(layer.name, docs) != [column.name for column in layer.columns]:
        found.append(f"{layer.name}: docs/coverage-geopackage.md lists {documented(layer.name, docs)}")
    return found


def test_every_layer_is_complete():
    assert [fault for layer in LAYERS.values() for fault in faults(layer)] == []
    assert list(LAYERS) == [layer.name for layer in (*OF_A_RUN, *OF_A_COMPARISON)]


def test_every_file_of_a_layer_stands_in_the_order():
    folder = Path(__file__).parents[2] / "src" / "access15" / "outputs" / "layers"
    files = {file.stem for file in folder.glob("*.py") if not file.stem.startswith("_")}
    assert files == set(LAYERS)


PLANTED = Layer(
    name="bus_stops",
    titles=("Bus stops", "公交站"),
    geometry="Point",
    columns=(
        Column("stop_id", "text", ("", "站点编号")),
        Column("rate_<case>", "number", ("", "{case}比率")),
    ),
    build=lambda _: None,
    rules=lambda _, kind: [Rule("stop", "站点", "", marker((0, 0, 0)))] if kind == "marker" else [],
    label="stop_id",
)
ROW = "| `bus_stops` | stop | `stop_id` (in `timetable`), `rate_<case>` |"


@pytest.mark.parametrize(
    ("changes", "docs", "fault"),
    [
        ({}, ROW, None),
        ({"titles": ("Bus stops", "Bus stops")}, ROW, "bus_stops: no Chinese words"),
        ({"titles": ("", "公交站")}, ROW, "bus_stops: no English words"),
        ({"columns": (Column("stop_id", "text", ("", "")), PLANTED.columns[1])}, ROW, "bus_stops.stop_id: no Chinese words"),
        ({"columns": (PLANTED.columns[0], Column("rate_<case>", "number", ("", "比率")))}, ROW, "does not name"),
        ({"columns": (Column("stop_id", "words", ("", "站点编号")), PLANTED.columns[1])}, ROW, "'words' is not known"),
        ({"rules": None}, ROW, "bus_stops: it is drawn, but has no style"),
        ({"rules": lambda _, __: [Rule("stop", "stop", "", marker((0, 0, 0)))]}, ROW, "legend 'stop': no Chinese words"),
        ({"geometry": "Dots"}, ROW, "'Dots' is not known"),
        ({"label": "name"}, ROW, "the label 'name' is no column"),
        ({}, "", "docs/coverage-geopackage.md lists None"),
        ({}, ROW.replace(", `rate_<case>`", ""), "docs/coverage-geopackage.md lists ['stop_id']"),
        ({"name": "Bus stops"}, ROW, "no name for a file"),
    ],
)  # fmt: skip
def test_a_planted_layer_that_lacks_something_is_found(changes, docs, fault):
    found = faults(dataclasses.replace(PLANTED, **changes), docs)
    assert (found == []) if fault is None else any(fault in line for line in found)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """A run of the town with all there is: groups, critical streets, outreach, settlements, a plan and a scenario."""
    study = write_town(tmp_path_factory.mktemp("town"))
    lon, lat = place(30, 0)
    (study.parent / "villages.csv").write_text(f"id,name,lon,lat\nv,East End,{lon},{lat}\n", "utf-8")
    people = (study.parent / "people.csv").read_text("utf-8").split("\n")
    people = [line and f"{line},{'65+' if i == 0 else 2}" for i, line in enumerate(people)]
    (study.parent / "people.csv").write_text("\n".join(people), "utf-8")
    text = study.read_text("utf-8").replace(
        "minutes = [5, 15]", "minutes = [5, 7.5, 15]\ncritical_streets = 3"
    )
    text = text.replace('path = "people.csv"', 'path = "people.csv"\ngroups = { "65+" = "65+" }')
    text += '[outreach]\nresident_people = 900\nfixed_clinic_people = 900\nextension_minutes = 16\nsettlements = "villages.csv"\n'
    text += '[[scenarios]]\nname = "Moved"\nmove = { "001" = [7.41, 43.7] }\n'
    study.write_text(text.replace("p = 2", "p = 1"), "utf-8")
    return Study.from_toml(study).run()


@pytest.fixture(scope="module")
def frames(result):
    return {**result.layers(), **result.scenarios["Moved"].comparison.layers()}


def test_a_whole_run_builds_every_layer_in_order(frames):
    assert list(frames) == list(LAYERS)
    assert all(len(frame) for name, frame in frames.items() if name != "rejected_candidates")


@pytest.mark.parametrize("name", list(LAYERS))
def test_a_layer_has_the_columns_that_its_file_names(frames, name):
    layer, frame = LAYERS[name], frames[name]
    given = [str(column) for column in frame.columns if column != "geometry"]
    belongs = [layer.column(column) for column in given]
    assert None not in belongs, "a column stands in no file"
    seen = list(dict.fromkeys(column.name for column in belongs))
    wanted = [column.name for column in layer.columns]
    assert seen == [column for column in wanted if column in seen], "the order is another"
    assert not {column.name for column in layer.columns if not column.optional} - set(seen)
    assert ("geometry" in frame.columns) == (layer.geometry is not None)
    for column, known in zip(given, belongs, strict=True):
        kind = frame[column].dtype.kind if frame[column].notna().any() else KINDS[known.kind]
        assert kind == KINDS[known.kind], column
    titles = [
        layer.column_title(column, frame.attrs.get("aliases", {}).get(column, ""), "zh") for column in given
    ]
    assert all(map(is_chinese, titles))
    assert len(set(titles)) == len(titles), "two columns have one title"
    assert not any(re.search("[a-z]", title) for title in titles), titles


def test_every_layer_comes_back_as_it_went(result, frames, tmp_path):
    changes = result.scenarios["Moved"].comparison
    names = (OF_A_RUN, OF_A_COMPARISON)
    files = (result.to_gpkg(tmp_path / "a.gpkg"), changes.to_gpkg(tmp_path / "b.gpkg"))
    for file, layers in zip(files, names, strict=True):
        for layer in layers:
            back, frame = pyogrio.read_dataframe(file, layer=layer.name), frames[layer.name]
            assert list(back.columns) == list(frame.columns)
            for column in frame.columns.drop("geometry", errors="ignore"):
                if layer.column(column).kind == "number":
                    given = frame[column].to_numpy(float)
                    assert back[column].to_numpy(float) == pytest.approx(given, rel=1e-15, nan_ok=True)
                else:
                    old, new = (
                        [None if pd.isna(value) else value for value in part[column]]
                        for part in (frame, back)
                    )
                    assert old == new, (layer.name, column)


def test_a_layer_without_rows_keeps_its_geometry(frames, tmp_path):
    shaped = {name: layer.geometry for name, layer in LAYERS.items() if layer.geometry is not None}
    empty = {name: frames[name].iloc[:0] for name in shaped}
    for frame in empty.values():
        frame.attrs.pop("geometry_type", None)
    file = write_geopackage(tmp_path / "empty.gpkg", empty, "EPSG:32632")
    with sqlite3.connect(file) as database:
        types = dict(database.execute("SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"))
    assert types == {name: kind.upper() for name, kind in shaped.items()}


CODED = {
    "cells": ["status"],
    "gaps": ["mode", "kind", "reason", "recommendation", "problem"],
    "settlements": ["status", "recommendation", "problem"],
    "plans": ["model", "mode", "status"],
    "proposed_sites": ["source"],
    "critical_streets": ["mode"],
}


def test_every_code_in_a_layer_has_a_chinese_word(frames):
    codes = {*KINDS_OF_GAPS, *REASONS, *STATUS_WORDS, "optimal", "feasible"}
    for module in (rules, circuits):
        codes |= {v for k, v in vars(module).items() if k.isupper() and isinstance(v, str) and k[0] != "_"}
    for name, columns in CODED.items():
        codes |= {code for column in columns for code in frames[name][column].dropna()}
    word = words("zh")
    assert [code for code in sorted(codes) if not is_chinese(said(word, code))] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_files_hold_titles_legends_and_every_column(result, frames, tmp_path, lang):
    changes = result.scenarios["Moved"].comparison
    for file in (result.to_gpkg(tmp_path / "a.gpkg", lang), changes.to_gpkg(tmp_path / "b.gpkg", lang)):
        with sqlite3.connect(file) as database:
            ask = lambda what: database.execute(what).fetchall()  # noqa: E731
            named = {
                row
                for row in ask("SELECT table_name, identifier FROM gpkg_contents")
                if row[0] != "layer_styles"
            }
            assert named == {(name, LAYERS[name].titles[lang == "zh"]) for name, _ in named}
            styles = dict(ask("SELECT f_table_name, styleQML FROM layer_styles"))
            told = ask("SELECT table_name, column_name, title FROM gpkg_data_columns")
        assert set(styles) == {name for name, _ in named}
        for name, style in styles.items():
            labels = [rule.get("label") for rule in Xml.fromstring(style).iter("rule")]
            assert len(labels) == 0 if LAYERS[name].geometry is None else labels
            assert all((lang == "zh") == is_chinese(label) for label in labels), (name, labels)
        assert all((lang == "zh") == is_chinese(title) for *_, title in told)
        if lang == "zh":
            columns = {(name, c) for name, _ in named for c in frames[name].columns if c != "geometry"}
            assert {row[:2] for row in told} == columns
