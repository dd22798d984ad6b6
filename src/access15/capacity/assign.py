"""Catchments: which facility the people of each cell go to, with or without a limit of capacity."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Bools, Floats, Ints
from access15.capacity.pairs import Pairs, check_some_known, pairs_within
from access15.capacity.transport import assign, nearest_site
from access15.coverage import assign_areas, ratio
from access15.errors import InputError
from access15.model import Areas, CareTier, Catchments, Facilities, Population, TravelTimes, care_tier

if TYPE_CHECKING:
    import pandas as pd


METHODS: Final = ("capacity", "nearest")

_OVER: Final = 1 + 1e-9
_CONSERVED: Final = 1e-9


def catchments(
    matrix: TravelTimes,
    population: Population,
    facilities: Facilities,
    *,
    minutes: float | None = None,
    method: str = "capacity",
    areas: Areas | None = None,
    counted: Bools | None = None,
) -> Catchments:
    """Assign people to facilities, and say how loaded facilities are and for whom no capacity is left.

    With ``capacity``, as many people as possible get a place within ``minutes``, and among those
    assignments one of the least total travel time: people stay with their nearest facility unless it is
    full, and those move for whom it makes the least difference. The people of a cell may be split. A facility
    of unknown capacity takes whoever comes, as nothing says that it is full; a capacity of 0 takes nobody.
    With ``nearest``, everybody goes to the nearest facility, however full it is: responsibility areas that
    do not overlap.

    Parameters
    ----------
    matrix : TravelTimes
        Facilities × cells.
    population : Population
        ``n`` cells.
    facilities : Facilities
        ``capacity`` is the number of people each can serve.
    minutes : float, optional
        How far people go; default the limit of the matrix.
    method : {"capacity", "nearest"}
    areas : Areas, optional
        With a ``rural`` flag, the recommendation distinguishes a branch from a sub-centre.
    counted : (f,) bool, optional
        Facilities that take part, all by default. The load of primary care leaves hospitals out: their beds are for the
        whole county, and a full centre beside one is full.

    Returns
    -------
    Catchments
        ``table["recommendation"]``: ``enough room`` where the people who have a facility nearest are not more
        than its capacity; else what fits the tier: ``doctor or more room`` for a village clinic, ``station or enlargement``,
        ``sub-centre or enlargement``, ``branch or enlargement`` of a township health centre. Where the tier is not known,
        ``branch or enlargement`` where most of these people live in rural areas, ``sub-centre or enlargement`` elsewhere, or
        ``new point or enlargement`` where no area is flagged. ``cannot be judged`` where the capacity is unknown, ``not primary
        care`` for what is not ``counted``.

    Raises
    ------
    InputError
        If no capacity is known (``capacity``), or a value cannot be used.
    MismatchError
        If the parts do not belong together, or the matrix stops before ``minutes``.

    Notes
    -----
    The transportation problem with split demand: Hitchcock (1941), The distribution of a product from
    several sources to numerous localities.
    """
    if method not in METHODS:
        raise InputError(f"method {method!r} is not known: use one of {', '.join(METHODS)}")
    pairs = pairs_within(matrix, population, facilities, minutes)
    which = np.ones(len(facilities), bool) if counted is None else np.asarray(counted, bool)
    if which.shape != (len(facilities),) or not which.any():
        raise InputError(
            f"counted must say of {len(facilities)} facilities which take part, and of one that it does"
        )
    pairs = pairs.of_sites(which)
    first = nearest_site(pairs.site, pairs.cell, pairs.time_ms, len(population))
    capacity = np.full(len(facilities), np.inf)
    if method == "capacity":
        check_some_known(facilities, "fill them in, or use method='nearest'")
        unknown = np.isnan(facilities.capacity) & which
        capacity = np.where(unknown, np.inf, facilities.capacity)
        if unknown.any():
            warnings.warn(
                f"{int(unknown.sum())} of {int(which.sum())} facilities have no capacity: they are taken to have "
                "capacity for whoever comes, and their load cannot be judged",
                stacklevel=2,
            )
    cell, site, people, overflow = assign(pairs.site, pairs.cell, pairs.time_ms, population.people, capacity)
    unreached = np.where(first < 0, population.people, 0.0)
    _check_people(population, people, overflow, unreached)
    rural = _rural(population, areas)
    return Catchments(
        table=_table(
            facilities, population.people, first, (cell, site, people), overflow, pairs, rural, which
        ),
        facility=_main(first, cell, site, people, overflow).astype(np.int32),
        cell=cell.astype(np.int32),
        site=site.astype(np.int32),
        people=people,
        overflow=overflow,
        unreached=unreached,
        method=method,
        minutes=pairs.minutes,
        origin=matrix.origin,
        counted=which,
    )


def _check_people(population: Population, people: Floats, overflow: Floats, unreached: Floats) -> None:
    apart = abs(people.sum() + overflow.sum() + unreached.sum() - population.total)
    if apart > _CONSERVED * population.total:
        raise AssertionError("people are not conserved: this is a defect of access15, please report it")


def _rural(population: Population, areas: Areas | None) -> Bools | None:
    """Return which cells lie in rural areas, None where no area can be rural."""
    if areas is None or "rural" not in areas.flags:
        return None
    return np.append(areas.flags["rural"], False)[assign_areas(population, areas)]


def _main(first: Ints, cell: Ints, site: Ints, people: Floats, overflow: Floats) -> Ints:
    """Return the facility most people of each cell go to; nobody's cell keeps its nearest one."""
    out = np.where(overflow > 0, -1, first)
    best = np.lexsort((site, site != first[cell], -people, cell))
    cells, at = np.unique(cell[best], return_index=True)
    out[cells] = site[best][at]
    return out


