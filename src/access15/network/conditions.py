"""Streets that are not there: gone, not yet open, or only in a season.

Sources: OSM wiki, Lifecycle prefix, Key:opening_date, Key:end_date, Key:ice_road, Key:winter_road, Key:seasonal,
Key:flood_prone, Key:intermittent, Conditional restrictions.
"""

from __future__ import annotations

import csv
import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Final

from access15.errors import InputError
from access15.modes import ACCESS_KEYS, CAR_KEYS

SEASONS: Final = ("all-year", "dry", "wet", "winter")
"""What a network can be read for; ``all-year`` keeps only what is there in every season."""

GONE: Final = "ways that are gone or not yet open"
_LIFECYCLE: Final = ("abandoned", "disused", "construction", "proposed", "razed", "demolished", "removed")
_TRUE: Final = frozenset({"yes", "true", "1"})
_OPENS: Final = ("opening_date", "start_date")
_ICE: Final = ("ice_road", "winter_road")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WINTER: Final = frozenset({11, 0, 1})
_SEASONAL: Final = {
    "winter": {"winter"},
    "summer": {"dry", "wet"},
    "dry_season": {"dry"},
    "wet_season": {"wet"},
    "dry": {"dry"},
    "wet": {"wet"},
    "spring": set(),
    "autumn": set(),
    "yes": {"dry"},
}
"""Seasons in which a way with ``seasonal=*`` is there."""

CONDITION_KEYS: Final = frozenset(
    {
        *_LIFECYCLE,
        *_ICE,
        "opening_date",
        "start_date",
        "end_date",
        "seasonal",
        "flood_prone",
        "intermittent",
        "ford",
    }
    | {f"{key}:conditional" for key in ACCESS_KEYS}
)
"""Keys that say when a street is there."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a network is read for.

    Attributes
    ----------
    season : str
        One of `SEASONS`.
    country : str
        ISO 3166 code of two letters for defaults that differ by country; empty for the worldwide ones.
    south : bool
        Winter is in July.
    today : date
        What opens later, or has ended, is not there.
    turns : set of date
        Days on which a street of those seen comes or goes, filled while they are read.
    classes : mapping of str to (bool, int)
        Classes that are open (True) or closed to the modes of some permission bits, whatever the country says.
    """

    season: str = "all-year"
    country: str = ""
    south: bool = False
    today: date = field(default_factory=date.today)
    classes: Mapping[str, tuple[bool, int]] = field(default_factory=dict)
    turns: set[date] = field(default_factory=set, compare=False)

    def __post_init__(self) -> None:
        if self.season not in SEASONS:
            raise InputError(f"season must be one of {', '.join(SEASONS)}, not {self.season!r}")
        if self.country and not re.fullmatch(r"[A-Z]{2}", self.country):
            raise InputError(
                f"country must be a code of two capital letters, such as NL (ISO 3166), not {self.country!r}"
            )

    @property
    def foot_on_cycleways(self) -> bool:
        """Whether people on foot may use a cycleway that says nothing of them."""
        return cycleways_on_foot().get(self.country, False)


@cache
def cycleways_on_foot() -> Mapping[str, bool]:
    """Return the countries whose default is known: ``country_defaults.csv``, which names the source of every row."""
    text = resources.files("access15.network").joinpath("country_defaults.csv").read_text("utf-8")
    return {row["country"]: row["foot_on_cycleway"] == "yes" for row in csv.DictReader(text.splitlines())}


def absent_why(tags: Mapping[str, str], reading: Reading) -> str:
    """Return why a street is not there, in the words it is counted by; empty where it is."""
    # Of an old railway that is a path today, abandoned=yes is the railway's; construction=minor leaves it open.
    if tags.get("railway") not in _LIFECYCLE and any(
        tags.get(key, "no").lower() in _TRUE for key in _LIFECYCLE
    ):
        return GONE
    opens = max((_day(tags.get(key, ""), last=False) or date.min for key in _OPENS), default=date.min)
    ends = _day(tags.get("end_date", ""), last=True)
    if opens > date.min:
        reading.turns.add(opens)
    if ends and ends < date.max:
        reading.turns.add(ends + timedelta(days=1))
    if opens > reading.today or (ends and ends < reading.today):
        return GONE
    if not _in_season(tags, reading):
        return f"ways not there in every season ({reading.season})"
    return ""


def _day(text: str, *, last: bool) -> date | None:
    """Return an OSM date (``2031``, ``2031-05``, ``2031-05-01``), the first or the last day it can mean."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", text.strip())
    if not found:
        return None
    year, month, day = (
        int(found[1]),
        int(found[2] or (12 if last else 1)),
        int(found[3] or 1),
    )
    try:
        if last and not found[3]:
            return date(year, month, monthrange(year, month)[1])
        return date(year, month, day)
    except ValueError:
        return None


def _in_season(tags: Mapping[str, str], reading: Reading) -> bool:
    season = reading.season
    if any(tags.get(key, "no") not in ("no", "") for key in _ICE) or tags.get("highway") in _ICE:
        return season == "winter"
    parts = [part.strip() for part in tags.get("seasonal", "no").lower().split(";")]
    if any(part not in ("no", "") for part in parts):
        return any(season in _SEASONAL.get(part, set()) for part in parts)
    if season == "wet" and tags.get("flood_prone", "no") != "no":
        return False
    if (
        tags.get("intermittent", "no") != "no"
        and tags.get("ford", "no") != "no"
        and season in ("all-year", "wet")
    ):
        return False
    return all(_open_in(tags.get(f"{key}:conditional", ""), reading) for key in (*CAR_KEYS, "foot"))


def _open_in(text: str, reading: Reading) -> bool:
    """Return whether a conditional access leaves a street open in the season; only months and seasons are read."""
    for value, condition in re.findall(r"([\w ]+?)\s*@\s*\(?([^;)]*)\)?", text.lower()):
        when = _months(condition)
        if when is None or value.strip() not in ("no", "private"):
            continue
        winter = {(month + 6) % 12 for month in _WINTER} if reading.south else _WINTER
        if reading.season == "all-year" or (reading.season == "winter" and when & winter):
            return False
    return True


def _months(text: str) -> set[int] | None:
    """Return the months a condition names, None where it is about something else."""
    if text.strip() == "winter":
        return set(_WINTER)
    found = re.fullmatch(r"\s*([a-z]{3})\w*(?:\s+\d+)?\s*(?:-\s*([a-z]{3})\w*(?:\s+\d+)?)?\s*", text)
    if not found or found[1] not in _MONTHS or (found[2] and found[2] not in _MONTHS):
        return None
    first = _MONTHS.index(found[1])
    last = _MONTHS.index(found[2]) if found[2] else first
    return {month % 12 for month in range(first, last + 1 if last >= first else last + 13)}
