"""T11a: equity between areas, and between areas of a kind and all others, one row per mode and division."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from access15.arrays import Bools
from access15.equity import theil_parts
from access15.model import Population
from access15.outputs.findings import Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.report.table_figures import EQUITY_CAP_MIN, cap_of, telling_cases
from access15.outputs.words import Words, said

_SPLIT: Final = "mode:text division:text theil_within:gini theil_between:gini between_share:rate"
_APART: Final = "people_in:count mean_in:minutes mean_out:minutes rate_in:rate rate_out:rate rate_gap:points"


def _build(findings: Findings, word: Words) -> Builder | None:
    lines = [
        (said(word, case), *line)
        for case, times in telling_cases(findings)
        for line in _divisions(findings, case, cap_of(times), word)
    ]
    if not lines:
        return None
    out, split = Builder(word), len(_SPLIT.split())
    out.rows(_SPLIT, [line[:split] for line in lines])
    if findings.areas is not None and findings.areas.flags:
        out.rows(_APART, [line[split:] for line in lines])
    return out.done(word["note"].format(minutes=findings.minutes, cap=EQUITY_CAP_MIN))


def _divisions(findings: Findings, case: str, cap: float, word: Words) -> Iterator[tuple[Any, ...]]:
    """Return Theil within and between the areas, then areas with and without each of their flags."""
    areas, people, times = findings.areas, findings.population, findings.times[case]
    if areas is None:
        return
    where = findings.coverages[case].cell_area
    minutes = np.minimum(times.seconds / 60, cap)
    yield (word["between_areas"], *_theil(minutes, people.people, where + 1), *[math.nan] * 6)
    for flag, having in areas.flags.items():
        inside = np.append(having, False)[where]  # Cells in no area have no flag.
        split = _theil(minutes, people.people, inside.astype(int))
        apart = _apart(minutes, times.within(findings.minutes), inside, people)
        yield (word.get(f"flag_{flag}", flag), *split, *apart)


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


TABLE = ReportTable(
    id="T11a",
    title=("Equity between areas", "区域间公平性"),
    about="equity between areas, and between areas of a kind and all others; with areas",
    build=_build,
    note=(
        "The Theil index of T11 within and between areas, and between areas of a kind and all others. Rates are of "
        "{minutes:g} min; times are capped at {cap:g} min.",
        "将 T11 的泰尔指数分解为区域内与区域间，以及某类区域与其余区域之间。覆盖率按{minutes:g}分钟计，时间以 {cap:g} 分钟封顶。",
    ),
    words={
        "division": ("division", "划分"),
        "between_areas": ("all areas", "各统计单元"),
        "theil_within": ("Theil within", "泰尔指数：组内"),
        "theil_between": ("Theil between", "泰尔指数：组间"),
        "between_share": ("share between", "组间占比"),
        "people_in": ("people there", "该类区域人口"),
        "mean_in": ("mean time there, min", "该类区域平均时间（分钟）"),
        "mean_out": ("mean time elsewhere, min", "其余区域平均时间（分钟）"),
        "rate_in": ("rate there", "该类区域覆盖率"),
        "rate_out": ("rate elsewhere", "其余区域覆盖率"),
        "rate_gap": ("gap, percentage points", "差距（百分点）"),
        "flag_urban": ("urban areas", "城镇区域"),
        "flag_rural": ("rural areas", "农村区域"),
        "flag_remote": ("remote areas", "偏远区域"),
        "flag_fast-growing": ("fast-growing areas", "人口快速增长区域"),
        "flag_urban village": ("urban villages", "城中村"),
    },
    on_page=("mode", "division", "people_in", "rate_in", "rate_out", "rate_gap"),
)
