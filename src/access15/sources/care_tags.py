"""Which OSM tags make a service point, and what is set aside with which reason. No geometry here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from access15.sources.columns import tier_in

PointSet = Literal["care", "primary"]

CARE_AMENITY: Final = ("hospital", "clinic", "doctors", "health_post")
CARE_HEALTHCARE: Final = ("hospital", "clinic", "centre", "doctor")
KEYS: Final = ("amenity", "healthcare", "building")
"""Keys an object must have one of to be looked at."""

_TIER: Final = {
    "hospital": "hospital",
    "centre": "health centre",
    "clinic": "clinic",
    "health_post": "health post",
    "doctors": "doctors",
    "doctor": "doctors",
}
_NOT_COUNTED: Final = {
    "pharmacy": "a pharmacy",
    "dentist": "a dentist",
    "laboratory": "a laboratory",
    "medical_imaging": "medical imaging",
    "radiology": "medical imaging",
    "physiotherapist": "a physiotherapist",
    "optometrist": "an optician",
    "optician": "an optician",
    "veterinary": "a veterinarian",
}
_SPECIALITY: Final = {
    "radiology": "medical imaging",
    "diagnostic_radiology": "medical imaging",
    "medical_imaging": "medical imaging",
    "nuclear_medicine": "medical imaging",
    "biology": "a laboratory",
    "laboratory": "a laboratory",
    "pathology": "a laboratory",
    "clinical_pathology": "a laboratory",
    "clinical_biology": "a laboratory",
    "dentistry": "a dentist",
    "dental": "a dentist",
    "orthodontics": "a dentist",
    "stomatology": "a dentist",
    "physiotherapy": "a physiotherapist",
    "optometry": "an optician",
    "pharmacy": "a pharmacy",
}
_CARE_WORD: Final = re.compile(
    r"hospi|ospedal|clini|klini|sante|salud|saude|health|kranken|praxis|medic[aoei]|医院|卫生|门诊|诊所|诊室"
)
_NOT_CARE_WORD: Final = re.compile(
    r"\b(medical|health) (imaging|laborator\w*|pharm\w*)|\b(imagerie|analyses?|biologie) medicales?"
)
"""Phrases whose "medical" says nothing about care."""
_NAME_SAYS: Final = (
    (re.compile(r"\b(ph|f)arma[cz]|apothe|parapharm|药店|药房|药局|大药"), "a pharmacy"),
    (re.compile(r"\b(dentis|dental|dentair|orthodon)"), "a dentist"),
    (re.compile(r"\blaborator|检验"), "a laboratory"),
    (re.compile(r"\b(imagerie|imaging|radiolog)|影像"), "medical imaging"),
    (re.compile(r"\b(kinesither|physiother|fisioter)"), "a physiotherapist"),
    (re.compile(r"\bopti(que|cien|cian|cal|ca\b|k\b)|眼镜"), "an optician"),
    (re.compile(r"\bveterin"), "a veterinarian"),
)
_NAME_ALWAYS: Final = (
    (re.compile(r"口腔|牙科|牙医|齿科"), "a dentist"),
    (re.compile(r"动物|宠物|兽医|\bveterin"), "a veterinarian"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an object with health tags is: a service point, or the reason why not.

    Attributes
    ----------
    counts : bool
    hospital : bool
    tier : str
    reason : str
        Empty for a service point.
    """

    counts: bool
    hospital: bool = False
    tier: str = ""
    reason: str = ""


