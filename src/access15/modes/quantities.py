"""Lengths and inclines as OSM writes them (OSM wiki, Map features/Units and Key:incline)."""

from __future__ import annotations

import math
import re
from typing import Final

_METRES: Final = {
    "": 1.0,
    "m": 1.0,
    "metre": 1.0,
    "metres": 1.0,
    "meter": 1.0,
    "meters": 1.0,
    "cm": 0.01,
    "mm": 0.001,
}
_FOOT: Final = 0.3048
_INCH: Final = 0.0254
_IMPERIAL: Final = re.compile(r"""(?:(\d+(?:\.\d+)?)')?\s*(?:(\d+(?:\.\d+)?)\")?""")


def parse_length_m(text: str) -> float | None:
    """Return a length in metres, or None where the text says nothing usable; of a list the shortest counts.

    Parameters
    ----------
    text : str
        Such as ``0.8``, ``0.8 m``, ``80 cm``, ``2'6"``, ``3 ft``; 0 and less is nothing usable.
    """
    found = [value for part in text.split(";") if (value := _one_length(part.strip().lower())) is not None]
    return min(found) if found else None


def _one_length(text: str) -> float | None:
    value = None
    if metric := re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*([a-z]*)", text):
        number, unit = float(metric[1].replace(",", ".")), metric[2]
        if unit in _METRES:
            value = number * _METRES[unit]
        elif unit in {"ft", "feet", "foot"}:
            value = number * _FOOT
        elif unit in {"in", "inch", "inches"}:
            value = number * _INCH
    elif imperial := _IMPERIAL.fullmatch(text):
        value = float(imperial[1] or 0) * _FOOT + float(imperial[2] or 0) * _INCH
    return value if value is not None and value > 0 else None


def parse_incline(text: str) -> float | None:
    """Return how steep a way is, rise over run without its sign; None where the text gives no number (``up``).

    Parameters
    ----------
    text : str
        Such as ``8%``, ``-8 %``, ``5°``, ``1:12``; a bare number is percent.
    """
    value = text.strip().lower().replace(",", ".")
    if ratio := re.fullmatch(r"[+-]?(\d+(?:\.\d+)?)\s*[:/]\s*(\d+(?:\.\d+)?)", value):
        return float(ratio[1]) / float(ratio[2]) if float(ratio[2]) else None
    number = re.fullmatch(r"[+-]?(\d+(?:\.\d+)?)\s*(%|°|deg|degrees?)?", value)
    if not number:
        return None
    if number[2] in (None, "%"):
        return float(number[1]) / 100
    return math.tan(math.radians(min(float(number[1]), 89.0)))
