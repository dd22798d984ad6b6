"""Whether something that holds at some hours holds for most of the week (OSM wiki, Conditional restrictions)."""

from __future__ import annotations

import re
from typing import Final

_DAYS: Final = ("mo", "tu", "we", "th", "fr", "sa", "su")
_DAY: Final = r"\b(mo|tu|we|th|fr|sa|su)[a-z]*"
_SPAN: Final = re.compile(rf"{_DAY}(?:\s*-\s*{_DAY})?")
_MONTH: Final = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|week|easter)")
_CLOCK: Final = re.compile(r"(\d{1,2}):?(\d{2})?\s*-\s*(\d{1,2}):?(\d{2})?")


def holds_most_of_the_week(text: str) -> bool:
    """Return whether hours such as ``(Mo-Fr 07:00-09:00)`` are more than half of a week.

    Without days every day counts, without a clock the whole day. Anything else (``wet``, ``weight>3.5``) does not hold;
    months are a matter of seasons.

    Parameters
    ----------
    text : str
        A condition of OSM, or days and hours as ``Monday-Friday 07:00-09:00``.
    """
    if _MONTH.search(text.lower()):
        return False
    hours = 0.0
    for rule in re.split(r"[;()]", text.lower()):
        if not rule.strip(" -"):
            continue
        spans, clocks = _SPAN.findall(rule), _CLOCK.findall(rule)
        whole = "24/7" in rule
        if not (spans or clocks or whole):
            return False
        days = {day for first, last in spans for day in _between(first, last or first)} or set(_DAYS)
        hours += len(days) * (sum(_hours(*clock) for clock in clocks) if clocks else 24.0)
    return hours > 7 * 24 / 2


def usual_value(text: str, conditional: str) -> str:
    """Return the value of a tag that holds most of the week, of its own and the one of its ``:conditional`` tag.

    Parameters
    ----------
    text : str
        Value of the tag, empty without one.
    conditional : str
        Such as ``yes @ (06:00-22:00)``.
    """
    if not conditional:
        return text
    for part in re.split(r";(?![^(]*\))", conditional):
        value, _, when = part.partition("@")
        if when and holds_most_of_the_week(when):
            return value.strip()
    return text


def _between(first: str, last: str) -> list[str]:
    start, stop = _DAYS.index(first), _DAYS.index(last)
    return [_DAYS[(start + i) % 7] for i in range((stop - start) % 7 + 1)]


def _hours(hour: str, minute: str, to_hour: str, to_minute: str) -> float:
    start, stop = int(hour) + int(minute or 0) / 60, int(to_hour) + int(to_minute or 0) / 60
    return (stop - start) % 24 or 24.0
