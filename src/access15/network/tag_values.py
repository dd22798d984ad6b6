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
        for name in (f"{zone[1].upper()}:{zone[2]}", zone[2]):
            if name in _IMPLICIT:
                return _IMPLICIT[name]
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
