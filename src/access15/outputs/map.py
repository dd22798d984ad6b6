"""The coverage map: one PNG that a planner can put into a report."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date as day
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from access15.crs import is_geographic, metric_crs, to_crs
from access15.errors import InputError
from access15.model import Areas, Facilities, Gaps, NearestTimes, Population, Status, StreetNetwork
from access15.outputs import _map_parts as parts
from access15.outputs._frames import cell_shapes, check_times
from access15.outputs._palette import UNLINKED, UNREACHABLE, class_colors, hex_color
from access15.outputs._words import words
from access15.outputs.atomic import replacing
from access15.units import check_minutes

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.figure import Figure

ATTRIBUTION = "© OpenStreetMap contributors"
"""What the licence of OpenStreetMap data (ODbL) asks for."""


def coverage_map(
    path: str | os.PathLike[str],
    *,
    population: Population,
    times: NearestTimes,
    facilities: Facilities,
    minutes: float,
    title: str,
    crs: str,
    network: StreetNetwork | None = None,
    areas: Areas | None = None,
    gaps: Gaps | None = None,
    plan_sites: gpd.GeoDataFrame | None = None,
    classes: Sequence[float] = (5, 10, 15),
    lang: str = "en",
    date: str | None = None,
    attribution: str = ATTRIBUTION,
    dpi: int = 150,
) -> Path:
    """Draw who reaches care in time, and write it as PNG, whole or not at all.

    Parameters
    ----------
    path : path
        Ends in ``.png``.
    population : Population
        Cells, drawn by travel-time class; points get an area that grows with their people.
    times : NearestTimes
        Of these people and facilities.
    facilities : Facilities
    minutes : float
        Headline cut-off: classes up to it are drawn in cool colours, beyond it in warm ones.
    title : str
    crs : str
        CRS of the map; for a geographic one the UTM zone of its middle is used, and named.
    network : StreetNetwork, optional
        Streets, drawn thin.
    areas : Areas, optional
        Borders with names.
    gaps : Gaps, optional
        Outlined and ranked.
    plan_sites : GeoDataFrame, optional
        Rows of `sites_layer`: stars with their rank.
    classes : sequence of float
        Upper ends of the time classes in minutes.
    lang : {"en", "zh"}
        Chinese needs a font with Chinese characters on the machine; without one a warning says so.
    date : str, optional
        Date on the map; today by default.
    attribution : str
        Credit for the map data.
    dpi : int
        Dots per inch; the figure is 11 inches wide.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If there are no cells, or the path or the language is not one of the above.
    MismatchError
        If the times are of other people or facilities.
    OutputError
        If the file cannot be written.
    """
    target, word = Path(path), words(lang)
    if target.suffix.lower() != ".png":
        raise InputError(f"{target.name} does not end in .png: give the map that ending")
    if not len(population):
        raise InputError("there is no populated cell to draw: check the population")
    check_times("map", times, population, facilities)
    families, shows_all = parts.fonts([title, *_names(areas), *word.values()])
    if not shows_all:
        word = words("en")
        title = "".join(char for char in title if not parts.is_cjk(char)).strip() or word["coverage"]
    figure = _draw(
        parts.Sheet(_map_crs(population, crs), word, families, shows_all),
        population=population, times=times, facilities=facilities, network=network, areas=areas, gaps=gaps,
        plan_sites=plan_sites, minutes=check_minutes(minutes)[0], classes=check_minutes(classes), title=title,
        footer=f"{attribution}   ·   {date or day.today().isoformat()}",
    )  # fmt: skip
    with replacing(target) as temp:
        figure.savefig(temp, dpi=dpi, format="png", metadata={"Software": "access15"})
    return target


def _names(areas: Areas | None) -> list[str]:
    return [] if areas is None else [str(name) for name in areas.name]


def _map_crs(population: Population, crs: str) -> str:
    if not is_geographic(crs):
        return crs
    lon, lat = to_crs(population.x, population.y, population.crs, "EPSG:4326")
    return metric_crs(float((lon.min() + lon.max()) / 2), float((lat.min() + lat.max()) / 2))


def _draw(
    sheet: parts.Sheet, *, population: Population, times: NearestTimes, facilities: Facilities,
    network: StreetNetwork | None, areas: Areas | None, gaps: Gaps | None, plan_sites: gpd.GeoDataFrame | None,
    minutes: float, classes: tuple[float, ...], title: str, footer: str,
) -> Figure:  # fmt: skip
    shapes = cell_shapes(population, sheet.crs)
    spots = to_crs(facilities.x, facilities.y, facilities.crs, sheet.crs)
    sheet.frame(shapes, *spots)
    labels, colors = _legend_classes(classes, minutes, sheet.word)
    kind = _cell_classes(times, classes)
    sheet.cells(shapes, kind, colors, population.people)
    if network is not None:
        sheet.streets(network)
    if areas is not None:
        sheet.areas(areas)
    if gaps is not None and len(gaps):
        sheet.gaps(gaps.table, f"{gaps.origin.profile.name}, {gaps.minutes:g} min")
    sheet.facilities(*spots, times.sites.linked)
    if plan_sites is not None and len(plan_sites):
        sheet.sites(plan_sites)
    present = np.bincount(kind, population.people, minlength=len(colors))
    cells = np.bincount(kind, minlength=len(colors))
    sheet.legend([(labels[i], colors[i], float(present[i])) for i in range(len(colors)) if cells[i] > 0])
    total = population.total
    share = population.people[times.within(minutes)].sum() / total if total > 0 else float("nan")
    rate = "-" if np.isnan(share) else f"{share:.1%}"
    line = sheet.word["share"].format(rate=rate, people=f"{total:,.0f}", minutes=minutes)
    sheet.furniture(title, f"{line}  ({times.profile.name})", footer)
    return sheet.figure


def _cell_classes(times: NearestTimes, classes: tuple[float, ...]) -> npt.NDArray[np.intp]:
    """Return the class of every cell: 0… time classes, then beyond, unreachable, unlinked."""
    seconds = np.array([end * 60 for end in classes])
    kind = np.searchsorted(seconds, times.seconds, side="left")
    kind[times.status == Status.UNREACHABLE] = len(classes) + 1
    kind[times.status == Status.UNLINKED] = len(classes) + 2
    return kind.astype(np.intp)


def _legend_classes(
    classes: tuple[float, ...], minutes: float, word: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    ends = [0.0, *classes]
    labels = [word["minutes"].format(low=a, high=b) for a, b in zip(ends, classes, strict=False)]
    labels += [word["beyond"].format(low=classes[-1]), word["unreachable"], word["unlinked"]]
    rgb: list[Any] = [*class_colors(classes, minutes), UNREACHABLE, UNLINKED]
    return labels, [hex_color(color) for color in rgb]
