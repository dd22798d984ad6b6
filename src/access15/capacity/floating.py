"""Floating catchments: the supply in reach of every cell, shared with all who can reach it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Floats
from access15.capacity.pairs import Pairs, check_some_known, pairs_within
from access15.coverage import ratio
from access15.errors import InputError
from access15.model import Facilities, FloatingCatchment, Population, TravelTimes

if TYPE_CHECKING:
    import pandas as pd


METHODS: Final = ("2sfca", "e2sfca", "gaussian", "m2sfca", "3sfca")

ZONE_WEIGHTS: Final = (1.0, 0.68, 0.22)
"""Weights of the three zones of the enhanced method (Luo & Qi 2009), here of equal width unless named."""


def floating_catchment(
    matrix: TravelTimes,
    population: Population,
    facilities: Facilities,
    *,
    method: str = "2sfca",
    minutes: float | None = None,
    zones: Sequence[tuple[float, float]] | None = None,
) -> FloatingCatchment:
    """Return how much supply each cell has in reach, shared with all who can reach the same facilities.

    Parameters
    ----------
    matrix : TravelTimes
        Facilities × cells, at least up to ``minutes``.
    population : Population
        ``n`` cells: the demand.
    facilities : Facilities
        ``capacity`` is the supply. A facility of unknown capacity makes the access of all cells in its reach
        unknown (NaN); ``at_least`` leaves it out.
    method : str
        ``2sfca``: everybody within ``minutes`` counts whole. ``e2sfca``: weights by zone. ``gaussian``:
        weights fall from 1 at the door to 0 at ``minutes``. ``m2sfca``: Gaussian weights count twice, so that
        supply far from everybody is partly lost (not supply-conserving, by design). ``3sfca``: Gaussian
        weights, and people divide themselves over the facilities in reach by weight.
    minutes : float, optional
        Size of a catchment; default the limit of the matrix.
    zones : sequence of (minutes, weight), optional
        For ``e2sfca``: end of each zone, rising, the last one at ``minutes``, and its weight. Default three
        equal zones with weights 1, 0.68, 0.22.

    Returns
    -------
    FloatingCatchment

    Raises
    ------
    InputError
        If no capacity is known, or a value cannot be used.
    MismatchError
        If the parts do not belong together, or the matrix stops before ``minutes``.

    Notes
    -----
    Sources: Luo & Wang (2003) for 2SFCA; Luo & Qi (2009) for E2SFCA; Dai (2010) for the Gaussian weights;
    Delamater (2013) for M2SFCA; Wan, Zou & Sternberg (2012) for 3SFCA.
    """
    if method not in METHODS:
        raise InputError(f"method {method!r} is not known: use one of {', '.join(METHODS)}")
    if zones is not None and method != "e2sfca":
        raise InputError(f"zones are for e2sfca, not for {method}: leave them out")
    pairs = pairs_within(matrix, population, facilities, minutes)
    if math.isinf(pairs.minutes):
        raise InputError("the matrix has no limit: name minutes, the size of a catchment, such as minutes=15")
    check_some_known(facilities, "floating catchments need at least one, in people per facility")
    weight, used = _weights(pairs, method, zones)
    n, f, supply = len(population), len(facilities), facilities.capacity
    pull = weight  # how people divide themselves over facilities
    if method == "3sfca":
        chosen = np.bincount(pairs.cell, weight, n)[pairs.cell]
        pull = weight * np.divide(weight, chosen, out=np.zeros(len(weight)), where=chosen > 0)
    demand = np.bincount(pairs.site, pull * population.people[pairs.cell], f).astype(float)
    rates = ratio(supply, demand)
    gets = pull * weight if method == "m2sfca" else pull
    reached = gets > 0
    part = np.where(reached, gets * rates[pairs.site], 0.0)
    return FloatingCatchment(
        access=np.bincount(pairs.cell, part, n).astype(float),
        at_least=np.bincount(pairs.cell, np.nan_to_num(part), n).astype(float),
        table=_table(facilities, demand, rates),
        method=method,
        minutes=pairs.minutes,
        weights=used,
        origin=matrix.origin,
    )


def _weights(pairs: Pairs, method: str, zones: Sequence[tuple[float, float]] | None) -> tuple[Floats, str]:
    """Return the weight of every pair, and how weights are made in words."""
    if method == "2sfca":
        return np.ones(len(pairs.cell)), f"1 within {pairs.minutes:g} min"
    share = pairs.time_ms / (pairs.minutes * 60_000)
    if method == "e2sfca":
        if zones is None:
            count = len(ZONE_WEIGHTS)
            zones = [(pairs.minutes * (k + 1) / count, w) for k, w in enumerate(ZONE_WEIGHTS)]
        ends, weights = _check_zones(zones, pairs.minutes)
        found = np.minimum(np.searchsorted(ends / pairs.minutes, share - 1e-12), len(ends) - 1)
        used = ", ".join(f"{w:g} to {end:g} min" for end, w in zip(ends, weights, strict=True))
        return weights[found], used
    edge = math.exp(-0.5)
    # The lowest weight is 0, at the edge; rounding must not take it below.
    falling = np.maximum((np.exp(-0.5 * share**2) - edge) / (1 - edge), 0.0)
    return falling, f"Gaussian, 1 at 0 min to 0 at {pairs.minutes:g} min"


def _check_zones(zones: Any, minutes: float) -> tuple[Floats, Floats]:
    found = np.asarray(zones, np.float64)
    if found.ndim != 2 or found.shape[1] != 2 or not np.isfinite(found).all():
        raise InputError(
            "zones must be pairs of minutes and weight, such as ((5, 1), (10, 0.68), (15, 0.22))"
        )
    ends, weights = found.T
    if (np.diff(ends, prepend=0.0) <= 0).any() or not math.isclose(ends[-1], minutes):
        raise InputError(
            f"zones must end at rising minutes, the last one at {minutes:g}, not {ends.tolist()}"
        )
    if (weights < 0).any() or not weights.any():
        raise InputError(f"weights of zones must be 0 or more, and one above 0, not {weights.tolist()}")
    return ends, weights


def _table(facilities: Facilities, demand: Floats, rates: Floats) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "facility_id": facilities.id,
            "name": facilities.name,
            "tier": facilities.tier,
            "capacity": facilities.capacity,
            "demand": demand,
            "ratio": rates,
        }
    )
