"""T10: every case and cut-off, today and under each scenario."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from access15.equity import equity
from access15.model import Catchments, Coverage, NearestTimes, Population
from access15.network import season_of
from access15.outputs.findings import PROPOSED, Compared, Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.report.table_figures import EQUITY_CAP_MIN
from access15.outputs.words import Words, said

FAR_MIN: Final = (15.0, 30.0)
"""Cut-offs of the counts of people who need longer."""

_COLUMNS: Final = (
    "scenario:text mode:text minutes:number residents:count covered:count rate:rate beyond:count change_people:signed "
    "change_rate:points gains:count loses:count mean_min:minutes p_min:minutes over_15:count over_30:count ede:minutes "
    "gini:gini overloaded:count"
)


def _build(findings: Findings, word: Words) -> Builder | None:
    if not findings.compared:
        return None
    lines = [line for case in findings.coverages for line in _case_lines(findings, case, word)]
    out = Builder(word)
    out.rows(_COLUMNS, [line[2:] for line in lines], share=90)
    if len({season for season, *_ in lines}) > 1:
        out.say("season", [season for season, *_ in lines])
        out.add("season_out", "number", [lost_km for _, lost_km, *_ in lines])
    return out.done(word["note"].format(cap=EQUITY_CAP_MIN))


def _case_lines(findings: Findings, case: str, word: Words) -> Iterator[tuple[Any, ...]]:
    mode, today, today_times = said(word, case), findings.coverages[case], findings.times[case]
    kappa, spread = _spread(today_times, findings.population, None)
    far = _far(today_times, findings.population)
    now = (*_times(today), *far, *spread, _overloaded(findings.catchments, today_times))
    season = season_of(findings.network)
    runs = {name: run for name, run in findings.compared.items() if case in run.times}
    per_run = {}
    for name, run in runs.items():
        _, spread = _spread(run.times[case], run.population, kappa)
        far = _far(run.times[case], run.population)
        full = _overloaded(run.catchments, run.times[case])
        per_run[name] = (*_times(run.coverages[case]), *far, *spread, full)
    for cut in _cuts(findings, case, today):
        people, base = _covered(today_times, findings.population, cut)
        share = _share(base, people)
        nobody = (0.0, 0.0, math.nan, math.nan)
        yield *season, word["baseline"], mode, cut, people, base, share, people - base, *nobody, *now
        for name, run in runs.items():
            people, covered = _covered(run.times[case], run.population, cut)
            rate = _share(covered, people)
            change = (covered - base, (rate - share) * 100, *_moved(findings, run, case, cut))
            title = word["plan_name"] if name == PROPOSED else name
            yield (
                *(run.season or season),
                title,
                mode,
                cut,
                people,
                covered,
                rate,
                people - covered,
                *change,
                *per_run[name],
            )


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


TABLE = ReportTable(
    id="T10",
    title=("Before and after", "方案对比表"),
    about="today and every scenario, by mode and minutes: coverage, who gains and loses, times, equity; with a scenario or another run",
    build=_build,
    note=(
        "Today and under each scenario. Gain: covered only under the scenario; lose: covered only today; both counted as "
        "the people of today. Mean time is over those who reach a service point: it can rise where a scenario reaches people for "
        "the first time. EDE (Kolm–Pollak, one κ for all scenarios) and Gini are over all residents, times capped at "
        "{cap:g} min (practice value). Season, where it differs: what the streets were read for, and the length that is not there then. Overloaded: more people nearest to it than its capacity, at the case of the gaps, where "
        "capacities are known.",
        "现状与各方案的结果。“受益”指仅在方案中覆盖的人口，“受损”指仅在现状中覆盖的人口，均按现状人口计。平均时间只计可达人口，方案使远处人口首次可达时平均时间可能上升。EDE（Kolm–Pollak，各方案同一 κ）"
        "与基尼系数按全部常住人口计，时间以 {cap:g} 分钟封顶（经验值）。季节不同时列出各行所用路网的季节及该季节不可通行的道路长度。“超负荷”指最近人口超过服务能力的服务点，按盲区分析的情形计，仅计服务能力已知者。",
    ),
    words={
        "baseline": ("existing service points", "现状"),
        "beyond": ("people beyond or without access", "未覆盖合计"),
        "over_15": ("over 15 min or no access", "超过15分钟或不可达"),
        "over_30": ("over 30 min or no access", "超过30分钟或不可达"),
        "season": ("season", "季节"),
        "season_out": ("streets not there then, km", "该季节缺失道路（公里）"),
        "overloaded": ("overloaded service points", "超负荷服务点"),
    },
    on_page=("scenario", "mode", "minutes", "covered", "rate", "change_people"),
)
