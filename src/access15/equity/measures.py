"""Measures of how unequally a quantity is spread over people: every one weighs a cell by its people."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from access15.arrays import AnyInts, Floats
from access15.errors import InputError

BETA: Final = -0.5
"""Aversion to inequality of the Kolm–Pollak measure for a burden: practice value, below 0 for burdens."""

_SLACK: Final = 1e-9


def lorenz(values: Floats, people: Floats) -> tuple[Floats, Floats]:
    """Return the Lorenz curve: shares of people, lowest values first, and their shares of the sum of values.

    Parameters
    ----------
    values : (n,) float64
        0 or more, rising.
    people : (n,) float64

    Returns
    -------
    (n + 1,) float64, (n + 1,) float64
        Both from 0 to 1; NaN from the second point on where nobody lives or every value is 0.

    Notes
    -----
    Source: Lorenz (1905), Methods of measuring the concentration of wealth.
    """
    heads, sums = np.cumsum(people), np.cumsum(people * values)
    with np.errstate(invalid="ignore"):
        shares = [np.append(0.0, part / part[-1] if len(part) else part) for part in (heads, sums)]
    return shares[0], shares[1]


def gini(values: Floats, people: Floats) -> float:
    """Return the Gini coefficient, 0 where all have the same; NaN where nobody lives or every value is 0.

    Twice the area between the Lorenz curve and the line of equality; a cell counts with its people.

    Parameters
    ----------
    values : (n,) float64
        0 or more, rising.
    people : (n,) float64

    Notes
    -----
    Source: Gini (1914); equal to the mean difference between two residents over twice the mean.
    """
    if not float(people @ values) > 0:
        return math.nan
    heads, sums = lorenz(values, people)
    return float(1.0 - np.sum(np.diff(heads) * (sums[1:] + sums[:-1])))


def theil(values: Floats, people: Floats) -> float:
    """Return the Theil T index; 0 where all have the same, NaN where nobody lives or every value is 0.

    A value of 0 adds nothing, the limit of x ln x.

    Notes
    -----
    Source: Theil (1967), Economics and Information Theory; the generalised entropy of order 1.
    """
    total, heads = float(people @ values), float(people.sum())
    if not total > 0:
        return math.nan
    part = values[values > 0] * (heads / total)
    return max(0.0, float(people[values > 0] @ (part * np.log(part))) / heads)


def theil_parts(values: Floats, people: Floats, part: AnyInts) -> tuple[float, float]:
    """Return the Theil T index within and between parts; the two add up to the index of all.

    Parameters
    ----------
    values, people : (n,) float64
    part : (n,) int
        Number of the part a cell belongs to, from 0.

    Notes
    -----
    Source: Shorrocks (1980), The class of additively decomposable inequality measures: the index of a part
    weighs its share of the sum.
    """
    heads = np.bincount(part, people).astype(float)
    sums = np.bincount(part, people * values).astype(float)
    filled = heads > 0
    means = np.divide(sums, heads, out=np.zeros(len(heads)), where=filled)
    between = theil(means[filled], heads[filled])
    return max(0.0, theil(values, people) - between), between


def kappa_of(values: Floats, people: Floats, beta: float = BETA) -> float:
    """Return κ of the Kolm–Pollak measure for a distribution: β Σ x / Σ x², per unit of ``values``.

    Parameters
    ----------
    values, people : (n,) float64
    beta : float
        Aversion to inequality: below 0 for a burden (time), above 0 for a good (access).

    Returns
    -------
    float
        NaN where nobody lives or every value is 0.

    Notes
    -----
    Source: Logan, Anderson, Williams & Conrow (2021), Measuring inequalities in urban systems. To compare
    scenarios, compute κ once, of the reference, and use it for all.
    """
    squares = float(people @ (values * values))
    return beta * float(people @ values) / squares if squares > 0 else math.nan


def kolm_pollak(values: Floats, people: Floats, kappa: float) -> float:
    """Return the Kolm–Pollak equally-distributed equivalent: the same for all would be as good.

    ``-ln(mean of exp(-κ x)) / κ`` over people, in the unit of ``values``; above the mean for a burden
    (κ < 0), below it for a good.

    Notes
    -----
    Source: Kolm (1976); Sheriff & Maguire (2020), Health risk, inequality indexes, and environmental
    justice. Parts combine: the measure of parts' measures, weighed by people, is that of all.
    """
    heads = float(people.sum())
    if not heads > 0 or math.isnan(kappa):
        return math.nan
    power = -kappa * values[people > 0]
    top = float(power.max())  # taken out, so that nothing overflows
    mean = float(people[people > 0] @ np.exp(power - top)) / heads
    return -(math.log(mean) + top) / kappa


def worst_tail(values: Floats, people: Floats, share: float) -> tuple[float, float]:
    """Return the mean over the last ``share`` of the people, and the value that part begins at.

    Parameters
    ----------
    values : (n,) float64
        Best served first.
    people : (n,) float64
    share : float
        Above 0, at most 1. The cell on the edge counts with the people that belong to the share.
    """
    total = float(people.sum())
    if not total > 0:
        return math.nan, math.nan
    end = np.cumsum(people)
    inside = np.clip(end - (1 - share) * total, 0.0, people)
    first = int(np.argmax(inside > _SLACK * share * total))
    return float(inside @ values / inside.sum()), float(values[first])


def check_share(value: object, name: str) -> float:
    """Return a share above 0 and at most 1."""
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not number or not 0 < float(value) <= 1:  # type: ignore[arg-type]
        raise InputError(f"{name} must be a share above 0 and at most 1, such as 0.05, not {value!r}")
    return float(value)  # type: ignore[arg-type]
