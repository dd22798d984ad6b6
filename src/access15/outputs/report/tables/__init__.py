"""The tables a health commission hands in, each declared in a file of its own, for report and workbook alike."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from access15.outputs.findings import Findings
from access15.outputs.report.report_table import ReportTable, Table
from access15.outputs.words import words

_ORDER: Final = (
    "t1_coverage",
    "t1a_tiers",
    "t2_groups",
    "t3_supply",
    "t3a_area_supply",
    "t4_doctors",
    "t5_gaps",
    "t5a_critical_streets",
    "t6_sites",
    "t7_outreach",
    "t8_estates",
    "t9_referral",
    "t9a_ambulances",
    "t10_before_after",
    "t10a_area_changes",
    "t11_equity",
    "t11a_equity_parts",
    "t12_sensitivity",
    "t13_compliance",
    "t13a_villages_without",
    "caveats",
)

TABLES: Final[tuple[ReportTable, ...]] = tuple(import_module(f"{__name__}.{name}").TABLE for name in _ORDER)
"""Every table a report may hold, in the order of the report."""


def report_tables(findings: Findings, lang: str = "en") -> dict[str, Table]:
    """Return the tables by key, in the order of the report; those without data are left out.

    Parameters
    ----------
    findings : Findings
    lang : {"en", "zh"}

    Returns
    -------
    dict of str to Table
        By the ids of `TABLES`. Totals are sums of people, never means of rates.
    """
    words(lang)  # An unknown language is refused whatever the findings hold.
    made = [table.made(findings, lang) for table in TABLES]
    return {table.key: table for table in made if table is not None}
