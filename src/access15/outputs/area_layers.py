"""The layers of the areas: coverage by area on the map, and the figures of record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.arrays import Floats
from access15.errors import InputError
from access15.model import Areas, Coverage, Population
from access15.outputs._frames import (
    Columns,
    as_multi,
    case_names,
    cell_shapes,
    check_conserved,
    cut_off,
    moved,
    number,
    text,
)

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

NONE_AREA = "(none)"
"""Area id of the cells in no area."""

ALL_AREA = "(all)"
"""Area id of the only row of a study without areas."""

_COUNTS = ("covered", "uncovered", "unreachable", "unlinked")


def areas_layer(
    areas: Areas | None, coverages: Mapping[str, Coverage], population: Population, crs: str
) -> gpd.GeoDataFrame:
    """Return the layer ``areas``: one row per area, never a total beside parts.

    Cells in no area are a last row ``(none)`` without geometry, where there are any. A study without
    areas has one row ``(all)``, drawn as the hull of its cells.

    Parameters
    ----------
    areas : Areas or None
        The areas the coverages were computed with.
    coverages : mapping of str to Coverage
        By case, in the order of the columns.
    population : Population
    crs : str
        CRS of the layer.

    Returns
    -------
    GeoDataFrame
        ``area_id, name, people``, per case and cut-off ``covered_, uncovered_, rate_<case>_<min>``, per
        case ``unreachable_<case>, unlinked_<case>, mean_<case>_s, p90_<case>_s``, and geometry. A rate is
        over all residents, NaN where nobody lives.
    """
    names = case_names(coverages)
    for case, coverage in coverages.items():
        coverage.origin.check(f"the coverage {case!r}", population=population)
    ids, people, labels, shapes = _area_rows(areas, next(iter(coverages.values())), population, crs)
    out = Columns("areas")
    out.add("area_id", text(ids))
    out.add("name", labels)
    out.add("people", people)
    for case, coverage in coverages.items():
        name, original = names[case]
        figures = {}
        for cut in coverage.minutes:
            figures = _area_figures(coverage, cut, ids, people)
            check_conserved([figures[c] for c in _COUNTS], people, f"areas, {original} {cut:g}")
            for what in ("covered", "uncovered", "rate"):
                out.add(f"{what}_{cut_off(name, cut)}", figures[what], f"{what} {original} {cut:g}")
        for what in ("unreachable", "unlinked"):
            out.add(f"{what}_{name}", figures[what], f"{what} {original}")
        summary = coverage.summary.set_index(coverage.summary["area_id"].fillna(ALL_AREA).astype(object))
        for what in ("mean", "p90"):
            times = summary[f"{what}_s"].reindex(ids).to_numpy(np.float64)
            out.add(f"{what}_{name}_s", number(times), f"{what} {original} s")
    if not np.isclose(people.sum(), population.total, rtol=1e-9, atol=1e-6):
        raise AssertionError(f"areas hold {people.sum()!r} residents of {population.total!r}")
    return out.geoframe(shapes, crs)


def _area_rows(
    areas: Areas | None, coverage: Coverage, population: Population, crs: str
) -> tuple[list[str], Floats, Any, Any]:
    """Return ids, residents, names and shapes of the rows of the layer."""
    import shapely

    if areas is None:
        hull = shapely.convex_hull(shapely.geometrycollections(cell_shapes(population, crs)))
        shape = hull if hull.geom_type == "Polygon" else None
        return [ALL_AREA], np.array([population.total]), text([None]), np.array([shape], object)
    if len(coverage.cell_area) != len(population) or coverage.cell_area.max(initial=-1) >= len(areas):
        raise InputError("the coverage was computed with other areas: compute it again with these")
    counted = np.bincount(coverage.cell_area + 1, population.people, minlength=len(areas) + 1)
    own = counted.astype(np.float64)
    ids, names = [str(i) for i in areas.id], list(areas.name)
    shapes, people = list(as_multi(moved(areas.polygons, areas.crs, crs))), own[1:]
    if (coverage.cell_area < 0).any():
        if NONE_AREA in ids:
            raise InputError(
                f"an area has the id {NONE_AREA!r}, which stands for cells in no area: rename it"
            )
        ids, names, shapes = [*ids, NONE_AREA], [*names, None], [*shapes, None]
        people = np.append(own[1:], own[0])
    geometry = np.empty(len(shapes), object)
    geometry[:] = shapes
    return ids, people, text(names), geometry


def _area_figures(coverage: Coverage, minutes: float, ids: list[str], people: Floats) -> dict[str, Floats]:
    """Return counts and rate of every area; an area where nobody lives has 0 people and no rate."""
    table = coverage.table
    rows = table[(table["minutes"] == minutes) & (table["group"] == "all")]
    rows = rows.set_index(rows["area_id"].fillna(ALL_AREA).astype(object))
    if ids != [ALL_AREA]:
        rows = rows[rows.index != ALL_AREA]
    lost = set(rows.index) - set(ids)
    if lost:
        raise InputError(
            f"the coverage has an area {sorted(lost)[0]!r} that the areas do not: compute it again"
        )
    out = {c: rows[c].reindex(ids).fillna(0.0).to_numpy(np.float64) for c in _COUNTS}
    with np.errstate(invalid="ignore", divide="ignore"):
        out["rate"] = np.where(people > 0, out["covered"] / people, np.nan)
    return out


def coverage_layer(coverages: Mapping[str, Coverage]) -> pd.DataFrame:
    """Return the table ``coverage``, the figures of record of all cases in one.

    Parameters
    ----------
    coverages : mapping of str to Coverage
        By case.

    Returns
    -------
    DataFrame
        ``points, mode, minutes, group, area_id, people, covered, uncovered, unreachable, unlinked, rate``;
        ``area_id`` is missing in totals.

    Raises
    ------
    InputError
        If two cases hold the same figure.
    """
    import pandas as pd

    case_names(coverages)
    keys = ["points", "mode", "minutes", "group", "area_id"]
    columns = [*keys, "people", *_COUNTS, "rate"]
    parts = [coverage.table[columns] for coverage in coverages.values()]
    out = pd.concat(parts, ignore_index=True)
    twice = out.duplicated(keys)
    if twice.any():
        row = out[twice].iloc[0]
        raise InputError(
            f"two cases hold the figure of {row['points']!r}, {row['mode']!r}, {row['minutes']:g} min: "
            "give their point sets different names"
        )
    check_conserved([out[c] for c in _COUNTS], out["people"], "coverage")
    for name in ("points", "mode", "group", "area_id"):
        out[name] = text(out[name])
    out["minutes"] = out["minutes"].astype(float)
    for name in columns[5:]:
        out[name] = number(out[name])
    out.attrs["aliases"] = {}
    return out
