"""The map of one case: where the sea is, what stands on what, the same marks on the page and in the picture."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import shapely
from report_town import findings_of
from shapely import affinity

from access15.outputs.maps.case_sheet import case_picture, case_sheet, case_words
from access15.outputs.one_case import case_figures as figures
from access15.outputs.one_case import names_on_map as labels
from access15.outputs.one_case import scene, water
from access15.outputs.one_case.frame import Frame, Taken
from access15.outputs.one_case.marks import Dots, Group, Text

BOX = (0.0, 0.0, 100.0, 100.0)


class Coast:
    """The lines of water of a network."""

    def __init__(self, *lines, river=()):
        self.water_x = np.array([x for line in lines for x, _ in line], float)
        self.water_y = np.array([y for line in lines for _, y in line], float)
        self.water_offset = np.cumsum([0, *map(len, lines)])
        self.water_river = np.array([i in river for i in range(len(lines))], bool)


def ring(x0, y0, x1, y1, turn=1):
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)][::turn]


def wet(coast, people=((10.0, 90.0),), box=BOX):
    x, y = np.array(people, float).T
    return water.water_of(coast, box, x, y, np.full(len(x), 5.0))


def test_water_is_on_the_right_of_a_coast():
    north = wet(Coast([(-5, 50), (40, 50), (105, 50)]))  # eastwards: the south is sea
    assert shapely.equals(north.normalize(), shapely.box(0, 0, 100, 50).normalize())
    south = wet(Coast([(105, 50), (-5, 50)]), [(10.0, 10.0)])
    assert shapely.equals(south.normalize(), shapely.box(0, 50, 100, 100).normalize())


def test_a_coast_that_ends_inside_is_drawn_on_as_it_goes():
    found = wet(Coast([(30, 50), (60, 50)]))
    assert found.area == pytest.approx(5000)
    assert shapely.contains_xy(found, [5.0, 95.0], [20.0, 20.0]).all()


def test_people_are_never_put_to_sea():
    assert wet(Coast([(-5, 50), (105, 50)]), [(10.0, 10.0), (20.0, 20.0)]) is None


def test_islands_in_the_sea_and_lakes_on_land():
    lived, islet, lake = ring(20, 20, 60, 60), ring(80, 80, 84, 84), ring(30, 30, 40, 40)
    found = wet(Coast(lived, islet, lake), [(25.0, 25.0)])
    assert found.area == pytest.approx(10_000 - 1600 - 16 + 100)
    assert wet(Coast(lake), [(90.0, 90.0)]).area == pytest.approx(100)
    assert wet(Coast([(0, 50), (100, 50)], river=(0,))) is None
    assert wet(Coast()) is None
    assert wet(Coast(ring(300, 300, 400, 400, -1))) is None  # far away


@pytest.mark.parametrize("seed", range(12))
def test_a_coast_of_any_shape_agrees_with_the_side_of_each_point(seed):
    """A crooked coast across the box, turned any way: a point is wet where a closed outline says so."""
    rng = np.random.default_rng(seed)
    x = np.linspace(-60, 160, 23)
    y = 50 + np.cumsum(rng.normal(0, 6, 23)).clip(-35, 35)
    below = shapely.polygons([*zip(x, y, strict=True), (160, -200), (-60, -200)])
    angle = float(rng.uniform(0, 360))
    line = shapely.get_coordinates(affinity.rotate(shapely.linestrings(x, y), angle, (50, 50)))
    sea = shapely.intersection(affinity.rotate(below, angle, (50, 50)), shapely.box(*BOX))
    pieces = [line[:9], line[8:15], line[14:]]  # as a file has it: in pieces, in any order
    dry = shapely.point_on_surface(shapely.difference(shapely.box(*BOX), sea))
    found = wet(Coast(*(pieces[i].tolist() for i in rng.permutation(3))), [(dry.x, dry.y)])
    assert shapely.symmetric_difference(found, sea).area < 1e-6


def with_gaps(town, **changes):
    """The town, each cell beyond the limit in one of its two gaps."""
    found = findings_of(town, **changes)
    beyond = ~found.times["walk"].within(15.0)
    row = np.where(beyond, np.arange(len(beyond)) % 2, -1)
    return dataclasses.replace(found, gaps=dataclasses.replace(found.gaps, cell_gap=row))


def boxes_of(marks):
    """Middle and half size of every name, badge and pin."""
    out = []
    for mark in marks:
        if isinstance(mark, Group) and mark.name in ("badge", "pin", "name"):
            parts = [m for m in mark.marks if isinstance(m, Text)]
            wide = max(labels.text_width(t.text, t.size) for t in parts) / 2
            tall = 0.45 * max(t.size for t in parts) * len(parts)
            middle = float(np.mean([t.y for t in parts])) - 0.35 * parts[0].size
            out.append((parts[0].x, middle, wide, tall, " ".join(t.text for t in parts)))
    return out


def test_names_stand_on_nothing(town):
    names = ["North Quay and the very long harbour", "西部的一个非常长的区域名称", "c"]
    found = with_gaps(town, areas=dataclasses.replace(town.areas, name=names))
    drawn = scene.scene(figures.figures_of_case(found), case_words("en"))
    placed = boxes_of(drawn.marks)
    assert len(placed) >= 5
    for (ax, ay, aw, ah, a), (bx, by, bw, bh, b) in itertools.combinations(placed, 2):
        assert abs(ax - bx) >= aw + bw - 0.1 or abs(ay - by) >= ah + bh - 0.1, f"{a} on {b}"
    for x, y, wide, tall, name in placed:
        assert wide - 0.1 <= x <= drawn.frame.wide - wide + 0.1, name
        assert tall - 0.1 <= y <= drawn.frame.tall - tall + 0.1, name


def test_a_name_without_room_is_left_out_and_pins_make_room():
    frame = Frame(0, 60, 1.0, 60, 60)
    full = Taken(frame, [(0, 0, 60, 60)])
    nothing = np.zeros(0), np.zeros(0)
    assert labels.place_name("Quay", (30, 30), full, nothing) == []
    taken = Taken(Frame(0, 400, 1.0, 400, 400))
    pins = [labels.place_pin(i + 1, (200.0, 200.0), taken) for i in range(5)]
    spots = [next(m for m in marks if isinstance(m, Group)).marks[1] for marks in pins]
    assert (spots[0].x, len(pins[0])) == (200.0, 1)
    for one, two in itertools.combinations(spots, 2):
        assert abs(one.x - two.x) >= 17.9 or abs(one.y - two.y) >= 24.9
    assert all(len(marks) == 2 for marks in pins[1:])  # a line leads to the site


def test_dots_cover_people_and_the_name_moves_away():
    frame = Frame(0, 400, 1.0, 400, 400)
    x, y = (v.ravel() for v in np.meshgrid(np.arange(180, 221, 4.0), np.arange(190, 211, 4.0)))
    crowded = labels.place_name("Quay", (200.0, 200.0), Taken(frame), (x, y))
    free = labels.place_name("Quay", (200.0, 200.0), Taken(frame), (np.zeros(0), np.zeros(0)))
    at = [next(m for m in g[0].marks if isinstance(m, Text)) for g in (crowded, free)]
    assert abs(at[1].y - 200) < 8
    assert abs(at[0].y - 200) > 12


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_sheet_says_the_case_and_has_its_furniture(town, tmp_path, lang):
    found = findings_of(town)
    axes = case_sheet(found, tmp_path / "map.png", lang, date="2030-01-02", dpi=50)
    text = " ".join(t.get_text() for t in axes.texts)
    people, beyond = found.population.total, found.population.total * (1 - found.coverage.rate(15.0))
    for part in (f"{people:,.0f}", f"{beyond:,.0f}", "2030-01-02", found.crs, "A", "1"):
        assert part in text
    assert ("审图号" in text) == (lang == "zh")
    assert {
        "en": "One case throughout: walk, adult, 15 minutes.",
        "zh": "全图同一口径：步行（成人）15 分钟。",
    }[lang] in text
    assert (tmp_path / "map.png").stat().st_size > 10_000


def test_page_and_picture_are_of_the_same_marks(town, tmp_path):
    found = figures.figures_of_case(with_gaps(town))
    kinds = []
    for unit in (1.0, 1.5):
        drawn = scene.scene(found, case_words("en"), unit=unit, badges=3)
        dots = next(m for m in drawn.marks if isinstance(m, Dots))
        kinds.append((len(dots.x), dots.kind.tolist(), [m.name for m in drawn.marks if isinstance(m, Group)]))
    assert kinds[0][:2] == kinds[1][:2]
    assert kinds[0][2].count("badge") == kinds[1][2].count("badge") == 2
    case_picture(findings_of(town), tmp_path / "x.png", "en", dpi=60)
    assert (tmp_path / "x.png").read_bytes()[:4] == b"\x89PNG"


def test_without_gaps_sites_areas_or_people_the_sheet_is_whole(town, tmp_path):
    full = findings_of(town)
    for changes in (
        {"gaps": None},
        {"plan": None, "candidates": None},
        {"areas": None, "coverages": full.coverages},
        {"targets": {}},
        {"gaps": dataclasses.replace(full.gaps, table=full.gaps.table.iloc[:0])},
    ):
        axes = case_sheet(findings_of(town, **changes), tmp_path / "m.svg", "zh")
        text = " ".join(t.get_text() for t in axes.texts)
        assert "nan" not in text
        assert "None" not in text


def test_a_sheet_without_a_chinese_font_says_so_and_stays_right(town, tmp_path, monkeypatch):
    from access15.outputs.maps import fonts

    monkeypatch.setattr(fonts, "_CHINESE", ())
    with pytest.warns(UserWarning, match="no Chinese font is installed"):
        axes = case_sheet(findings_of(town), tmp_path / "m.png", "zh", dpi=40)
    text = " ".join(t.get_text() for t in axes.texts)
    assert "One case throughout" in text
    assert not any("一" <= c <= "鿿" for c in text)
