"""Isochrones beside the exact buffered network, the usual buffer of streets, and Valhalla, in one run.

``python benchmarks/bench_isochrones.py`` draws 500 walking and 20 driving isochrones of 15 minutes, each with a
search of its own, on generated streets (30 thousand nodes) and, where ``ACCESS15_DATA`` names the folder of the
extracts, on Porto. Times are processor seconds of one thread, the best of three for access15 and
Valhalla. In the table access15 links its pixels to the streets each time, as a first call does; they are kept, and the time of a later
call stands above the table. Accuracy is measured on some of them:

- *routed*: a place is inside if `nearest_times` gives it the limit or less, its leg to the nearest street
  included, and that leg is at most 100 m. This is what the polygons mean.
- *buffered network*: every point of a reached street, buffered by what the limit leaves to walk there, at most
  100 m: a leg may go to any street, not only the nearest. Computed with shapely from street points at most 5 m
  apart (driving: 50 m), as the union of the hulls of neighbouring discs.
- *usual buffer*: streets reached, buffered by 25 m and united, as in the examples of OSMnx (the search is not in its time).
- *Valhalla* (Porto only): its own streets, speeds and contour, drawn in its own process (`peers/isochrones.py`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from streets import clinics, streets

from access15.crs import WGS84, to_crs
from access15.isochrones import isochrones
from access15.isochrones.lattice import drop_all
from access15.isochrones.reach import Reach, Streets
from access15.isochrones.reached_edges import reached_pieces, times_at
from access15.model import Facilities, Population, StreetNetwork, TravelProfile
from access15.profiles import DRIVE, WALK
from access15.search.ends import direction_of, link_sites, search_graph
from access15.search.on_edges import Positions
from access15.sources import read_network
from access15.travel_time import nearest_times

sys.path.append(str(Path(__file__).with_name("peers")))
from places import columns_file, extract, peers_python, write_columns

MINUTES = 15
REACH_M = 100.0
CASES = ((WALK, 500, 20, 15.0, 5.0), (DRIVE, 20, 2, 50.0, 50.0))
"""Profile, polygons drawn, polygons looked at closely, how far a border may be from the exact one, and metres between
the street points of the buffered network (a driver's time changes by 6 s of walking in 50 m at 30 km/h)."""
POINTS = 20_000
USUAL_M = 25.0


@dataclass
class Job:
    """One network, profile and list of facilities."""

    network: StreetNetwork
    profile: TravelProfile
    sites: Facilities
    step_m: float

    def one(self, k: int) -> Facilities:
        """Return one facility alone."""
        return Facilities.of(self.sites.x[[k]], self.sites.y[[k]], self.sites.crs)

    def inside(self, k: int, x: Any, y: Any) -> Any:
        """Return which places a facility reaches by routed time."""
        times = nearest_times(
            self.network, self.one(k), Population.of(x, y, np.ones(len(x)), self.network.crs), self.profile, minutes=MINUTES
        )  # fmt: skip
        return (times.seconds <= MINUTES * 60) & (times.cells.leg_m <= REACH_M)

    def street_points(self, k: int) -> tuple[Any, Any, Any]:
        """Return points of the reached streets in their order, what is left to walk there, and their piece."""
        network, limit_ms = self.network, MINUTES * 60_000
        way = direction_of(self.profile, None)
        graph = search_graph(network, self.profile, way)
        sites = Positions.of(link_sites(network, self.one(k), self.profile, way), graph, self.profile)
        drawn = Streets.of(network, graph)
        reach = Reach.together(drawn, sites, self.sites.x[[k]], self.sites.y[[k]], limit_ms)
        pieces = reached_pieces(drawn, reach, limit_ms)
        plane_m = drawn.shape[6][pieces.edge] * (pieces.end - pieces.begin)
        steps = np.maximum(np.ceil(plane_m / self.step_m).astype(int), 1) + 1
        piece = np.repeat(np.arange(len(steps)), steps)
        within = np.arange(len(piece)) - np.repeat(np.cumsum(steps) - steps, steps)
        share = pieces.begin[piece] + (pieces.end - pieces.begin)[piece] * within / (steps[piece] - 1)
        edge = pieces.edge[piece]
        used, row = np.unique(edge, return_inverse=True)
        lines = shapely.linestrings(np.concatenate([self._shape(e) for e in used]),
                                    indices=np.repeat(np.arange(len(used)), np.diff(network.vertex_offset)[used]))  # fmt: skip
        at = shapely.line_interpolate_point(lines[row], share, normalized=True)
        left_m = (
            (limit_ms - times_at(drawn, reach, edge, share)) / 3_600_000 * self.profile.off_network_kph * 1000
        )
        return at, np.clip(left_m, 0, REACH_M), piece

    def _shape(self, edge: int) -> Any:
        rows = slice(self.network.vertex_offset[edge], self.network.vertex_offset[edge + 1])
        return np.column_stack((self.network.vertex_x[rows], self.network.vertex_y[rows]))


def buffered(at: Any, left_m: Any, piece: Any) -> Any:
    """Return the union of the hulls of the discs around neighbouring street points."""
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    circle = np.column_stack((np.cos(angle), np.sin(angle)))
    rim = shapely.get_coordinates(at)[:, None, :] + left_m[:, None, None] * circle
    next_to = np.flatnonzero(piece[1:] == piece[:-1])
    both = np.concatenate((rim[next_to], rim[next_to + 1]), axis=1)
    return shapely.union_all(shapely.convex_hull(shapely.multipoints(both)))


def usual(at: Any, piece: Any) -> Any:
    """Return the streets buffered by one width."""
    lines = shapely.linestrings(shapely.get_coordinates(at), indices=piece)
    return shapely.union_all(shapely.buffer(lines, USUAL_M))


def near_exact_border(job: Job, k: int, shape: Any, within_m: float) -> float:
    """Return the share of the border that has routed places inside and outside within some metres."""
    line = shape.boundary
    at = shapely.line_interpolate_point(line, np.arange(0, line.length, max(40.0, line.length / 500)))
    kinds = []
    for radius in np.linspace(0, 0.99, 8) * within_m:
        for angle in np.linspace(0, 2 * np.pi, 16, endpoint=False):
            x, y = shapely.get_x(at) + radius * np.cos(angle), shapely.get_y(at) + radius * np.sin(angle)
            kinds.append(job.inside(k, x, y))
    return float((np.any(kinds, axis=0) & ~np.all(kinds, axis=0)).mean())


def valhalla(job: Job, place: str) -> tuple[float, Any]:
    """Return processor seconds and polygons of Valhalla; its own process, its own tiles."""
    lon, lat = to_crs(job.sites.x, job.sites.y, job.sites.crs, WGS84)
    write_columns(columns_file(place, job.profile.name, "places"), {"lon": lon.tolist(), "lat": lat.tolist()})
    script = Path(__file__).with_name("peers") / "isochrones.py"
    subprocess.run(
        [peers_python(), str(script), place, job.profile.name, str(MINUTES)], check=True, capture_output=True
    )
    answer = json.loads(columns_file(place, job.profile.name, "isochrones").read_text(encoding="utf-8"))
    drawn = shapely.from_geojson([json.dumps(shape) for shape in answer["shapes"]])
    shapes = shapely.make_valid(drawn, method="structure", keep_collapsed=False)  # areas only
    return answer["seconds"], gpd.GeoSeries(shapes, crs=WGS84).to_crs(job.network.crs).to_numpy()


def timed(call: Any, runs: int = 1, before: Any = None) -> tuple[float, Any]:
    """Return the least processor seconds of some runs, and the answer; ``before`` is called before each and not timed."""
    best = np.inf
    for _ in range(runs):
        if before is not None:
            before()
        start = time.process_time()
        answer = call()
        best = min(best, time.process_time() - start)
    return best, answer


def main(name: str, network: StreetNetwork, place: str | None) -> None:
    """Print the table of one network."""
    for profile, count, looked_at, within_m, step_m in CASES:
        job = Job(network, profile, clinics(network, count), step_m)

        draw = partial(isochrones, network, job.sites, profile, MINUTES, by="facility", threads=1)
        draw()  # compile
        rows: dict[str, list[Any]] = {"access15": [timed(draw, 3, drop_all)[0] / count]}
        again = timed(draw, 3)[0] / count
        shapes = {"access15": draw().geometry.to_numpy()}
        if place is not None:
            took, shapes["Valhalla"] = valhalla(job, place)
            rows["Valhalla"] = [took / count]
        some = np.random.default_rng(4).choice(count, looked_at, replace=False)
        spent = {"buffered network": 0.0, "usual buffer": 0.0}
        for side in spent:
            shapes[side] = np.full(count, None)
        for k in some:
            at, left_m, piece = job.street_points(k)
            took, shapes["buffered network"][k] = timed(partial(buffered, at, left_m, piece))
            spent["buffered network"] += took
            took, shapes["usual buffer"][k] = timed(partial(usual, at, piece))
            spent["usual buffer"] += took
        rows |= {side: [took / looked_at] for side, took in spent.items()}
        judge(job, some, shapes, rows, within_m)
        print(
            f"\n{name}, {network.n_nodes:,} nodes, {profile.name}, {count} polygons, {looked_at} looked at:"
        )
        print(f"500 polygons of access15: {rows['access15'][0] * 500:.2f} s; {again * 500:.2f} s in a later call, "
              f"{again * 1000:.3g} ms per polygon: the pixels are linked then\n")  # fmt: skip
        print(f"| | per polygon | area to routed | area to buffered network | places that agree with their routed time | border within {within_m:g} m |")  # fmt: skip
        print("|---|---|---|---|---|---|")
        for side, (took, routed, ratio, agree, border) in rows.items():
            times = "" if side == "access15" else f" ({took / rows['access15'][0]:,.1f} ×)"
            print(f"| {side} | {took * 1000:.3g} ms{times} | {routed - 1:+.1%} | {ratio - 1:+.1%} | {agree:.1%} | {border:.1%} |", flush=True)  # fmt: skip


def judge(job: Job, some: Any, shapes: dict[str, Any], rows: dict[str, list[Any]], within_m: float) -> None:
    """Append to each row: area to routed, area to the buffered network, agreement, border near the exact one.

    The exact area is the one of access15 times the ratio of places inside by routed time and inside the polygon, the same
    places for both: counted alone they would be 1 or 2 % off by chance.
    """
    rng = np.random.default_rng(5)
    found: dict[str, list[list[float]]] = {side: [] for side in shapes}
    for k in some:
        box = shapely.total_bounds([shape[k] for shape in shapes.values()])
        x, y = rng.uniform(box[0], box[2], POINTS), rng.uniform(box[1], box[3], POINTS)
        right = job.inside(k, x, y)
        ours = shapes["access15"][k]
        exact_m2 = ours.area * right.sum() / shapely.contains_xy(ours, x, y).sum()
        for side, shape in shapes.items():
            west, south, east, north = shape[k].bounds
            here = (x >= west) & (x <= east) & (y >= south) & (y <= north)
            shapely.prepare(shape[k])
            agree = (shapely.contains_xy(shape[k], x[here], y[here]) == right[here]).mean()
            near = near_exact_border(job, k, shape[k], within_m)
            found[side].append([shape[k].area, exact_m2, shapes["buffered network"][k].area, agree, near])
    for side, values in found.items():
        area, exact, network, agree, near = np.array(values).T
        rows[side] += [area.sum() / exact.sum(), area.sum() / network.sum(), agree.mean(), near.mean()]


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["generated", "porto"]
    if "generated" in wanted:
        main("generated", streets(30_000), None)
    if "porto" in wanted and "ACCESS15_DATA" in os.environ:
        main("Porto", read_network(extract("porto")), "porto")
