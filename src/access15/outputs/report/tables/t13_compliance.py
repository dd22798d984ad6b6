"""T13: whether the layout of primary care keeps the rules: one row per area and rule, the total of every rule last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from access15.arrays import Int32s
from access15.coverage import VillageCare, village_care
from access15.model import CareTier, care_tier
from access15.outputs.findings import Findings, place_rows
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.report.table_figures import by_area
from access15.outputs.words import Words

PEOPLE_PER_CENTRE: Final = 100_000.0
"""Residents of a sub-district above which it has another community health centre (joint guidance on laying out primary care, 2025)."""

PEOPLE_PER_STATION: Final = 10_000.0
"""Urban residents for whom a community health centre or a station is there; practice value."""

_CENTRES: Final = (CareTier.TOWNSHIP_CENTRE, CareTier.COMMUNITY_CENTRE)
_URBAN_CARE: Final = (CareTier.COMMUNITY_CENTRE, CareTier.COMMUNITY_SUBCENTRE, CareTier.STATION)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one area has to have by one rule, and has."""

    area: int
    rule: str
    needed: int
    there: int

    @property
    def missing(self) -> int:
        """How many are missing."""
        return max(self.needed - self.there, 0)


def care_of(findings: Findings) -> VillageCare | None:
    """Return the care of villages, None where the population names none."""
    if findings.population.villages is None:
        return None
    return village_care(findings.population, findings.facilities, findings.crs, findings.coverage.cell_area)


def unit_of(code: str, name: str) -> str:
    """Return ``township`` or ``sub-district`` by the last word of the name, else by digits 7 to 9 of the code; empty if neither tells.

    Codes for statistics: 001 to 099 are sub-districts (街道), 100 to 199 towns (镇), 200 to 399 townships (乡).
    """
    if re.search("(街道|街道办事处)$", name.strip()) or re.search(
        r"\bsub-?district$", name.strip().casefold()
    ):
        return "sub-district"
    if re.search("(镇|乡|苏木)$", name.strip()) or re.search(r"\btownship$", name.strip().casefold()):
        return "township"
    if re.fullmatch(r"\d{9}(\d{3})?", code):
        return "sub-district" if int(code[6:9]) < 100 else "township" if int(code[6:9]) < 400 else ""
    return ""


def rules(findings: Findings) -> list[Rule]:
    """Return every rule of every area that is a township or a sub-district, area by area."""
    areas = findings.areas
    if areas is None:
        return []
    sites, care = findings.facilities, care_of(findings)
    inside = place_rows(findings, sites.x, sites.y, sites.crs)
    tiers = np.array([care_tier(str(tier)) for tier in sites.tier], object)
    known = by_area(findings.coverage.summary, "people")
    out: list[Rule] = []
    for row, (code, name) in enumerate(zip(areas.id, areas.name, strict=True)):
        unit = unit_of(str(code), str(name))
        if unit:
            here = tiers[inside == row]
            out += _of_area(row, unit, known.get(str(code), 0.0), here, care)
    return out


def _of_area(row: int, unit: str, people: float, tiers: Int32s, care: VillageCare | None) -> Iterator[Rule]:
    def there(kinds: tuple[CareTier, ...]) -> int:
        return sum(tier in kinds for tier in tiers)

    if unit == "sub-district":
        needed = max(1, int(np.ceil(people / PEOPLE_PER_CENTRE)))
        yield Rule(row, "community health centre", needed, there((CareTier.COMMUNITY_CENTRE,)))
    else:
        yield Rule(row, "township health centre", 1, min(there(_CENTRES), 1))
    urban = people if unit == "sub-district" else 0.0
    if care is not None:
        mine = (care.area == row) & (care.people > 0)
        urban = float(care.people[mine & care.villages.community].sum())
        villages = mine & ~care.villages.community
        if villages.any():
            served = int((care.clinics[villages] > 0).sum())
            yield Rule(row, "clinic of every village", int(villages.sum()), served)
    if unit == "sub-district" or urban > PEOPLE_PER_STATION:
        yield Rule(row, "station or centre", int(np.ceil(urban / PEOPLE_PER_STATION)), there(_URBAN_CARE))


def _build(findings: Findings, word: Words) -> Builder | None:
    found = rules(findings)
    if not found:
        return None
    names = list(findings.area_names().values())
    kinds = list(dict.fromkeys(rule.rule for rule in found))
    totals = []
    for kind in kinds:
        mine = [rule for rule in found if rule.rule == kind]
        totals.append(
            (
                sum(r.needed for r in mine),
                sum(min(r.there, r.needed) for r in mine),
                sum(r.missing for r in mine),
            )
        )
    out = Builder(word)
    out.add("area", "text", [*(names[r.area] for r in found), *[word["total"]] * len(kinds)])
    out.say("rule", [*(r.rule for r in found), *kinds])
    out.add("needed", "count", [*(r.needed for r in found), *(t[0] for t in totals)])
    out.add("there", "count", [*(r.there for r in found), *(t[1] for t in totals)])
    missing = [*(r.missing for r in found), *(t[2] for t in totals)]
    out.add("missing", "count", missing)
    out.say("met", ["no" if m else "yes" for m in missing])
    unknown = sum(care_tier(str(t)) is CareTier.UNKNOWN for t in findings.facilities.tier)
    note = word["note"].format(centre=PEOPLE_PER_CENTRE, station=PEOPLE_PER_STATION)
    if findings.population.villages is None:
        note += " " + word["no_villages"]
    if unknown:
        note += " " + word["unknown_tiers"].format(n=unknown)
    return out.done(note, totals=len(kinds))


TABLE = ReportTable(
    id="T13",
    title=("Compliance of the layout", "机构设置达标情况表"),
    about="whether every township, sub-district and village has the institutions it is to have; where areas are townships or sub-districts",
    build=_build,
    note=(
        "Joint guidance on laying out primary care, 2025: a health centre in every township (a community health centre will do in the county "
        "seat), a clinic of its own or a joint one in every administrative village, a community health centre in every sub-district and "
        "another for every further {centre:,.0f} residents. A station or centre for every {station:,.0f} urban residents is a practice value. Where an "
        "institution stands decides, for villages the name it gives. Totals sum what is missing; more than needed in one area helps no other.",
        "2025年基层医疗卫生机构布局指导：每个乡镇一所乡镇卫生院（县城所在镇可为社区卫生服务中心），每个行政村一所村卫生室或联合设置，每个街道一所社区卫生服务中心，"
        "常住人口每超过 {centre:,.0f} 人增设一所；每 {station:,.0f} 名城镇居民一所社区卫生服务中心或站为经验值。按机构所在位置计，村卫生室按所注明的行政村计。"
        "合计为缺额之和，不以他处超出数相抵。",
    ),
    words={
        "rule": ("rule", "设置要求"),
        "needed": ("needed", "应设"),
        "there": ("there", "已设"),
        "missing": ("missing", "缺额"),
        "met": ("met?", "是否达标"),
        "no_villages": (
            "The population names no villages, so clinics of villages cannot be checked.",
            "人口表未注明行政村，村卫生室设置情况无法核对。",
        ),
        "unknown_tiers": (
            "{n:,} service points have no tier that is known and count nowhere.",
            "{n:,} 个机构类型不明，未计入。",
        ),
    },
)
