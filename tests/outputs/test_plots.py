"""Pictures of isochrones, gaps, plans, changes and the curve: what they say, and what must not break them."""

import dataclasses
import itertools
import warnings

import numpy as np
import pandas as pd
import pytest
import shapely
from outputs_town import UTM, square

import access15 as a15
from access15.errors import InputError, MismatchError
from access15.model import Areas, Gaps, fingerprint
from access15.outputs.maps import fonts as _fonts

DAY = {"date": "2026-01-31"}


def texts(axes):
    import matplotlib.text

    return [t.get_text() for t in axes.figure.findobj(matplotlib.text.Text) if t.get_text()]


def polygons(minutes=(15.0, 5.0), mode="walk"):
    import geopandas as gpd

    rows = {"facility_id": [None] * len(minutes), "mode": [mode] * len(minutes), "minutes": list(minutes)}
    return gpd.GeoDataFrame(rows, geometry=[square(0, 0, 100 * m) for m in minutes], crs=UTM)


@pytest.fixture
def plan(town):
    """A plan of two of three candidates, and the candidates."""
    plan, candidates = town.plan(town.times()), town.candidates()
    # The origin of a plan is that of its candidate matrix.
    key = dataclasses.replace(plan.origin, facilities=fingerprint(candidates))
    covered = town.times().within(15) | (np.arange(len(town.population)) > 250)
    return dataclasses.replace(plan, origin=key, covered=covered), candidates


def test_every_map_has_its_furniture(town):
    areas = Areas(town.areas.id, np.array(["Harbour", "Hill", ""], object), town.areas.polygons, UTM)
    axes = a15.plot_isochrones(
        polygons(), network=town.network, areas=areas, facilities=town.facilities, **DAY
    )
    said = texts(axes)
    assert "N" in said
    assert any(text in ("500 m", "200 m", "1 km") for text in said)
    footer = next(text for text in said if "2026-01-31" in text)
    assert "EPSG:32632" in footer
    assert "OpenStreetMap" not in footer  # The streets drawn are the town's own.
    assert {"up to 5 min", "up to 15 min", "facility", "Harbour"} <= set(said)
    assert axes._repr_png_().startswith(b"\x89PNG")
    bare = texts(a15.plot_isochrones(polygons(), **DAY))
    assert any("© OpenStreetMap contributors" in text for text in bare)
    assert not any(
        "OpenStreetMap" in t for t in texts(a15.plot_isochrones(polygons(), attribution="", **DAY))
    )


def test_shares_are_of_people(town, plan):
    proposal, candidates = plan
    people, before = town.population.people, town.times().within(15)
    said = texts(a15.plot_plan(proposal, candidates, town.population, existing=town.times(), **DAY))
    gained = people[proposal.covered & ~before].sum() / people.sum()
    assert f"covered by the plan ({gained:.1%})" in said
    assert any("1  +60 people, then 56.0%\n2  +40 people, then 60.0%" in text for text in said)
    slow = town.times(kph=2.4, name="walk-elder")
    said = texts(a15.plot_change(town.times(), slow, town.population, minutes=10, **DAY))
    lost = people[town.times().within(10) & ~slow.within(10)].sum() / people.sum()
    assert f"no longer within 10 min ({lost:.1%})" in said
    assert not any(text.startswith("now within") for text in said)


def test_gaps_are_ranked_and_listed(town):
    gaps = town.gaps(town.times())
    table = gaps.table.assign(place=["Old Town", None], reason=["island", "too far"])
    said = texts(a15.plot_gaps(Gaps(table, gaps.cell_gap, 15.0, gaps.origin), network=town.network, **DAY))
    assert any("A  Old Town: 100 people\nB  99 people, 17 min" in text for text in said)
    assert {"A", "B", "island of streets (50.3%)", "too far (49.7%)"} <= set(said)


