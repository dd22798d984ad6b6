"""The layers of the points: cells and facilities.

Each function returns one layer of the coverage GeoPackage with the columns that the interface promises.
Times that were not reached are NaN, ids are text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Rows
from access15.crs import WGS84, to_crs
from access15.errors import InputError
from access15.model import Areas, Facilities, Population
from access15.outputs._frames import (
    Cases,
    Columns,
    case_names,
    cell_shapes,
    check_case,
    check_conserved,
    check_times,
    cut_off,
    facilities_of,
    number,
    pick_text,
    points,
    status_words,
    text,
)
from access15.units import check_minutes, slugs

if TYPE_CHECKING:
    import geopandas as gpd


_SUPPLY: Final = ("beds", "doctors", "floor_area_m2")
_TEXTS: Final = ("name", "tier", "services", "capacity_limit")
_NUMBERS: Final = ("capacity", *_SUPPLY)


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
        status, geometry``.

    Raises
    ------
    MismatchError
        If times are of other people or facilities, or were stopped before ``minutes``.
    InputError
        If two columns would have one name, or areas come without ``cell_area``.
    """
    names, key = case_names(cases), check_case(headline_case, cases)
    (cut,) = check_minutes(minutes)
    out = Columns("cells")
    out.add("cell_id", text(population.cell_id))
    out.add("people", population.people)
    for group, name in slugs(population.groups).items():
        out.add(f"people_{name}", population.groups[group], f"people {group}")
    out.add("area_id", _area_ids(areas, cell_area, len(population)))
    out.add("snapped_m", number(cases[key].cells.leg_m))
    for case, times in cases.items():
        name, original = names[case]
        sites = facilities_of(facilities, case)
        check_times(case, times, population, sites)
        out.add(f"{name}_s", number(times.seconds), f"{original} s")
        out.add(f"{name}_facility", pick_text(sites.id, times.facility), f"{original} facility")
        out.add(f"{name}_status", status_words(times, cut), f"{original} status")
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
        status[at[case]] = np.where(cases[case].sites.linked, "linked", "unlinked")
    out = Columns("facilities")
    for column in ("facility_id", "name", "tier", "services", "capacity"):
        out.add(column, table[column])
    out.add("snapped_m", leg)
    out.add("status", status)
    for case in cases:
        for cut in cuts:
            within, figures = cases[case].within(cut), np.full(len(row), np.nan)
            figures[at[case]] = _people_by_facility(cases[case].facility, within, population, len(at[case]))
            check_conserved([[np.nansum(figures)]], [population.people[within].sum()], f"facilities, {case}")
            out.add(f"people_{cut_off(names[case][0], cut)}", figures, f"people {names[case][1]} {cut:g}")
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
