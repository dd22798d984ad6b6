"""The layer ``areas``: coverage of every area, on the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Floats
from access15.errors import InputError
from access15.model import Areas, Coverage, Population
from access15.outputs._frames import (
    ALL_AREA,
    NONE_AREA,
    STATUS_WORDS,
    as_multi,
    case_names,
    cell_shapes,
    check_conserved,
    moved,
    number,
    text,
)
from access15.outputs.findings import Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Columns, Layer
from access15.outputs.layers._symbols import Frame, Rule, fill
from access15.outputs.palette import INK
from access15.units import minutes_label

if TYPE_CHECKING:
    import geopandas as gpd


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
    out = Columns(LAYER)
    out.add("area_id", text(ids))
    out.add("name", labels)
    out.add("people", people)
    for case, coverage in coverages.items():
        named, figures = names[case], {}
        for cut in coverage.minutes:
            figures = _area_figures(coverage, cut, ids, people)
            check_conserved([figures[c] for c in STATUS_WORDS], people, f"areas, {named[1]} {cut:g}")
            for what in ("covered", "uncovered", "rate"):
                cut_off = minutes_label(cut), f"{cut:g}"
                out.add(f"{what}_<case>_<min>", figures[what], case=named, min=cut_off)
        for what in ("unreachable", "unlinked"):
            out.add(f"{what}_<case>", figures[what], case=named)
        summary = coverage.summary.set_index(coverage.summary["area_id"].fillna(ALL_AREA).astype(object))
        for what in ("mean", "p90"):
            times = summary[f"{what}_s"].reindex(ids).to_numpy(np.float64)
            out.add(f"{what}_<case>_s", number(times), case=named)
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
    out = {c: rows[c].reindex(ids).fillna(0.0).to_numpy(np.float64) for c in STATUS_WORDS}
    with np.errstate(invalid="ignore", divide="ignore"):
        out["rate"] = np.where(people > 0, out["covered"] / people, np.nan)
    return out


def _rules(_: Frame, kind: str) -> list[Rule]:
    return [Rule("area", "统计单元", "", fill(None, outline=INK, width=0.4))] if kind == "fill" else []


LAYER: Final[Layer[Findings]] = Layer(
    name="areas",
    titles=("Areas", "统计单元"),
    geometry="MultiPolygon",
    columns=(
        shared.AREA_ID,
        shared.NAME,
        shared.PEOPLE,
        Column("covered_<case>_<min>", "number", ("", "{case}{min}分钟覆盖人口")),
        Column("uncovered_<case>_<min>", "number", ("", "{case}{min}分钟未覆盖人口")),
        Column("rate_<case>_<min>", "number", ("", "{case}{min}分钟覆盖率")),
        Column("unreachable_<case>", "number", ("", "{case}不可达人口")),
        Column("unlinked_<case>", "number", ("", "{case}未接入路网人口")),
        Column("mean_<case>_s", "number", ("", "{case}平均时间（秒）")),
        Column("p90_<case>_s", "number", ("", "{case}P90 时间（秒）")),
    ),
    build=lambda found: areas_layer(found.areas, found.coverages, found.population, found.crs),
    rules=_rules,
    label="name",
)
