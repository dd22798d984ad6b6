"""T2: every mode and group at the headline cut-off."""

from __future__ import annotations

from access15.outputs.findings import Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.report.table_figures import TOTAL, figures_of
from access15.outputs.words import Words, said


def _build(findings: Findings, word: Words) -> Builder:
    groups, cut = ["all", *findings.population.groups], findings.minutes
    lines = []
    for case, coverage in findings.coverages.items():
        total = figures_of(coverage, cut, "rate", [TOTAL])[0]
        for group in groups:
            people, covered, rate = (
                figures_of(coverage, cut, what, [TOTAL], group)[0] for what in ("people", "covered", "rate")
            )
            name = word["all"] if group == "all" else said(word, group)
            lines.append((said(word, case), cut, name, people, covered, rate, (rate - total) * 100))
    out = Builder(word)
    columns = "mode:text minutes:number group:text people:count covered:count rate:rate gap_to_total:points"
    out.rows(columns, lines)
    return out.done(word["note"] if len(groups) > 1 else f"{word['note']} {word['no_groups']}")


TABLE = ReportTable(
    id="T2",
    title=("Key groups", "重点人群"),
    about="every group of people against all residents",
    build=_build,
    note=(
        "Each group against all residents, same mode and minutes.",
        "各人群与全部常住人口相比，出行方式与分钟数相同。",
    ),
    words={
        "gap_to_total": ("gap to the total, percentage points", "与总体之差（百分点）"),
        "no_groups": (
            "The population data carry no groups, so nothing can be said about key groups.",
            "人口数据不含分人群数据，重点人群无法判断。",
        ),
    },
    on_page=("mode", "minutes", "group", "people", "covered", "rate"),
)