def judge(tags: Mapping[str, str]) -> Verdict | None:
    """Return what an object is, or None if it has nothing to do with health.

    A service point has ``amenity`` hospital, clinic, doctors or health_post, or ``healthcare`` hospital,
    clinic, centre or doctor. What is not counted wins over what is, in this order:

    1. a lifecycle tag that says it is closed;
    2. the other of the two tags names a pharmacy, dentist, laboratory, imaging, physiotherapist or optician;
    3. not a hospital, and every ``healthcare:speciality`` is one of those (imaging, laboratory …);
    4. the name says it is one of those and has no word for a hospital, clinic or health centre (a
       "pharmacy" tagged as a hospital is mis-tagged); dentists (口腔) and animal hospitals (动物) always.

    A building that only has the shape of a hospital (``building=hospital`` without the two tags) is not a
    service point.

    Parameters
    ----------
    tags : mapping of str to str
    """
    amenity, health = _values(tags, "amenity"), _values(tags, "healthcare")
    care = [v for v in amenity if v in CARE_AMENITY] + [v for v in health if v in CARE_HEALTHCARE]
    if not care:
        return _other(tags, amenity, health)
    closed = _closed(tags)
    if closed:
        return Verdict(False, reason=closed)
    hospital = "hospital" in care
    conflict = _conflict(amenity, CARE_AMENITY) or _conflict(health, CARE_HEALTHCARE)
    if conflict:
        return Verdict(False, reason=f"{conflict} by its tags")
    special = _values(tags, "healthcare:speciality")
    if special and not hospital and all(v in _SPECIALITY for v in special):
        return Verdict(False, reason=f"{_SPECIALITY[special[0]]} by healthcare:speciality")
    named = _name_says(tags.get("name", ""))
    if named:
        return Verdict(False, reason=f"{named} by its name, mis-tagged as {care[0]}")
    return Verdict(True, hospital, tier_in(tags.get("name", "")) or _tier(care))


def _values(tags: Mapping[str, str], key: str) -> list[str]:
    return [v.strip().lower() for v in tags.get(key, "").split(";") if v.strip()]


def _conflict(values: list[str], care: tuple[str, ...]) -> str:
    """Return what one tag says against a service point; a list that names care as well is no conflict."""
    if any(v in care for v in values):
        return ""
    return next((_NOT_COUNTED[v] for v in values if v in _NOT_COUNTED), "")


def _closed(tags: Mapping[str, str]) -> str:
    for key in ("disused", "abandoned", "demolished"):
        if tags.get(key, "no").lower() not in ("no", "false", "0"):
            return f"closed ({key}={tags[key]})"
    if tags.get("opening_hours", "").lower() in ("closed", "off"):
        return "closed by its opening hours"
    return ""


def _other(tags: Mapping[str, str], amenity: list[str], health: list[str]) -> Verdict | None:
    for value in amenity + health:
        if value in _NOT_COUNTED and value != "veterinary":
            return Verdict(False, reason=f"{_NOT_COUNTED[value]} by its tags")
    if health and health != ["no"]:
        return Verdict(False, reason=f"healthcare={';'.join(health)} is not a service point")
    if tags.get("building", "").lower() in ("hospital", "clinic"):
        return Verdict(False, reason="a hospital building without amenity or healthcare tag")
    return None


def _name_says(name: str) -> str:
    plain = fold_name(name)
    found = next((what for pattern, what in _NAME_ALWAYS if pattern.search(plain)), "")
    if found or _CARE_WORD.search(_NOT_CARE_WORD.sub("", plain)):
        return found
    return next((what for pattern, what in _NAME_SAYS if pattern.search(plain)), "")


def _tier(care: list[str]) -> str:
    for value in _TIER:
        if value in care:
            return _TIER[value]
    return ""


def fold_name(name: str) -> str:
    """Return a name as it is compared: without accents, case and punctuation, single spaces."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(" " if not c.isalnum() else c for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


def same_name(first: str, second: str, *, same_site: bool = False) -> bool:
    """Return whether two folded names are one.

    Parameters
    ----------
    first, second : str
        Names from `fold_name`; empty names are never the same.
    same_site : bool
        On one site it is enough that one name holds all the words of the other.
    """
    if not first or not second:
        return False
    if first == second or first.replace(" ", "") == second.replace(" ", ""):
        return True
    words = set(first.split()), set(second.split())
    return same_site and (words[0] <= words[1] or words[1] <= words[0])


def services_of(tags: Mapping[str, str]) -> str:
    """Return the services tags name, ``;``-separated: specialities, and ``emergency``."""
    found = _values(tags, "healthcare:speciality")
    if tags.get("emergency", "").lower() == "yes":
        found.append("emergency")
    return ";".join(dict.fromkeys(found))
