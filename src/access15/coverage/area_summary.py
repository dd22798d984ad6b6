"""Times people need: mean of those reached, quantiles over all residents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Floats, Int32s
from access15.model import Status

if TYPE_CHECKING:
    import pandas as pd

    from access15.model import NearestTimes


QUANTILES: Final = {"p50_s": 0.50, "p80_s": 0.80, "p90_s": 0.90, "p95_s": 0.95}
_SLACK: Final = 1e-9


def summarise(
    times: NearestTimes, people: Floats, bins: Int32s, ids: list[str], names: list[str]
) -> pd.DataFrame:
    """Return one row per part (``ids``, in the order of ``bins``), the total last.

    Parameters
    ----------
    times : NearestTimes
        ``n`` cells.
    people : (n,) float64
    bins : (n,) int32
        Part of each cell.
    ids, names : list of str
        Of the parts; empty for the total alone.
    """
    import pandas as pd

    reached = times.status == Status.REACHED
    there = np.where(reached, people, 0.0)
    spent = there * np.where(reached, times.seconds, 0.0)
    sums = [
        np.append(np.bincount(bins, values, len(ids))[: len(ids)], values.sum())
        for values in (people, there, spent)
    ]
    residents, arrived, seconds = sums
    quantiles = quantiles_by_part(np.where(reached, times.seconds, np.inf), people, bins, len(ids))
    columns: dict[str, Any] = {
        "area_id": pd.Series([*ids, None], dtype=object),
        "name": pd.Series([*names, None], dtype=object),
        "people": residents,
        "mean_s": ratio(seconds, arrived),
        "reached_share": ratio(arrived, residents),
        **{name: quantiles[:, i] for i, name in enumerate(QUANTILES)},
    }
    return pd.DataFrame(columns)


def quantiles_by_part(seconds: Floats, people: Floats, bins: Int32s, parts: int) -> Floats:
    """Return ``(parts + 1, 4)`` quantiles, the total last; cells are sorted once for all parts."""
    levels = np.array(list(QUANTILES.values()))
    by_time = np.argsort(seconds, kind="stable")
    out = np.full((parts + 1, len(levels)), np.nan)
    out[parts] = sorted_quantiles(seconds[by_time], people[by_time], levels)
    if parts:
        order = by_time[np.argsort(bins[by_time], kind="stable")]
        ends = np.cumsum(np.bincount(bins, minlength=parts))
        for part in np.flatnonzero(np.diff(ends, prepend=0)):
            rows = order[ends[part - 1] if part else 0 : ends[part]]
            out[part] = sorted_quantiles(seconds[rows], people[rows], levels)
    return out


def sorted_quantiles(seconds: Floats, people: Floats, levels: Floats) -> Floats:
    """Return the smallest time within which each share of the people is reached (inverse CDF).

    Parameters
    ----------
    seconds : (n,) float64
        Rising; ``inf`` where not reached.
    people : (n,) float64
    levels : (q,) float64
        Shares, above 0 and at most 1. A share counts as reached within one part in 10⁹, so that
        roundings of the sum do not push an even split to the next cell.

    Returns
    -------
    (q,) float64
        NaN where the share is not reached or nobody lives.
    """
    running = np.cumsum(people)
    if not len(running) or running[-1] <= 0:
        return np.full(len(levels), np.nan)
    found: Floats = seconds[np.searchsorted(running, levels * running[-1] * (1 - _SLACK))]
    found[~np.isfinite(found)] = np.nan
    return found


def ratio(part: Floats, whole: Floats) -> Floats:
    """Return ``part / whole``, NaN where ``whole`` is 0."""
    share: Floats = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return share
