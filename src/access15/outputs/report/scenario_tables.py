"""The tables of scenarios: before and after, who gains and who loses where, planned estates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.equity import equity
from access15.outputs.area_layers import NONE_AREA
from access15.outputs.report.findings import PROPOSED, Compared, Findings
from access15.outputs.report.table import Builder, Kind, Table
from access15.outputs.report.words import said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from access15.model import Catchments, Coverage, NearestTimes, Population

EQUITY_CAP_MIN: Final = 60.0
"""Cap of the equity measures in minutes (practice value): nobody is left out of any scenario, see `access15.equity`."""

FAR_MIN: Final = (15.0, 30.0)
"""Cut-offs of the counts of people who need longer."""

_COLUMNS: Final[tuple[tuple[str, Kind], ...]] = (
    ("scenario", "text"), ("mode", "text"), ("minutes", "number"), ("residents", "count"), ("covered", "count"),
    ("rate", "rate"), ("beyond", "count"), ("change_people", "signed"), ("change_rate", "points"), ("gains", "count"),
    ("loses", "count"), ("mean_min", "minutes"), ("p90_min", "minutes"), ("over_15", "count"), ("over_30", "count"),
    ("ede", "minutes"), ("gini", "gini"), ("overloaded", "count"),
)  # fmt: skip


def before_after(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T10: every case and cut-off, today and under each scenario; None without a scenario."""
    if not findings.compared:
        return None
    lines = [
        line
        for case, today in findings.coverages.items()
        for line in _case_lines(findings, case, today, word)
    ]
    out = Builder()
    for (head, kind), values in zip(_COLUMNS, zip(*lines, strict=True), strict=True):
        out.add(word[head], kind, values)
    return out.table("T10", word["T10"], word["T10_note"].format(cap=EQUITY_CAP_MIN))


def _case_lines(
    findings: Findings, case: str, today: Coverage, word: dict[str, str]
) -> Iterator[tuple[Any, ...]]:
    mode = said(word, case)
    today_times = findings.times[case]
    kappa, spread = _spread(today_times, findings.population, None)
    far = _far(today_times, findings.population)
    per_run = {"": (*_times(today), *far, *spread, _overloaded(findings.catchments, today_times))}
    for name, run in findings.compared.items():
        if case in run.times:
            _, spread = _spread(run.times[case], run.population, kappa)
            far = _far(run.times[case], run.population)
            full = _overloaded(run.catchments, run.times[case])
            per_run[name] = (*_times(run.coverages[case]), *far, *spread, full)
    for cut in _cuts(findings, case, today):
        people, base = _covered(findings.times[case], findings.population, cut)
        share = _share(base, people)
        yield (
            word["baseline"],
            mode,
            cut,
            people,
            base,
            share,
            people - base,
            0.0,
            0.0,
            math.nan,
            math.nan,
            *per_run[""],
        )
        for name, run in findings.compared.items():
            if case not in run.times:
                continue
            people, covered = _covered(run.times[case], run.population, cut)
            rate = _share(covered, people)
            moved = _moved(findings, run, case, cut)
            title = word["plan_name"] if name == PROPOSED else name
            yield (title, mode, cut, people, covered, rate, people - covered, covered - base, (rate - share) * 100,
                   *moved, *per_run[name])  # fmt: skip


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan


def _spread(
    times: NearestTimes, population: Population, kappa: float | None
) -> tuple[float | None, tuple[float, float]]:
    """Return κ, and EDE in seconds and Gini over all residents; NaN where no time says anything."""
    capped = np.minimum(times.seconds, EQUITY_CAP_MIN * 60)
    if not float(population.people @ capped) > 0:
        return None, (math.nan, math.nan)
    found = equity(times, population, cap_minutes=EQUITY_CAP_MIN, kappa=kappa)
    return found.kappa, (float(found.total["ede_min"]), float(found.total["gini"]))


def _far(times: NearestTimes, population: Population) -> tuple[float, ...]:
    """Return the people who need longer than each of `FAR_MIN`, or get nowhere."""
    return tuple(float(population.people[~times.within(cut)].sum()) for cut in FAR_MIN)


def _overloaded(found: Catchments | None, times: NearestTimes) -> float:
    """Return how many facilities have more people nearest to them than room, where capacities are known."""
    if found is None or found.origin.profile.name != times.profile.name:
        return math.nan
    return float((found.table["nearest_load"] > 1).sum())


