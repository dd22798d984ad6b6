"""Maps of what is: coverage, isochrones, gaps."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import numpy as np

from access15.arrays import Rows
from access15.crs import crs_name
from access15.errors import InputError
from access15.model import Areas, Facilities, Gaps, NearestTimes, Population, Status, StreetNetwork, expect
from access15.outputs.findings import Findings
from access15.outputs.maps import parts
from access15.outputs.maps.case_sheet import case_sheet
from access15.outputs.maps.checks import check_options
from access15.outputs.maps.sheet import Sheet, SheetOptions
from access15.outputs.palette import REASONS, UNLINKED, UNREACHABLE, class_colors, hex_color
from access15.units import check_limit, check_minutes

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes

Path = str | os.PathLike[str]


def plot_coverage(
    times: NearestTimes,
    population: Population,
    *,
    minutes: float = 15,
    classes: Sequence[float] = (5, 10, 15),
    network: StreetNetwork | None = None,
    facilities: Facilities | None = None,
    areas: Areas | None = None,
    gaps: Gaps | None = None,
    sites: gpd.GeoDataFrame | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    path: Path | None = None,
    lang: str = "en",
    **more: Unpack[SheetOptions],
) -> Axes:
    """Draw a map of who reaches care in time.

    Parameters
    ----------
    times : NearestTimes
    population : Population
        The cells of the times. Points get an area that grows with their people.
    minutes : float
        Headline cut-off: classes up to it are cool colours, beyond it warm ones.
    classes : sequence of float
        Upper ends of the time classes, minutes.
    network : StreetNetwork, optional
        Streets, drawn thin.
    facilities : Facilities, optional
        Those of the times.
    areas : Areas, optional
        Borders with names.
    gaps : Gaps, optional
        Outlined, the largest with letters.
    sites : GeoDataFrame, optional
        Points with a ``rank``, such as the layer ``proposed_sites``: numbered pins.
    title : str, optional
        By default what the map shows.
    ax : Axes, optional
        Draw into these axes, the legend below them; by default a figure of its own with the legend beside
        the map, which a notebook shows.
    path : path, optional
        Also write the figure here, whole or not at all: ``.png``, ``.pdf`` or ``.svg``.
    lang : {"en", "zh"}
        Chinese needs a font with Chinese characters on the machine; without one a warning says so.
    **more
        ``crs`` of the map, by default that of the network, else of the data, and a UTM zone for a
        geographic one; ``date`` on the map, by default today; ``attribution``, by default that of
        OpenStreetMap unless a network of another source is drawn; ``dpi``, 150.

    Returns
    -------
    Axes
        ``axes.figure`` is the figure.

    Raises
    ------
    InputError
        If there are no cells, or an argument is not one of the above.
    MismatchError
        If the times are of other people or facilities, or end before ``minutes``.
    OutputError
        If the file cannot be written.
    """
    check_options(plot_coverage, more, network=network, facilities=facilities, areas=areas, gaps=gaps)
    parts.check_cells(times, population, facilities)
    if sites is not None and not {"rank", "geometry"} <= {*getattr(sites, "columns", ())}:
        raise InputError("sites must be points with a column 'rank', such as the layer proposed_sites")
    sheet = Sheet(title, parts.names(areas), ax=ax, path=path, lang=lang, **more)
    cuts = check_limit(minutes), check_minutes(classes)
    return _draw(sheet, times, population, *cuts, _Ground(network, areas, facilities), gaps, sites)


def map_findings(found: Findings, path: Path, lang: str = "en", *, dpi: int = 150) -> Axes:
    """Draw the headline case of a run with its gaps and proposed sites, whole or not at all.

    Parameters
    ----------
    found : Findings
    path : path
        Ends in ``.png``, ``.pdf`` or ``.svg``.
    lang : {"en", "zh"}
    dpi : int
        Dots per inch of a PNG, which is 11 inches wide.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the ending or the language is another.
    OutputError
        If the file cannot be written.
    """
    check_options(map_findings, {"dpi": dpi})
    return case_sheet(found, path, lang, dpi=dpi)


class _Ground(NamedTuple):
    """What stands on every map."""

    network: StreetNetwork | None
    areas: Areas | None
    facilities: Facilities | None


def _draw(
    sheet: Sheet,
    times: NearestTimes,
    population: Population,
    minutes: float,
    classes: Sequence[float],
    ground: _Ground,
    gaps: Gaps | None,
    sites: pd.DataFrame | None,
) -> Axes:
    """Draw people by travel time, gaps, streets and points, and write the legend."""
    within, total = times.within(minutes), population.total
    shapes = parts.cell_frame(sheet, population, ground.network, parts.near(ground.facilities))
    labels, colors = _time_classes(classes, minutes, sheet.word)
    kind = _cell_classes(times, classes)
    parts.draw_cells(sheet, shapes, kind, colors, population.people)
    sheet.classes(parts.class_entries(kind, labels, colors, population.people))
    if gaps is not None and len(gaps):
        parts.draw_gaps(sheet, gaps.table)
        parts.gap_outline(
            sheet,
            f"{sheet.word['gap']}\n({sheet.term(gaps.origin.profile.name)}, {gaps.minutes:g} {sheet.word['min']})",
        )
    parts.ground(sheet, *ground, times.sites.placed)
    if sites is not None and len(sites):
        parts.draw_sites(sheet, sites)
    mode = sheet.term(times.profile.name)
    line = sheet.word["share"].format(
        rate=parts.percent(population.people[within].sum(), total), people=f"{total:,.0f}", minutes=minutes
    )
    return sheet.finish(
        f"{sheet.word['coverage']}: {mode}, {minutes:g} {sheet.word['min']}",
        f"{line}   ·   {mode}",
        sheet.word["time"],
    )


def plot_isochrones(
    isochrones: gpd.GeoDataFrame,
    *,
    mode: str | None = None,
    network: StreetNetwork | None = None,
    facilities: Facilities | None = None,
    areas: Areas | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    path: Path | None = None,
    lang: str = "en",
    **more: Unpack[SheetOptions],
) -> Axes:
    """Draw a map of isochrones.

    Parameters
    ----------
    isochrones : GeoDataFrame
        ``mode, minutes`` and polygons, as from `access15.isochrones`.
    mode : str, optional
        Which mode, where there is more than one.
    network, facilities, areas, title, ax, path, lang, **more
        As in `plot_coverage`.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no polygon, or several modes and none is named.
    OutputError
        If the file cannot be written.
    """
    import shapely

    check_options(plot_isochrones, more, network=network, facilities=facilities, areas=areas)
    frame = _one_mode(isochrones, mode)
    sheet = Sheet(title, parts.names(areas), ax=ax, path=path, lang=lang, **more)
    name, source = str(frame["mode"].iloc[0]), crs_name(frame.crs)
    sheet.frame(
        parts.box_of(frame.geometry.to_numpy(object), areas, source), source, network, parts.near(facilities)
    )
    ends = sorted({float(m) for m in frame["minutes"]})
    colors = [hex_color(c) for c in class_colors(ends, ends[-1])]
    moved = frame.to_crs(sheet.crs)
    for end, color in sorted(zip(ends, colors, strict=False), reverse=True):  # Small ones on top.
        shapes = moved.geometry[moved["minutes"] == end].to_numpy(object)
        parts.draw_polygons(sheet, shapely.get_parts(shapes), [color], zorder=2)
    sheet.classes(
        [(sheet.word["up_to"].format(minutes=m), c, np.nan) for m, c in zip(ends, colors, strict=False)]
    )
    parts.ground(sheet, network, areas, facilities)
    limits = f"{', '.join(f'{end:g}' for end in ends)} {sheet.word['min']}"
    heading = f"{sheet.word['isochrones']}: {sheet.term(name)}"
    return sheet.finish(heading, limits, sheet.word["reach"])


def plot_gaps(
    gaps: Gaps,
    *,
    network: StreetNetwork | None = None,
    facilities: Facilities | None = None,
    areas: Areas | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    path: Path | None = None,
    lang: str = "en",
    **more: Unpack[SheetOptions],
) -> Axes:
    """Draw a map of gaps, coloured by reason, the first of them ranked and listed.

    Parameters
    ----------
    gaps : Gaps
        From `access15.find_gaps`.
    network, facilities, areas, title, ax, path, lang, **more
        As in `plot_coverage`.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no gap: everybody is within the limit.
    OutputError
        If the file cannot be written.
    """
    check_options(plot_gaps, more, network=network, facilities=facilities, areas=areas)
    expect(gaps, Gaps, "gaps", "from find_gaps")
    table, name = gaps.table, gaps.origin.profile.name
    if not len(gaps):
        raise InputError(
            f"there is no gap to draw: nobody is left beyond {gaps.minutes:g} min ({name}) in a gap of the size asked for"
        )
    places = [str(p) if p == p and p else "" for p in table.get("place", [""] * len(table))]
    sheet = Sheet(title, [*parts.names(areas), *places], ax=ax, path=path, lang=lang, **more)
    shapes = table.geometry.to_numpy(object)
    source = crs_name(table.crs)
    sheet.frame(parts.box_of(shapes, areas, source), source, network, parts.near(facilities))
    reasons = [str(r) if r in REASONS else "" for r in table["reason"]]
    colors = [hex_color(REASONS[r]) for r in reasons]
    parts.draw_gaps(sheet, table, colors)
    people = table["people"].to_numpy(float)
    sheet.classes(
        [
            (sheet.term(why) or sheet.word["reason_other"], hex_color(rgb), float(people[mine].sum()))
            for why, rgb in REASONS.items()
            if (mine := np.array([reason == why for reason in reasons])).any()
        ]
    )
    parts.ground(sheet, network, areas, facilities)
    mode, count = sheet.term(name), f"{people.sum():,.0f}"
    listing = [
        (sheet.shown(place, str(gap_id)), _gap_words(sheet.word, n, t))
        for place, gap_id, n, t in zip(places, table["gap_id"], people, table["median_s"], strict=True)
    ]
    return sheet.finish(
        f"{sheet.word['gaps_title']}: {mode}, {gaps.minutes:g} {sheet.word['min']}",
        sheet.word["gaps_share"].format(people=count, n=f"{len(table):,}"),
        sheet.word["why"],
        parts.ranked_lines(listing, letters=True),
        sheet.word["largest"],
    )


def _cell_classes(times: NearestTimes, classes: Sequence[float]) -> Rows:
    """Return the class of every cell: 0… time classes, then beyond, unreachable, unlinked."""
    seconds = np.array([end * 60 for end in classes])
    kind = np.searchsorted(seconds, times.seconds, side="left")
    kind[times.status == Status.UNREACHABLE] = len(classes) + 1
    kind[times.unlinked] = len(classes) + 2
    return kind.astype(np.intp)


def _time_classes(
    classes: Sequence[float], minutes: float, word: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    ends = [0.0, *classes]
    labels = [word["class"].format(low=a, high=b) for a, b in zip(ends, classes, strict=False)]
    labels += [
        word["class_beyond"].format(low=classes[-1]),
        word["class_unreachable"],
        word["class_unlinked"],
    ]
    rgb: list[Any] = [*class_colors(classes, minutes), UNREACHABLE, UNLINKED]
    return labels, [hex_color(color) for color in rgb]


def _one_mode(isochrones: gpd.GeoDataFrame, mode: str | None) -> gpd.GeoDataFrame:
    missing = [
        name for name in ("mode", "minutes", "geometry") if name not in getattr(isochrones, "columns", ())
    ]
    if missing:
        raise InputError(f"the isochrones have no column {missing[0]!r}: make them with access15.isochrones")
    if getattr(isochrones, "crs", None) is None:
        raise InputError("the isochrones have no CRS: make them with access15.isochrones, or set theirs")
    modes = list(dict.fromkeys(isochrones["mode"]))
    if mode is None and len(modes) > 1:
        raise InputError(f"the isochrones are of {', '.join(modes)}: choose one, such as mode={modes[0]!r}")
    if mode is not None and mode not in modes:
        raise InputError(f"the isochrones have no mode {mode!r}: they are of {', '.join(modes) or 'none'}")
    frame = isochrones if mode is None else isochrones[isochrones["mode"] == mode]
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    if frame.empty:
        raise InputError(
            "there is no isochrone to draw: no facility stands near a street, or all polygons are empty"
        )
    if not np.isfinite(frame["minutes"].to_numpy(float)).all():
        raise InputError("an isochrone has no minutes: make them with access15.isochrones")
    return frame


def _gap_words(word: Mapping[str, str], people: float, median_s: float) -> str:
    if np.isfinite(median_s):
        return word["gap_line_min"].format(people=f"{people:,.0f}", minutes=median_s / 60)
    return word["gap_line"].format(people=f"{people:,.0f}")
