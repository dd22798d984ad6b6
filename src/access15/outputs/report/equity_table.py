"""T11: how equally times are spread over residents, in total and between kinds of areas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Bools
from access15.equity import equity, theil_parts
from access15.outputs.report.findings import Findings
from access15.outputs.report.scenario_tables import EQUITY_CAP_MIN
from access15.outputs.report.table import Builder, Kind, Table
from access15.outputs.report.words import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from access15.model import NearestTimes, Population

_HEADS: Final[tuple[tuple[str, Kind], ...]] = (
    ("mode", "text"), ("group", "text"), ("residents", "count"), ("mean_capped_min", "minutes"), ("ede", "minutes"),
    ("gini", "gini"), ("theil", "gini"), ("worst_min", "minutes"),
)  # fmt: skip
_PARTS: Final[tuple[tuple[str, Kind], ...]] = (
    ("mode", "text"), ("division", "text"), ("theil_within", "gini"), ("theil_between", "gini"),
    ("between_share", "rate"), ("people_in", "count"), ("mean_in", "minutes"), ("mean_out", "minutes"),
    ("rate_in", "rate"), ("rate_out", "rate"), ("rate_gap", "points"),
)  # fmt: skip


def equity_table(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T11, one row per mode and group; None where no mode has a time that says anything."""
    lines: list[tuple[Any, ...]] = []
    for case, times in _telling(findings):
        found = equity(times, findings.population, cap_minutes=cap_of(times))
        for row in found.table.to_dict("records"):
            group = word["all"] if row["group"] == "all" else row["group"]
            figures = (row[what] for what in ("people", "mean_min", "ede_min", "gini", "theil", "worst_min"))
            lines.append((said(word, case), group, *figures))
    return _table("T11", _HEADS, lines, word["T11_note"].format(cap=EQUITY_CAP_MIN), word) if lines else None


def equity_parts(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T11a, one row per mode and division of the areas; None without areas."""
    lines = [
        (said(word, case), *line)
        for case, times in _telling(findings)
        for line in _divisions(findings, case, cap_of(times), word)
    ]
    note = word["T11a_note"].format(minutes=findings.minutes, cap=EQUITY_CAP_MIN)
    heads = _PARTS if findings.areas is not None and findings.areas.flags else _PARTS[:5]
    return _table("T11a", heads, [line[: len(heads)] for line in lines], note, word) if lines else None


def _telling(findings: Findings) -> Iterator[tuple[str, NearestTimes]]:
    """Return the cases in which anybody has a time above 0."""
    for case, times in findings.times.items():
        if float(findings.population.people @ np.minimum(times.seconds, cap_of(times) * 60)) > 0:
            yield case, times


def cap_of(times: NearestTimes) -> float:
    """Return the longest time that counts, minutes: `EQUITY_CAP_MIN`, or the limit of the search where that is less."""
    return min(EQUITY_CAP_MIN, times.limit_s / 60)


def _table(
    key: str, heads: tuple[tuple[str, Kind], ...], lines: list[Any], note: str, word: dict[str, str]
) -> Table:
    out = Builder()
    for (head, kind), values in zip(heads, zip(*lines, strict=True), strict=True):
        out.add(word[head], kind, values)
    return out.table(key, word[key], note)


def _divisions(findings: Findings, case: str, cap: float, word: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    """Return Theil within and between the areas, then areas with and without each of their flags."""
    areas, people, times = findings.areas, findings.population, findings.times[case]
    if areas is None:
        return
    where = findings.coverages[case].cell_area
    minutes = np.minimum(times.seconds / 60, cap)
    yield (word["between_areas"], *_theil(minutes, people.people, where + 1), *[math.nan] * 6)
    for flag, having in areas.flags.items():
        inside = np.append(having, False)[where]  # Cells in no area have no flag.
        yield (
            word.get(f"flag_{flag}", flag),
            *_theil(minutes, people.people, inside.astype(int)),
            *_apart(minutes, times.within(findings.minutes), inside, people),
        )


def _theil(minutes: Any, people: Any, part: Any) -> tuple[float, float, float]:
    within, between = theil_parts(minutes, people, part)
    return within, between, between / (within + between) if within + between > 0 else math.nan


def _apart(minutes: Any, covered: Bools, inside: Bools, population: Population) -> tuple[float, ...]:
    """Return people inside, mean time inside and elsewhere, rate inside and elsewhere, and the gap in points."""
    people = population.people
    heads = [float(people[part].sum()) for part in (inside, ~inside)]
    means, rates = (
        [
            float(people[part] @ values[part]) / n if n > 0 else math.nan
            for part, n in zip((inside, ~inside), heads, strict=True)
        ]
        for values in (minutes, covered.astype(float))
    )
    return heads[0], *means, *rates, (rates[0] - rates[1]) * 100
