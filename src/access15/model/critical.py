"""Streets that coverage hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from access15.model._html import table_page
from access15.model.travel_times import Origin

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True, slots=True, eq=False)
class CriticalStreets:
    """Closures of one bridge or one piece of street, those that uncover the most people first.

    Attributes
    ----------
    table : GeoDataFrame
        One row per way, for its worst piece: ``rank, way_id, highway, bridge, people_uncovered, people_unreachable, bound,
        people_along, length_m, pieces`` and the pieces of street. Where closing any one of several pieces uncovers
        just the same people (one behind the other along a road), they share a row: ``pieces`` counts them,
        ``way_id`` names a bridge among them, or else the longest, and ``people_unreachable`` (without any way left
        to a facility), ``bound`` (covered people behind it in the shortest-path forest), ``people_along``
        (covered people who live along it, who are not counted as uncovered for that) and ``length_m`` are those
        of the one named.
    people : float
        People covered before any closure.
    tried, closures : int
        Closures computed exactly, and those with any covered people behind them.
    rest_bound : float
        No closure left out uncovers more people; 0 if all were computed.
    minutes : float
    origin : Origin
    """

    table: gpd.GeoDataFrame
    people: float
    tried: int
    closures: int
    rest_bound: float
    minutes: float
    origin: Origin

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        head = f"<CriticalStreets {self.origin.profile.name} {self.minutes:g} min: "
        if not len(self):
            return head + "no closure uncovers anybody>"
        worst = self.table.iloc[0]
        kind = "bridge" if worst["bridge"] else worst["highway"]
        return (
            head
            + f"way {worst['way_id']} ({kind}) uncovers {worst['people_uncovered']:,.0f} of {self.people:,.0f} people>"
        )

    def _repr_html_(self) -> str:
        note = f"{self.tried:,} of {self.closures:,} closures computed; no other uncovers more than {self.rest_bound:,.0f} people"
        return table_page(repr(self), self.table.drop(columns=self.table.geometry.name), (note,))
