"""Results that set supply against demand: who goes where when capacity is limited, and how much care is in reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from access15.arrays import Bools, Floats, Int32s
from access15.model._base import freeze
from access15.model._html import table_page
from access15.model.travel_times import Origin

if TYPE_CHECKING:
    import pandas as pd


_FULL = 1e-9
"""Relative capacity left below which a facility counts as full."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Catchments:
    """Which facility the people of each cell are assigned to, and how loaded facilities are.

    Attributes
    ----------
    table : DataFrame
        One row per facility: ``facility_id, name, tier, capacity, nearest_people, nearest_load, allocated,
        load_ratio, sent_away, overflow, mean_s, recommendation``. ``nearest_people`` are those who have it
        nearest, ``allocated`` those assigned to it; of the former, ``sent_away`` are assigned to another one
        and ``overflow`` to none, as every one in reach is full. Both loads are people over capacity, NaN where
        the capacity is unknown or 0. ``mean_s`` is the mean time of the ``allocated``.
    facility : (n,) int32
        Facility row most people of a cell are assigned to (equal: the nearest), -1 for none.
    cell, site : (k,) int32
        Cell and facility row of each assignment, by cell and facility.
    people : (k,) float64
        People of the cell assigned to the facility.
    overflow : (n,) float64
        People of each cell that reach facilities, all of them full.
    unreached : (n,) float64
        People of each cell that no facility is in reach of.
        ``sum(people) + sum(overflow) + sum(unreached)`` is everybody.
    method : str
        ``capacity`` or ``nearest``.
    minutes : float
        How far people go, ``inf`` without a limit.
    origin : Origin
    counted : (f,) bool
        Which facilities take part; of the others nobody counts as a user.
    """

    table: pd.DataFrame
    facility: Int32s
    cell: Int32s
    site: Int32s
    people: Floats
    overflow: Floats
    unreached: Floats
    method: str
    minutes: float
    origin: Origin
    counted: Bools | None = None

    def __post_init__(self) -> None:
        n, k = len(self.facility), len(self.cell)
        if self.counted is None:
            object.__setattr__(self, "counted", np.ones(len(self.table), bool))
        freeze(self, "counted", np.bool_, len(self.table))
        for name in ("facility", "cell", "site"):
            freeze(self, name, np.int32, n if name == "facility" else k)
        freeze(self, "people", np.float64, k)
        for name in ("overflow", "unreached"):
            freeze(self, name, np.float64, n)

    @property
    def full(self) -> Bools:
        """Which facilities have no capacity left, (f,); never those of unknown capacity."""
        capacity = self.table["capacity"].to_numpy(float)
        return np.asarray(self.table["allocated"].to_numpy(float) >= capacity * (1 - _FULL), bool)

    def __repr__(self) -> str:
        within = "" if np.isinf(self.minutes) else f" within {self.minutes:g} min"
        return (
            f"<Catchments {self.origin.profile.name}{within}: {self.people.sum():,.0f} people assigned to "
            f"{len(self.table):,} facilities, {self.overflow.sum():,.0f} find no capacity, "
            f"{self.unreached.sum():,.0f} reach none>"
        )

    def _repr_html_(self) -> str:
        return table_page(repr(self), self.table)


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class FloatingCatchment:
    """Supply in reach of every cell, shared with all who can reach it.

    Attributes
    ----------
    access : (n,) float64
        Supply per person, in the unit of the capacity per person. 0 where no facility is in reach; NaN where
        it is not known, as a facility in reach has an unknown capacity, or is in reach of nobody.
    at_least : (n,) float64
        The same with unknown parts left out: what is there at any rate.
    table : DataFrame
        One row per facility: ``facility_id, name, tier, capacity, demand, ratio``; ``demand`` is people in
        reach at their weight, ``ratio`` capacity over demand, NaN where the capacity is unknown or the demand 0.
    method : str
    minutes : float
        Size of a catchment.
    weights : str
        How weights fall with time, in words.
    origin : Origin
    """

    access: Floats
    at_least: Floats
    table: pd.DataFrame
    method: str
    minutes: float
    weights: str
    origin: Origin

    def __post_init__(self) -> None:
        freeze(self, "access", np.float64)
        freeze(self, "at_least", np.float64, len(self.access))

    def __repr__(self) -> str:
        known = int(np.isfinite(self.access).sum())
        return (
            f"<FloatingCatchment {self.method} {self.origin.profile.name} {self.minutes:g} min: "
            f"{known:,} of {len(self.access):,} cells known>"
        )

    def _repr_html_(self) -> str:
        return table_page(repr(self), self.table)
