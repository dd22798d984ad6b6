"""A town of squares: streets every 100 m, raster cells between them, times by Manhattan distance."""

import dataclasses

import numpy as np
import pandas as pd
import shapely

from access15.model import (
    Areas,
    Coverage,
    Facilities,
    Gaps,
    LinkedPoints,
    NearestTimes,
    Origin,
    Population,
    SitingPlan,
    Status,
    StreetNetwork,
    TravelProfile,
)
from access15.testing import straight_streets

UTM = "EPSG:32632"
X0, Y0 = 372_000.0, 4_843_000.0


def street_grid(n: int, step: float = 100.0) -> StreetNetwork:
    """n × n junctions, a straight street between neighbours."""
    row, col = np.divmod(np.arange(n * n), n)
    x, y = X0 + col * step, Y0 + row * step
    right, up = np.flatnonzero(col < n - 1), np.flatnonzero(row < n - 1)
    a, b = np.concatenate([right, up]), np.concatenate([right + 1, up + n])
    network = straight_streets(x, y, a, b, forward=1 | 4, backward=1 | 4, crs=UTM)
    return dataclasses.replace(
        network,
        highway=(row[a] % 5 == 0).astype(np.uint8),
        highway_classes=("residential", "primary"),
    )


def linked(n: int, unlinked=()) -> LinkedPoints:
    edge, leg = np.zeros(n, np.int32), np.full(n, 12.5)
    edge[list(unlinked)], leg[list(unlinked)] = -1, 6000.0
    return LinkedPoints(edge, np.full(n, 0.5), leg, (edge < 0).astype(np.uint8))


def square(x: float, y: float, side: float):
    return shapely.box(X0 + x, Y0 + y, X0 + x + side, Y0 + y + side)


