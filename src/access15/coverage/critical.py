"""Critical streets: the closures that would uncover the most people, exact and with proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from access15.arrays import Floats, Ints
from access15.coverage.closures import Closures
from access15.errors import InputError
from access15.model import (
    CriticalStreets,
    Facilities,
    NearestTimes,
    Population,
    StreetNetwork,
    expect,
)
from access15.units import check_minutes

if TYPE_CHECKING:
    import geopandas as gpd


_AT_ONCE: Final = 64
"""Closures computed between two looks at whether the table is complete."""

_COLUMNS: Final = (
    "rank",
    "way_id",
    "highway",
    "bridge",
    "people_uncovered",
    "people_unreachable",
    "bound",
    "people_along",
    "length_m",
    "pieces",
)


def critical_streets(
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    times: NearestTimes,
    minutes: float = 15,
    top: int = 20,
) -> CriticalStreets:
    """Return the bridges and streets whose closure, one at a time, would uncover the most people.

    A closure stops everybody of this profile who passes along a piece of street between two junctions, in both
    directions; a bridge is closed whole: all pieces that one way id tags as a bridge. Who lives or works along the
    piece still gets to its ends, and everybody keeps the street they start on, so a closure never helps. The two
    carriageways of a street, or a road and the footway beside it, are mapped apart and close apart.

    Parameters
    ----------
    network : StreetNetwork
    facilities : Facilities
    population : Population
        ``n`` cells.
    times : NearestTimes
        From `nearest_times` with these three, at least up to ``minutes``.
    minutes : float
        Cut-off.
    top : int
        Rows of the table, at least 1; fewer where fewer closures uncover anybody.

    Returns
    -------
    CriticalStreets

    Raises
    ------
    InputError
        If a number cannot be used.
    MismatchError
        If the times are of other inputs, or stop before ``minutes``.

    Notes
    -----
    Only people behind a street in the shortest-path forest can lose by its closure: their number is a bound.
    Closures are computed exactly, the largest bound first, until no bound left is as large as the last exact
    figure of the table. Each search starts from the border of what lies behind the street (Ramalingam & Reps 1996).
    Every figure of the table is then computed once more by a search from scratch.
    """
    cutoff = check_minutes(minutes)
    if len(cutoff) > 1:
        raise InputError(f"critical streets need one cut-off, not {minutes}")
    if isinstance(top, bool) or not isinstance(top, (int, np.integer)) or top < 1:
        raise InputError(f"top must be a whole number of streets of at least 1, not {top!r}")
    expect(times, NearestTimes, "times", "from nearest_times")
    times.origin.check("the times", network=network, facilities=facilities, population=population)
    times.origin.check_streets_alone("closures of streets", "compute them without a terrain")
    closures = Closures(network, population, times, cutoff[0])
    found, tried, rest = _search(network, closures, int(top))
    return CriticalStreets(
        table=_table(network, closures, found),
        people=float(population.people[closures.covered].sum()),
        tried=tried,
        closures=int((closures.bound > 0).sum()),
        rest_bound=rest,
        minutes=cutoff[0],
        origin=times.origin,
    )


@dataclass(slots=True, eq=False)
class _Found:
    """Closures that uncover just the same people; ``named`` stands for all of them."""

    people: float
    cells: Ints
    members: list[int]
    named: int = -1


def _search(network: StreetNetwork, closures: Closures, top: int) -> tuple[list[_Found], int, float]:
    """Return the worst findings, how many closures were tried, and the largest bound of those that were not."""
    order = np.lexsort((np.arange(len(closures.bound)), -closures.bound))
    order = order[closures.bound[order] > 0]
    same: dict[bytes, _Found] = {}
    for first in range(0, len(order), _AT_ONCE):
        ranked = _ranked(network, closures, same)
        rest = float(closures.bound[order[first]])
        # What has just the people of the last row may still have to join it.
        if len(ranked) >= top and rest < ranked[top - 1].people:
            return ranked[:top], first, rest
        for closure in order[first : first + _AT_ONCE].tolist():
            cells = closures.lost(closure)
            people = float(closures.people[cells].sum())
            if people:
                same.setdefault(cells.tobytes(), _Found(people, cells, [])).members.append(closure)
    return _ranked(network, closures, same)[:top], len(order), 0.0


def _ranked(network: StreetNetwork, closures: Closures, same: dict[bytes, _Found]) -> list[_Found]:
    """Return findings, most people first, one per way: the pieces of a road behind the worst one say nothing new."""
    rows: dict[int, _Found] = {}
    for found in sorted(same.values(), key=lambda one: (-one.people, min(one.members))):
        found.named = max(found.members, key=lambda one: _stands_out(network, closures, one))
        rows.setdefault(int(network.way_id[closures.edges(found.named)[0]]), found)
    return list(rows.values())


def _stands_out(network: StreetNetwork, closures: Closures, closure: int) -> tuple[bool, float, int]:
    edges = closures.edges(closure)
    return bool(closures.is_bridge[edges[0]]), float(network.length_m[edges].sum()), -closure


def _table(network: StreetNetwork, closures: Closures, ranked: list[_Found]) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import shapely

    rows, shapes = [], []
    for rank, found in enumerate(ranked, start=1):
        closing = closures.close_anew(found.named)
        if not np.array_equal(closing.lost, found.cells):
            raise AssertionError(
                f"closure {found.named} uncovers other people in a search from scratch: this is a defect of access15, "
                "please report it"
            )
        edges = closures.edges(found.named)
        pieces = np.concatenate([closures.edges(member) for member in found.members])
        rows.append(
            (
                rank,
                int(network.way_id[edges[0]]),
                network.highway_classes[network.highway[edges[0]]],
                bool(closures.is_bridge[edges[0]]),
                found.people,
                float(closures.people[closing.unreachable].sum()),
                float(closures.bound[found.named]),
                closures.people_along(edges),
                float(network.length_m[edges].sum()),
                len(pieces),
            )
        )
        shapes.append(shapely.MultiLineString([_line(network, int(edge)) for edge in pieces]))
    columns = (
        dict(zip(_COLUMNS, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(_COLUMNS, ())
    )
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=network.crs)


def _line(network: StreetNetwork, edge: int) -> Floats:
    first, last = network.vertex_offset[edge], network.vertex_offset[edge + 1]
    return np.column_stack((network.vertex_x[first:last], network.vertex_y[first:last]))
