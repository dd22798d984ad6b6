"""``[capacity]`` of a study: what capacities are inferred from."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from access15.errors import InputError
from access15.study.settings import toml as t


def _rate(value: Any, at: t.KeyPath) -> float | dict[str, float]:
    """Read people per doctor, bed or square metre: a number, or a table of numbers by tier."""
    if isinstance(value, Mapping):
        found: dict[str, float] = t.map_of(t.number)(value, at)
        return found
    return t.number(value, at)


@dataclass(frozen=True, slots=True)
class CapacityRates:
    """``[capacity]``: people per doctor, bed and square metre, for service points whose capacity is not stated.

    Each is a number, or a table of numbers by tier (``{ "村卫生室" = 900 }``). They are those of `access15.capacity.capacity_from_supply`, where each is explained; there is no default.
    """

    people_per_doctor: Annotated[float | Mapping[str, float] | None, _rate] = None
    people_per_bed: Annotated[float | Mapping[str, float] | None, _rate] = None
    people_per_m2: Annotated[float | Mapping[str, float] | None, _rate] = None

    def __post_init__(self) -> None:
        given = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        if all(rate is None for rate in given.values()):
            raise InputError(f"names no limit: add one of {', '.join(given)}")
        for name, rate in given.items():
            if rate is not None and (
                rate == {} or 0 in (rate.values() if isinstance(rate, Mapping) else [rate])
            ):
                raise InputError(f"{name} must be above 0, not {rate or 0}")
