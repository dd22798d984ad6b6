"""The first page put together, its sections in the order a planner reads."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Final

from access15.outputs.findings import Findings
from access15.outputs.one_case import case_figures as figures
from access15.outputs.one_case import words as case_words
from access15.outputs.report import gap_actions, gap_cards, gap_stops
from access15.outputs.report.first_page import areas, map, ranked, ruler, sure, verdict
from access15.outputs.words import Pair, Words, words

_PARTS: Final = (figures, case_words, verdict, ranked, areas, sure)

WORDS: Final[dict[str, Pair]] = {
    "second_map": ("Map of another case of this study:", "本研究另一口径的地图："),
    "first_case": (
        "{mode}, {t:g} minutes · {points:,} service points · {people} residents",
        "{mode}{t:g} 分钟 · 医疗服务点 {points:,} 个 · 常住人口 {people}",
    ),
}

_SIGNS: Final = {"met": "✓", "areas": "!", "short": "×", "none": "–", "unknown": "?"}


def first_words(lang: str) -> dict[str, str]:
    """Return the words of the page in one language."""
    return words(lang, _page_words())


def _page_words() -> dict[str, Pair]:
    own: dict[str, Pair] = dict(WORDS) | figures.SIDES
    for part in _PARTS:
        own |= part.WORDS
    return own


def case_line(found: figures.Figures, word: Words) -> str:
    """Return the case of the page: mode, minutes, how many service points and residents."""
    return word["first_case"].format(
        mode=figures.mode_of(found.findings, word),
        t=found.findings.minutes,
        points=len(found.findings.points_of(found.findings.headline_case)),
        people=f"{found.total:,.0f}",
    )


def other_cases(findings: Findings) -> list[Findings]:
    """Return the study in the cases of its gaps and of its plan, where these are not the headline's.

    A case that has no coverage, for it is none of the study's modes and cut-offs, is left out: the page says so.
    """
    gaps, plan = findings.gaps, findings.plan
    wanted = [] if gaps is None else [(gaps.origin, gaps.minutes)]
    wanted += [] if plan is None else [(plan.origin, plan.minutes)]
    out: dict[tuple[str, float], Findings] = {}
    for origin, minutes in wanted:
        for case, times in findings.times.items():
            here = (case, minutes) == (findings.headline_case, findings.minutes)
            if (
                times.profile.name == origin.profile.name
                and minutes in findings.coverages[case].minutes
                and not here
            ):
                out[case, minutes] = replace(findings, headline_case=case, minutes=minutes)
                break
    return [
        f
        for f in out.values()
        if not figures.same_case(findings, f.times[f.headline_case].profile.name, f.minutes)
    ]


def other_maps(findings: Findings, lang: str) -> str:
    """Return a map with its gaps and sites for every other case of the study, as HTML; empty where all is one case."""
    word, out = first_words(lang), []
    for other in other_cases(findings):
        found = figures.figures_of_case(other)
        drawn = map.map_section(found, word) if len(other.population) else ""
        out.append(
            f'<article class="first second"><header><p><b>{word["second_map"]}</b> {escape(case_line(found, word))}</p></header>'
            f'<div class="columns">{drawn}<div class="side">{ranked.gaps_section(found, word)}{ranked.sites_section(found, word)}</div></div></article>'
        )
    return "".join(out)


def gaps_pages(findings: Findings, lang: str) -> str:
    """Return the pages of many gaps as HTML; empty where they are few or of another case."""
    word = words(lang, {**gap_cards.WORDS, **gap_stops.WORDS, **gap_actions.WORDS, **_page_words()})
    return gap_cards.gap_pages(figures.figures_of_case(findings), word)


def first_page(findings: Findings, lang: str, date: str, version: str) -> str:
    """Return the first page as HTML: everything that comes from the data is escaped.

    Parameters
    ----------
    findings : Findings
    lang : {"en", "zh"}
    date, version : str
        Of the report and of the program.
    """
    word = first_words(lang)
    found = figures.figures_of_case(findings)
    said = verdict.verdict(found, word)
    case = case_line(found, word)
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
