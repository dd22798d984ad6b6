"""Pages of many gaps: every gap on one card, its people conserved, and places that a team can serve."""

from __future__ import annotations

import dataclasses
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from report_town import findings_of

from access15.model import GapService
from access15.outputs.palette import ACTIONS
from access15.outputs.report import gap_actions, gap_cards
from access15.outputs.report.first_page import gaps_pages
from access15.outputs.report.gap_stops import served_places


def many(town, n: int, *, no_way: bool = False):
    """The town with so many gaps in its areas, of every action in turn."""
    found = findings_of(town)
    box = shapely.total_bounds(town.areas.polygons)
    rng = np.random.default_rng(n)
    spots = shapely.points(rng.uniform(box[0], box[2], n), rng.uniform(box[1], box[3], n))
    base = found.gaps.table.iloc[[0] * n].reset_index(drop=True)
    services = [str(s) for s in GapService]
    table = gpd.GeoDataFrame(
        base.drop(columns="geometry").assign(
            gap_id=[f"g{i}" for i in range(n)],
            rank=np.arange(1, n + 1),
            people=np.sort(rng.integers(3, 900, n))[::-1].astype(float),
            area_id=[[*town.areas.id, None][i % 4] for i in range(n)],
            recommendation=[services[i % len(services)] for i in range(n)],
            nearest_facility=None if no_way else str(town.facilities.id[0]),
            median_s=np.inf if no_way else 1800.0,
        ),
        geometry=shapely.buffer(spots, 30),
        crs=found.gaps.table.crs,
    )
    return dataclasses.replace(found, gaps=dataclasses.replace(found.gaps, table=table))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_gap_stands_on_one_card_and_people_add_up(town, lang):
    found = many(town, 60)
    text = gaps_pages(found, lang)
    assert text.count('<section class="card">') == 4  # three areas, and what lies in none
    people = found.gaps.table["people"]
    acts = re.findall(r"<b>([\d,]+) (?:people|人)</b>", text.partition('<div class="cards">')[0])
    assert sum(int(a.replace(",", "")) for a in acts) == people.sum()
    cards = re.findall(r"</bdi> ([\d,]+) (?:people|人)", text)
    assert sum(int(a.replace(",", "")) for a in cards) == people.sum()
    assert not re.search(r"\bnan\b|\binf\b|None|g\d", text)
    rows = gap_actions.gap_rows(gap_cards_figures(found))
    assert np.bincount(rows.action).sum() == 60
    bars = sum(len(re.findall("<path", part)) for part in re.findall(r'<svg class="bars".*?</svg>', text))
    assert bars >= 60


def gap_cards_figures(found):
    from access15.outputs.one_case.case_figures import figures_of_case

    return figures_of_case(found)


def test_few_gaps_and_gaps_of_another_case_have_no_page(town):
    assert gaps_pages(many(town, gap_cards.FEWEST - 1), "en") == ""
    assert gaps_pages(findings_of(town, gaps=None), "en") == ""
    other = many(town, 60)
    other = dataclasses.replace(other, gaps=dataclasses.replace(other.gaps, minutes=10.0))
    assert gaps_pages(other, "en") == ""


def test_without_a_way_a_card_says_so(town):
    assert "no way to a service point" in gaps_pages(many(town, 30, no_way=True), "en")
    assert "无路可达医疗服务点" in gaps_pages(many(town, 30, no_way=True), "zh")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_hundreds_of_gaps_become_places(town, lang, monkeypatch):
    text = gaps_pages(many(town, gap_cards.MOST_ON_CARDS + 1), lang)
    assert 'class="stops"' in text
    shown = [float(v) for v in re.findall(r'style="width:([\d.]+)%"', text)]
    assert shown[0] == 100
    assert shown == sorted(shown, reverse=True)
    assert not re.search(r"\bnan\b|None", text)


@pytest.mark.parametrize("seed", range(6))
def test_places_are_those_of_a_greedy_search_by_hand(seed):
    rng = np.random.default_rng(seed)
    n, reach = 60, 12.0
    x, y = rng.uniform(0, 100, (2, n))
    people = 2.0 ** rng.integers(0, 12, n)
    stops, place = served_places(x, y, people, reach)
    left, expected = set(range(n)), []
    near = [[j for j in range(n) if (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2 <= reach**2] for i in range(n)]
    while left:
        best = max(range(n), key=lambda i: (sum(people[j] for j in near[i] if j in left), -i))
        expected.append(best)
        left -= set(near[best])
    assert stops == expected
    assert (place >= 0).all()
    for i, row in enumerate(place):
        stop = stops[row]
        assert (x[i] - x[stop]) ** 2 + (y[i] - y[stop]) ** 2 <= reach**2 + 1e-9
    assert np.bincount(place, people).sum() == people.sum()


def test_actions_are_told_apart_in_lightness_by_character_and_their_letters_can_be_read():
    from test_plots import DEFICIENCIES, contrast, lab

    for sight in DEFICIENCIES.values():
        seen = [lab(rgb, sight) for rgb in ACTIONS[:5]]
        assert min(np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]) > 15
    for row, color in enumerate(ACTIONS):
        assert contrast(color, gap_actions.letter_ink(row)) >= 4.5
    for lang in (0, 1):
        letters = [pair[lang] for pair in gap_actions.WORDS.values()]
        assert len(set(letters)) == len(letters)
