"""What one edit of a scenario changed: cells, their times then and now, and the people who gain and lose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Ints
from access15.model import Population
from access15.units import check_limit, minutes_to_ms


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What the last edit of a scenario changed; immutable. A cell that kept its time and its facility is not in it.

    Attributes
    ----------
    rows : (k,) int64
        Rows of the population, ascending.
    seconds : (k,) float64
        Time to the nearest open facility now, ``inf`` where there is none.
    seconds_before : (k,) float64
        The same before the edit.
    facility : (k,) int32
        Row of that facility in the scenario's ``facilities`` now, -1 where there is none. Where an edit opens or
        closes a facility, the rows of those behind it shift; that alone is no change.
    population : Population
    minutes : float
        The limit of the scenario, included.
    """

    rows: Ints
    seconds: Floats
    seconds_before: Floats
    facility: Int32s
    population: Population
    minutes: float

    def __len__(self) -> int:
        return len(self.rows)

    def gained(self, minutes: float | None = None) -> Mapping[str, float]:
        """Return the people who are within the limit now and were not before, by group; ``all`` is everybody.

        Parameters
        ----------
        minutes : float, optional
            Default: the limit of the scenario.
        """
        before, now = self._within(minutes)
        return self._people(now & ~before)

    def lost(self, minutes: float | None = None) -> Mapping[str, float]:
        """Return the people who were within the limit before and are not now, by group; ``all`` is everybody.

        Parameters
        ----------
        minutes : float, optional
            Default: the limit of the scenario.
        """
        before, now = self._within(minutes)
        return self._people(before & ~now)

    def _within(self, minutes: float | None) -> tuple[Bools, Bools]:
        limit_s = minutes_to_ms(check_limit(self.minutes if minutes is None else minutes)) / 1000
        return self.seconds_before <= limit_s, self.seconds <= limit_s

    def _people(self, chosen: Bools) -> dict[str, float]:
        rows = self.rows[chosen]
        groups = {"all": self.population.people, **self.population.groups}
        return {name: float(np.sum(people[rows])) for name, people in groups.items()}

    def __repr__(self) -> str:
        gained, lost = self.gained()["all"], self.lost()["all"]
        return f"<Changes of {len(self):,} cells: {gained:,.0f} people gain, {lost:,.0f} lose {self.minutes:g} min>"
