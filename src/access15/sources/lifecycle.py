"""Whether an institution works: words of status columns (``status_words.csv``), OSM lifecycle tags, dates, hours."""

from __future__ import annotations

import csv
import datetime
import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Final, Literal

from access15.sources.care_words import fold_name

State = Literal["open", "closed", "suspended", "under construction", "planned"]

STATUS_COLUMNS: Final = (
    "status",
    "operational_status",
    "operationa",
    "operating_status",
    "operation_status",
    "functional_status",
    "functionality",
    "facility_status",
    "current_status",
    "op_status",
    "service_status",
    "license_status",
    "operationalstatus",
    "operational status",
    "facility status",
    "functional status",
    "current status",
    "运营状态",
    "机构状态",
    "执业状态",
    "状态",
    "营业状态",
    "经营状态",
    "运行状态",
    "开业状态",
    "登记状态",
    "使用状态",
    "许可证状态",
    "是否运营",
    "是否营业",
    "是否正常运营",
    "是否开诊",
    "是否执业",
    "是否在用",
    "statut",
    "etat",
    "statut_operationnel",
    "etat_fonctionnement",
    "fonctionnalite",
    "estado",
    "estatus",
    "estado_operativo",
    "situacao",
    "betriebsstatus",
    "status_operasional",
    "functional",
    "operational",
    "is_open",
    "is_active",
    "is_operational",
)
"""Columns that say whether an institution works. Words that mean something else there (public, verified) are told."""

LIFECYCLE: Final[Mapping[str, State]] = {
    "disused": "closed",
    "abandoned": "closed",
    "ruins": "closed",
    "demolished": "closed",
    "razed": "closed",
    "removed": "closed",
    "destroyed": "closed",
    "was": "closed",
    "closed": "closed",
    "construction": "under construction",
    "planned": "planned",
    "proposed": "planned",
}
"""Keys and key prefixes of https://wiki.openstreetmap.org/wiki/Lifecycle_prefix and what they mean."""

_UNKNOWN: Final = (
    "",
    "unknown",
    "na",
    "n a",
    "none",
    "null",
    "not known",
    "未知",
    "不详",
    "不明",
    "inconnu",
    "desconocido",
)
_YES: Final = ("1", "true", "y", "是", "oui", "si", "sim", "ja", "ya")
_NO: Final = ("0", "false", "n", "否", "non", "nao", "nein", "tidak")
_CJK: Final = re.compile(r"[\u3400-\u9fff]")
_WEIGHT: Final[tuple[State, ...]] = ("open", "closed", "suspended", "under construction", "planned")


@cache
def _words() -> tuple[tuple[re.Pattern[str], State, bool], ...]:
    text = resources.files("access15.sources").joinpath("status_words.csv").read_text("utf-8")
    state: dict[str, State] = {name: name for name in _WEIGHT}
    return tuple(
        (re.compile(row["word"]), state[row["state"]], row["language"] == "zh")
        for row in csv.DictReader(text.splitlines())
    )


@lru_cache(maxsize=4096)
def state_of(word: str) -> State | Literal["unknown"] | None:
    """Return what a word of a status column says; None for a word that is not known.

    A word is compared as a whole, then without what stands in brackets or after a comma or dash. In Chinese it is
    looked for anywhere, and what is against it (停业整顿, 未营业) wins over what is for it.

    Parameters
    ----------
    word : str
        ``Functional``, ``temporarily closed (flood)``, ``已注销`` …
    """
    plain = fold_name(word)
    if plain in _UNKNOWN:
        return "unknown"
    short = fold_name(re.split(r"[(（,，;:：]| - |–", unicodedata.normalize("NFKC", word))[0])
    for text in dict.fromkeys((plain, short)):
        for pattern, state, chinese in _words():
            if not chinese and pattern.fullmatch(text):
                return state
        if text in _YES or text in _NO:
            return "open" if text in _YES else "closed"
    if _CJK.search(plain):
        return _chinese(plain.replace(" ", ""))
    return None


def _chinese(text: str) -> State | None:
    found: set[State] = {state for pattern, state, chinese in _words() if chinese and pattern.search(text)}
    # What holds an institution up tells more than the word it holds up: 拟建, 停业整顿.
    return max(found, key=_WEIGHT.index, default=None)


def always_closed(hours: str) -> bool:
    """Return whether opening hours (`opening_hours` of OSM) say closed for the whole week.

    Comments in quotes do not count. A rule for holidays or for some days only closes nothing.

    Parameters
    ----------
    hours : str
    """
    rules = [rule.strip().lower() for rule in re.split(r";|\|\|", re.sub(r'"[^"]*"', " ", hours))]
    rules = [" ".join(rule.split()) for rule in rules if rule and not re.match(r"(ph|sh)\b", rule)]
    return bool(rules) and all(re.fullmatch(r"((mo-su(,ph)?|24/7|jan-dec) )?(off|closed)", r) for r in rules)


def gone(tags: Mapping[str, str], today: datetime.date) -> tuple[str, str]:
    """Return why OSM tags say that an object does not work, and a word of theirs that is not known; empty without.

    Parameters
    ----------
    tags : mapping of str to str
    today : datetime.date
        What ``end_date`` and ``opening_date`` are compared with.
    """
    for key, state in LIFECYCLE.items():
        if tags.get(key, "no").strip().lower() not in ("no", "false", "0", ""):
            return f"{state} ({key}={tags[key]})", ""
    if tags.get("building", "").lower() in ("construction", "ruins", "collapsed"):
        state = "under construction" if tags["building"].lower() == "construction" else "closed"
        return f"{state} (building={tags['building']})", ""
    unknown = ""
    for key in ("operational_status", "status", "health_facility:status"):
        found = state_of(tags[key]) if key in tags else "open"
        if found is None:
            unknown = f"{key}={tags[key]}"
        elif found not in ("open", "unknown"):
            return f"{found} ({key}={tags[key]})", ""
    return _dates_against(tags, today) or _hours_against(tags), unknown


def _hours_against(tags: Mapping[str, str]) -> str:
    return "closed by its opening hours" if always_closed(tags.get("opening_hours", "")) else ""


def _dates_against(tags: Mapping[str, str], today: datetime.date) -> str:
    end = last_day(tags.get("end_date", ""))
    if end is not None and end < today:
        return f"closed (end_date={tags['end_date']}, before {today})"
    for key in ("opening_date", "start_date"):
        start = first_day(tags.get(key, ""))
        if start is not None and start > today:
            return f"planned ({key}={tags[key]}, after {today})"
    return ""


_DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


def first_day(text: str) -> datetime.date | None:
    """Return the first day of a year, month or day of OSM; None where it is no date."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def last_day(text: str) -> datetime.date | None:
    """Return the last day of a year, decade, month or day of OSM (``2019``, ``1990s``, ``~2005``); None where it is no date."""
    plain = re.sub(r"^(~|before |bef |early |mid |late )", "", text.strip().lower())
    plain = plain.split("..")[-1]
    if re.fullmatch(r"\d{3}0s", plain):
        plain = f"{plain[:3]}9"
    first = first_day(plain)
    if first is None:
        return None
    parts = plain.count("-")
    if parts == 2:
        return first
    year, month = (
        (first.year + 1, 1) if parts == 0 else (first.year + first.month // 12, first.month % 12 + 1)
    )
    return datetime.date(year, month, 1) - datetime.timedelta(days=1) if year < 9999 else None
