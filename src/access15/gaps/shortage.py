"""Who is not served: too far from every facility, or within reach of full ones only."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from access15.arrays import Ints
from access15.errors import MismatchError
from access15.model import Catchments, GapKind, expect, fingerprint

if TYPE_CHECKING:
    from access15.model import NearestTimes, Population


KINDS: Final = tuple(GapKind)
"""In the order in which rows of kinds count."""

_NOBODY: Final = 1e-6
"""Share of a cell's people below which an overflow is a rounding of the assignment."""


@dataclass(frozen=True, slots=True, eq=False)
class Shortage:
    """People who are not served.

    Attributes
    ----------
    population : Population
        The cells with only the people who are not served, in every group.
    rows : (k,) int64
        Cells where somebody is not served.
    kind : (k,) int64
        Row of `KINDS` of each.
    """

    population: Population
    rows: Ints
    kind: Ints


def find_shortage(
    population: Population, times: NearestTimes, cutoff: float, catchments: Catchments | None
) -> Shortage:
    """Return who is not served within ``cutoff`` minutes; with catchments, also who finds no room.

    The groups of a cell overflow in proportion to their people.

    Raises
    ------
    MismatchError
        If the catchments are of other inputs, or of another cut-off.
    """
    beyond = ~times.within(cutoff)
    if catchments is None:
        rows = np.flatnonzero(beyond & (population.people > 0))
        return Shortage(population, rows, np.full(len(rows), KINDS.index(GapKind.DISTANCE)))
    _check(catchments, times, cutoff)
    people = population.people
    # Of a cell beyond the cut-off nobody is served; of one within it, those for whom there is no capacity.
    share = np.divide(catchments.overflow, people, out=np.zeros(len(people)), where=people > 0)
    share = np.where(beyond, 1.0, np.where(share > _NOBODY, np.minimum(share, 1.0), 0.0))
    unserved = dataclasses.replace(
        population,
        people=people * share,
        groups={group: members * share for group, members in population.groups.items()},
    )
    rows = np.flatnonzero(unserved.people > 0)
    full = np.append(catchments.full, False)[times.facility[rows]]
    far = np.where(full, KINDS.index(GapKind.BOTH), KINDS.index(GapKind.DISTANCE))
    kind = np.where(beyond[rows], far, KINDS.index(GapKind.CAPACITY))
    return Shortage(unserved, rows, kind)


def _check(catchments: Catchments, times: NearestTimes, cutoff: float) -> None:
    expect(catchments, Catchments, "catchments", "from catchments")
    ours, theirs = times.origin, catchments.origin
    same = (ours.network, ours.facilities, ours.population) == (
        theirs.network,
        theirs.facilities,
        theirs.population,
    )
    way = ours.direction == theirs.direction and fingerprint(ours.profile) == fingerprint(theirs.profile)
    if not same or not way:
        raise MismatchError(
            "the catchments and the times do not belong together: compute both with the same streets, facilities, "
            "people, profile and direction"
        )
    if catchments.method != "capacity" or abs(catchments.minutes - cutoff) > 1e-9:
        raise MismatchError(
            f"gaps at {cutoff:g} min need catchments with minutes={cutoff:g} and method='capacity', not "
            f"{catchments.minutes:g} and {catchments.method!r}"
        )
