"""The first page put together, its sections in the order a planner reads."""

from __future__ import annotations

from html import escape
from typing import Final

from access15.outputs.findings import Findings
from access15.outputs.report.first_page import areas, map, ranked, ruler, sure, verdict
from access15.outputs.report.first_page import case_figures as figures
from access15.outputs.words import Pair, words

_PARTS: Final = (figures, verdict, ruler, map, ranked, areas, sure)

WORDS: Final[dict[str, Pair]] = {
    "first_case": (
        "{mode}, {t:g} minutes · {points:,} service points · {people} residents",
        "{mode}{t:g} 分钟 · 医疗服务点 {points:,} 个 · 常住人口 {people}",
    ),
}

_SIGNS: Final = {"met": "✓", "areas": "!", "short": "×", "none": "–", "unknown": "?"}


def first_page(findings: Findings, lang: str, date: str, version: str) -> str:
    """Return the first page as HTML: everything that comes from the data is escaped.

    Parameters
    ----------
    findings : Findings
    lang : {"en", "zh"}
    date, version : str
        Of the report and of the program.
    """
    own: dict[str, Pair] = dict(WORDS) | figures.SIDES
    for part in _PARTS:
        own |= part.WORDS
    word = words(lang, own)
    found = figures.figures_of_case(findings)
    said = verdict.verdict(found, word)
    case = word["first_case"].format(
        mode=figures.mode_of(findings, word),
        t=findings.minutes,
        points=len(findings.facilities),
        people=f"{found.total:,.0f}",
    )
    lead = figures.joined(list(said.lead), word)
    drawn = map.map_section(found, word) if len(findings.population) else ""
    return (
        f'<article class="first" id="first"><header><p><b><bdi>{escape(figures.plain_name(findings.name))}</bdi></b> {escape(case)}</p><time>{escape(date)}</time></header>'
        f'<p class="tag {said.sign}"><i aria-hidden="true">{_SIGNS[said.sign]}</i>{escape(said.tag)}</p>'
        f'<h1><bdi>{escape(said.headline)}</bdi></h1><p class="lead">{escape(lead)}</p>{ruler.ruler(found, word)}{ruler.ruler(found, word, narrow=True)}'
        f'<div class="columns">{drawn}<div class="side">{ranked.gaps_section(found, word)}{ranked.sites_section(found, word)}</div>'
        f'{areas.areas_section(found, word)}<div class="side">{sure.groups_section(found, word)}{sure.room_section(found, word)}</div></div>'
        f"{sure.foot(found, version, word)}</article>"
    )