def test_curve_names_the_sites_for_each_target():
    table = pd.DataFrame(
        {"sites": [0, 1, 2, 3], "people": [500.0, 850, 920, 940], "rate": [0.5, 0.85, 0.92, 0.94],
         "status": ["optimal", "optimal", "optimal", "feasible"], "bound": [500.0, 850, 920, 990]}
    )  # fmt: skip
    said = texts(a15.plot_frontier(table, **DAY))
    assert {"80%: 1 sites", "90%: 2 sites"} <= set(said)
    assert not any(text.startswith("95%:") for text in said)
    assert {"best plan, proven", "best plan found", "proven bound"} <= set(said)


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_files_in_axes_of_ones_own(tmp_path, town, suffix):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="compressed")
    left, right = figure.subplots(1, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert a15.plot_coverage(town.times(), town.population, network=town.network, ax=left) is left
        a15.plot_isochrones(polygons(), ax=right, path=tmp_path / f"two{suffix}")
    assert (tmp_path / f"two{suffix}").stat().st_size > 5000
    assert [p.name for p in tmp_path.iterdir()] == [f"two{suffix}"]


def test_names_that_could_break_a_map(tmp_path, town):
    hard = ["$x_{1}$ & $\\frac{", "مستشفى القرية", "A " * 300]
    areas = Areas(town.areas.id, np.array(hard, object), town.areas.polygons, UTM)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        axes = a15.plot_coverage(
            town.times(), town.population, areas=areas, title="$a$ " + "long " * 80, path=tmp_path / "m.png"
        )
    said = texts(axes)
    assert hard[0] in said
    assert max(len(line) for text in said for line in text.split("\n")) < 130


def test_a_font_installed_after_matplotlib_made_its_list_is_found(monkeypatch):
    from matplotlib import font_manager

    if not _fonts._known() and not _fonts._installed_since():
        pytest.skip("no Chinese font on this machine")
    known = font_manager.fontManager.ttflist
    files = {entry.fname for entry in known if entry.name in _fonts._CHINESE}
    monkeypatch.setattr(
        font_manager.fontManager, "ttflist", [entry for entry in known if entry.fname not in files]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        families, shows_all = _fonts.fonts(["服务盲区"])
    assert shows_all
    assert len(families) == 2


def test_chinese_words(town, plan):
    if not (_fonts._known() or _fonts._installed_since()):
        pytest.skip("no Chinese font on this machine")
    said = texts(a15.plot_plan(*plan, town.population, existing=town.times(), lang="zh", **DAY))
    assert {"建议布点: 步行（成人）, 15 分钟", "15 分钟覆盖情况", "布点（按建设先后）"} <= set(said)


def test_nothing_to_draw_is_said_in_a_sentence(town, plan):
    proposal, _ = plan
    gaps = town.gaps(town.times(), 0)
    with pytest.raises(InputError, match=r"no gap to draw: nobody is left beyond 15 min \(walk\)"):
        a15.plot_gaps(gaps)
    with pytest.raises(InputError, match="no isochrone to draw"):
        a15.plot_isochrones(polygons().assign(geometry=[None, shapely.Polygon()]))
    with pytest.raises(InputError, match="are of walk, drive: choose one, such as mode='walk'"):
        a15.plot_isochrones(pd.concat([polygons(), polygons(mode="drive")]))
    with pytest.raises(InputError, match="no mode 'bike': they are of walk"):
        a15.plot_isochrones(polygons(), mode="bike")
    with pytest.raises(InputError, match="have no column 'mode'"):
        a15.plot_isochrones(polygons().drop(columns="mode"))
    with pytest.raises(InputError, match="the curve has no rows"):
        a15.plot_frontier(pd.DataFrame(columns=["sites", "people", "rate", "status", "bound"]))
    with pytest.raises(InputError, match="ax must be axes of matplotlib, not a str"):
        a15.plot_isochrones(polygons(), ax="here")
    with pytest.raises(MismatchError, match="the plan and these facilities do not belong together"):
        a15.plot_plan(proposal, town.facilities, town.population)
    with pytest.raises(InputError, match="times must be a NearestTimes"):
        a15.plot_coverage(town.population, town.times())


# Machado, Oliveira, Fernandes (2009), A physiologically-based model for simulation of color vision deficiency,
# severity 1.0: protanopia, deuteranopia, tritanopia, on linear RGB.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}  # fmt: skip


def lab(rgb, sight):
    """CIELAB of a colour as somebody sees it."""
    share = np.array(rgb) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(sight) @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ seen / np.array([0.9505, 1, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", DEFICIENCIES)
def test_colours_are_told_apart(sight):
    from access15.outputs import palette as p

    sets = {
        "classes": (*p.class_colors((5, 10, 15), 15), p.UNREACHABLE, p.UNLINKED),
        "early headline": (*p.class_colors((5, 10, 15), 10), p.UNREACHABLE, p.UNLINKED),
        "plan": (p.HAD, p.GETS, p.LACKS),
        "change": p.CHANGES,
        "reasons": tuple(p.REASONS.values()),
    }
    for name, colors in sets.items():
        seen = [lab(rgb, DEFICIENCIES[sight]) for rgb in colors]
        apart = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
        assert min(apart) > 9.2, name  # About four times what one just notices side by side.


@pytest.mark.parametrize("sight", DEFICIENCIES)
def test_time_on_the_first_page_falls_in_lightness_and_turns_once(sight):
    from access15.outputs import palette as p

    ramp = [lab(rgb, DEFICIENCIES[sight]) for rgb in (*p.TIME_WITHIN, *p.TIME_BEYOND, p.NO_WAY)]
    light = [color[0] for color in ramp]
    assert all(a - b > 5 for a, b in itertools.pairwise(light))
    steps = [float(np.linalg.norm(a - b)) for a, b in itertools.pairwise(ramp)]
    assert min(steps) > 8
    assert np.argmax(steps) == len(p.TIME_WITHIN) - 1  # the limit


def contrast(a, b):
    """Contrast of WCAG 2.1 between two colours."""
    light = []
    for rgb in (a, b):
        share = np.array(rgb) / 255
        linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        light.append(float(linear @ [0.2126, 0.7152, 0.0722]))
    return (max(light) + 0.05) / (min(light) + 0.05)


def test_inks_of_the_first_page_can_be_read():
    from access15.outputs import palette as p

    white = (255, 255, 255)
    for ink in (p.TEXT, p.QUIET, p.GAP_INK, p.PLAN, p.TODAY, p.TODAY_TEXT):
        assert contrast(ink, white) >= 4.5
    for fill in (*p.TIME_WITHIN, *p.TIME_BEYOND, p.NO_WAY):
        assert contrast(p.edge_of(fill), p.LAND) >= 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"minuts": 15}, "plot_coverage has no option 'minuts': did you mean 'minutes'"),
        ({"dpi": float("nan")}, "dpi must be a number of dots per inch"),
        ({"dpi": 0}, "dpi must be a number of dots per inch"),
        ({"network": 5}, "network must be a StreetNetwork"),
        ({"facilities": 5}, "facilities must be a Facilities"),
        ({"areas": 5}, "areas must be an Areas .* not an int"),
        ({"gaps": 5}, "gaps must be a Gaps"),
        ({"sites": 5}, "sites must be points with a column 'rank'"),
    ],
)
def test_an_option_that_cannot_be_drawn_is_named(town, options, said):
    with pytest.raises(InputError, match=said):
        a15.plot_coverage(town.times(), town.population, **options)


