"""The first page says the answer of one case: every sentence of the verdict, the map and its figures."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
from report_town import findings_of

from access15.model import Facilities
from access15.outputs.findings import Findings
from access15.outputs.one_case import case_figures as figures
from access15.outputs.one_case import dots as people
from access15.outputs.one_case import outlines as shapes
from access15.outputs.one_case import words as case_words
from access15.outputs.one_case.svg import svg
from access15.outputs.report.first_page import areas, first_page, map, ranked, sure, verdict
from access15.outputs.report.first_page import assembled as page
from access15.outputs.words import words

PARTS = (figures, case_words, verdict, ranked, areas, sure)


def word_of(lang: str) -> dict[str, str]:
    own = dict(page.WORDS) | figures.SIDES
    for part in PARTS:
        own |= part.WORDS
    return words(lang, own)


def verdict_of(findings: Findings, lang: str = "en") -> verdict.Verdict:
    return verdict.verdict(figures.figures_of_case(findings), word_of(lang))


def targeted(town, share: float | None, **more) -> Findings:
    return findings_of(town, targets={} if share is None else {("walk", 15.0): share}, **more)


def rate_of(findings: Findings) -> float:
    return findings.coverage.rate(15.0)


def wanted(findings: Findings, share: float) -> int:
    """People missing to a share, by counting up."""
    people, covered = findings.population.total, rate_of(findings) * findings.population.total
    more = 0
    while (covered + more) / people < share - 1e-12:
        more += 1
    return more


def test_keys_of_the_parts_do_not_collide():
    names = [name for part in (page, *PARTS) for name in part.WORDS]
    assert len(names) == len(set(names))


def test_met_everywhere(town):
    findings = targeted(town, 1e-6, areas=None, coverages=findings_of(town).coverages)
    assert verdict_of(findings).sign == "met"
    rate = f"{rate_of(findings):.1%}"
    assert verdict_of(findings).headline == (
        f"{rate} of residents reach care in 15 minutes on foot; the target of 0.0001% is met."
    )
    assert verdict_of(findings, "zh").headline == (
        f"{rate} 的居民步行 15 分钟能到医疗服务点，达到 0.0001% 的目标。"
    )


def test_met_but_not_in_every_area(town):
    found = figures.figures_of_case(targeted(town, 0.5))
    rows = [
        figures.AreaFigures(name, 100.0, covered, 100.0, 1)
        for name, covered in (("甲镇", 49.0), ("乙乡", 50.0))
    ]
    found = dataclasses.replace(found, areas=tuple(rows))
    said = verdict.verdict(found, word_of("en"))
    assert said.sign == "areas"
    assert said.headline.endswith("the target of 50% is met, but 1 of 2 areas are below it.")
    said = verdict.verdict(found, word_of("zh"))
    assert said.tag == "总体达标，1 个乡镇未达标"
    assert "总体达到 50% 的目标；但 2 个乡镇中有 1 个没有达到。" in said.headline


@pytest.mark.parametrize("share", [0.995, 0.9999, 1.0])
def test_not_met_by_how_many(town, share):
    findings = targeted(town, share)
    said, missing = verdict_of(findings), wanted(findings, share)
    assert said.sign == "short"
    assert said.headline.endswith(f": {missing:,} people short of the {100 * share:g}% target.")
    assert f"距 {100 * share:g}% 的目标还差 {missing:,} 人。" in verdict_of(findings, "zh").headline


def test_without_a_target_those_who_cannot(town):
    findings = targeted(town, None)
    total = findings.population.total
    beyond = total * (1 - rate_of(findings))
    assert verdict_of(findings).headline == (
        f"{beyond:,.0f} of {total:,.0f} people cannot reach care in 15 minutes on foot."
    )
    assert verdict_of(findings, "zh").headline == (
        f"{total:,.0f} 人中有 {beyond:,.0f} 人步行 15 分钟到不了医疗服务点。"
    )
    found = figures.figures_of_case(findings)
    everybody = dataclasses.replace(found, within=np.ones(len(found.people), bool))
    for lang, text in (("en", "All "), ("zh", "全部能到")):
        assert text in verdict.verdict(everybody, word_of(lang)).headline


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_cannot_be_judged(town, lang):
    findings = findings_of(town)
    found = figures.figures_of_case(findings)
    nobody = dataclasses.replace(found, people=np.zeros(len(found.people)))
    said = verdict.verdict(nobody, word_of(lang))
    assert (said.sign, said.lead) == ("unknown", ())
    assert (
        said.headline
        == {
            "en": "Cannot be judged: the number of residents is missing.",
            "zh": "无法判断：缺常住人口数据。",
        }[lang]
    )

    class Without:
        facilities = Facilities.of([], [], findings.facilities.crs)

    no_points = dataclasses.replace(found, findings=Without())  # type: ignore[arg-type]
    assert (
        verdict.verdict(no_points, word_of(lang)).headline
        == {
            "en": "Cannot be judged: the list of service points is missing.",
            "zh": "无法判断：缺医疗服务点名单。",
        }[lang]
    )


def planned(town, gains: list[float], **more) -> Findings:
    """The town with a plan that covers everybody, the gains of its table replaced."""
    findings = findings_of(town, **more)
    table = findings.plan.table.copy()
    table["gain"] = (gains * len(table))[: len(table)]
    covered = np.ones(len(findings.population), bool)
    return dataclasses.replace(
        findings, plan=dataclasses.replace(findings.plan, table=table, covered=covered)
    )


def test_what_the_plan_brings(town):
    findings = planned(town, [1.0])
    found = figures.figures_of_case(findings)
    gain, rate = found.total - found.covered, "100.0%"
    assert found.after == pytest.approx(found.total)
    assert findings.plan.p == 2
    even = verdict_of(planned(town, [gain / findings.plan.p]))
    assert f"{findings.plan.p} sites, in this order, bring {gain:,.0f} people, to {rate}." in even.lead
    most = [0.8 * gain, 0.2 * gain]
    first = f"{(found.covered + most[0]) / found.total:.1%}"
    lead = verdict_of(planned(town, most)).lead
    assert any(f"does most of it: +{most[0]:,.0f} people, to {first};" in text for text in lead)
    lead = verdict_of(planned(town, most), "zh").lead
    assert any(f"建一处即可补上大部分：+{most[0]:,.0f} 人，覆盖率升至 {first}" in text for text in lead)
    one = dataclasses.replace(findings, plan=dataclasses.replace(findings.plan, p=1))
    assert any(text.startswith("One site in ") for text in verdict_of(one).lead)
    assert any(text.startswith("在") and "建一处，多覆盖" in text for text in verdict_of(one, "zh").lead)


@pytest.mark.parametrize(
    ("change", "en", "zh"),
    [
        ({"status": "infeasible"}, "No plan meets what was asked for.", "没有满足要求的布点方案。"),
        ({"p": 0}, "No site would bring anybody more.", "没有可增加覆盖的布点。"),
        (
            {"minutes": 10.0},
            "The proposed sites were chosen for another case (walk, adult, 10 min): see table T6.",
            "建议布点按另一口径（步行（成人），10 分钟）选定，见表 T6。",
        ),
        (
            {"minutes": float("nan")},
            "The proposed sites were chosen for another case (walk, adult, no limit): see table T6.",
            "建议布点按另一口径（步行（成人），不设时限）选定，见表 T6。",
        ),
    ],
)
def test_a_plan_that_brings_nothing_here(town, change, en, zh):
    findings = findings_of(town)
    other = dataclasses.replace(findings, plan=dataclasses.replace(findings.plan, **change))
    assert en in verdict_of(other).lead
    assert zh in verdict_of(other, "zh").lead
    if "minutes" in change:  # Nothing of the other case is on the page.
        text = first_page(other, "en", "", "")
        assert 'class="pin"' not in text
        assert "they stand in table T6, not on this page" in text


def test_no_plan_asked_for(town):
    findings = findings_of(town, plan=None, candidates=None)
    assert "No sites were asked for." in verdict_of(findings).lead
    assert "本研究未要求布点。" in verdict_of(findings, "zh").lead


def test_whom_the_plan_leaves_out(town):
    findings = targeted(town, 1.0)
    found = figures.figures_of_case(findings)
    inside = findings.coverage.cell_area
    for area in found.left:
        row = list(findings.areas.name).index(area.name)
        mine = inside == row
        assert area.short(1.0, planned=True) == np.ceil(found.people[mine & ~found.planned].sum() - 1e-9)
    without = [a for a in found.left if not a.sites]
    text = " ".join(verdict_of(findings).lead)
    if without:
        assert f"No site for {figures.listed([a.name for a in without], word_of('en'))}; still" in text
    assert "The target is missed with the plan too, by " in text
    easy = targeted(town, 1e-6)
    assert "No area stays below the target." in verdict_of(easy).lead or figures.figures_of_case(easy).left


def test_gaps_of_another_case_are_named_and_not_drawn(town):
    findings = findings_of(town, gaps=town.gaps(town.times(3.24, "walk-elder")))
    for lang, text in (
        ("en", "another case (walk, older person, 15 min)"),
        ("zh", "另一口径（步行（老年人），15 分钟）"),
    ):
        page_ = first_page(findings, lang, "", "")
        assert text in page_
        assert 'class="badge"' not in page_
    assert 'class="badge"' in first_page(findings_of(town), "en", "", "")


def test_a_share_never_reads_as_a_target_it_misses():
    assert figures.percent(0.59999, 0.6) == "59.9%"
    assert figures.percent(0.6, 0.6) == "60.0%"
    assert figures.percent(0.59999) == "60.0%"
    assert figures.whole_percent(0.625) == "62.5%"
    assert [figures.people_short(0.6, 10.0, c) for c in (6.0, 5.999, 5.0, 7.0)] == [0, 1, 1, 0]


def test_areas_are_named_together_in_chinese():
    def unit(*names: str, lang: str = "zh") -> str:
        rows = tuple(figures.AreaFigures(name, 1.0, 1.0, 1.0, 0) for name in names)
        return figures.unit_of(rows, word_of(lang))

    assert unit("安湾镇", "石峪乡") == "乡镇"
    assert unit("嘉禾街道") == "街道"
    assert unit("嘉禾街道", "安湾镇") == "乡镇街道"
    assert unit("溪桥村", "东社区") == "村居"
    assert unit("La Rousse", "安湾镇") == "区域"
    assert unit("安湾镇", lang="en") == "areas"


def test_every_cell_is_a_dot_of_its_class_and_its_size(town):
    findings = findings_of(town)
    text = map.map_section(figures.figures_of_case(findings), word_of("en")).partition('<div class="key">')[0]
    lived = findings.population.people
    dots = re.findall(r'<circle cx="[-\d.]+" cy="[-\d.]+" r="([\d.]+)" fill="(#\w{6})"', text)
    assert len(dots) == (lived > 0).sum()
    found = figures.figures_of_case(findings)
    steps = people.time_steps(15.0, findings.coverage.minutes)
    kind = people.kinds(found, steps)
    limit = [end for end, _ in steps].index(15.0)
    assert ((kind <= limit) == found.within).all()
    radius, k = people.radii(lived)
    assert radius**2 == pytest.approx(k * k * lived)
    assert [end for end, _ in steps] == [5, 10, 15, 30, 60, np.inf]


def test_more_cells_than_dots_become_squares_of_the_median(town, monkeypatch):
    monkeypatch.setattr(people, "MOST_DOTS", 3)
    found = figures.figures_of_case(findings_of(town))
    text = map.map_section(found, word_of("en"))
    assert "h3v3h-3z" in text
    assert "each square: its median resident" in text
    steps = people.time_steps(15.0, (15.0,))
    x = y = np.array([0.5, 1.0, 1.5])
    drawn = people.squares(x, y, np.array([1.0, 5.0, 1.0]), np.array([0, 2, 1]), steps)
    assert svg(drawn) == '<path d="M0 0h3v3h-3z" fill="#983a1c"/>'


def test_the_shape_of_a_crowd_is_that_of_its_spots():
    rng = np.random.default_rng(5)
    x, y = rng.uniform(50, 350, (2, 50_000))
    x[: len(x) // 2] /= 4
    few = np.sort(rng.choice(len(x), shapes.MANY, replace=False))
    whole, part = shapes.blob(x, y, np.full(len(x), 1.5)), shapes.blob(x[few], y[few], np.full(len(few), 1.5))
    assert whole.is_valid
    assert part.difference(whole.buffer(2.5 * shapes.SEEN)).area < 0.02 * part.area


def test_each_newly_reached_cell_has_one_site(town):
    found = figures.figures_of_case(findings_of(town))
    owner = shapes.site_of_cells(found)
    gained = found.planned & ~found.within & (found.people > 0)
    assert ((owner >= 0) == gained).all()
    assert owner.max() < found.findings.plan.p


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_names_with_markup_stay_text(town, lang):
    evil = "</svg><script>alert(1)</script>"
    areas_ = dataclasses.replace(town.areas, name=[evil, "שלום עולם", "很长的名称" * 60])
    text = first_page(findings_of(town, areas=areas_, name=evil), lang, evil, evil)
    assert "<script" not in text
    assert "很长的名称" * 8 not in text
    assert "שלום" in text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_is_whole_where_parts_are_missing(town, lang):
    full = findings_of(town)
    bare = findings_of(town, gaps=None, plan=None, candidates=None, targets={}, provenance={})
    no_gap = findings_of(town, gaps=dataclasses.replace(full.gaps, table=full.gaps.table.iloc[:0]))
    for findings in (full, bare, no_gap):
        text = first_page(findings, lang, "2030-01-02", "9")
        assert not re.search(r"\bnan\b|\binf\b|None", text)
        assert ("审图号" in text) == (lang == "zh")


def test_chinese_pages_have_no_english_sentence(town):
    text = re.sub(r"<[^>]+>", " ", first_page(findings_of(town, name="城"), "zh", "", ""))
    assert not re.search(r"[A-Za-z]+ [a-z]+ [a-z]+", text), text
