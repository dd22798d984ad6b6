"""Ways over land and streets between facilities and homes, on foot or with a vehicle between two walks."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from access15.arrays import AnyArray, Bools, Floats, Ints, Labels
from access15.model import Direction, LinkedPoints, StreetNetwork, Terrain, TravelProfile
from access15.modes import MODES
from access15.network import RoutingGraph, link_points
from access15.profiles import WALK, off_road_kph
from access15.search.ends import search_graph
from access15.search.homes_on_land import HomeTimes
from access15.search.labels import LARGEST_MS, own_edge, times_and_rows
from access15.search.on_edges import Positions, end_entries, start_entries
from access15.search.on_land import Land, land_of, packed
from access15.search.rides_on_land import Ride, RideTimes, ride, ride_of, steps_off
from access15.search.streets_on_land import (
    STREET_M,
    JointTimes,
    LandAndStreets,
    Starts,
    check_same_crs,
    join_streets,
    place_starts,
    read_homes,
    spread_over_both,
)

_MOST_RIDES: Final = 20
_KEPT_CELLS: Final = 20_000_000
_ON_FOOT: WeakKeyDictionary[TravelProfile, TravelProfile] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class OverLand:
    """A terrain and streets as one profile travels them, ready to be searched.

    Attributes
    ----------
    network : StreetNetwork
    profile : TravelProfile
    direction : {"to", "from"}
    walker : TravelProfile
        The profile on foot: itself, or people who walk to a vehicle and from it.
    foot : LandAndStreets
    ride : Ride or None
        The streets of the vehicle.
    """

    network: StreetNetwork
    profile: TravelProfile
    direction: Direction
    walker: TravelProfile
    foot: LandAndStreets
    ride: Ride | None

    @property
    def land(self) -> Land:
        """The land as people walk it."""
        return self.foot.land


_RECENT: deque[OverLand] = deque(maxlen=4)
"""The last few; a larger terrain is not kept."""


@dataclass(frozen=True, eq=False)
class Ends:
    """Places or homes: where they are, and which of them stand on a street.

    Attributes
    ----------
    x, y : (k,) float64
        In the CRS of the terrain.
    on_foot : Positions
        Those within a metre of a street for people on foot.
    on_ride : Positions or None
        The same for the vehicle.
    """

    x: Floats
    y: Floats
    on_foot: Positions
    on_ride: Positions | None

    def where(self, rows: Ints) -> Ends:
        """Return some of them, numbered anew."""
        return Ends(
            self.x[rows], self.y[rows], _some(self.on_foot, rows), self.on_ride and _some(self.on_ride, rows)
        )


@dataclass(frozen=True, eq=False)
class LandField:
    """Times between places and everything else: the first walk, the ride, the walk behind it."""

    walked: JointTimes
    rode: RideTimes | None
    shut_in: Bools


def over_land(
    network: StreetNetwork, terrain: Terrain, profile: TravelProfile, direction: Direction
) -> OverLand:
    """Return a terrain and streets as a profile travels them (the last few are kept).

    Raises
    ------
    InputError
        If streets and terrain are in two CRS, a class of the land has no speed, or everything is closed.
    """
    for known in _RECENT:
        same = known.network is network and known.land.terrain is terrain and known.profile is profile
        if same and known.direction == direction:
            return known
    walker = walker_of(profile)
    # Who walks by a slope profile climbs; so do people of motor modes on their way to the vehicle.
    slopes = walker is not profile or profile.slope is not None
    land = land_of(terrain, off_road_kph(profile), direction=direction, slopes=slopes)
    check_same_crs(network, land)
    foot = join_streets(network, search_graph(network, walker, direction), land)
    on = None if walker is profile else ride_of(network, search_graph(network, profile, direction), land)
    made = OverLand(network, profile, direction, walker, foot, on)
    if terrain.cover.size <= _KEPT_CELLS:
        _RECENT.appendleft(made)
    return made


def walker_of(profile: TravelProfile) -> TravelProfile:
    """Return a profile itself if it walks, otherwise that of its people on their way to the vehicle and from it."""
    if MODES[profile.mode].pedestrian:
        return profile
    if profile not in _ON_FOOT:
        _ON_FOOT[profile] = replace(
            WALK,
            name=f"{profile.name} on foot",
            speed_kph=profile.off_network_kph,
            off_network_kph=profile.off_network_kph,
        )
    return _ON_FOOT[profile]


def ends_of(
    way: OverLand, x: Floats, y: Floats, links: LinkedPoints, walked: LinkedPoints | None = None
) -> Ends:
    """Return places or homes as a search takes them.

    Parameters
    ----------
    way : OverLand
    x, y : (k,) float64
        In the CRS of the terrain.
    links : LinkedPoints
        Where they stand on the streets of the profile.
    walked : LinkedPoints, optional
        The same of people on foot, for vehicles.
    """
    foot = _on_street(walked if walked is not None else links, way.foot.graph, way.walker)
    riding = None if way.ride is None else _on_street(links, way.ride.graph, way.profile)
    return Ends(x, y, foot, riding)


def linked_on_foot(way: OverLand, x: Floats, y: Floats, role: str) -> LinkedPoints | None:
    """Return where points stand on the streets of people on foot; None where the profile itself walks."""
    if way.ride is None:
        return None
    at = "origin" if role == "origin" else "destination"
    return link_points(way.network, x, y, way.network.crs, way.walker, role=at, max_snap_m=STREET_M)  # type: ignore[arg-type]


def _on_street(links: LinkedPoints, graph: RoutingGraph, profile: TravelProfile) -> Positions:
    found = Positions.of(links, graph, profile)
    return found.where(found.leg_m <= STREET_M)


def _some(positions: Positions, rows: Ints) -> Positions:
    number = np.full(int(max(rows.max(initial=-1), positions.row.max(initial=-1))) + 1, -1, np.int64)
    number[rows] = np.arange(len(rows))
    kept = positions.where(number[positions.row] >= 0)
    return replace(kept, row=number[kept.row])


def land_field(way: OverLand, places: Ends, *, limit_ms: int = LARGEST_MS, metres: bool = True) -> LandField:
    """Return the times between places and everything else.

    Parameters
    ----------
    way : OverLand
    places : Ends
    limit_ms : int
        Times beyond it are not passed on.
    metres : bool
        Also follow the metres over land.
    """
    starts, shut_in = place_starts(way.foot, places.x, places.y)
    on_street = _street_starts(places.on_foot, way.foot.graph)
    shut_in[places.on_foot.row] = False
    on_street = replace(on_street, at=on_street.at + len(way.foot.row_of_cell))
    metres = metres or way.ride is not None
    walked = spread_over_both(
        way.foot, Starts.joined([starts, on_street]), shut_in, limit_ms=limit_ms, metres=metres
    )
    if way.ride is None or places.on_ride is None:
        return LandField(walked, None, shut_in)
    point, place, ms, leg_m = way.ride.from_places(places.x, places.y)
    shut_in[place] = False
    shut_in[places.on_ride.row] = False
    beside = Starts(point, packed(ms, place), leg_m, np.zeros(len(point)))
    starts = Starts.joined([beside, _street_starts(places.on_ride, way.ride.graph)])
    for _ in range(1 if way.profile.rides == "one" else _MOST_RIDES):
        rode = ride(way.ride, way.foot, walked, starts, limit_ms)
        off = steps_off(way.ride, way.foot, rode)
        before = walked
        walked = spread_over_both(way.foot, off, shut_in, before, limit_ms=limit_ms)
        if way.profile.rides == "any" and (walked.labels == before.labels).all():
            break
    return LandField(walked, rode, shut_in)


def _street_starts(on_street: Positions, graph: RoutingGraph) -> Starts:
    """Return where places on a street enter its graph."""
    entry = start_entries(on_street, graph)
    leg_m = np.zeros(int(on_street.row.max(initial=-1)) + 1)
    leg_m[on_street.row] = on_street.leg_m
    over = leg_m[entry.point]
    return Starts(
        entry.node, packed(entry.time_ms.astype(np.float64), entry.point), over, np.zeros(len(over))
    )


def read_field(way: OverLand, field: LandField, places: Ends, homes: Ends) -> HomeTimes:
    """Return the best way of every home, read where it stands.

    Parameters
    ----------
    way : OverLand
    field : LandField
        Of `land_field` for ``places``.
    places, homes : Ends
    """
    at = homes.x, homes.y
    found = read_homes(way.foot, field.walked, (places.x, places.y), at)
    over_m = field.walked.point_over_m(way.foot)
    _read_street(
        places.on_foot, homes.on_foot, way.foot.graph, field.walked.point_labels(way.foot), over_m, found
    )
    if (
        way.ride is not None
        and field.rode is not None
        and places.on_ride is not None
        and homes.on_ride is not None
    ):
        rode = field.rode
        way.ride.to_homes(rode.labels, rode.over_m, at, found)
        _read_street(places.on_ride, homes.on_ride, way.ride.graph, rode.labels, rode.over_m, found)
    return found


def _read_street(
    places: Positions,
    homes: Positions,
    graph: RoutingGraph,
    labels: Labels,
    over_m: AnyArray,
    found: HomeTimes,
) -> None:
    """Lower the labels of homes that stand on a street, as a search along streets alone does."""
    entry = end_entries(homes, graph)
    before, row = times_and_rows(labels[entry.node])
    known = np.flatnonzero(row >= 0)
    total = before[known].astype(float) + entry.time_ms[known]
    leg_m = np.zeros(len(found.label))
    leg_m[homes.row] = homes.leg_m
    point = entry.point[known]
    over = over_m[entry.node[known]] if len(over_m) else np.zeros(len(known))
    found.offer(point, packed(np.asarray(total, np.float64), row[known]), over + leg_m[point], leg_m[point])
    label = found.label.copy()
    own_edge(graph, places, homes, label)
    lower = np.flatnonzero(label < found.label)
    found.offer(lower, label[lower], leg_m[lower], leg_m[lower])
