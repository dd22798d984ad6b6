"""``[capacity]`` of a study: what capacities are inferred from."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated

from access15.errors import InputError
from access15.study.settings import toml as t


@dataclass(frozen=True, slots=True)
class CapacityRates:
    """``[capacity]``: people per doctor, bed and square metre, for service points whose capacity is not stated.

    They are those of `access15.capacity.capacity_from_supply`, where each is explained; there is no default.
    """

    people_per_doctor: Annotated[float | None, t.number] = None
    people_per_bed: Annotated[float | None, t.number] = None
    people_per_m2: Annotated[float | None, t.number] = None

    def __post_init__(self) -> None:
        given = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        if all(rate is None for rate in given.values()):
            raise InputError(f"names no limit: add one of {', '.join(given)}")
        for name, rate in given.items():
            if rate == 0:
                raise InputError(f"{name} must be above 0, not 0")
