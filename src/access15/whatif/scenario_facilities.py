"""The facilities of a scenario in the order they came, open or closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from access15.arrays import Ints
from access15.errors import InputError
from access15.model import FACILITY_NUMBERS, FACILITY_TEXTS, Facilities, LinkedPoints, LinkReason

_DEFAULTS: dict[str, Any] = {**dict.fromkeys(FACILITY_TEXTS, ""), **dict.fromkeys(FACILITY_NUMBERS, np.nan)}
_COLUMNS = tuple(_DEFAULTS)


@dataclass(frozen=True, slots=True)
class ScenarioFacility:
    """One facility of a scenario.

    Attributes
    ----------
    id : str
    x, y : float
        In the CRS of the scenario's facilities.
    columns : tuple
        In the order of the columns of `Facilities`.
    edge, fraction, leg_m, reason
        As in `access15.model.LinkedPoints`.
    is_open : bool
    """

    id: str
    x: float
    y: float
    columns: tuple[Any, ...]
    edge: int
    fraction: float
    leg_m: float
    reason: int
    is_open: bool = True

    @property
    def counts(self) -> bool:
        """Whether it takes part: open, and near a street."""
        return self.is_open and self.edge >= 0


class ScenarioFacilities:
    """Slots that keep their order: the facilities given first, then those that are added.

    The row of a facility in `facilities` is the number of open slots before its own; ties between
    facilities are decided by that order, in the scenario as in a search from scratch.
    """

    def __init__(self, base: Facilities, sites: LinkedPoints) -> None:
        self._base, self._sites = base, sites
        columns = zip(*(getattr(base, name).tolist() for name in _COLUMNS), strict=True)
        self.slots: list[ScenarioFacility] = [
            ScenarioFacility(str(facility_id), *rest)
            for facility_id, *rest in zip(
                base.id.tolist(),
                base.x.tolist(),
                base.y.tolist(),
                columns,
                sites.edge.tolist(),
                sites.fraction.tolist(),
                sites.leg_m.tolist(),
                sites.reason.tolist(),
                strict=True,
            )
        ]
        self.slot_of = {facility.id: slot for slot, facility in enumerate(self.slots)}
        self._original = tuple(self.slots)

    def find(self, facility_id: str) -> int:
        """Return the slot of an id."""
        slot = self.slot_of.get(str(facility_id))
        if slot is None:
            raise InputError(f"the scenario has no facility {str(facility_id)!r}: it may have been removed")
        return slot

    def new_id(self, wanted: str | None) -> str:
        """Return an id that no facility has."""
        if wanted is None:
            number = 1
            while f"new-{number}" in self.slot_of:
                number += 1
            return f"new-{number}"
        if str(wanted) in self.slot_of:
            raise InputError(f"the scenario has a facility {str(wanted)!r} already: choose another id")
        return str(wanted)

    def remains(self, without: int) -> bool:
        """Return whether some facility takes part when one slot does not."""
        return any(facility.counts for slot, facility in enumerate(self.slots) if slot != without)

    def open_slots(self) -> Ints:
        """Return the slot of each row of `facilities`."""
        return np.flatnonzero([facility.is_open for facility in self.slots])

    def points(self, slots: Ints) -> LinkedPoints:
        """Return where some slots stand on the network."""
        return linked_points([self.slots[slot] for slot in slots])

    def drop_gone(self) -> None:
        """Drop the slots at the end whose facilities were removed for good."""
        while self.slots and self.slot_of.get(self.slots[-1].id) != len(self.slots) - 1:
            self.slots.pop()

    def open_facilities(self) -> Facilities:
        """Return the open facilities; the very object given if nothing has changed."""
        if tuple(self.slots) == self._original:
            return self._base
        chosen = [facility for facility in self.slots if facility.is_open]
        columns = {name: [facility.columns[i] for facility in chosen] for i, name in enumerate(_COLUMNS)}
        return Facilities.of(
            [facility.x for facility in chosen],
            [facility.y for facility in chosen],
            self._base.crs,
            ids=[facility.id for facility in chosen],
            label=self._base.label,
            set_aside=self._base.set_aside,
            provenance=self._base.provenance,
            **columns,
        )


def linked_points(facilities: Sequence[ScenarioFacility]) -> LinkedPoints:
    """Return where some facilities stand on the network."""
    return LinkedPoints(
        np.array([facility.edge for facility in facilities], np.int32),
        np.array([facility.fraction for facility in facilities], float),
        np.array([facility.leg_m for facility in facilities], float),
        np.array([facility.reason for facility in facilities], np.uint8),
    )


def with_columns(facility: ScenarioFacility, columns: dict[str, Any]) -> ScenarioFacility:
    """Return a facility with some columns changed."""
    _check_columns(columns)
    held = zip(_COLUMNS, facility.columns, strict=True)
    return replace(facility, columns=tuple(columns.get(name, value) for name, value in held))


def _check_columns(columns: dict[str, Any]) -> None:
    unknown = sorted(set(columns) - set(_COLUMNS))
    if unknown:
        raise InputError(f"a facility has no column {unknown[0]!r}: use {', '.join(_COLUMNS)}")


def new_facility(
    facility_id: str, x: float, y: float, linked: LinkedPoints, columns: dict[str, Any]
) -> ScenarioFacility:
    """Return a new facility from one linked point; ``columns`` it does not name stay empty."""
    _check_columns(columns)
    values = tuple({**_DEFAULTS, **columns}[name] for name in _COLUMNS)
    return moved(
        ScenarioFacility(facility_id, x, y, values, -1, np.nan, np.inf, int(LinkReason.NO_STREETS)),
        x,
        y,
        linked,
    )


def moved(facility: ScenarioFacility, x: float, y: float, linked: LinkedPoints) -> ScenarioFacility:
    """Return a facility somewhere else."""
    return replace(
        facility,
        x=float(x),
        y=float(y),
        edge=int(linked.edge[0]),
        fraction=float(linked.fraction[0]),
        leg_m=float(linked.leg_m[0]),
        reason=int(linked.reason[0]),
    )
