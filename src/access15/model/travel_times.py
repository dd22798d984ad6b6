"""Points on the network, and the times between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from access15.arrays import Bools, Float32s, Floats, Int32s, Ints, UInt8s, UInt32s
from access15.errors import InputError, MismatchError
from access15.model._base import fingerprint, freeze
from access15.model._html import table_page
from access15.model.travel_profile import Direction, TravelProfile
from access15.units import ROUNDING_S, minutes_to_ms

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


class LinkReason(IntEnum):
    """Why a point is where it is on the network."""

    LINKED = 0
    TOO_FAR = 1
    NO_STREETS = 2
    PAST_FRAGMENT = 3
    """Linked, but to a street further off: a nearer one leads nowhere (see `access15.network.core_nodes`)."""
    ON_MOTORWAY = 4
    """Linked to a motorway, a motorroad or their link, where nobody steps off: no other street is near enough."""
    ACROSS_WATER = 5
    """Not linked: every street near enough lies across water."""
    OVER_LAND = 6
    """At no street: the way begins or ends over the land (with a terrain only)."""
    ON_CLOSED_LAND = 7
    """At no street, and the land there is closed: water, or a class that nobody crosses."""
    OUTSIDE_TERRAIN = 8
    """At no street, and the terrain does not reach there."""


class Status(IntEnum):
    """What became of a cell. The counts are kept apart everywhere."""

    REACHED = 0
    BEYOND_LIMIT = 1
    UNREACHABLE = 2
    UNLINKED = 3
    CLOSED_LAND = 4
    """On land that is closed (with a terrain only); in tables such people are among the unlinked."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class LinkedPoints:
    """Positions of points on the network.

    Attributes
    ----------
    edge : (k,) int32
        Edge of the network, -1 where unlinked.
    fraction : (k,) float64
        Share of the edge's length from ``edge_from`` to the point, 0..1.
    leg_m : (k,) float64
        Off-network distance from the point to the edge, metres; distance to the nearest street where
        unlinked (``inf`` where there is no street at all).
    reason : (k,) uint8
        `LinkReason`.
    """

    edge: Int32s
    fraction: Floats
    leg_m: Floats
    reason: UInt8s

    def __post_init__(self) -> None:
        k = len(self.edge)
        freeze(self, "edge", np.int32, k)
        freeze(self, "fraction", np.float64, k)
        freeze(self, "leg_m", np.float64, k)
        freeze(self, "reason", np.uint8, k)

    @property
    def linked(self) -> Bools:
        """True where the point has an edge."""
        return self.edge >= 0

    @property
    def placed(self) -> Bools:
        """True where ways can begin or end: at a street, or with a terrain over the land."""
        return np.asarray((self.edge >= 0) | (self.reason == LinkReason.OVER_LAND), bool)

    def __len__(self) -> int:
        return len(self.edge)

    def __repr__(self) -> str:
        return f"<LinkedPoints {int(self.linked.sum()):,} of {len(self):,} linked>"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a result was computed from; results of different origins do not mix."""

    profile: TravelProfile
    direction: Direction
    network: str
    facilities: str
    population: str
    label: str = "care"
    terrain: str = ""

    @classmethod
    def of(
        cls,
        network: Any,
        facilities: Any,
        population: Any,
        profile: TravelProfile,
        direction: Direction,
        terrain: Any = None,
    ) -> Origin:
        """Return the origin of a result: the profile, the direction and the fingerprints of the inputs."""
        keys = (fingerprint(network), fingerprint(facilities), fingerprint(population))
        land = "" if terrain is None else fingerprint(terrain)
        return cls(profile, direction, *keys, label=getattr(facilities, "label", "care"), terrain=land)

    def check(self, what: str, **expected: Any) -> None:
        """Raise `MismatchError` unless each named noun (``population=...``) is the one used here."""
        for name, noun in expected.items():
            if fingerprint(noun) != getattr(self, name):
                raise MismatchError(
                    f"{what} and these {name} do not belong together: compute again with these, or pass the ones used before"
                )

    def check_streets_alone(self, what: str, instead: str) -> None:
        """Raise `InputError` if a terrain was used, for what goes along streets alone."""
        if self.terrain:
            raise InputError(f"{what} go along streets alone, and the times are over land: {instead}")


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class NearestTimes:
    """Time to the nearest facility for every cell.

    Attributes
    ----------
    seconds : (n,) float64
        Door to door, off-network legs included; ``inf`` where not reached.
    facility : (n,) int32
        Row of the nearest facility (the lowest row on ties), -1 where not reached.
    status : (n,) uint8
        `Status`. Unreachable is decided by reachability, not by the limit.
    cells, sites : LinkedPoints
        Where cells and facilities stand on the network.
    limit_s : float
        Search limit, ``inf`` without one.
    origin : Origin
        Profile, direction and fingerprints of the inputs.
    over_land_m : (n,) float64, or (0,) without a terrain
        Metres over land on the whole way, NaN where not reached.
    land_first_m : (n,) float64, or (0,)
        Those between home and the first street, or the facility where no street is used.
    """

    seconds: Floats
    facility: Int32s
    status: UInt8s
    cells: LinkedPoints
    sites: LinkedPoints
    limit_s: float
    origin: Origin
    over_land_m: Floats = field(default_factory=lambda: np.empty(0))
    land_first_m: Floats = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        n = len(self.seconds)
        freeze(self, "seconds", np.float64, n)
        freeze(self, "facility", np.int32, n)
        freeze(self, "status", np.uint8, n)
        for name in ("over_land_m", "land_first_m"):
            freeze(self, name, np.float64, n if len(getattr(self, name)) else 0)

    @property
    def unlinked(self) -> Bools:
        """Cells from which no way begins: at no street, or on closed land, (n,)."""
        return np.isin(self.status, (Status.UNLINKED, Status.CLOSED_LAND))

    @property
    def profile(self) -> TravelProfile:
        """The profile the times were computed with."""
        return self.origin.profile

    @property
    def direction(self) -> Direction:
        """``"to"`` or ``"from"`` the facilities."""
        return self.origin.direction

    def within(self, minutes: float) -> Bools:
        """Return which cells are within ``minutes``, the limit included.

        Raises
        ------
        MismatchError
            If the search stopped before ``minutes``.
        """
        if minutes_to_ms(minutes) / 1000 > self.limit_s:
            raise MismatchError(
                f"the times stop at {self.limit_s / 60:g} min: compute them with a limit of {minutes:g} min or without one"
            )
        # Divided the same way as the times were, so that a tie in milliseconds stays a tie.
        return np.less_equal(self.seconds, minutes_to_ms(minutes) / 1000)

    def within_rounding(self, minutes: float) -> Bools:
        """Return the cells so close to ``minutes`` that the rounding to milliseconds may decide their answer.

        These are the times at most `access15.units.ROUNDING_S` off. A search with a limit knows no times
        beyond it: for both sides of a cut-off search further than that.

        Raises
        ------
        MismatchError
            If the search stopped before ``minutes``.
        """
        self.within(minutes)
        return np.less_equal(np.abs(self.seconds - minutes_to_ms(minutes) / 1000), ROUNDING_S)

    def __len__(self) -> int:
        return len(self.seconds)

    def __repr__(self) -> str:
        reached = int((self.status == Status.REACHED).sum())
        return (
            f"<NearestTimes {self.profile.name} {self.direction}: {reached:,} of {len(self):,} cells reached>"
        )

    def _repr_html_(self) -> str:
        import pandas as pd

        counts = {state.name.lower().replace("_", " "): int((self.status == state).sum()) for state in Status}
        return table_page(repr(self), pd.DataFrame({"cells": list(counts), "count": list(counts.values())}))


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class KNearest:
    """Times to the k nearest facilities of every cell, nearest first.

    Attributes
    ----------
    seconds : (n, k) float64
        Door to door, off-network legs included; ``inf`` where fewer facilities are reached.
    facility : (n, k) int32
        Facility rows, every facility once per cell; among equal times the lowest row comes first. -1
        where ``seconds`` is ``inf``.
    cells, sites : LinkedPoints
        Where cells and facilities stand on the network.
    limit_s : float
        Search limit, ``inf`` without one.
    origin : Origin
        Profile, direction and fingerprints of the inputs.
    """

    seconds: Floats
    facility: Int32s
    cells: LinkedPoints
    sites: LinkedPoints
    limit_s: float
    origin: Origin

    def __post_init__(self) -> None:
        n = len(self.seconds)
        freeze(self, "seconds", np.float64, n)
        freeze(self, "facility", np.int32, n)

    @property
    def k(self) -> int:
        """Number of facilities asked for."""
        return int(self.seconds.shape[1])

    @property
    def reached(self) -> Ints:
        """Number of facilities reached from each cell, at most k, (n,)."""
        return np.asarray((self.facility >= 0).sum(axis=1), np.int64)

    def __len__(self) -> int:
        return len(self.seconds)

    def __repr__(self) -> str:
        some = int((self.facility[:, 0] >= 0).sum())
        return (
            f"<KNearest {self.origin.profile.name} {self.origin.direction}: k = {self.k}, "
            f"{some:,} of {len(self):,} cells reached>"
        )


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class ReachSurface:
    """People, or facilities, within reach of every node of a network.

    Attributes
    ----------
    people : (n,) float64
        Residents within the limit of each node (or facilities, see ``counted``), NaN where no street of the
        profile links to the network.
    groups : dict of str to (n,) float64
        The same for each group of the population.
    node_x, node_y, node_id : (n,)
        The nodes, in ``crs``.
    crs : str
    limit_s : float
        The limit, included.
    cells : LinkedPoints
        Where cells stand on the network.
    origin : Origin
        Profile, direction and fingerprints. The network stands in the place of the facilities; what was
        counted stands in that of the population.
    counted : {"people", "facilities"}
    """

    people: Floats
    groups: Mapping[str, Floats]
    node_x: Floats
    node_y: Floats
    node_id: Ints
    crs: str
    limit_s: float
    cells: LinkedPoints
    origin: Origin
    counted: Literal["people", "facilities"] = "people"

    def __post_init__(self) -> None:
        n = len(self.people)
        for name in ("people", "node_x", "node_y"):
            freeze(self, name, np.float64, n)
        freeze(self, "node_id", np.int64, n)

    def frame(self) -> GeoDataFrame:
        """Return the nodes with a value as points: ``node_id``, ``people`` (or ``facilities``), one column per group."""
        import geopandas as gpd

        here = np.isfinite(self.people)
        columns = {"node_id": self.node_id[here], self.counted: self.people[here]}
        columns |= {name: values[here] for name, values in self.groups.items()}
        return gpd.GeoDataFrame(
            columns, geometry=gpd.points_from_xy(self.node_x[here], self.node_y[here]), crs=self.crs
        )

    def __len__(self) -> int:
        return len(self.people)

    def __repr__(self) -> str:
        return (
            f"<ReachSurface {self.counted}, {self.origin.profile.name} {self.origin.direction}, {self.limit_s / 60:g} min: "
            f"{int(np.isfinite(self.people).sum()):,} of {len(self):,} nodes>"
        )


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class TravelTimes:
    """Travel times facility × cell, only the pairs within the limit (compressed rows, one row a facility).

    Attributes
    ----------
    indptr : (f + 1,) int64
        ``indptr[j]:indptr[j + 1]`` are the pairs of facility row ``j``.
    cell : (pairs,) int32
        Cell rows, rising within a facility.
    time_ms : (pairs,) uint32
        Door to door, whole milliseconds.
    metres : (pairs,) float32 or None
        Length of that path, off-network legs included, where asked for.
    n_cells : int
    cells, sites : LinkedPoints
    limit_s : float
        ``inf`` when every reachable pair is stored.
    origin : Origin
    """

    indptr: Ints
    cell: Int32s
    time_ms: UInt32s
    metres: Float32s | None
    n_cells: int
    cells: LinkedPoints
    sites: LinkedPoints
    limit_s: float
    origin: Origin

    def __post_init__(self) -> None:
        freeze(self, "indptr", np.int64)
        freeze(self, "cell", np.int32)
        freeze(self, "time_ms", np.uint32, len(self.cell))
        if self.metres is not None:
            freeze(self, "metres", np.float32, len(self.cell))

    @property
    def n_facilities(self) -> int:
        """Number of facility rows."""
        return len(self.indptr) - 1

    @property
    def facility(self) -> Int32s:
        """Facility row of each pair, (pairs,)."""
        return np.repeat(np.arange(self.n_facilities, dtype=np.int32), np.diff(self.indptr))

    @property
    def seconds(self) -> Floats:
        """Time of each pair in seconds, (pairs,)."""
        return self.time_ms / 1000.0

    def of(self, facility: int) -> tuple[Int32s, Floats]:
        """Return ``(cell rows, seconds)`` of one facility row."""
        rows = slice(self.indptr[facility], self.indptr[facility + 1])
        return self.cell[rows], self.time_ms[rows] / 1000.0

    def by_cell(self) -> tuple[Ints, Int32s, Floats]:
        """Return the same pairs cell × facility (compressed rows, one row a cell), made anew at each call.

        Returns
        -------
        indptr : (n_cells + 1,) int64
            ``indptr[i]:indptr[i + 1]`` are the pairs of cell row ``i``.
        facility : (pairs,) int32
            Facility rows, rising within a cell.
        seconds : (pairs,) float64
        """
        from scipy.sparse import csr_array

        shape = (self.n_facilities, self.n_cells)
        turned = csr_array((self.time_ms, self.cell, self.indptr), shape=shape).tocsc()
        return turned.indptr.astype(np.int64), turned.indices.astype(np.int32), turned.data / 1000.0

    def __repr__(self) -> str:
        limit = "without limit" if np.isinf(self.limit_s) else f"within {self.limit_s / 60:g} min"
        return (
            f"<TravelTimes {self.origin.profile.name} {self.origin.direction}: {len(self.cell):,} pairs of "
            f"{self.n_facilities:,} facilities × {self.n_cells:,} cells {limit}>"
        )
