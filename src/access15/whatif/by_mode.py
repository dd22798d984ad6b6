"""One scenario for several ways of travelling: every edit is made in all of them, or in none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from access15.errors import InputError
from access15.model import Facilities, Population, StreetNetwork, TravelProfile
from access15.network import MAX_SNAP_M
from access15.whatif.edit_changes import Changes
from access15.whatif.scenario import Edit, WhatIf


class WhatIfByMode:
    """`WhatIf` for several profiles at once; the edits are the same.

    Parameters
    ----------
    network, facilities, population
        As those of `WhatIf`.
    profiles : sequence of TravelProfile
        Their names must differ.
    minutes, direction, max_snap_m
        As those of `WhatIf`.

    Raises
    ------
    InputError
        As `WhatIf`; or if there is no profile, or two have one name.

    Examples
    --------
    >>> from access15.profiles import DRIVE, WALK
    >>> from access15.testing import street_map
    >>> drawn = street_map("A--------B--------C")
    >>> people = drawn.population({"A": 10, "C": 20})
    >>> scenario = WhatIfByMode(drawn.network, drawn.facilities("A"), people, [WALK, DRIVE])
    >>> scenario.add(*drawn.places["B"], "new")
    'new'
    >>> {mode: len(found) for mode, found in scenario.changes().items()}
    {'walk': 1, 'drive': 1}
    """

    def __init__(
        self,
        network: StreetNetwork,
        facilities: Facilities,
        population: Population,
        profiles: Sequence[TravelProfile],
        minutes: float = 15,
        *,
        direction: str | None = None,
        max_snap_m: float = MAX_SNAP_M,
    ) -> None:
        names = [profile.name for profile in profiles]
        if not names or len(set(names)) < len(names):
            raise InputError(f"give one or more profiles whose names differ, not {names}")
        how: dict[str, Any] = {"direction": direction, "max_snap_m": max_snap_m}
        self._by_mode = {
            profile.name: WhatIf(network, facilities, population, profile, minutes, **how)
            for profile in profiles
        }

    @property
    def modes(self) -> Mapping[str, WhatIf]:
        """The scenario of every mode, to read; edits made there alone would part them."""
        return MappingProxyType(self._by_mode)

    @property
    def facilities(self) -> Facilities:
        """The open facilities, as `WhatIf.facilities`."""
        return self._first.facilities

    @property
    def edits(self) -> int:
        """Number of edits that `undo` can take back."""
        return self._first.edits

    def add(
        self, x: float, y: float, id: str | None = None, *, crs: str | None = None, **columns: Any
    ) -> str:
        """Open a new facility as `WhatIf.add` does; return its id."""
        new = self._first._facilities.new_id(id)
        self._make(lambda scenario: scenario._to_add(new, x, y, crs, columns))
        return new

    def move(self, id: str, x: float, y: float, *, crs: str | None = None) -> None:
        """Put a facility somewhere else as `WhatIf.move` does."""
        self._make(lambda scenario: scenario._to_move(id, x, y, crs))

    def resize(self, id: str, **columns: float) -> None:
        """Give a facility another size as `WhatIf.resize` does."""
        self._make(lambda scenario: scenario._to_resize(id, columns))

    def close(self, id: str) -> None:
        """Close a facility as `WhatIf.close` does."""
        self._make(lambda scenario: scenario._to_set_open(id, False))

    def open(self, id: str) -> None:
        """Open a closed facility as `WhatIf.open` does."""
        self._make(lambda scenario: scenario._to_set_open(id, True))

    def remove(self, id: str) -> None:
        """Take a facility out for good as `WhatIf.remove` does."""
        self._make(lambda scenario: scenario._to_remove(id))

    def undo(self) -> None:
        """Take the last edit back as `WhatIf.undo` does."""
        self._make(lambda scenario: scenario._to_undo())

    def changes(self) -> dict[str, Changes]:
        """Return what the last edit changed, by mode."""
        return {mode: scenario.changes() for mode, scenario in self._by_mode.items()}

    def forget(self) -> None:
        """Keep the scenario as it stands and forget how it came, as `WhatIf.forget` does."""
        for scenario in self._by_mode.values():
            scenario.forget()

    @property
    def _first(self) -> WhatIf:
        return next(iter(self._by_mode.values()))

    def _make(self, plan: Callable[[WhatIf], Edit]) -> None:
        """Make an edit in every mode once all have agreed to it."""
        edits: list[Edit] = []
        for mode, scenario in self._by_mode.items():
            try:
                edits.append(plan(scenario))
            except InputError as error:
                raise error if len(self._by_mode) == 1 else InputError(f"{mode}: {error}") from error
        for scenario, edit in zip(self._by_mode.values(), edits, strict=True):
            scenario._make(edit)
