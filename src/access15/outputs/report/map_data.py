"""Everything the map of the report shows, as one value for JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from access15.crs import WGS84, to_crs
from access15.model import StreetNetwork
from access15.outputs._frames import moved
from access15.outputs.findings import Findings
from access15.outputs.maps.parts import LETTERS
from access15.outputs.one_case import case_figures as case
from access15.outputs.one_case.outlines import reach_shapes
from access15.outputs.one_case.scene import clinic_size
from access15.outputs.palette import (
    FACILITY,
    GAP,
    GAP_FILL,
    INK,
    SITE,
    STREET,
    UNLINKED,
    UNREACHABLE,
    class_colors,
    hex_color,
)
from access15.outputs.report.map_cells import cells_data
from access15.outputs.report.pack import pack_lines, rings_of
from access15.outputs.words import Words, said
from access15.units import check_minutes

MAIN_CLASSES: Final = ("motorway", "trunk", "primary", "secondary", "tertiary")
MAX_STREETS: Final = 150_000
"""Street pieces the map draws; of more, the longest."""

MAX_GAPS: Final = 300
"""Gaps the map outlines, those with the most people."""

_LONGEST_NAME: Final = 80
"""Characters of a name on the map; the tables have them all."""

_WORDS: Final = (
    "facilities=service_points sites=proposed_sites streets=map_streets isochrones=map_isochrones borders=map_borders "
    "gaps=map_gaps minutes=map_minutes over=map_over unreachable=map_unreachable unlinked=class_unlinked "
    "nearest=map_nearest people=residents area=area gap=map_gap mode=mode time=map_time colon=map_colon hint=map_hint "
    "site=map_site gain=map_gain no_street=map_no_street zoom_in=map_zoom_in zoom_out=map_zoom_out legend=map_legend"
)
"""Words of the script, each with the key of its text."""

_STREET_VERTICES: Final = 300_000
_BORDER_VERTICES: Final = 100_000
_ISOCHRONE_VERTICES: Final = 60_000
_TOLERANCE: Final = 2e-5


def time_classes(findings: Findings) -> tuple[float, ...]:
    """Return the upper ends of the time classes: the cut-offs of the study and, beyond them, twice the last."""
    cuts = findings.coverage.minutes
    return check_minutes([*cuts, 2 * cuts[-1]])


def legend(findings: Findings, word: Words) -> list[dict[str, str]]:
    """Return name and colour of every time class, in the order of the classes of the cells."""
    classes = time_classes(findings)
    lows = (0.0, *classes[:-1])
    names = [word["class"].format(low=low, high=high) for low, high in zip(lows, classes, strict=True)]
    names += [word["class_beyond"].format(low=classes[-1]), word["class_unreachable"], word["class_unlinked"]]
    colors = [*class_colors(classes, findings.minutes), UNREACHABLE, UNLINKED]
    return [{"name": n, "color": hex_color(c)} for n, c in zip(names, colors, strict=True)]


def map_data(findings: Findings, word: Words) -> dict[str, Any]:
    """Return what the map draws and says.

    Parameters
    ----------
    findings : Findings
    word : Words
        Those of the page.
    """
    figures, own = case.figures_of_case(findings), case.page_words(word)
    data = _lines(findings)
    data["facilities"] = _facilities(findings, own)
    data["sites"] = _sites(figures, own)
    if figures.planned is not None and len(findings.population):
        reach = reach_shapes(figures)
        if len(reach):
            moved_to = moved(reach, findings.crs, WGS84)
            data["reach"] = pack_lines(rings_of(moved_to)[0], _BORDER_VERTICES, _TOLERANCE)
    data["other"] = _other_cases(figures, word)
    data["cells"] = cells_data(findings, time_classes(findings))
    data["areas"] = [_short(name) for name in findings.area_names().values()]
    data["gaps"] = [] if findings.gaps is None else [letter_of(int(r)) for r in findings.gaps.table["rank"]]
    data["modes"] = [said(word, case) for case in findings.times]
    data["headline"] = list(findings.times).index(findings.headline_case)
    data["classes"] = legend(findings, word)
    data["colors"] = {
        "facility": hex_color(FACILITY),
        "site": hex_color(SITE),
        "gap": hex_color(GAP),
        "shade": hex_color(GAP_FILL),
        "ink": hex_color(INK),
        "street": hex_color(STREET),
        "unlinked": hex_color(UNLINKED),
    }
    data["credit"] = str(findings.network.provenance.get("attribution") or "")
    data["lang"] = word["html_lang"]
    data["words"] = {name: word[key] for name, _, key in (part.partition("=") for part in _WORDS.split())}
    data["words"]["isochrones"] = word["map_isochrones"].format(mode=data["modes"][data["headline"]])
    data["bounds"] = _bounds(findings)
    return data


def _facilities(findings: Findings, word: Words) -> list[list[Any]]:
    """Return all points once each, by id, in the order of `facility_names`: the service points, then stations of their own."""
    names = case.point_labels(findings, word, _LONGEST_NAME)
    out: dict[str, list[Any]] = {}
    cases = sorted(findings.times, key=lambda one: one != findings.headline_case)
    linked = {str(i): bool(ok) for one in reversed(cases) for i, ok in _linked(findings, one)}
    for sites in (findings.facilities, *findings.own_points.values()):
        lon, lat = to_crs(sites.x, sites.y, sites.crs, WGS84)
        for a, b, i, t in zip(lon, lat, sites.id, sites.tier, strict=True):
            row = [
                round(float(a), 6),
                round(float(b), 6),
                names[str(i)],
                str(t),
                int(linked.get(str(i), True)),
                clinic_size(str(t)),
            ]
            out.setdefault(str(i), row)
    return list(out.values())


def _linked(findings: Findings, case: str) -> Iterable[tuple[Any, Any]]:
    """Return which points of a case have a street, by id."""
    return zip(findings.points_of(case).id, findings.times[case].sites.placed, strict=True)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def letter_of(rank: int) -> str:
    """Return the letter of a gap, its rank where the letters of a map end."""
    return LETTERS[rank - 1] if rank <= len(LETTERS) else str(rank)


def _other_cases(figures: case.Figures, word: Words) -> dict[str, str]:
    """Return the case of gaps and sites that are not of the headline's: they wait unticked under its name."""
    gaps, plan, out = figures.findings.gaps, figures.findings.plan, {}
    if gaps is not None and not case.gaps_here(figures):
        out["gaps"] = f"{said(word, gaps.origin.profile.name)}, {gaps.minutes:g} {word['min']}"
    if plan is not None and figures.planned is None:
        limit = "" if plan.minutes != plan.minutes else f", {plan.minutes:g} {word['min']}"
        out["sites"] = f"{said(word, plan.origin.profile.name)}{limit}"
    return out


