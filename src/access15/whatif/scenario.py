"""A scenario: facilities that open, close and move, with the answer always at hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from access15.arrays import Bools, Int32s, Ints, Labels, UInt32s
from access15.crs import to_crs
from access15.errors import InputError
from access15.model import (
    Facilities,
    LinkedPoints,
    NearestTimes,
    Origin,
    Population,
    Status,
    StreetNetwork,
    TravelProfile,
)
from access15.network import MAX_SNAP_M, Role, link_points, routing_graph
from access15.profiles import WALK
from access15.search import NO_LABEL, Positions, direction_of, link_cells, link_sites, search_graph
from access15.units import NOT_REACHED_MS, check_limit, minutes_to_ms, ms_to_seconds
from access15.whatif.edit_changes import Changes
from access15.whatif.incremental_labels import IncrementalLabels
from access15.whatif.scenario_facilities import (
    ScenarioFacilities,
    ScenarioFacility,
    linked_points,
    moved,
    new_facility,
    with_columns,
)

_SIZES = ("capacity", "beds", "doctors", "floor_area_m2")


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit that may be made: what a slot holds then (None: it was added last, and goes)."""

    slot: int
    after: ScenarioFacility | None
    leaves: bool = False
    undoes: bool = False


class WhatIf:
    """A scenario that can be edited: the nearest times and the covered people follow every edit.

    After any edits `times` equals ``nearest_times(network, scenario.facilities, population, profile)`` to the
    last bit, and `covered` the people within ``minutes`` there. Only what an edit changes is searched again.

    Parameters
    ----------
    network : StreetNetwork
    facilities : Facilities
        Where the scenario starts. Nothing given is ever changed.
    population : Population
    profile : TravelProfile
    minutes : float
        The limit of `covered`, included. The times themselves have no limit.
    direction : {"to", "from"}, optional
        Default: the profile's.
    max_snap_m : float
        Points further from a street are unlinked.

    Raises
    ------
    InputError
        If ``minutes`` is not above 0, there is no facility or no cell, no facility is near a street, or
        the profile may use no street.

    Notes
    -----
    Facilities keep their order: one that moves keeps its row, one that closes leaves and, when it opens
    again, comes back to its facility; an added one goes to the end.

    Examples
    --------
    >>> from access15.testing import street_map
    >>> drawn = street_map("A--------B--------C")
    >>> people = drawn.population({"A": 10, "C": 20})
    >>> scenario = WhatIf(drawn.network, drawn.facilities("A"), people, minutes=15)
    >>> scenario.covered
    10.0
    >>> scenario.add(*drawn.places["B"], "new clinic")
    'new clinic'
    >>> scenario.covered
    30.0
    >>> scenario.undo()
    >>> scenario.covered
    10.0
    """

    def __init__(
        self,
        network: StreetNetwork,
        facilities: Facilities,
        population: Population,
        profile: TravelProfile = WALK,
        minutes: float = 15,
        *,
        direction: str | None = None,
        max_snap_m: float = MAX_SNAP_M,
    ) -> None:
        way = direction_of(profile, direction)
        self._limit_ms = minutes_to_ms(check_limit(minutes))
        plain = routing_graph(network, profile)
        self._graph = search_graph(network, profile, way)
        sites = link_sites(network, facilities, profile, way, max_snap_m)
        self._cells = link_cells(network, population, profile, way, max_snap_m)
        self._network, self._population, self._profile = network, population, profile
        self._direction, self._max_snap_m, self._crs = way, max_snap_m, facilities.crs
        self._facilities = ScenarioFacilities(facilities, sites)
        self._labels = IncrementalLabels(
            self._graph,
            plain if way == "to" else plain.reversed,
            Positions.of(self._cells, self._graph, profile),
            len(population),
            self._limit_ms,
        )
        self._history: list[tuple[int, ScenarioFacility | None]] = []
        self._last: tuple[int, ScenarioFacility | None] | None = None
        self._behind = True
        self._noted = True
        self._refresh()

    def add(
        self, x: float, y: float, id: str | None = None, *, crs: str | None = None, **columns: Any
    ) -> str:
        """Open a new facility and return its id.

        Parameters
        ----------
        x, y : float
            Position in ``crs``.
        id : str, optional
            Default: ``new-1``, ``new-2``, …
        crs : str, optional
            Default: that of the facilities.
        **columns
            ``name``, ``tier``, ``services``, ``hours``, ``kind``, ``capacity``, ``beds``, ``doctors``,
            ``floor_area_m2``, ``cost``.

        Raises
        ------
        InputError
            If the id is in use, a column is unknown, or a coordinate is not a number.
        """
        new = self._facilities.new_id(id)
        self._make(self._to_add(new, x, y, crs, columns))
        return new

    def move(self, id: str, x: float, y: float, *, crs: str | None = None) -> None:
        """Put a facility somewhere else; it keeps its row, and stays closed if it was.

        Raises
        ------
        InputError
            If there is no such facility, a coordinate is not a number, or no facility would be left near
            a street.
        """
        self._make(self._to_move(id, x, y, crs))

    def resize(self, id: str, **columns: float) -> None:
        """Give a facility another size; nobody's time changes.

        Parameters
        ----------
        id : str
        **columns
            ``capacity`` (people), ``beds``, ``doctors``, ``floor_area_m2``.

        Raises
        ------
        InputError
            If there is no such facility, or a size is not a number of 0 or more.
        """
        self._make(self._to_resize(id, columns))

    def close(self, id: str) -> None:
        """Close a facility; `open` brings it back to its row.

        Raises
        ------
        InputError
            If there is no such facility, it is closed already, or no facility would be left.
        """
        self._make(self._to_set_open(id, False))

    def open(self, id: str) -> None:
        """Open a facility that was closed.

        Raises
        ------
        InputError
            If there is no such facility, or it is open already.
        """
        self._make(self._to_set_open(id, True))

    def remove(self, id: str) -> None:
        """Take a facility out for good; its id is free again.

        Raises
        ------
        InputError
            If there is no such facility, or no facility would be left.
        """
        self._make(self._to_remove(id))

    def undo(self) -> None:
        """Take the last edit back.

        Raises
        ------
        InputError
            If there is nothing to undo.
        """
        self._make(self._to_undo())

    def changes(self) -> Changes:
        """Return what the last edit changed, an `undo` included; nothing where there was none.

        It costs what the edit changed, not what there is. Only where an edit before the last one touched half of the
        streets, and nobody looked in between, the times before the last edit are searched for now.
        """
        if self._last and not self._noted:
            self._note_again()
        self._refresh()
        rows, before, now = self._labels.changed() if self._last else self._labels.nothing()
        return Changes(
            rows,
            ms_to_seconds(_time_ms(now)),
            ms_to_seconds(_time_ms(before)),
            self._rows_of(now),
            self._population,
            self._limit_ms / 60_000,
        )

    def forget(self) -> None:
        """Keep the scenario as it stands and forget how it came: there is nothing to undo, and `changes` is empty."""
        self._refresh()
        self._history.clear()
        self._last, self._noted = None, True
        self._labels.begin()
        self._facilities.drop_gone()

    @property
    def facilities(self) -> Facilities:
        """The open facilities of the scenario, in the order of their rows."""
        return self._facilities.open_facilities()

    def place_of(self, id: str) -> LinkedPoints:
        """Return where one facility, open or closed, stands on the network: one row.

        Raises
        ------
        InputError
            If there is no such facility.
        """
        return self._facilities.points(np.array([self._facilities.find(id)]))

    @property
    def edits(self) -> int:
        """Number of edits that `undo` can take back."""
        return len(self._history)

    @property
    def times(self) -> NearestTimes:
        """The time to the nearest open facility for every cell, without limit."""
        self._refresh()
        labels = self._labels.cell_labels()
        missing = labels == NO_LABEL
        status = np.where(missing, Status.UNREACHABLE, Status.REACHED).astype(np.uint8)
        status[~self._cells.linked] = Status.UNLINKED
        origin = Origin.of(self._network, self.facilities, self._population, self._profile, self._direction)
        return NearestTimes(
            ms_to_seconds(_time_ms(labels)),
            self._rows_of(labels),
            status,
            self._cells,
            self._facilities.points(self._facilities.open_slots()),
            np.inf,
            origin,
        )

    @property
    def within(self) -> Bools:
        """Which cells are within the limit of an open facility, (n,)."""
        self._refresh()
        return self._labels.within.copy()

    @property
    def covered(self) -> float:
        """People within the limit of an open facility."""
        return float(self._population.people[self.within].sum())

    def covered_in(self, group: str) -> float:
        """Return the people of one group within the limit of an open facility.

        Raises
        ------
        InputError
            If the population has no such group.
        """
        if group not in self._population.groups:
            known = ", ".join(self._population.groups) or "none"
            raise InputError(f"the population has no group {group!r}: it has {known}")
        return float(self._population.groups[group][self.within].sum())

    def _to_add(self, id: str, x: float, y: float, crs: str | None, columns: dict[str, Any]) -> Edit:
        x, y, linked = self._link(x, y, crs)
        return self._checked(len(self._facilities.slots), new_facility(id, x, y, linked, columns))

    def _to_move(self, id: str, x: float, y: float, crs: str | None) -> Edit:
        slot = self._facilities.find(id)
        x, y, linked = self._link(x, y, crs)
        return self._checked(slot, moved(self._facilities.slots[slot], x, y, linked))

    def _to_resize(self, id: str, columns: dict[str, float]) -> Edit:
        slot = self._facilities.find(id)
        for name, value in columns.items():
            if name not in _SIZES:
                raise InputError(f"a facility is not sized by {name!r}: use {', '.join(_SIZES)}")
            if not (np.isfinite(value) and value >= 0):
                raise InputError(f"{name} of facility {id!r} must be a number of 0 or more, not {value!r}")
        # A stated capacity is no longer what was inferred from doctors, beds or floor area.
        texts: dict[str, Any] = {"capacity_limit": ""} if "capacity" in columns else {}
        return self._checked(slot, with_columns(self._facilities.slots[slot], {**columns, **texts}))

    def _to_set_open(self, id: str, is_open: bool) -> Edit:
        slot = self._facilities.find(id)
        facility = self._facilities.slots[slot]
        if facility.is_open == is_open:
            raise InputError(f"facility {facility.id!r} is {'open' if is_open else 'closed'} already")
        return self._checked(slot, replace(facility, is_open=is_open))

    def _to_remove(self, id: str) -> Edit:
        slot = self._facilities.find(id)
        return self._checked(slot, replace(self._facilities.slots[slot], is_open=False), leaves=True)

    def _to_undo(self) -> Edit:
        if not self._history:
            raise InputError("there is no edit to undo")
        return self._checked(*self._history[-1], undoes=True)

    def _checked(self, slot: int, after: ScenarioFacility | None, **how: bool) -> Edit:
        """Return an edit unless it leaves no facility that anybody reaches."""
        counts = after is not None and after.counts
        if not counts and not self._facilities.remains(without=slot):
            raise InputError("no open facility near a street would be left: add another one first")
        return Edit(slot, after, **how)

    def _link(self, x: float, y: float, crs: str | None) -> tuple[float, float, LinkedPoints]:
        """Return a position in the CRS of the facilities and where it stands on the network."""
        xs, ys = np.array([x], float), np.array([y], float)
        if not (np.isfinite(xs[0]) and np.isfinite(ys[0])):
            raise InputError(f"a facility cannot stand at ({x!r}, {y!r}): give two numbers")
        if crs is not None:
            xs, ys = to_crs(xs, ys, crs, self._crs)
        role: Role = "destination" if self._direction == "to" else "origin"
        linked = link_points(
            self._network, xs, ys, self._crs, self._profile, role=role, max_snap_m=self._max_snap_m
        )
        return float(xs[0]), float(ys[0]), linked

    def _make(self, edit: Edit) -> None:
        """Put a facility into a slot; one that leaves gives its id free."""
        slot, after, slots = edit.slot, edit.after, self._facilities.slots
        before = slots[slot] if slot < len(slots) else None
        counts = after is not None and after.counts
        same = before is not None and after is not None and _same_site(before, after)
        # Whatever stops the searches below (Ctrl-C), the edit is made and the next look searches anew.
        behind, self._behind = self._behind, True
        self._last, self._noted = (slot, before), False
        if after is None:
            del self._facilities.slot_of[slots.pop().id]
        else:
            slots[slot : slot + 1] = [after]
            self._facilities.slot_of[after.id] = slot
        if edit.leaves:
            del self._facilities.slot_of[slots[slot].id]
        if edit.undoes:
            self._history.pop()
        else:
            self._history.append((slot, before))
        if behind:
            return
        self._labels.begin()
        if not same and before is not None and before.counts:
            behind = not self._labels.close(slot)
        if not same and not behind and counts:
            self._labels.open(self._positions(np.array([slot])))
        self._behind, self._noted = behind, True

    def _note_again(self) -> None:
        """Search for the labels before the last edit, so that `_refresh` notes what it changed."""
        assert self._last is not None, "only an edit leaves something to note"
        slot, before = self._last
        self._behind = True
        held = {s: facility for s, facility in enumerate(self._facilities.slots) if s != slot}
        if before is not None:
            held[slot] = before
        slots = [s for s in sorted(held) if held[s].is_open]
        self._labels.start(self._sites(np.array(slots), linked_points([held[s] for s in slots])))
        self._labels.begin()
        self._noted = True

    def _positions(self, slots: Ints) -> Positions:
        """Return the linked ones of some slots; their rows are slots."""
        return self._sites(slots, self._facilities.points(slots))

    def _sites(self, slots: Ints, points: LinkedPoints) -> Positions:
        found = Positions.of_sites(points, self._graph, self._profile)
        found.row[:] = slots[found.row]
        return found

    def _rows_of(self, labels: Labels) -> Int32s:
        """Return the row in `facilities` of the facility each label names, -1 for none."""
        slots = self._facilities.open_slots()
        row_of = np.full(len(self._facilities.slots) + 1, -1, np.int32)
        row_of[slots] = np.arange(len(slots))
        slot = np.where(labels == NO_LABEL, len(row_of) - 1, labels & np.uint64(0xFFFFFFFF))
        found: Int32s = row_of[slot.astype(np.int64)]
        return found

    def _refresh(self) -> None:
        if self._behind:
            noted, self._noted = self._noted, False
            self._labels.start(self._positions(self._facilities.open_slots()))
            self._behind, self._noted = False, noted

    def __repr__(self) -> str:
        return (
            f"<WhatIf {self._profile.name} {self._direction}, {self._limit_ms / 60_000:g} min: "
            f"{len(self._facilities.open_slots()):,} facilities open, {self.edits} edits>"
        )


def _time_ms(labels: Labels) -> UInt32s:
    return np.where(labels == NO_LABEL, NOT_REACHED_MS, labels >> np.uint64(32)).astype(np.uint32)


def _same_site(first: ScenarioFacility, second: ScenarioFacility) -> bool:
    """Return whether two states of a facility are the same to every search."""
    return (first.is_open, first.edge, first.fraction, first.leg_m) == (
        second.is_open,
        second.edge,
        second.fraction,
        second.leg_m,
    )
