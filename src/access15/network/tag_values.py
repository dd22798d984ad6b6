"""Speed limits and durations as OSM writes them, in km/h and seconds (OSM wiki, Key:maxspeed, Key:duration)."""

from __future__ import annotations

import csv
import re
from importlib import resources
from typing import Final

NO_LIMIT_KPH: Final = 130.0
"""What ``maxspeed=none`` counts as: the German advisory speed."""
WALKING_KPH: Final = 4.8
"""What ``maxspeed=walk`` counts as."""


def _implicit() -> dict[str, float]:
    """Return the limits of zones, km/h: of any country (``urban``) and, where it differs, of one (``FR:rural``)."""
    with resources.files("access15.network").joinpath("implicit_limits.csv").open(encoding="utf-8") as file:
        return {row["zone"]: float(row["kph"]) for row in csv.DictReader(file)}


_IMPLICIT: Final = _implicit()
KPH_PER_MPH: Final = 1.609344
KPH_PER_KNOT: Final = 1.852


def parse_maxspeed(text: str) -> float | None:
    """Return a speed limit in km/h, or None where the text says nothing usable.

    One rule for lists: the *lowest* value of ``60|100`` or ``100;70`` counts, as the limit that is safe
    in every lane and at every hour. A condition behind ``@`` is left out.

    Parameters
    ----------
    text : str
        A ``maxspeed`` value: ``50``, ``30 mph``, ``5 knots``, ``FR:urban``, ``walk``, ``none``, ``60|100``.
    """
    if not text:
        return None
    values = []
    for part in re.split(r"[|;,]", re.sub(r"(?<=\d),(?=\d(?!\d))", ".", text)):
        value = _one_limit(part.split("@")[0].strip())
        if value is not None:
            values.append(value)
    return min(values) if values else None


def _one_limit(text: str) -> float | None:
    lower = text.lower()
    if lower in {"none", "unlimited"}:
        return NO_LIMIT_KPH
    if lower in {"walk", "walking", "foot"}:
        return WALKING_KPH
    number = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots?)?", lower)
    if number:
        factor = {"mph": KPH_PER_MPH, "knot": KPH_PER_KNOT, "knots": KPH_PER_KNOT}.get(number[2] or "", 1.0)
        value = float(number[1]) * factor
        return value if 0 < value <= 300 else None
    zone = re.fullmatch(r"([a-z]{2})(-[a-z]{2,3})?[:_](?:zone:?)?(.+)", lower)
    if zone:
        country, region = zone[1].upper().replace("UK", "GB"), (zone[2] or "").upper()
        for name in (f"{country}{region}:{zone[3]}", f"{country}:{zone[3]}", zone[3]):
            if name in _IMPLICIT:
                return _IMPLICIT[name]
        if re.fullmatch(r"\d{1,3}", zone[3]) and int(zone[3]) > 0:
            return float(zone[3])
    return None


def parse_duration_s(text: str) -> float | None:
    """Return an OSM duration in seconds, else None; of a range (``00:40-00:50``) the longer.

    Parameters
    ----------
    text : str
        ``00:35``, ``1:20:00``, ``45`` (minutes), ``45 min``, ``1h 15m``, ``1.5 h``, ``PT1H30M``.
    """
    value = text.strip().lower()
    ends = re.split(r"\s*(?:-|–|\bto\b)\s*", value)
    if len(ends) == 2 and all(ends):
        unit = "".join(re.findall(r"[a-z]+$", ends[1]))
        first = ends[0] if ":" in ends[0] or re.search(r"[a-z]", ends[0]) else f"{ends[0]}{unit}"
        both = [_one_duration_s(first), _one_duration_s(ends[1])]
        seconds = None if None in both else max(filter(None, both), default=None)
    else:
        seconds = _one_duration_s(value)
    return seconds if seconds is not None and 0 < seconds <= 7 * 86400 else None


_PARTS = re.compile(
    r"(?:p(?:(?P<days>\d+)d)?t?)?(?:(?P<hours>\d+(?:[.,]\d+)?)\s*h(?:ours?|rs?)?)?\s*"
    r"(?:(?P<minutes>\d+(?:[.,]\d+)?)\s*(?:m(?:in(?:utes?|s)?)?\.?|(?<=\d)$))?\s*(?:(?P<seconds>\d+)\s*s(?:ec(?:onds?)?)?)?"
)


def _one_duration_s(value: str) -> float | None:
    if re.fullmatch(r"\d+:\d{2}(:\d{2})?", value):
        parts = [int(p) for p in value.split(":")]
        return parts[0] * 3600.0 + parts[1] * 60 + (parts[2] if len(parts) > 2 else 0)
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value) * 60
    found = _PARTS.fullmatch(value)
    if not found or not any(found.groupdict().values()):
        return None
    each = {name: float((text or "0").replace(",", ".")) for name, text in found.groupdict().items()}
    return each["days"] * 86400 + each["hours"] * 3600 + each["minutes"] * 60 + each["seconds"]