@dataclasses.dataclass
class Town:
    network: StreetNetwork
    population: Population
    facilities: Facilities
    areas: Areas

    def times(
        self, kph: float = 4.8, name: str = "walk", limit_s: float = np.inf, label: str = "care"
    ) -> NearestTimes:
        p, f = self.population, self.facilities
        metres = np.abs(p.x[:, None] - f.x) + np.abs(p.y[:, None] - f.y)
        seconds, facility = metres.min(axis=1) / (kph / 3.6), metres.argmin(axis=1).astype(np.int32)
        status = np.full(len(p), Status.REACHED, np.uint8)
        status[seconds > limit_s] = Status.BEYOND_LIMIT
        status[:3], status[3] = Status.UNREACHABLE, Status.UNLINKED
        lost = status != Status.REACHED
        seconds[lost], facility[lost] = np.inf, -1
        origin = Origin.of(self.network, f, p, TravelProfile(name, "foot", kph), "to")
        origin = dataclasses.replace(origin, label=label)
        return NearestTimes(seconds, facility, status, linked(len(p), [3]), linked(len(f)), limit_s, origin)

    def cell_area(self) -> np.ndarray:
        spots = shapely.points(self.population.x, self.population.y)
        inside = np.array([shapely.contains(shape, spots) for shape in self.areas.polygons])
        return np.where(inside.any(axis=0), inside.argmax(axis=0), -1).astype(np.int32)

    def coverage(self, times: NearestTimes, minutes=(5, 10, 15), areas: bool = True) -> Coverage:
        """Counted cell by cell, the slow and plain way."""
        p = self.population
        cell_area = self.cell_area() if areas else np.full(len(p), -1, np.int32)
        parts = {None: np.ones(len(p), bool)}
        if areas:
            parts |= {i: cell_area == k for k, i in enumerate(self.areas.id)}
            if (cell_area < 0).any():
                parts["(none)"] = cell_area < 0
        rows, summary = [], []
        for area_id, inside in parts.items():
            for cut in minutes:
                for group, people in {"all": p.people, **p.groups}.items():
                    within = times.seconds <= cut * 60
                    counts = {
                        "covered": people[inside & within].sum(),
                        "uncovered": people[inside & ~within & (times.status <= 1)].sum(),
                        "unreachable": people[inside & (times.status == 2)].sum(),
                        "unlinked": people[inside & (times.status == 3)].sum(),
                    }
                    total = people[inside].sum()
                    head = (times.origin.label, times.profile.name, cut, group, area_id, total)
                    rows.append((*head, *counts.values(), counts["covered"] / total if total else np.nan))
            reached = inside & np.isfinite(times.seconds)
            mean = np.average(times.seconds[reached], weights=p.people[reached]) if reached.any() else np.nan
            summary.append(
                (area_id, area_id, p.people[inside].sum(), mean, 1.0, *[np.nan] * 2, 1234.0, np.nan)
            )
        columns = [
            "points",
            "mode",
            "minutes",
            "group",
            "area_id",
            "people",
            "covered",
            "uncovered",
            "unreachable",
            "unlinked",
            "rate",
        ]
        names = ["area_id", "name", "people", "mean_s", "reached_share", "p50_s", "p80_s", "p90_s", "p95_s"]
        return Coverage(
            pd.DataFrame(rows, columns=columns),
            pd.DataFrame(summary, columns=names),
            cell_area,
            tuple(minutes),
            times.origin,
            tuple(int(times.within_rounding(cut).sum()) for cut in minutes),
        )

    def gaps(self, times: NearestTimes, n: int = 2) -> Gaps:
        import geopandas as gpd

        shapes = [square(1500 - 200 * k, 1500, 150) for k in range(n)]
        table = gpd.GeoDataFrame(
            {
                "gap_id": [f"g{k + 1}" for k in range(n)], "rank": np.arange(1, n + 1), "mode": [times.profile.name] * n,
                "minutes": [15.0] * n, "people": [100.0 - k for k in range(n)], "people_65plus": [10.0] * n,
                "area_id": ["001"] * n, "nearest_facility": [None, "c1"][:n] + ["c1"] * max(0, n - 2),
                "median_s": [np.inf, 1000.0][:n] + [1.0] * max(0, n - 2), "max_s": [np.inf, 1100.0][:n] + [2.0] * max(0, n - 2),
                "kind": ["distance"] * n, "reason": ["too far"] * n, "priority": [1.0] * n, "recommendation": ["fixed clinic"] * n,
            },
            geometry=shapes, crs=UTM,
        )  # fmt: skip
        return Gaps(table, np.full(len(self.population), -1, np.int32), 15.0, times.origin)

    def candidates(self) -> Facilities:
        return Facilities.of(
            [X0 + 1550, X0 + 1250, X0 + 50], [Y0 + 1550, Y0 + 350, Y0 + 50], UTM, ids=["j1", "j2", "j3"]
        )

    def plan(self, times: NearestTimes, minutes: float = 15.0) -> SitingPlan:
        table = pd.DataFrame(
            {
                "rank": [1, 2], "candidate_id": ["j2", "j1"], "source": ["junction", "junction"], "gain": [60.0, 40.0],
                "cumulative_people": [560.0, 600.0], "cumulative_rate": [0.56, 0.6],
            }
        )  # fmt: skip
        covered = np.zeros(len(self.population), bool)
        return SitingPlan(
            "max-coverage", "optimal", 600.0, 600.0, 0.0, 2, np.array([1, 0]), table, covered, minutes, times.origin,
            ("12 people no candidate can reach",),
        )  # fmt: skip


def make_town() -> Town:
    n = 17
    row, col = np.divmod(np.arange(n * n), n)
    rng = np.random.default_rng(15)
    people = np.round(rng.gamma(2.0, 20.0, n * n), 2) + 0.01
    population = Population(
        cell_id=np.array([f"{i:04d}" for i in range(n * n)], object), x=X0 + 50 + col * 100.0, y=Y0 + 50 + row * 100.0,
        people=people, crs=UTM, groups={"65+": people * 0.2, "0-6": people * 0.07}, cell_size=(100.0, 100.0),
    )  # fmt: skip
    facilities = Facilities.of(
        [X0 + 400, X0 + 900],
        [Y0 + 400, Y0 + 700],
        UTM,
        ids=["c1", "002"],
        name=["East", ""],
        capacity=[5000.0, np.nan],
        beds=[0, np.nan],
    )
    areas = Areas(
        np.array(["001", "002", "003"], object),
        np.array(["Harbour", "鼓楼街道", ""], object),
        np.array([square(0, 0, 800), square(800, 0, 800), square(5000, 5000, 10)], object),
        UTM,
    )
    return Town(street_grid(n + 1), population, facilities, areas)
