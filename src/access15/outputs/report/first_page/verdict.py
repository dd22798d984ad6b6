"""The verdict: met or not, by how many people; what the plan brings; whom it leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from access15.outputs.one_case.case_figures import (
    Figures,
    listed,
    percent,
    places_of,
    same_case,
    spaced,
    unit_of,
    way_of,
    whole_percent,
)
from access15.outputs.words import Pair, Words, said

MOST: Final = 0.75
"""Share of what a plan brings from which its first site is said to do most of it."""

WORDS: Final[dict[str, Pair]] = {
    "tag_met": ("Target met", "达标"),
    "tag_areas": ("Target met, {k} {areas} below", "总体达标，{k} 个{areas}未达标"),
    "tag_short": ("Target not met", "未达标"),
    "tag_none": ("No target set", "未设目标"),
    "tag_unknown": ("Not known", "无法判断"),
    "is_met": (
        "{rate} of residents reach care in {t:g} minutes {way}; the target of {T} is met.",
        "{rate} 的居民{way} {t:g} 分钟能到医疗服务点，达到 {T} 的目标。",
    ),
    "is_met_areas": (
        "{rate} of residents reach care in {t:g} minutes {way}; the target of {T} is met, but {k} of {n} {areas} are below it.",
        "{rate} 的居民{way} {t:g} 分钟能到医疗服务点，总体达到 {T} 的目标；但 {n} 个{areas}中有 {k} 个没有达到。",
    ),
    "is_short": (
        "{rate} of residents reach care in {t:g} minutes {way}: {short} people short of the {T} target.",
        "{rate} 的居民{way} {t:g} 分钟能到医疗服务点，距 {T} 的目标还差 {short} 人。",
    ),
    "is_untargeted": (
        "{un} of {N} people cannot reach care in {t:g} minutes {way}.",
        "{N} 人中有 {un} 人{way} {t:g} 分钟到不了医疗服务点。",
    ),
    "is_everybody": (
        "All {N} people reach care in {t:g} minutes {way}.",
        "{N} 人{way} {t:g} 分钟全部能到医疗服务点。",
    ),
    "is_unknown": ("Cannot be judged: {what} is missing.", "无法判断：缺{what}。"),
    "what_people": ("the number of residents", "常住人口数据"),
    "what_points": ("the list of service points", "医疗服务点名单"),
    "short_areas": (
        "{k} of {n} {areas} are below the target today.",
        "现有 {n} 个{areas}中 {k} 个未达标。",
    ),
    "plan_many": (
        "{p} sites, in this order, bring {gain} people, to {rate2}.",
        "按次序建 {p} 个点，多覆盖 {gain} 人，覆盖率升至 {rate2}。",
    ),
    "plan_one": (
        "One site in {place} brings {gain} people, to {rate2}.",
        "在{place}建一处，多覆盖 {gain} 人，覆盖率升至 {rate2}。",
    ),
    "plan_first": (
        "One site in {place} does most of it: +{gain} people, to {rate2}; {p} more bring {more}, to {rate3}.",
        "在{place}建一处即可补上大部分：+{gain} 人，覆盖率升至 {rate2}；另建 {p} 处再增 {more} 人，升至 {rate3}。",
    ),
    "plan_unasked": ("No sites were asked for.", "本研究未要求布点。"),
    "plan_nothing": ("No site would bring anybody more.", "没有可增加覆盖的布点。"),
    "plan_impossible": ("No plan meets what was asked for.", "没有满足要求的布点方案。"),
    "plan_elsewhere": (
        "The proposed sites were chosen for another case ({mode}, {t}): see table T6.",
        "建议布点按另一口径（{mode}，{t}）选定，见表 T6。",
    ),
    "left_no_site": ("No site for {areas}; still {s} short.", "{areas}不在建议布点之列，仍差 {s} 人。"),
    "left_short": ("{areas}: still {s} short with the plan.", "{areas}建成后仍差 {s} 人。"),
    "left_none": (
        "No area stays below the target.",
        "建成后各区域全部达标。",
    ),
    "left_total": (
        "The target is missed with the plan too, by {s} people.",
        "建成后总体仍差 {s} 人达标。",
    ),
    "left_beyond": ("{un} people stay beyond {t:g} minutes.", "仍有 {un} 人在 {t:g} 分钟以外。"),
    "no_limit": ("no limit", "不设时限"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Its sign (``met``, ``areas``, ``short``, ``none`` or ``unknown``), and its sentences."""

    sign: str
    tag: str
    headline: str
    lead: tuple[str, ...]


