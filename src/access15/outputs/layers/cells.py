"""The layer ``cells``: one row per populated cell, with its time to the nearest facility in every case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Int32s
from access15.errors import InputError
from access15.model import Areas, Facilities, Population
from access15.outputs._frames import (
    Cases,
    case_names,
    cell_shapes,
    check_case,
    check_times,
    facilities_of,
    number,
    pick_text,
    status_words,
    text,
)
from access15.outputs.findings import Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Columns, Layer
from access15.outputs.layers._symbols import Frame, Rule, of_kind
from access15.outputs.palette import UNLINKED, UNREACHABLE, class_colors
from access15.units import check_minutes, slugs

if TYPE_CHECKING:
    import geopandas as gpd


def cells_layer(
    population: Population,
    cases: Cases,
    facilities: Facilities | Mapping[str, Facilities],
    *,
    headline_case: str,
    minutes: float,
    crs: str,
    areas: Areas | None = None,
    cell_area: Int32s | None = None,
    classes: Sequence[float] = (5, 10, 15),
) -> gpd.GeoDataFrame:
    """Return the layer ``cells``: one row per populated cell.

    Parameters
    ----------
    population : Population
        n cells. Outlines are used where there are any, raster cells become squares, else points.
    cases : mapping of str to NearestTimes
        Times by case (mode, or point set and mode), in the order of the columns.
    facilities : Facilities, or mapping of case to Facilities
        What the times are to.
    headline_case : str
        Key of the case that ``status`` and ``snapped_m`` are of.
    minutes : float
        Headline cut-off that every status is at.
    crs : str
        CRS of the layer.
    areas, cell_area : Areas and (n,) int32, optional
        Areas, and the row of the area of each cell (-1 for none), as in `Coverage.cell_area`.
    classes : sequence of float
        Time classes in minutes that the layer is coloured by.

    Returns
    -------
    GeoDataFrame
        ``cell_id, people, people_<group>…, area_id, snapped_m, <case>_s, <case>_facility, <case>_status,
        status, geometry``; with a terrain also ``<case>_land_m``, metres over land on the whole way.

    Raises
    ------
    MismatchError
        If times are of other people or facilities, or were stopped before ``minutes``.
    InputError
        If two columns would have one name, or areas come without ``cell_area``.
    """
    names, key = case_names(cases), check_case(headline_case, cases)
    (cut,) = check_minutes(minutes)
    out = Columns(LAYER)
    out.add("cell_id", text(population.cell_id))
    out.add("people", population.people)
    for group, name in slugs(population.groups).items():
        out.add("people_<group>", population.groups[group], group=(name, group))
    out.add("area_id", _area_ids(areas, cell_area, len(population)))
    out.add("snapped_m", number(cases[key].cells.leg_m))
    for case, times in cases.items():
        named, sites = names[case], facilities_of(facilities, case)
        check_times(case, times, population, sites)
        out.add("<case>_s", number(times.seconds), case=named)
        out.add("<case>_facility", pick_text(sites.id, times.facility), case=named)
        out.add("<case>_status", status_words(times, cut), case=named)
        if len(times.over_land_m):
            out.add("<case>_land_m", number(times.over_land_m), case=named)
    out.add("status", out.data[f"{names[key][0]}_status"])
    frame = out.geoframe(cell_shapes(population, crs), crs)
    frame.attrs["style"] = {"case": names[key][0], "minutes": cut, "classes": list(check_minutes(classes))}
    return frame


def _area_ids(areas: Areas | None, cell_area: Int32s | None, n: int) -> Any:
    if areas is None:
        return np.full(n, None, object)
    if cell_area is None or len(cell_area) != n:
        raise InputError(
            f"areas were given without the area of each of the {n} cells: pass cell_area of the coverage"
        )
    return pick_text(areas.id, cell_area)


def _rules(frame: Frame, kind: str) -> list[Rule]:
    spec = frame.attrs.get("style", {})
    if not spec:
        return []
    case, classes = spec["case"], spec["classes"]
    colors = class_colors(classes, spec["minutes"])
    state, seconds = f'"{case}_status"', f'"{case}_s"'
    rules, low = [], 0.0
    for end, color in zip(classes, colors, strict=False):
        bound = f"{seconds} > {low * 60:g} AND " if low else ""
        said, here = f"{low:g} - {end:g}", f"{bound}{seconds} <= {end * 60:g}"
        rules.append(Rule(f"{said} min", f"{said} 分钟", here, of_kind(kind, color)))
        low = end
    # Beyond a bounded search there is no time: such cells are uncovered with an empty time.
    beyond = f"{seconds} > {low * 60:g} OR ({seconds} IS NULL AND {state} = 'uncovered')"
    rules.append(Rule(f"> {low:g} min", f"> {low:g} 分钟", beyond, of_kind(kind, colors[-1])))
    rules.append(Rule("unreachable", "不可达", f"{state} = 'unreachable'", of_kind(kind, UNREACHABLE)))
    rules.append(Rule("unlinked", "未接入路网", f"{state} = 'unlinked'", of_kind(kind, UNLINKED)))
    return rules


LAYER: Final[Layer[Findings]] = Layer(
    name="cells",
    titles=("Population cells", "人口单元"),
    geometry="Point",
    columns=(
        shared.CELL_ID,
        shared.PEOPLE,
        shared.PEOPLE_OF_GROUP,
        shared.AREA_ID,
        shared.SNAPPED_M,
        Column("<case>_s", "number", ("", "{case}出行时间（秒）")),
        Column("<case>_facility", "text", ("", "{case}最近机构代码")),
        Column("<case>_status", "text", ("", "{case}状态")),
        Column("<case>_land_m", "number", ("", "{case}野外步行距离（米）"), optional=True),
        shared.STATUS,
    ),
    build=lambda found: cells_layer(
        found.population,
        found.times,
        found.points,
        headline_case=found.headline_case,
        minutes=found.minutes,
        crs=found.crs,
        areas=found.areas,
        cell_area=found.coverage.cell_area,
        classes=found.coverage.minutes,
    ),
    rules=_rules,
)
