"""T11: how equally times are spread over residents, one row per mode and group."""

from __future__ import annotations

from typing import Any, Final

from access15.equity import equity
from access15.outputs.findings import Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.report.table_figures import EQUITY_CAP_MIN, cap_of, telling_cases
from access15.outputs.words import Words, said

_COLUMNS: Final = (
    "mode:text group:text residents:count mean_min:minutes ede:minutes gini:gini theil:gini worst_min:minutes"
)


def _build(findings: Findings, word: Words) -> Builder | None:
    lines: list[tuple[Any, ...]] = []
    for case, times in telling_cases(findings):
        found = equity(times, findings.population, cap_minutes=cap_of(times))
        for row in found.table.to_dict("records"):
            group = word["all"] if row["group"] == "all" else said(word, row["group"])
            figures = (row[what] for what in ("people", "mean_min", "ede_min", "gini", "theil", "worst_min"))
            lines.append((said(word, case), group, *figures))
    if not lines:
        return None
    out = Builder(word)
    out.rows(_COLUMNS, lines)
    return out.done(word["note"].format(cap=EQUITY_CAP_MIN))


TABLE = ReportTable(
    id="T11",
    title=("Equity", "公平性"),
    about="how equally times are spread over residents, by mode and group",
    build=_build,
    note=(
        "How equally times are spread over residents, each counted with their people. EDE (Kolm–Pollak): the minutes that would "
        "be as good if all needed the same. Gini and Theil: 0 where all need the same. Worst served: the 5 % of people "
        "with the longest way. Times are capped at {cap:g} min (practice value); people without a time count at the cap.",
        "出行时间在常住人口中的分布是否均等，按人口加权。EDE（Kolm–Pollak）：若人人相同，与现状同样好的分钟数。"
        "基尼系数与泰尔指数为 0 表示人人相同。“最远5%人口”为路程最长的 5 % 人口。时间以 {cap:g} 分钟封顶（经验值），不可达者按封顶值计。",
    ),
    words={
        "theil": ("Theil", "泰尔指数"),
        "worst_min": ("mean of the worst served 5 %, min", "最远5%人口平均时间（分钟）"),
    },
    on_page=("mode", "group", "residents", "mean_min", "gini", "worst_min"),
)
