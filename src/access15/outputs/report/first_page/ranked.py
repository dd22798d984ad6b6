"""The columns of rows on the first page: the three largest gaps, the sites and how firm they are."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from access15.outputs.maps.parts import LETTERS
from access15.outputs.one_case.case_figures import (
    Figures,
    gap_places,
    gaps_here,
    joined,
    percent,
    point_labels,
    site_places,
    spaced,
    whole_percent,
)
from access15.outputs.one_case.marks import Dots, Mark, Shape, Text, badge, pin
from access15.outputs.one_case.svg import svg
from access15.outputs.palette import PLAN, QUIET, TEXT, TODAY_TEXT
from access15.outputs.words import Pair, Words, said

if TYPE_CHECKING:
    from access15.model import SitingPlan

MOST_GAPS: Final = 3
MOST_SITES: Final = 6
MOST_GROWN: Final = 4
"""Sites up to which a line shows how the share grows."""

FIRM: Final = 0.75
"""Share of the sensitivity runs below which a site is to be checked on the ground first."""

WORDS: Final[dict[str, Pair]] = {
    "gaps_head": ("The largest gaps", "最大的服务盲区"),
    "gaps_unit": ("people", "人数"),
    "gap_way": ("{t:.0f} min to {site}; {what}", "到{site} {t:.0f} 分钟；{what}"),
    "gap_no_way": ("no way to a service point; {what}", "无路可达医疗服务点；{what}"),
    "gap_room": ("the service points in reach are full; {what}", "可达机构已满；{what}"),
    "gaps_rest": (
        "{n:,} more gaps hold {people} people: table T5.",
        "其余 {n:,} 处共 {people} 人，见表 T5。",
    ),
    "gaps_free": ("There is no gap: everybody is within the limit.", "没有服务盲区，全部人口在时限内。"),
    "gaps_unasked": ("Gaps were not asked for.", "本研究未计算服务盲区。"),
    "gaps_elsewhere": (
        "The gaps of this study are of another case ({mode}, {t:g} min): they stand in table T5, not on this page.",
        "本研究的服务盲区按另一口径（{mode}，{t:g} 分钟）计算，列于表 T5，不在本页显示。",
    ),
    "sites_head": ("Sites, in order of opening", "建议布点，按建设先后"),
    "sites_unit": ("newly reached", "新增覆盖人数"),
    "sites_firm": ("newly reached, chosen in runs", "新增覆盖人数，入选次数"),
    "grown_one": ("1 site", "1 个点"),
    "grown_more": ("{n} sites", "{n} 个点"),
    "sites_rest": ("{n} more sites: table T6.", "另有 {n} 个点，见表 T6。"),
    "sites_proof": (
        "{status} for {p} sites in this case.",
        "在此口径下 {p} 个点的方案：{status}。",
    ),
    "sites_tested": (
        "Of sites chosen in fewer than 3 of 4 sensitivity runs (marked !) check the ground first.",
        "敏感性试验中入选不足四分之三的点（标 !），选址前先现场复核。",
    ),
    "sites_untested": ("How firm the choice is was not tested.", "未做敏感性试验，稳健性未知。"),
    "sites_ground": (
        "Sites are street junctions: no plot or building has been checked.",
        "布点为道路交叉口，未核对地块和房屋。",
    ),
    "sites_elsewhere": (
        "The sites of this study are of another case: they stand in table T6, not on this page.",
        "本研究的布点按另一口径选定，列于表 T6，不在本页显示。",
    ),
    "sites_free": ("No sites are proposed.", "没有建议布点。"),
}


def _row(sign: str, name: str, figure: str, below: str = "", mark: str = "") -> str:
    small = f'<small class="under"><bdi>{escape(below)}</bdi></small>' if below else ""
    return (
        f'<li><svg class="sign" viewBox="0 0 25 25" aria-hidden="true">{sign}</svg><span class="name"><bdi>{escape(name)}</bdi>{small}</span>'
        f'<span class="figure">{figure}{mark}</span></li>'
    )


def _section(word: Words, head: str, unit: str, rows: list[str], notes: list[str], drawn: str = "") -> str:
    items = f"<ol>{''.join(rows)}</ol>" if rows else ""
    said_below = f'<p class="remark">{escape(joined(notes, word))}</p>' if notes else ""
    return f"<section><h2>{head}<small>{unit}</small></h2>{items}{drawn}{said_below}</section>"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A list of the page: its head, the unit of its figures, its rows and what is said below them."""

    head: str
    unit: str
    rows: tuple[RankedRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RankedRow:
    """A gap or a site: its letter or digit, where it is, its figure, what is said of it, how firm it is."""

    sign: str
    place: str
    figure: str
    below: str = ""
    firm: str = ""
    weak: bool = False


def gaps_listed(figures: Figures, word: Words) -> Ranked:
    """Return the three largest gaps with the way to the nearest service point and what is recommended."""
    findings, gaps = figures.findings, figures.findings.gaps
    head = word["gaps_head"]
    if gaps is None:
        return Ranked(head, "", (), (word["gaps_unasked"],))
    if not gaps_here(figures):
        mode = said(word, gaps.origin.profile.name)
        return Ranked(head, "", (), (word["gaps_elsewhere"].format(mode=mode, t=gaps.minutes),))
    if not len(gaps):
        return Ranked(head, "", (), (word["gaps_free"],))
    table = gaps.table.sort_values("rank")
    top = table.head(MOST_GAPS)
    places = gap_places(findings, top, word)
    sites, rows = point_labels(findings, word), []
    for letter, row, place in zip(LETTERS, top.to_dict("records"), places, strict=False):
        what = str(said(word, row["recommendation"]) or said(word, row["reason"]))
        nearest = row["nearest_facility"]
        if row["kind"] == "capacity":
            text = word["gap_room"].format(what=what)
        elif nearest is None or nearest != nearest or not row["median_s"] < float("inf"):
            text = word["gap_no_way"].format(what=what)
        else:
            text = word["gap_way"].format(t=row["median_s"] / 60, site=sites[str(nearest)], what=what)
        rows.append(RankedRow(letter, place, f"{row['people']:,.0f}", spaced(text)))
    rest, notes = table.iloc[MOST_GAPS:], []
    if len(rest):
        notes = [word["gaps_rest"].format(n=len(rest), people=f"{rest['people'].sum():,.0f}")]
    return Ranked(head, word["gaps_unit"], tuple(rows), tuple(notes))


def sites_listed(figures: Figures, word: Words) -> Ranked:
    """Return the sites in opening order with what each brings and how firm it is."""
    plan, candidates = figures.findings.plan, figures.findings.candidates
    if plan is None or candidates is None or not plan.p:
        return Ranked(word["sites_head"], "", (), (word["sites_free"],))
    if figures.planned is None:
        return Ranked(word["sites_head"], "", (), (word["sites_elsewhere"],))
    table = plan.table.sort_values("rank").head(MOST_SITES)
    firm, rows = _firmness(figures), []
    for k, (row, name) in enumerate(
        zip(table.to_dict("records"), site_places(figures, word), strict=False), 1
    ):
        found = firm.get(str(row["candidate_id"]))
        weak = found is not None and found[0] < FIRM * found[1]
        runs = f"{found[0]:.0f}/{found[1]:.0f}{'!' if weak else ''}" if found else ""
        figure = "–" if plan.by_time else f"+{row['gain']:,.0f}"
        rows.append(RankedRow(str(k), name, figure, firm=runs, weak=weak))
    unit = word["sites_firm" if firm else "sites_unit"]
    return Ranked(word["sites_head"], unit, tuple(rows), tuple(_remarks(plan, bool(firm), word)))


def gaps_section(figures: Figures, word: Words) -> str:
    """Return the largest gaps as HTML."""
    found = gaps_listed(figures, word)
    rows = [_row(svg([badge(r.sign)]), r.place, f"<b>{r.figure}</b>", r.below) for r in found.rows]
    return _section(word, found.head, found.unit, rows, list(found.notes))


def sites_section(figures: Figures, word: Words) -> str:
    """Return the sites as HTML."""
    found, rows = sites_listed(figures, word), []
    for r in found.rows:
        mark = f' <small class="{"weak" if r.weak else "firm"}">{r.firm}</small>' if r.firm else ""
        rows.append(_row(svg([pin(int(r.sign))]), r.place, f'<b class="plan">{r.figure}</b>', mark=mark))
    return _section(word, found.head, found.unit, rows, list(found.notes), _growth(figures, word))


def _growth(figures: Figures, word: Words) -> str:
    """Return the share covered today and after each of a few sites as a line; nothing where there are many."""
    plan, total = figures.findings.plan, figures.total
    if (
        plan is None
        or figures.planned is None
        or plan.by_time
        or not 1 <= plan.p <= MOST_GROWN
        or not total > 0
    ):
        return ""
    gains = plan.table.sort_values("rank")["gain"].to_numpy(float)
    rates = [
        figures.covered / total,
        *((figures.covered + gains[: k + 1].sum()) / total for k in range(len(gains))),
    ]
    low = min(*rates, figures.target or 1.0)
    span, wide, step = max(1.0 - low, 0.02), 266.0, 266.0 / len(rates)

    def at(k: int) -> tuple[float, float]:
        return (k + 0.5) * step, 58 - 36 * (rates[k] - low) / span

    marks: list[Mark] = []
    if figures.target is not None:
        y = 58 - 36 * (figures.target - low) / span
        marks.append(Shape((np.array([(0.0, y), (wide, y)]),), False, stroke=TEXT, width=1.4))
        text = word["ruler_target"].format(rate=whole_percent(figures.target))
        marks.append(Text(wide, y - 4 if y > 20 else y + 12, text, bold=True, anchor="end"))
    marks.append(Shape((np.array([at(k) for k in range(len(rates))]),), False, stroke=PLAN, width=1.6))
    one = np.array([0])
    for k, rate in enumerate(rates):
        x, y = at(k)
        ink = PLAN if k else TODAY_TEXT
        marks.append(Dots(np.array([x]), np.array([y]), np.array([3.2]), one, (ink,), (ink,)))
        up = -7 if k or y > 40 else 15
        marks.append(Text(x, y + up, percent(rate, figures.target), bold=True, color=ink, halo=True))
        name = word["today"] if not k else word["grown_one"] if k == 1 else word["grown_more"].format(n=k)
        marks.append(Text(x, 78, name, color=QUIET))
    return f'<svg class="growth" viewBox="0 0 {wide:.0f} 84" aria-hidden="true">{svg(marks)}</svg>'


def _remarks(plan: SitingPlan, firm: bool, word: Words) -> list[str]:
    status = str(said(word, plan.status))
    notes = [word["sites_rest"].format(n=plan.p - MOST_SITES)] if plan.p > MOST_SITES else []
    notes.append(word["sites_proof"].format(status=status[:1].upper() + status[1:], p=plan.p))
    notes.append(word["sites_tested" if firm else "sites_untested"])
    if (plan.table["source"] == "junction").any():
        notes.append(word["sites_ground"])
    return notes


def _firmness(figures: Figures) -> dict[str, tuple[float, float]]:
    """Return in how many of the sensitivity runs each site is chosen, by candidate."""
    table = figures.findings.robustness
    if table is None:
        return {}
    chosen = table["near_in" if "near_in" in table else "chosen_in"]
    pairs = zip(chosen.astype(float), table["runs"].astype(float), strict=True)
    return dict(zip(table["candidate_id"].astype(str), pairs, strict=True))
