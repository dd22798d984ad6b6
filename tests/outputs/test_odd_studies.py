"""Page, sheet and pages of gaps of studies that nobody planned for: nobody, one area, ten thousand, no way anywhere."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
import shapely
from report_town import findings_of

from access15.coverage import coverage
from access15.model import Areas
from access15.outputs.maps.case_sheet import case_sheet
from access15.outputs.report import write_report
from access15.outputs.report.first_page import first_page


def whole(findings, tmp_path, lang):
    """The page, and the texts of the sheet; nothing in them is a number that is none."""
    page = first_page(findings, lang, "2030-01-02", "9")
    axes = case_sheet(findings, tmp_path / "m.png", lang, dpi=40)
    drawn = " ".join(t.get_text() for t in axes.texts)
    text = re.sub(r"<[^>]+>", " ", page)
    for said in (text, drawn):
        assert not re.search(r"\bnan\b|\binf\b|None|0 of 0", said)
    return text, drawn


def recounted(town, **changes):
    """The town's findings with its coverages counted anew for other people or areas."""
    found = findings_of(town)
    people, areas = changes.get("population", found.population), changes.get("areas", found.areas)
    coverages = {
        case: coverage(times, people, minutes=(5, 10, 15), areas=areas) for case, times in found.times.items()
    }
    return findings_of(town, coverages=coverages, **changes)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nobody_lives_there(town, tmp_path, lang):
    nobody = dataclasses.replace(town.population, people=np.zeros(len(town.population)), groups={})
    times = {"walk": dataclasses.replace(town, population=nobody).times()}
    counted = {"walk": coverage(times["walk"], nobody, minutes=(15,))}
    bare = {"areas": None, "gaps": None, "plan": None, "candidates": None}
    found = dataclasses.replace(findings_of(town), population=nobody, times=times, coverages=counted, **bare)
    text, _ = whole(found, tmp_path, lang)
    assert {"en": "Cannot be judged", "zh": "无法判断"}[lang] in text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_area_and_none(town, tmp_path, lang):
    one = Areas(
        ["x"],
        ["One very long name of a district " * 9],
        [shapely.union_all(town.areas.polygons)],
        town.areas.crs,
    )
    text, _ = whole(recounted(town, areas=one), tmp_path, lang)
    assert "One very long name" in text
    whole(recounted(town, areas=None), tmp_path, lang)


def test_ten_thousand_areas_are_cut_and_small(town, tmp_path):
    west, south, east, north = shapely.total_bounds(town.areas.polygons)
    x, y = (
        v.ravel() for v in np.meshgrid(np.linspace(west, east, 101)[:-1], np.linspace(south, north, 101)[:-1])
    )
    boxes = shapely.box(x, y, x + (east - west) / 100, y + (north - south) / 100)
    areas = Areas(
        [f"a{i}" for i in range(10_000)], [f"שכונה {i}" for i in range(10_000)], boxes, town.areas.crs
    )
    found = recounted(town, areas=areas)
    text, _ = whole(found, tmp_path, "en")
    assert "more areas" in text
    path = write_report(tmp_path / "r.html", found)
    assert path.stat().st_size < 10e6


def test_names_from_right_to_left_and_markup_on_the_sheet(town, tmp_path):
    names = ["שלום עולם", "<b>$x_1$</b>", "很" * 400]
    _, drawn = whole(
        findings_of(town, areas=dataclasses.replace(town.areas, name=names), name="$a$ <i>"), tmp_path, "en"
    )
    assert "$a$ <i>" in drawn