def verdict(figures: Figures, word: Words) -> Verdict:
    """Return the verdict on the headline case."""
    findings, target, total = figures.findings, figures.target, figures.total
    unknown = "what_people" if not total > 0 else "what_points" if not len(findings.facilities) else ""
    if unknown:
        return Verdict("unknown", word["tag_unknown"], word["is_unknown"].format(what=word[unknown]), ())
    sign, key = _kind(figures)
    below, known = len(figures.below), len(figures.areas)
    unit = unit_of(figures.areas, word)
    headline = word[key].format(
        rate=percent(figures.covered / total, target),
        t=findings.minutes,
        way=way_of(findings, word),
        T="" if target is None else whole_percent(target),
        k=below,
        n=known,
        areas=unit,
        short=f"{_short(figures):,}",
        un=_count(total - figures.covered),
        N=_count(total),
    )
    lead = [word["short_areas"].format(k=below, n=known, areas=unit)] if sign == "short" and below else []
    lead += [*_plan(figures, word), *_left(figures, word)]
    return Verdict(
        sign, word[f"tag_{sign}"].format(k=below, areas=unit), spaced(headline), tuple(map(spaced, lead))
    )


def _kind(figures: Figures) -> tuple[str, str]:
    if figures.target is None:
        return "none", "is_untargeted" if figures.total - figures.covered >= 0.5 else "is_everybody"
    if _short(figures):
        return "short", "is_short"
    return ("areas", "is_met_areas") if figures.below else ("met", "is_met")


def _short(figures: Figures, planned: bool = False) -> int:
    from access15.outputs.one_case.case_figures import people_short

    covered = figures.after if planned else figures.covered
    return 0 if figures.target is None else people_short(figures.target, figures.total, covered)


def _count(people: float) -> str:
    return f"{people:,.0f}"


def _plan(figures: Figures, word: Words) -> list[str]:
    """Return what the plan brings, in people of the headline case."""
    findings, plan = figures.findings, figures.findings.plan
    if plan is None:
        return [word["plan_unasked"]] if figures.total - figures.covered >= 0.5 else []
    if plan.status == "infeasible":
        return [word["plan_impossible"]]
    if figures.planned is None or not same_case(findings, plan.origin.profile.name, plan.minutes):
        limit = word["no_limit"] if plan.minutes != plan.minutes else f"{plan.minutes:g} {word['min']}"
        mode = said(word, plan.origin.profile.name)
        return [word["plan_elsewhere"].format(mode=mode, t=limit)]
    gain, total = figures.after - figures.covered, figures.total
    if not plan.p or gain < 0.5:
        return [word["plan_nothing"]]
    gains = [float(g) for g in plan.table.sort_values("rank")["gain"]]
    place = _first_place(figures, word)
    rate2 = percent(figures.after / total, figures.target)
    if plan.p == 1:
        return [word["plan_one"].format(place=place, gain=_count(gain), rate2=rate2)]
    if not plan.by_time and gains[0] >= MOST * gain:
        first = percent((figures.covered + gains[0]) / total, figures.target)
        return [
            word["plan_first"].format(
                place=place,
                gain=_count(gains[0]),
                rate2=first,
                p=plan.p - 1,
                more=_count(gain - gains[0]),
                rate3=rate2,
            )
        ]
    return [word["plan_many"].format(p=plan.p, gain=_count(gain), rate2=rate2)]


def _first_place(figures: Figures, word: Words) -> str:
    findings = figures.findings
    plan, candidates = findings.plan, findings.candidates
    assert plan is not None
    assert candidates is not None
    rows = plan.chosen[:1]
    place = places_of(findings, candidates.x[rows], candidates.y[rows], candidates.crs, word)[0]
    return place or str(candidates.name[rows[0]]) or word["site_unnamed"].format(n=1)


def _left(figures: Figures, word: Words) -> list[str]:
    """Return whom the plan leaves out."""
    if figures.planned is None:
        return []
    target, beyond = figures.target, figures.total - figures.after
    if target is None:
        minutes = figures.findings.minutes
        return [word["left_beyond"].format(un=_count(beyond), t=minutes)] if beyond >= 0.5 else []
    out, left = [], figures.left
    for key, areas in (
        ("left_no_site", [a for a in left if not a.sites]),
        ("left_short", [a for a in left if a.sites]),
    ):
        if areas:
            names = listed([a.name for a in areas], word)
            short = sum(a.short(target, planned=True) for a in areas)
            out.append(word[key].format(areas=names, s=f"{short:,}"))
    if short := _short(figures, planned=True):
        out.append(word["left_total"].format(s=f"{short:,}"))
    elif figures.areas and not left:
        out.append(word["left_none"])
    return out
