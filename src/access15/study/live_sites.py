"""Where the next service point would bring most, at once from a table and then proven: what a planner asks a map."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from access15.arrays import Bools, Floats
from access15.crs import WGS84, to_crs
from access15.errors import InputError
from access15.model import Facilities, NearestTimes, Population, TravelTimes
from access15.study import stages
from access15.study.candidates import list_candidates
from access15.study.live import LiveStudy
from access15.units import check_limit

MOST_CANDIDATES: Final = 30_000
"""Places looked at; of more, some that lie close together are left out, which is told."""

ROUNDS_S: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
"""Time limits of the rounds of a proof, seconds: each tells what is proven so far."""


@dataclass(frozen=True, slots=True, eq=False)
class SiteTable:
    """The cells within a limit of every place a new service point may go.

    Attributes
    ----------
    candidates : Facilities
    lon, lat : (c,) float64
        Of the candidates.
    matrix : TravelTimes
        Candidates × cells within the limit.
    minutes : float
    spacing_m : float
        Least distance between candidates, where they were too many; 0 otherwise.
    """

    candidates: Facilities
    lon: Floats
    lat: Floats
    matrix: TravelTimes
    minutes: float
    spacing_m: float

    @classmethod
    def of(cls, live: LiveStudy, mode: str, minutes: float) -> SiteTable:
        """Return the table of a study: its own candidates where it has ``[siting]``, else junctions inside the areas.

        Raises
        ------
        InputError
            If there is no place for a service point.
        """
        candidates, spacing_m = _candidates(live, mode)
        matrix = _times_from(live, candidates, mode, minutes)
        lon, lat = to_crs(candidates.x, candidates.y, candidates.crs, WGS84)
        return cls(candidates, lon, lat, matrix, minutes, spacing_m)

    def next_sites(
        self, within: Bools, people: Floats, count: int = 1, allowed: Any = None
    ) -> list[tuple[int, float]]:
        """Return candidates one after the other, each the one that brings most after those before, and what it brings.

        Parameters
        ----------
        within : (n,) bool
            Cells within the limit already.
        people : (n,) float64
        count : int
        allowed : polygon, optional
            In degrees; only candidates inside it are looked at.

        Returns
        -------
        list of (row, people)
            At most ``count``; it ends where nothing more is gained. Nothing is proven by it.
        """
        table = self.matrix
        owner = np.repeat(np.arange(len(self.candidates)), np.diff(table.indptr))
        left = np.where(within, 0.0, people)
        open_to = np.ones(len(self.candidates), bool) if allowed is None else self._inside(allowed)
        out: list[tuple[int, float]] = []
        while len(out) < count:
            gain = np.bincount(owner, left[table.cell], len(self.candidates))
            gain[~open_to] = -1.0
            best = int(gain.argmax())
            if gain[best] <= 0:
                break
            out.append((best, float(gain[best])))
            left[table.cell[table.indptr[best] : table.indptr[best + 1]]] = 0.0
        return out

    def _inside(self, allowed: Any) -> Bools:
        import shapely

        inside: Bools = shapely.intersects_xy(allowed, self.lon, self.lat)
        if not inside.any():
            raise InputError(
                "no place for a service point lies in the area drawn: draw it larger, or elsewhere"
            )
        return inside


def closable(
    live: LiveStudy, facilities: Facilities, mode: str, minutes: float, people: Floats, count: int
) -> list[tuple[str, float]]:
    """Return facilities one after the other, each the one whose closing costs the fewest people, and how many it costs.

    At least one stays. Nothing is proven by it.
    """
    table = _times_from(live, facilities, mode, minutes)
    owner = np.repeat(np.arange(len(facilities)), np.diff(table.indptr))
    still = np.ones(len(facilities), bool)
    reach = np.bincount(table.cell, minlength=len(people))
    out: list[tuple[str, float]] = []
    while len(out) < min(count, len(facilities) - 1):
        alone = (reach[table.cell] == 1) & still[owner]
        lost = np.bincount(owner[alone], people[table.cell[alone]], len(facilities)).astype(np.float64)
        lost[~still] = np.inf
        least = int(lost.argmin())
        out.append((str(facilities.id[least]), float(lost[least])))
        still[least] = False
        reach[table.cell[table.indptr[least] : table.indptr[least + 1]]] -= 1
    return out


def prove(
    table: SiteTable, population: Population, existing: NearestTimes, p: int
) -> Iterator[dict[str, Any]]:
    """Yield what is proven of the best ``p`` sites, in rounds of longer and longer searches, until nothing is open.

    Yields
    ------
    dict
        ``sites`` (candidate rows), ``gain`` (people), ``bound`` (no choice brings more), ``gap`` (share), ``status``.
    """
    from access15.siting import locate

    for limit_s in ROUNDS_S:
        plan = locate(
            table.matrix,
            population,
            existing,
            candidates=table.candidates,
            minutes=table.minutes,
            p=p,
            time_limit_s=float(limit_s),
        )
        yield {
            "sites": [int(row) for row in plan.chosen],
            "gain": float(plan.table["gain"].sum()),
            "objective": float(plan.objective),
            "bound": float(plan.bound),
            "gap": float(plan.gap),
            "status": str(plan.status),
            "seconds": limit_s,
        }
        if plan.gap == 0 or plan.status == "optimal":
            return


def _candidates(live: LiveStudy, mode: str) -> tuple[Facilities, float]:
    from access15.siting import filter_candidates, junction_candidates

    settings, inputs = live.study.settings, live.inputs
    if settings.siting is not None:
        found = list_candidates(inputs, settings, settings.siting)
    else:
        found = junction_candidates(inputs.network, inputs.profile_of(mode), within=inputs.areas)
    if not len(found):
        raise InputError("there is no place for a new service point: name [siting] candidates in the study")
    spacing_m = 0.0
    while len(found) > MOST_CANDIDATES:
        spacing_m = 2 * spacing_m or 50.0 * math.ceil(math.sqrt(len(found) / MOST_CANDIDATES))
        found = filter_candidates(found, min_spacing_m=spacing_m)
    return found, spacing_m


def _times_from(live: LiveStudy, sites: Facilities, mode: str, minutes: float) -> TravelTimes:
    from access15.travel_time import travel_times

    analysis = live.study.settings.analysis
    return travel_times(
        live.inputs.network,
        sites,
        live.inputs.population,
        live.inputs.profile_of(mode),
        minutes=check_limit(minutes),
        direction=stages.direction_of(analysis),
        max_snap_m=analysis.max_snap_m,
    )


def area_of(ring: list[tuple[float, float]]) -> Any:
    """Return the polygon of a ring in degrees.

    Raises
    ------
    InputError
        If it has fewer than three corners.
    """
    import shapely

    if len(ring) < 3:
        raise InputError("an area has at least three corners: draw more of it")
    return shapely.make_valid(shapely.Polygon(ring))