def _moved(findings: Findings, run: Compared, case: str, cut: float) -> tuple[float, float]:
    """Return the people who gain and who lose; unknown at a cut-off that was not compared."""
    if run.population is findings.population:
        was, is_ = findings.times[case].within(cut), run.times[case].within(cut)
        return float(run.population.people[is_ & ~was].sum()), float(run.population.people[was & ~is_].sum())
    table = run.table
    mine = (table["mode"] == findings.times[case].origin.profile.name) & (table["minutes"] == cut)
    row = table[mine & (table["group"] == "all") & table["area_id"].isna()]
    return (float(row["gain"].iloc[0]), float(row["lose"].iloc[0])) if len(row) else (math.nan, math.nan)


def _cuts(findings: Findings, case: str, today: Coverage) -> list[float]:
    """Return the cut-offs of a case, and the one that sites were chosen for."""
    plan = findings.plan
    asked = plan is not None and plan.origin.profile.name == findings.times[case].profile.name
    more = {plan.minutes} if asked and plan is not None and not math.isnan(plan.minutes) else set()
    return sorted({*today.minutes, *more})


def _covered(times: NearestTimes, population: Population, minutes: float) -> tuple[float, float]:
    """Return all residents and those covered."""
    return population.total, float(population.people[times.within(minutes)].sum())


def _times(coverage: Coverage) -> tuple[float, float]:
    """Return mean and P90 in minutes."""
    row = coverage.summary[coverage.summary["area_id"].isna()].iloc[0]
    return float(row["mean_s"]) / 60, float(row["p90_s"]) / 60


def change_by_area(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T10a: people who gain and lose at the headline, by scenario, area and group, where anybody does."""
    mode, names = findings.coverage.origin.profile.name, findings.area_names()
    names[NONE_AREA] = word["no_area"]
    lines = []
    for name, run in findings.compared.items():
        table = run.table
        table = table[
            (table["mode"] == mode) & (table["minutes"] == findings.minutes) & table["area_id"].notna()
        ]
        touched = (table["gain"] > 0) | (table["lose"] > 0) | (table["covered_change"].abs() > 1e-9)
        title = word["plan_name"] if name == PROPOSED else name
        for row in table[touched].to_dict("records"):
            group = word["all"] if row["group"] == "all" else row["group"]
            place = names.get(str(row["area_id"]), row["area_id"])
            figures = (row[what] for what in ("people_after", "gain", "lose", "covered_change"))
            lines.append((title, place, group, *figures, row["rate_change"] * 100))
    if not lines:
        return None
    heads: tuple[tuple[str, Kind], ...] = (
        ("scenario", "text"), ("place", "text"), ("group", "text"), ("residents", "count"), ("gains", "count"),
        ("loses", "count"), ("change_people", "signed"), ("change_rate", "points"),
    )  # fmt: skip
    out = Builder()
    for (head, kind), values in zip(heads, zip(*lines, strict=True), strict=True):
        out.add(word[head], kind, values)
    note = word["T10a_note"].format(mode=said(word, findings.headline_case), minutes=findings.minutes)
    return out.table("T10a", word["T10a"], note)


def estate_table(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T8: one row per scenario and planned estate; None without one."""
    runs: Mapping[str, Any] = {name: run for name, run in findings.compared.items() if run.estates}
    if not runs:
        return None
    lines = []
    for name, run in runs.items():
        for estate in run.estates:
            served = estate.open_sites > 0
            state = "served" if served else "proposed_only" if estate.proposed_sites else "alert"
            year = None if math.isnan(estate.year) else f"{estate.year:.0f}"
            wanting = math.nan if served else estate.people
            lines.append((name, estate.name, estate.people, year, estate.open_sites, estate.proposed_sites,
                          estate.seconds / 60, wanting, word[state]))  # fmt: skip
    heads: tuple[tuple[str, Kind], ...] = (
        ("scenario", "text"), ("estate", "text"), ("planned_people", "count"), ("year", "text"), ("open_sites", "count"),
        ("proposed_sites", "count"), ("nearest_min", "minutes"), ("capacity_to_add", "count"), ("judgement", "text"),
    )  # fmt: skip
    out = Builder()
    for (head, kind), values in zip(heads, zip(*lines, strict=True), strict=True):
        out.add(word[head], kind, values)
    note = word["T8_note"].format(mode=said(word, findings.headline_case), minutes=findings.minutes)
    return out.table("T8", word["T8"], note)
