"""Speed limits and durations as OSM writes them, in km/h and seconds (OSM wiki, Key:maxspeed, Key:duration)."""

from __future__ import annotations

import re
from typing import Final

NO_LIMIT_KPH: Final = 130.0
"""What ``maxspeed=none`` counts as: the German advisory speed."""
WALKING_KPH: Final = 4.8
"""What ``maxspeed=walk`` counts as."""

_ZONES: Final[dict[str, float]] = {
    "urban": 50.0,
    "rural": 90.0,
    "trunk": 110.0,
    "motorway": 120.0,
    "living_street": 10.0,
    "bicycle_road": 30.0,
    "walk": WALKING_KPH,
}
"""Implicit limits ``CC:zone`` where the country is not listed below."""
_COUNTRY_ZONES: Final[dict[str, float]] = {
    "AT:rural": 100.0, "AT:motorway": 130.0, "CH:rural": 80.0, "CH:motorway": 120.0, "CN:urban": 50.0,
    "CN:rural": 70.0, "CN:motorway": 120.0, "CZ:motorway": 130.0, "DE:rural": 100.0, "DE:motorway": NO_LIMIT_KPH,
    "DE:living_street": 7.0, "ES:rural": 90.0, "FR:rural": 80.0, "FR:motorway": 130.0, "FR:living_street": 20.0,
    "GB:nsl_single": 96.5606, "GB:nsl_dual": 112.654, "GB:motorway": 112.654, "GB:nsl_restricted": 48.2803,
    "IT:rural": 90.0, "IT:motorway": 130.0, "PT:rural": 90.0, "PT:motorway": 120.0, "RU:urban": 60.0,
    "RU:rural": 90.0, "RU:motorway": 110.0, "RU:living_street": 20.0,
}  # fmt: skip
"""Implicit limits by country and zone (OSM wiki, Key:maxspeed, implicit values)."""

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
    for part in re.split(r"[|;,]", text):
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
    zone = re.fullmatch(r"([a-z]{2})[:_](?:zone:?)?(.+)", lower)
    if zone:
        country = f"{zone[1].upper()}:{zone[2]}"
        if country in _COUNTRY_ZONES:
            return _COUNTRY_ZONES[country]
        if zone[2] in _ZONES:
            return _ZONES[zone[2]]
        if re.fullmatch(r"\d{1,3}", zone[2]) and int(zone[2]) > 0:
            return float(zone[2])
    return None


def parse_duration_s(text: str) -> float | None:
    """Return an OSM duration (``00:35``, ``1:20:00``, ``45`` minutes, ``PT1H30M``) in seconds, else None."""
    value = text.strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        seconds = float(value) * 60
    elif re.fullmatch(r"\d+:\d{2}(:\d{2})?", value):
        parts = [int(p) for p in value.split(":")]
        seconds = parts[0] * 3600.0 + parts[1] * 60 + (parts[2] if len(parts) > 2 else 0)
    elif match := re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", value):
        hours, minutes, rest = (int(g or 0) for g in match.groups())
        seconds = hours * 3600.0 + minutes * 60 + rest
    else:
        return None
    return seconds if 0 < seconds <= 7 * 86400 else None
