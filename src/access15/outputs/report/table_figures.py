"""Figures that several tables read from the findings: by area, by name, within the cap of the equity measures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.outputs.findings import Findings

if TYPE_CHECKING:
    import pandas as pd

    from access15.model import Coverage, NearestTimes

TOTAL: Final = "\0total"
"""Key of all residents beside the ids of areas."""

EQUITY_CAP_MIN: Final = 60.0
"""Cap of the equity measures in minutes (practice value): nobody is left out of any scenario, see `access15.equity`."""


def by_area(table: pd.DataFrame, column: str) -> dict[str, float]:
    """Return a column by id of the area, that of all residents under `TOTAL`."""
    keys = (TOTAL if i is None or i != i else str(i) for i in table["area_id"])
    return {key: float(value) for key, value in zip(keys, table[column], strict=True)}


def summary_of(coverage: Coverage, column: str, rows: list[str]) -> list[float]:
    """Return a column of the summary for these areas, NaN for one that is not in it."""
    known = by_area(coverage.summary, column)
    return [known.get(row, np.nan) for row in rows]


def figures_of(
    coverage: Coverage, minutes: float, what: str, rows: list[str], group: str = "all"
) -> list[float]:
    """Return a figure of record per area; an area that is not in the table has no residents."""
    table = coverage.table[(coverage.table["minutes"] == minutes) & (coverage.table["group"] == group)]
    known = by_area(table, what)
    return [known.get(row, np.nan if what == "rate" else 0.0) for row in rows]


def below_target(findings: Findings, case: str, minutes: float, target: float) -> tuple[list[str], int]:
    """Return the names of the areas whose rate is below a target, the lowest first, and of how many areas with residents."""
    coverage, names = findings.coverages[case], findings.area_names()
    rates = [
        (rate, names.get(i, i))
        for i in map(str, [] if findings.areas is None else findings.areas.id)
        if (rate := figures_of(coverage, minutes, "rate", [i])[0]) == rate
    ]
    return [name for rate, name in sorted(rates) if rate < target], len(rates)


def called(names: Mapping[str, str], key: Any) -> str | None:
    """Return the name for an id, the id where there is none, None where missing."""
    return None if key is None or key != key else names.get(str(key), str(key))


def cap_of(times: NearestTimes) -> float:
    """Return the longest time that counts, minutes: `EQUITY_CAP_MIN`, or the limit of the search where that is less."""
    return min(EQUITY_CAP_MIN, times.limit_s / 60)


def telling_cases(findings: Findings) -> Iterator[tuple[str, NearestTimes]]:
    """Return the cases in which anybody has a time above 0."""
    for case, times in findings.times.items():
        if float(findings.population.people @ np.minimum(times.seconds, cap_of(times) * 60)) > 0:
            yield case, times