def test_every_plot_names_an_unknown_option(town, plan):
    times = town.times()
    for draw, given in (
        (a15.plot_isochrones, (polygons(),)),
        (a15.plot_gaps, (None,)),
        (a15.plot_plan, (*plan, town.population)),
        (a15.plot_change, (times, times, town.population)),
        (a15.plot_frontier, (None,)),
    ):
        with pytest.raises(InputError, match=f"{draw.__name__} has no option 'titel': did you mean 'title'"):
            draw(*given, titel="x")


def test_isochrones_without_a_crs_or_minutes_are_refused():
    bare = polygons().set_crs(None, allow_override=True)
    with pytest.raises(InputError, match="the isochrones have no CRS"):
        a15.plot_isochrones(bare)
    with pytest.raises(InputError, match="an isochrone has no minutes"):
        a15.plot_isochrones(polygons(minutes=(5.0, float("nan"))).assign(geometry=square(0, 0, 100)))


def test_a_small_gap_is_still_seen(town):
    gaps = town.gaps(town.times())
    tiny = gaps.table.set_geometry(gaps.table.geometry.centroid.buffer(1.0))
    axes = a15.plot_gaps(dataclasses.replace(gaps, table=tiny), network=town.network, **DAY)
    west, east = axes.get_xlim()
    drawn = [
        path.get_extents().width
        for one in axes.collections
        if one.get_zorder() == 2.5
        for path in one.get_paths()
    ]
    assert drawn
    assert min(drawn) >= 0.01 * (east - west)