def _table(
    facilities: Facilities,
    everybody: Floats,
    first: Ints,
    assigned: tuple[Ints, Ints, Floats],
    overflow: Floats,
    pairs: Pairs,
    rural: Bools | None,
    counted: Bools,
) -> pd.DataFrame:
    import pandas as pd

    f, (cell, site, people) = len(facilities), assigned
    near = first >= 0

    def by_nearest(values: Floats) -> Floats:
        return np.bincount(first[near], values[near], f).astype(float)

    nearest, full = by_nearest(everybody), by_nearest(overflow)
    allocated = np.bincount(site, people, f).astype(float)
    away = np.bincount(first[cell], np.where(site != first[cell], people, 0.0), f).astype(float)
    key = pairs.site * len(everybody) + pairs.cell
    order = np.argsort(key, kind="stable")
    at = order[np.searchsorted(key[order], site * len(everybody) + cell)]
    spent = np.bincount(site, people * pairs.time_ms[at] / 1000, f).astype(float)
    columns: dict[str, Any] = {
        "facility_id": facilities.id,
        "name": facilities.name,
        "tier": facilities.tier,
        "capacity": facilities.capacity,
        "nearest_people": nearest,
        "nearest_load": ratio(nearest, facilities.capacity),
        "allocated": allocated,
        "load_ratio": ratio(allocated, facilities.capacity),
        "sent_away": away,
        "overflow": full,
        "mean_s": ratio(spent, allocated),
        "recommendation": recommend(
            nearest,
            facilities.capacity,
            None if rural is None else by_nearest(np.where(rural, everybody, 0.0)),
            [
                care_tier(str(tier)) if use else None
                for tier, use in zip(facilities.tier, counted, strict=True)
            ],
        ),
    }
    return pd.DataFrame(columns)


_BY_TIER: Final = {
    CareTier.VILLAGE_CLINIC: "doctor or more room",
    CareTier.STATION: "station or enlargement",
    CareTier.COMMUNITY_CENTRE: "sub-centre or enlargement",
    CareTier.COMMUNITY_SUBCENTRE: "sub-centre or enlargement",
    CareTier.TOWNSHIP_CENTRE: "branch or enlargement",
    CareTier.TOWNSHIP_BRANCH: "branch or enlargement",
}
"""What a full institution needs: a village clinic gets no branch of a township health centre."""


def recommend(
    residents: Floats,
    capacity: Floats,
    rural: Floats | None,
    tiers: Sequence[CareTier | None] | None = None,
) -> list[str]:
    """Return the rule of Xiamen's city office (2024, no. 2): where residents exceed capacity, add or enlarge.

    Parameters
    ----------
    residents, capacity : (n,) float
        People, and capacity (NaN where unknown), of facilities or of areas.
    rural : (n,) float or None
        How many of the residents live in rural areas; None where no area is flagged.
    tiers : sequence of CareTier, optional
        Of facilities: the advice fits the tier. None for one that is not primary care.
    """
    out = []
    for row, (people, most) in enumerate(zip(residents, capacity, strict=True)):
        tier = CareTier.UNKNOWN if tiers is None else tiers[row]
        if tier is None:
            out.append("not primary care")
        elif np.isnan(most):
            out.append("cannot be judged")
        elif people <= most * _OVER:
            out.append("enough room")
        elif tier in _BY_TIER:
            out.append(_BY_TIER[tier])
        elif rural is None:
            out.append("new point or enlargement")
        else:
            out.append("branch or enlargement" if rural[row] > people / 2 else "sub-centre or enlargement")
    return out
