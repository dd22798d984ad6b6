"""Bands of age in columns (0-4岁, 65-69, 70岁及以上, F_0 … M_80), and the groups they add up to."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from access15.arguments import say
from access15.arrays import Floats
from access15.errors import InputError
from access15.sources.columns import fold

_SEX = r"(?P<sex>f|m|t|female|male|total|女|男|女性|男性|合计)?"
_WITHIN = re.compile(
    rf"^(?:其中[::]?)?{_SEX}_?(?:人口)?(?P<low>\d{{1,3}})(?:岁)?(?:-|–|—|~|至|到|_|to)(?P<high>\d{{1,3}})(?:岁|周岁|years?|yrs?)?(?:人口|人数)?{_SEX.replace('sex', 'sex2')}$"
)
_OVER = re.compile(
    rf"^(?:其中[::]?)?{_SEX}_?(?P<low>\d{{1,3}})(?:岁|周岁)?(?:及以上|以上|\+|plus|andover|岁及以上)(?:人口|人数|老年人)?{_SEX.replace('sex', 'sex2')}$"
)
_FROM = re.compile(r"^(?P<sex>f|m|t)_(?P<low>\d{1,2})(?:_\d{4})?$")
"""WorldPop: the sex and the first year of age of a band, which ends where the next begins."""

_WHOLE = ("", "t", "total", "合计")


@dataclass(frozen=True, slots=True)
class Band:
    """A column of people of some ages.

    Attributes
    ----------
    column : str
    sex : str
        Empty where everybody is counted.
    low, high : float
        First year of age, and the first beyond it; infinite for an open band.
    """

    column: str
    sex: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class AgeGroup:
    """A group as a sum of bands.

    Attributes
    ----------
    shares : mapping of str to float
        Columns, and the share of each that belongs to the group: 1 but where a band is cut.
    """

    shares: Mapping[str, float]

    @property
    def estimated(self) -> str:
        """Which bands were cut, for messages; empty where all are whole."""
        cut = [f"{share:.2g} of {column!r}" for column, share in self.shares.items() if share < 1]
        return ", ".join(cut)

    def people(self, of: Mapping[str, Floats]) -> Floats:
        """Return the group's people from those of the columns; NaN in a band counts as nobody."""
        parts = [share * np.nan_to_num(of[column]) for column, share in self.shares.items()]
        return np.asarray(np.sum(parts, axis=0), float)


def age_range(name: str) -> tuple[float, float] | None:
    """Return first year of age and the first beyond of a group such as ``65+`` or ``0-6``; None for others."""
    found = _band(name)
    return None if found is None else (found.low, found.high)


def _band(column: str) -> Band | None:
    text = re.sub(r"[(\[](?:人|万人|persons?)[)\]]$", "", fold(column))
    for pattern in (_WITHIN, _OVER):
        found = pattern.match(text)
        if found:
            parts = found.groupdict()
            sex = parts.get("sex") or parts.get("sex2") or ""
            high = float(parts["high"]) + 1 if "high" in parts else math.inf
            low = float(parts["low"])
            return (
                Band(column, "" if sex in _WHOLE else sex[0], low, high)
                if low < high <= 131 or high == math.inf
                else None
            )
    found = _FROM.match(text)
    if found:
        sex = found["sex"]
        return Band(column, "" if sex in _WHOLE else sex, float(found["low"]), math.nan)
    return None


def bands_of(header: Iterable[str]) -> list[Band]:
    """Return the bands of age among the columns of a table; one that only says where it begins ends at the next."""
    bands = [band for band in map(_band, header) if band is not None]
    out = []
    for band in bands:
        if math.isnan(band.high):
            later = [b.low for b in bands if b.sex == band.sex and b.low > band.low]
            out.append(Band(band.column, band.sex, band.low, min(later, default=math.inf)))
        else:
            out.append(band)
    return out


def add_up(bands: Sequence[Band], low: float, high: float) -> AgeGroup | None:
    """Return a range of ages as a sum of bands; None where they leave a part of it out.

    Whole bands are added; a band that the range cuts is shared evenly over its years. Columns of everybody are
    taken where there are any, else those of the sexes together. Of bands that overlap the narrower ones are taken.
    """
    everybody = [band for band in bands if not band.sex]
    found = _cover(everybody, low, high)
    if found is not None:
        return AgeGroup(found)
    sexes = sorted({band.sex for band in bands if band.sex})
    parts = [_cover([band for band in bands if band.sex == sex], low, high) for sex in sexes]
    if len(sexes) != 2 or any(part is None for part in parts):
        return None
    return AgeGroup({column: share for part in parts for column, share in (part or {}).items()})


def _cover(bands: Sequence[Band], low: float, high: float) -> dict[str, float] | None:
    out: dict[str, float] = {}
    at = low
    while at < high:
        # A band inside the range is whole; of those that reach beyond it the narrowest is cut.
        holding = [b for b in bands if b.low <= at < b.high and (b.low == at or at == low)]
        whole = [b for b in holding if b.low >= low and b.high <= high]
        if whole:
            band = min(whole, key=lambda b: b.high)
            out[band.column] = 1.0
        else:
            band = min(holding, key=lambda b: b.high - b.low, default=Band("", "", 0, 0))
            if not holding or math.isinf(band.high):
                return None
            out[band.column] = (min(band.high, high) - at) / (band.high - band.low)
        at = band.high
    return out


def check_bands(source: str, bands: Sequence[Band]) -> None:
    """Refuse two columns that say they are the same ages of the same people."""
    seen: dict[tuple[str, float, float], str] = {}
    for band in bands:
        key = (band.sex, band.low, band.high)
        if key in seen:
            raise InputError(
                f"{source}: the columns {seen[key]!r} and {band.column!r} are both people of the same ages: name the groups, "
                + say("groups", {"65+": "…"})
            )
        seen[key] = band.column
