"""T10a: people who gain and lose at the headline, by scenario, area and group, where anybody does."""

from __future__ import annotations

from typing import Final

from access15.outputs._frames import NONE_AREA
from access15.outputs.findings import PROPOSED, Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.words import Words, said

_COLUMNS: Final = "scenario:text place:text group:text residents:count gains:count loses:count change_people:signed change_rate:points"


def _build(findings: Findings, word: Words) -> Builder | None:
    mode, names = findings.coverage.origin.profile.name, findings.area_names()
    names[NONE_AREA] = word["no_area"]
    lines = []
    for name, run in findings.compared.items():
        table = run.table
        at_headline = (table["mode"] == mode) & (table["minutes"] == findings.minutes)
        table = table[at_headline & table["area_id"].notna()]
        touched = (table["gain"] > 0) | (table["lose"] > 0) | (table["covered_change"].abs() > 1e-9)
        title = word["plan_name"] if name == PROPOSED else name
        for row in table[touched].to_dict("records"):
            group = word["all"] if row["group"] == "all" else said(word, row["group"])
            place = names.get(str(row["area_id"]), row["area_id"])
            figures = (row[what] for what in ("people_after", "gain", "lose", "covered_change"))
            lines.append((title, place, group, *figures, row["rate_change"] * 100))
    if not lines:
        return None
    out = Builder(word)
    out.rows(_COLUMNS, lines)
    return out.done(word["note"].format(mode=said(word, findings.headline_case), minutes=findings.minutes))


TABLE = ReportTable(
    id="T10a",
    title=("Who gains and who loses, by area", "各区域受益与失去覆盖人口"),
    about="who gains and who loses, by area and group; where anybody does",
    build=_build,
    note=(
        "At {mode}, {minutes:g} min. Areas and groups where nobody gains or loses are left out. The change in covered also holds "
        "people who came or went.",
        "按{mode}{minutes:g}分钟计，未列出无变化的区域与人群。覆盖人口变化含人口增减。",
    ),
    on_page=("scenario", "place", "group", "gains", "loses", "change_people"),
)