def _lines(findings: Findings) -> dict[str, Any]:
    """Return streets, borders and outlines of gaps as packed lines."""
    main, other = _streets(findings.network)
    out: dict[str, Any] = {
        "main": pack_lines(main, _STREET_VERTICES // 2, _TOLERANCE),
        "streets": pack_lines(other, _STREET_VERTICES, _TOLERANCE),
    }
    if findings.isochrones is not None:
        out["isochrones"] = _isochrones(findings)
    if findings.areas is not None:
        rings, _ = rings_of(moved(findings.areas.polygons, findings.areas.crs, WGS84))
        out["borders"] = pack_lines(rings, _BORDER_VERTICES, _TOLERANCE)
    if findings.gaps is not None and len(findings.gaps):
        import shapely

        table = findings.gaps.table.sort_values("rank").head(MAX_GAPS)
        shapes = np.asarray(table.to_crs(WGS84).geometry.to_numpy(object), object)
        flat = shapely.get_dimensions(shapes) < 2
        shapes = np.where(flat, shapely.buffer(shapes, 1e-3), shapes)
        out["outlines"] = pack_lines(rings_of(shapes)[0], _BORDER_VERTICES, _TOLERANCE)
        spots = shapely.point_on_surface(shapes[:12])
        out["ranks"] = [
            [round(p.x, 6), round(p.y, 6), letter_of(int(r))]
            for p, r in zip(spots, table["rank"], strict=False)
        ]
    return out


def _isochrones(findings: Findings) -> list[dict[str, Any]]:
    """Return the merged isochrones of the headline case, the widest first: minutes, colour, rings."""
    table = findings.isochrones
    assert table is not None
    mode = findings.times[findings.headline_case].profile.name
    mine = table[(table["mode"] == mode) & table["facility_id"].isna() & ~table.geometry.is_empty]
    mine = mine.sort_values("minutes", ascending=False)
    classes = time_classes(findings)
    colors = dict(zip(classes, class_colors(classes, findings.minutes), strict=False))
    shapes = np.asarray(mine.to_crs(WGS84).geometry.to_numpy(object), object)
    return [
        {
            "minutes": float(cut),
            "color": hex_color(colors[float(cut)]),
            "rings": pack_lines(rings_of(shape)[0], _ISOCHRONE_VERTICES // len(shapes), _TOLERANCE),
        }
        for cut, shape in zip(mine["minutes"], shapes[:, None], strict=True)
    ]


def _streets(network: StreetNetwork) -> tuple[Any, Any]:
    """Return main and other streets as lines in degrees, the longest where there are too many."""
    import shapely

    lon, lat = to_crs(network.vertex_x, network.vertex_y, network.crs, WGS84)
    counts = np.diff(network.vertex_offset)
    kept = counts >= 2
    if kept.sum() > MAX_STREETS:
        shortest = np.sort(network.length_m[kept])[-MAX_STREETS]
        kept &= network.length_m >= shortest
    drawn = np.repeat(kept, counts)
    row = np.repeat(np.cumsum(kept) - 1, counts)[drawn]
    xy = np.column_stack([lon, lat])[drawn]
    lines = np.asarray(shapely.linestrings(xy, indices=row), object) if len(xy) else np.empty(0, object)
    classes = [name.removesuffix("_link") in MAIN_CLASSES for name in network.highway_classes]
    main = np.array(classes, bool)[network.highway[kept]] if len(lines) else np.zeros(0, bool)
    return lines[main], lines[~main]


def _sites(figures: case.Figures, word: Words) -> list[list[Any]]:
    """Return longitude, latitude, rank, where it is in words, and gain of each site."""
    plan, candidates = figures.findings.plan, figures.findings.candidates
    if plan is None or candidates is None:
        return []
    lon, lat = to_crs(candidates.x[plan.chosen], candidates.y[plan.chosen], candidates.crs, WGS84)
    table = plan.table.sort_values("rank")
    gain = table["gain"] if not plan.by_time else [None] * len(table)
    return [
        [round(float(a), 6), round(float(b), 6), int(r), place, None if g is None else float(g)]
        for a, b, r, place, g in zip(
            lon, lat, table["rank"], case.site_places(figures, word), gain, strict=True
        )
    ]


def _bounds(findings: Findings) -> list[float]:
    """Return west, south, east, north of people and service points, in degrees."""
    given = (findings.population, findings.facilities)
    parts = [to_crs(noun.x, noun.y, noun.crs, WGS84) for noun in given if len(noun)]
    lon = np.concatenate([part[0] for part in parts]) if parts else np.array([-180.0, 180.0])
    lat = np.concatenate([part[1] for part in parts]) if parts else np.array([-60.0, 75.0])
    return [round(float(v), 6) for v in (lon.min(), lat.min(), lon.max(), lat.max())]
