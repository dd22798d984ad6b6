"""T4: village doctors needed and there, one row per administrative village, or per area, and a total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from access15.arrays import Bools, Floats, Objects
from access15.coverage import NEAR_M, VillageCare, village_care
from access15.outputs.findings import Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.report.table_figures import by_area
from access15.outputs.words import Words

RESIDENTS_PER_DOCTOR: Final = 1000.0
REMOTE_RESIDENTS_PER_DOCTOR: Final = 500.0
"""Residents for whom one village doctor is provided, and in remote mountain villages: Xiamen city office, document 2
of 2024, "about" (左右) one doctor for a thousand, or for five hundred."""

TOLERANCE: Final = 0.1
"""Share of the need that may be missing and still be "about" the standard; practice value."""

_EXACT: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class DoctorNeed:
    """Village doctors by village or area: how many people make how many, and how many there are.

    Attributes
    ----------
    name : (n,) object array of str
    people, standard : (n,) float64
        Residents, and residents for whom one doctor is provided.
    exact : (n,) float64
        ``people / standard``, before it is rounded up.
    there : (n,) float64
        NaN where unknown.
    remote : (n,) bool
    care : VillageCare or None
        The villages, where these are villages.
    """

    name: Objects
    people: Floats
    standard: Floats
    exact: Floats
    there: Floats
    remote: Bools
    care: VillageCare | None = None

    @property
    def need(self) -> Floats:
        """Doctors needed: there is no part of a doctor."""
        return np.ceil(self.exact - _EXACT)

    @property
    def missing(self) -> Floats:
        """Doctors missing, NaN where it is not known how many are there; more than needed elsewhere help nobody here."""
        return np.maximum(self.need - self.there, 0.0)

    @property
    def met(self) -> list[str]:
        """Whether "about" the standard is met."""
        enough = self.there >= self.exact * (1 - TOLERANCE)
        return [
            "cannot be judged" if t != t else "yes" if ok else "no"
            for t, ok in zip(self.there, enough, strict=True)
        ]


def doctor_need(findings: Findings) -> DoctorNeed | None:
    """Return need and supply of village doctors: by village where the population names villages, else by area.

    None where neither the clinics of villages nor the areas state doctors. Urban communities need no village doctor.
    """
    areas = findings.areas
    if findings.population.villages is not None:
        care = village_care(
            findings.population, findings.facilities, findings.crs, findings.coverage.cell_area
        )
        if np.isfinite(care.doctors[care.clinics > 0]).any():
            return _by_village(findings, care)
    if areas is None or areas.doctors is None:
        return None
    known = by_area(findings.coverage.summary, "people")
    people = np.array([known.get(str(i), 0.0) for i in areas.id])
    remote = areas.flags.get("remote", np.zeros(len(areas), bool))
    standard = np.where(remote, REMOTE_RESIDENTS_PER_DOCTOR, RESIDENTS_PER_DOCTOR)
    names = np.array([*findings.area_names().values(), None], object)[:-1]
    return DoctorNeed(names, people, standard, people / standard, areas.doctors, remote)


def _by_village(findings: Findings, care: VillageCare) -> DoctorNeed:
    rows = np.flatnonzero(~care.villages.community)
    flag = None if findings.areas is None else findings.areas.flags.get("remote")
    remote = np.zeros(len(rows), bool) if flag is None else np.append(flag, False)[care.area[rows]]
    standard = np.where(remote, REMOTE_RESIDENTS_PER_DOCTOR, RESIDENTS_PER_DOCTOR)
    called = [f"{care.villages.town[i]} {care.villages.name[i]}".strip() for i in rows]
    names = np.array([*called, None], object)[:-1]
    people = care.people[rows]
    return DoctorNeed(names, people, standard, people / standard, care.doctors[rows], remote, care)


def _build(findings: Findings, word: Words) -> Builder | None:
    found = doctor_need(findings)
    if found is None:
        return None
    return _of_areas(findings, found, word) if found.care is None else _of_villages(found, word)


def _of_villages(found: DoctorNeed, word: Words) -> Builder:
    out, blank = Builder(word), int(np.isnan(found.there).sum())
    out.add("village", "text", [*found.name, word["total"]])
    out.add("residents", "count", [*found.people, found.people.sum()])
    out.add("standard", "number", [*found.standard, None])
    for head, values in (
        ("doctors_need", found.need),
        ("doctors_there", found.there),
        ("doctors_missing", found.missing),
    ):
        out.add(head, "number", [*values, np.nansum(values)])
    assert found.care is not None
    care = found.care
    lost, placed = care.clinic & (care.village < 0), int((care.clinic & care.by_place).sum())
    note = word["villages_note"].format(
        villages=len(found.name),
        exact=found.exact.sum(),
        communities=int(care.villages.community.sum()),
        urban=care.people[care.villages.community].sum(),
        short=found.met.count("no"),
        tolerance=TOLERANCE,
    )
    if placed:
        note += " " + word["clinics_placed"].format(n=placed, near=NEAR_M)
    if care.joint:
        note += " " + word["clinics_joint"].format(n=care.joint)
    if blank:
        note += " " + word["villages_blank"].format(n=blank)
    if lost.any():
        note += " " + word["clinics_lost"].format(n=int(lost.sum()), near=NEAR_M)
    return out.done(note, totals=1)


def _of_areas(findings: Findings, found: DoctorNeed, word: Words) -> Builder:
    assert findings.areas is not None
    out, need, actual = Builder(word), found.need, found.there
    out.add("code", "text", [*findings.areas.id, None])
    out.add("name", "text", [*found.name, word["total"]])
    out.add("residents", "count", [*found.people, found.people.sum()])
    out.add("remote", "text", [*(word["is_remote"] if flag else None for flag in found.remote), None])
    out.add("standard", "number", [*found.standard, None])
    known = np.isfinite(actual).all()
    for head, values, total in (
        ("doctors_need", need, need.sum()),
        ("doctors_there", actual, actual.sum() if known else None),
        ("doctors_gap", need - actual, found.missing.sum() if known else None),
    ):
        out.add(head, "number", [*values, total])
    out.say("target_met", [*found.met, None])
    return out.done(word["note"].format(tolerance=TOLERANCE), totals=1)


TABLE = ReportTable(
    id="T4",
    title=("Village doctors", "乡村医生配备表"),
    about="village doctors needed and there, by administrative village; where the people carry villages and clinics doctors, or areas carry doctors",
    build=_build,
    note=(
        "One village doctor for about 1,000 residents, for about 500 in areas flagged as remote, rounded up. Gap = need − there; a "
        "negative one is more than needed. The total gap sums what is missing: more than needed in one area helps no other. Met: at most "
        "{tolerance:.0%} of the need is missing (about, 左右; a practice value). All residents count, those of towns too: with villages in the "
        "population table, need is by village.",
        "一千常住人口左右配备一名乡村医生，标为偏远的区域每五百常住人口左右一名，不足一名的按一名计。缺口 = 应配 − 实有，负数为超出；"
        "合计缺口为各区域缺额之和，不以超出数相抵。缺额不超过应配数的 {tolerance:.0%} 视为达标（“左右”，经验值）。"
        "按全部常住人口计，含城镇人口；人口表注明行政村时按村计算。",
    ),
    words={
        "remote": ("remote?", "是否偏远"),
        "is_remote": ("remote", "偏远"),
        "standard": ("residents per doctor, standard", "配备标准（人/名）"),
        "doctors_need": ("doctors needed", "应配乡村医生"),
        "doctors_there": ("doctors there", "实有乡村医生"),
        "doctors_gap": ("gap", "缺口"),
        "doctors_missing": ("doctors missing", "缺额"),
        "villages_note": (
            "{villages:,} administrative villages, one doctor for about 1,000 residents and for about 500 in areas flagged as remote: {exact:,.1f} "
            "by the standard, rounded up village by village. Doctors there are those of the village's own clinics. Missing doctors are summed, never set off against more than "
            "needed elsewhere. In {short:,} villages more than {tolerance:.0%} of the need is missing (about, 左右; a practice value). "
            "{communities:,} urban communities with {urban:,.0f} residents need none.",
            "共 {villages:,} 个行政村，一千常住人口左右配备一名乡村医生，标为偏远的区域每五百人左右一名：按标准计 {exact:,.1f} 名，逐村进位取整。"
            "实有为本村卫生室的医生。缺额逐村相加，不以他村超出数相抵。"
            "{short:,} 个村缺额超过应配数的 {tolerance:.0%}（“左右”，经验值）。{communities:,} 个城镇社区（{urban:,.0f} 人）不配乡村医生。",
        ),
        "clinics_placed": (
            "{n:,} village clinics name no village that is known and count for that of the nearest place within {near:,.0f} m.",
            "{n:,} 个村卫生室未注明已知的行政村，按 {near:,.0f} 米内最近居民点归村。",
        ),
        "clinics_joint": (
            "{n:,} joint clinics name several villages: their doctors count for the first.",
            "{n:,} 个联合村卫生室注明多个行政村，医生计入首个行政村。",
        ),
        "villages_blank": (
            "{n:,} villages have a clinic that does not state its doctors: what is missing there cannot be judged and is not in the total.",
            "{n:,} 个村的卫生室未填报医生数，缺额无法判断，未计入合计。",
        ),
        "clinics_lost": (
            "{n:,} village clinics name no village and stand farther than {near:,.0f} m from any place with people: they count nowhere.",
            "{n:,} 个村卫生室未注明行政村，且 {near:,.0f} 米内无居民点，未计入。",
        ),
    },
    on_page=(
        "name",
        "village",
        "residents",
        "doctors_need",
        "doctors_there",
        "doctors_gap",
        "doctors_missing",
        "target_met",
    ),
)
