"""The layer ``facilities``: one row per facility, with the people who reach it in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Rows
from access15.crs import WGS84, to_crs
from access15.errors import InputError
from access15.model import Facilities, Population
from access15.outputs._frames import (
    Cases,
    case_names,
    check_case,
    check_conserved,
    check_times,
    facilities_of,
    number,
    points,
    text,
)
from access15.outputs.findings import Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Columns, Layer
from access15.outputs.layers._symbols import WHITE, Frame, Rule, marker, on_top
from access15.outputs.palette import FACILITY, UNLINKED
from access15.units import check_minutes, minutes_label

if TYPE_CHECKING:
    import geopandas as gpd

_SUPPLY: Final = ("beds", "doctors", "floor_area_m2")
_TEXTS: Final = ("name", "tier", "services", "capacity_limit")
_NUMBERS: Final = ("capacity", *_SUPPLY)


def facilities_layer(
    facilities: Facilities | Mapping[str, Facilities],
    cases: Cases,
    population: Population,
    minutes: float | Sequence[float],
    crs: str,
    *,
    headline_case: str | None = None,
) -> gpd.GeoDataFrame:
    """Return the layer ``facilities``: one row per facility.

    Parameters
    ----------
    facilities : Facilities, or mapping of case to Facilities
        Sets that share an id must mean the same place.
    cases : mapping of str to NearestTimes
    population : Population
    minutes : float or sequence of float
        Cut-offs of the figures.
    crs : str
        CRS of the layer.
    headline_case : str, optional
        Case that ``snapped_m`` and ``status`` are of; the first by default.

    Returns
    -------
    GeoDataFrame
        ``facility_id, name, tier, services, capacity, snapped_m, status, people_<case>_<min>, points, beds,
        doctors, floor_area_m2, capacity_limit, geometry``. ``people_<case>_<min>`` are the residents whose nearest facility this is and who reach
        it in time: they add up to the people covered. ``status`` is ``linked`` or ``unlinked``.
    """
    names, cuts = case_names(cases), check_minutes(minutes)
    first = check_case(headline_case, cases) if headline_case else next(iter(cases))
    sets = {case: facilities_of(facilities, case) for case in [first, *(c for c in cases if c != first)]}
    row, table = _union(sets)
    leg, status = np.full(len(row), np.nan), np.full(len(row), None, object)
    at: dict[str, Rows] = {}
    for case in reversed(sets):  # The headline case has the last word.
        check_times(case, cases[case], population, sets[case])
        at[case] = np.array([row[i] for i in sets[case].id], np.intp)
        leg[at[case]] = number(cases[case].sites.leg_m)
        status[at[case]] = np.where(cases[case].sites.placed, "linked", "unlinked")
    out = Columns(LAYER)
    for column in ("facility_id", "name", "tier", "services", "capacity"):
        out.add(column, table[column])
    out.add("snapped_m", leg)
    out.add("status", status)
    for case in cases:
        for cut in cuts:
            within, figures = cases[case].within(cut), np.full(len(row), np.nan)
            figures[at[case]] = _people_by_facility(cases[case].facility, within, population, len(at[case]))
            check_conserved([[np.nansum(figures)]], [population.people[within].sum()], f"facilities, {case}")
            out.add("people_<case>_<min>", figures, case=names[case], min=(minutes_label(cut), f"{cut:g}"))
    for column in ("points", *_SUPPLY, "capacity_limit"):
        out.add(column, table[column])
    return out.geoframe(points(table["x"], table["y"], table["crs"], crs), crs)


def _people_by_facility(facility: Int32s, within: Bools, population: Population, n: int) -> Floats:
    return np.bincount(facility[within], population.people[within], minlength=n).astype(np.float64)


def _union(sets: Mapping[str, Facilities]) -> tuple[dict[str, int], dict[str, Any]]:
    """Return ``({id: row}, columns)`` of facilities of several sets, each id once, in WGS 84 if CRSs differ."""
    crs_names = {s.crs for s in sets.values()}
    crs = crs_names.pop() if len(crs_names) == 1 else WGS84
    row: dict[str, int] = {}
    records: list[list[Any]] = []
    for sites in {id(s): s for s in sets.values()}.values():
        x, y = to_crs(sites.x, sites.y, sites.crs, crs)
        for i, facility_id in enumerate(sites.id):
            record = [facility_id, *(getattr(sites, name)[i] for name in (*_TEXTS, *_NUMBERS)), x[i], y[i]]
            if facility_id not in row:
                row[facility_id] = len(records)
                records.append([*record, [sites.label]])
                continue
            known = records[row[facility_id]]
            if not np.allclose(known[-3:-1], record[-2:], rtol=0, atol=1e-6):
                raise InputError(
                    f"facility {facility_id!r} stands at two places in the sets "
                    f"{known[-1][0]!r} and {sites.label!r}: give one of them another id"
                )
            if sites.label not in known[-1]:
                known[-1].append(sites.label)
    names = ("facility_id", *_TEXTS, *_NUMBERS, "x", "y", "points")
    fields = dict(zip(names, zip(*records, strict=True) if records else [()] * len(names), strict=True))
    table: dict[str, Any] = {"crs": crs, "points": text("; ".join(labels) for labels in fields["points"])}
    for name in ("facility_id", *_TEXTS):
        table[name] = text(v or None for v in fields[name])
    for name in (*_NUMBERS, "x", "y"):
        table[name] = np.array(fields[name], np.float64)
    return row, table


def _rules(frame: Frame, kind: str) -> list[Rule]:
    if kind != "marker" or "status" not in frame.columns:
        return []
    linked, alone = (
        on_top(
            marker(color, shape="square", size=3.4, outline=WHITE),
            marker(WHITE, shape="cross_fill", size=2.2),
        )
        for color in (FACILITY, UNLINKED)
    )
    return [
        Rule("facility", "医疗服务点", "\"status\" = 'linked'", linked),
        Rule("facility, no street near", "医疗服务点，附近无道路", "ELSE", alone),
    ]


LAYER: Final[Layer[Findings]] = Layer(
    name="facilities",
    titles=("Service points", "医疗服务点"),
    geometry="Point",
    columns=(
        shared.FACILITY_ID,
        shared.NAME,
        Column("tier", "text", ("", "机构类型")),
        Column("services", "text", ("", "服务项目")),
        Column("capacity", "number", ("capacity, people", "服务能力（人）")),
        shared.SNAPPED_M,
        shared.STATUS,
        Column("people_<case>_<min>", "number", ("", "{case}{min}分钟内服务人口")),
        shared.POINTS,
        Column("beds", "number", ("", "床位数")),
        Column("doctors", "number", ("", "医师数")),
        Column("floor_area_m2", "number", ("floor area, m²", "业务用房面积（平方米）")),
        Column("capacity_limit", "text", ("what the capacity comes from", "服务能力限制因素")),
    ),
    build=lambda found: facilities_layer(
        found.points,
        found.times,
        found.population,
        found.coverage.minutes,
        found.crs,
        headline_case=found.headline_case,
    ),
    rules=_rules,
)
