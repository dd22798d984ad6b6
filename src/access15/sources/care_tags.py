"""Which OSM tags make a service point, and what is set aside with which reason. No geometry here."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from access15.sources.care_words import Said, said_by
from access15.sources.choice import fits
from access15.sources.lifecycle import LIFECYCLE, gone

PointSet = Literal["care", "primary"]

CARE_AMENITY: Final = ("hospital", "clinic", "doctors", "health_post")
CARE_HEALTHCARE: Final = ("hospital", "clinic", "centre", "doctor")
KEYS: Final = (
    "amenity",
    "healthcare",
    *(f"{prefix}:{key}" for prefix in LIFECYCLE for key in ("amenity", "healthcare")),
)
"""Keys an object must have one of to be looked at, unless it is one of `BUILDINGS`."""
BUILDINGS: Final = tuple(
    ("building", form(kind)) for kind in ("hospital", "clinic") for form in (str.lower, str.title, str.upper)
)
"""Tags of buildings that look like a service point, and are none without other tags."""

_TIER: Final = {
    "hospital": "hospital",
    "centre": "health centre",
    "clinic": "clinic",
    "health_post": "health post",
    "doctors": "doctors",
    "doctor": "doctors",
}
NOT_COUNTED: Final = {
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
    unknown : str
        A tag of its status whose word is not known.
    by : tuple of str
        Keys of the tags that spoke against it.
    """

    counts: bool
    hospital: bool = False
    tier: str = ""
    reason: str = ""
    unknown: str = ""
    by: tuple[str, ...] = ()


_TAGS: Final = ("amenity", "healthcare")


def judge(tags: Mapping[str, str], today: datetime.date | None = None) -> Verdict | None:
    """Return what an object is, or None if it has nothing to do with health.

    A service point has ``amenity`` hospital, clinic, doctors or health_post, or ``healthcare`` hospital,
    clinic, centre or doctor. What is not counted wins over what is, in this order:

    1. lifecycle tags say that it is closed, under construction or planned (`access15.sources.lifecycle.gone`), or the
       tags of care have such a prefix (``disused:amenity``);
    2. the other of the two tags names a pharmacy, dentist, laboratory, imaging, physiotherapist or optician;
    3. not a hospital, and every ``healthcare:speciality`` is one of those (imaging, laboratory …);
    4. the name says that it is not care for everybody (`access15.sources.care_words`).

    A name that says health centre, health post, 卫生院 … beats the tag hospital. A building that only has the shape of
    a hospital (``building=hospital`` without the two tags) is not a service point.

    Parameters
    ----------
    tags : mapping of str to str
    today : datetime.date, optional
        What ``end_date`` and ``opening_date`` are compared with; the day of the call unless given.
    """
    amenity, health = _values(tags, "amenity"), _values(tags, "healthcare")
    care = _care(amenity, health)
    if not care:
        return _former(tags) or _other(tags, amenity, health)
    closed, unknown = gone(tags, today or datetime.date.today())
    if closed:
        return Verdict(False, reason=closed, by=(_key_in(closed),))
    conflict = _conflict(amenity, CARE_AMENITY) or _conflict(health, CARE_HEALTHCARE)
    if conflict:
        return Verdict(False, reason=f"{conflict} by its tags", by=_TAGS)
    special = _values(tags, "healthcare:speciality")
    if special and "hospital" not in care and all(v in _SPECIALITY for v in special):
        return Verdict(
            False, reason=f"{_SPECIALITY[special[0]]} by healthcare:speciality", by=("healthcare:speciality",)
        )
    named = said_by(_readable_name(tags))
    if named.reason:
        why = named.reason if named.strength else f"{named.reason} by its name, mis-tagged as {care[0]}"
        return Verdict(False, tier=named.tier, reason=why, by=("name", "tier"))
    return _counted(care, named, unknown)


def _key_in(reason: str) -> str:
    found = re.search(r"\(([^=()]+)=", reason)
    return found[1] if found else "opening_hours"


def kept_anyway(tags: Mapping[str, str], verdict: Verdict, keep: Mapping[str, tuple[str, ...]]) -> Verdict:
    """Return the verdict on an object that a user keeps by a tag that speaks against it: it counts.

    Parameters
    ----------
    tags : mapping of str to str
    verdict : Verdict
    keep : mapping of str to tuple of str
        From `access15.sources.choice.wanted`.
    """
    if verdict.counts or not any(
        key in verdict.by and fits(verdict.tier if key == "tier" else tags.get(key, ""), values)
        for key, values in keep.items()
    ):
        return verdict
    amenity, health = _values(tags, "amenity"), _values(tags, "healthcare")
    care = _care(amenity, health)
    return Verdict(True, "hospital" in care, verdict.tier or _tier(care) or next(iter(amenity + health), ""))


def _counted(care: list[str], named: Said, unknown: str) -> Verdict:
    # "Clinic" or "hospital" in a name tells no more than the tag does.
    trusted = named.strength > 0 and named.tier != "医院"
    hospital = "hospital" in care and not (trusted and named.level < 3)
    return Verdict(True, hospital, named.tier if trusted else _tier(care), unknown=unknown)


def _care(amenity: list[str], health: list[str]) -> list[str]:
    return [v for v in amenity if v in CARE_AMENITY] + [v for v in health if v in CARE_HEALTHCARE]


def _readable_name(tags: Mapping[str, str]) -> str:
    """Return the name, or the one in English or French where it is in a script whose words are not known here."""
    name = tags.get("name", "")
    if re.search(r"[A-Za-z\u00c0-\u024f\u3400-\u9fff]", name):
        return name
    return next((tags[key] for key in ("name:en", "name:fr", "int_name") if tags.get(key)), name)


def _former(tags: Mapping[str, str]) -> Verdict | None:
    """Return the verdict on a place of care that has a lifecycle prefix."""
    for prefix, state in LIFECYCLE.items():
        keys = f"{prefix}:amenity", f"{prefix}:healthcare"
        if _care(_values(tags, keys[0]), _values(tags, keys[1])):
            key = next(key for key in keys if key in tags)
            return Verdict(False, reason=f"{state} ({key}={tags[key]})", by=(key,))
    return None


def _values(tags: Mapping[str, str], key: str) -> list[str]:
    return [v.strip().lower() for v in tags.get(key, "").split(";") if v.strip()]


def _conflict(values: list[str], care: tuple[str, ...]) -> str:
    """Return what one tag says against a service point; a list that names care as well is no conflict."""
    if any(v in care for v in values):
        return ""
    return next((NOT_COUNTED[v] for v in values if v in NOT_COUNTED), "")


def _other(tags: Mapping[str, str], amenity: list[str], health: list[str]) -> Verdict | None:
    for value in amenity + health:
        if value in NOT_COUNTED and value != "veterinary":
            return Verdict(False, reason=f"{NOT_COUNTED[value]} by its tags", by=_TAGS)
    if health and health != ["no"]:
        return Verdict(False, reason=f"healthcare={';'.join(health)} is not a service point", by=_TAGS)
    if tags.get("building", "").lower() in ("hospital", "clinic"):
        return Verdict(
            False, reason="a hospital building without amenity or healthcare tag", by=("building",)
        )
    return None


def _tier(care: list[str]) -> str:
    for value in _TIER:
        if value in care:
            return _TIER[value]
    return ""


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
