"""Plain twins of the raster kernels, and random streets to try them on."""

from __future__ import annotations

import numpy as np
import shapely

from access15.crs import to_crs
from access15.model import Facilities, Population
from access15.network import StreetWays, build_network
from access15.search.ends import link_sites
from access15.travel_time import nearest_times
from access15.units import NOT_REACHED_MS

UTM = "EPSG:32632"
EAST, NORTH = 500_000, 5_000_000


def streets(*paths, tags=None):
    """A network of polylines given as lists of (x, y); equal points are one node."""
    number: dict[tuple[float, float], int] = {}
    nodes = [number.setdefault(tuple(p), len(number)) for path in paths for p in path]
    xy = np.array([p for path in paths for p in path], float)
    return build_network(
        StreetWays(
            way_id=range(1, len(paths) + 1),
            tags=[{"highway": "residential", **t} for t in (tags or [{}] * len(paths))],
            size=[len(path) for path in paths],
            node=np.array(nodes),
            x=xy[:, 0] + EAST,
            y=xy[:, 1] + NORTH,
            crs=UTM,
        )
    )


def sites(*places):
    x, y = np.array(places, float).T
    return Facilities.of(x + EAST, y + NORTH, UTM)


def random_town(seed, n=60, side=1500.0):
    """Random crossing ways, some one-way, some for walking only, and a few facilities."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, side, (n, 2)).round(1)
    paths, tags = [], []
    for _ in range(n):
        start = rng.integers(0, n)
        near = np.argsort(np.hypot(*(xy - xy[start]).T))[1:7]
        paths.append(
            [tuple(xy[start]), *(tuple(xy[k]) for k in rng.choice(near, rng.integers(1, 4), replace=False))]
        )
        tags.append({
            "highway": str(rng.choice(["residential", "footway", "primary"], p=[0.6, 0.15, 0.25])),
            "oneway": str(rng.choice(["yes", "no", "-1"], p=[0.2, 0.7, 0.1])),
        })  # fmt: skip
    facilities = rng.uniform(0, side, (4, 2))
    facilities[1] = facilities[0] + 30
    return streets(*paths, tags=tags), sites(*facilities)


def routed(network, facilities, profile, x, y, *, direction=None):
    """Seconds and leg of places, by `nearest_times`."""
    times = nearest_times(
        network, facilities, Population.of(x, y, np.ones(len(x)), network.crs), profile, direction=direction
    )
    return times.seconds, times.cells.leg_m


def uniform_points(bounds, count, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(bounds[0], bounds[2], count), rng.uniform(bounds[1], bounds[3], count)


def exactly_inside(network, facilities, profile, minutes, x, y, *, direction=None):
    """Which places are inside by the definition: routed in time, with a leg of at most 100 m."""
    seconds, leg_m = routed(network, facilities, profile, x, y, direction=direction)
    return (seconds <= minutes * 60) & (leg_m <= 100)


def share_near_exact_border(polygon, network, facilities, profile, minutes, within_m, places=500):
    """Share of the border of a polygon that has exact insides and outsides within some metres."""
    line = polygon.boundary
    at = shapely.line_interpolate_point(line, np.arange(0, line.length, max(40.0, line.length / places)))
    radius, angle = np.meshgrid(
        np.linspace(0, 0.99, 8) * within_m, np.linspace(0, 2 * np.pi, 16, endpoint=False)
    )
    x = shapely.get_x(at)[:, None] + (radius * np.cos(angle)).ravel()
    y = shapely.get_y(at)[:, None] + (radius * np.sin(angle)).ravel()
    inside = exactly_inside(network, facilities, profile, minutes, x.ravel(), y.ravel()).reshape(x.shape)
    return (inside.any(axis=1) & ~inside.all(axis=1)).mean()


def assert_holes_are_real(polygon, network, facilities, profile, minutes, pixel_m):
    """Every hole wider than two pixels holds a place that is outside by the definition; return their number."""
    holes = [shapely.Polygon(ring) for part in polygon.geoms for ring in part.interiors]
    cores = shapely.buffer(np.array(holes, object), -pixel_m)
    cores = cores[~shapely.is_empty(cores)]
    if len(cores):
        x, y = shapely.get_coordinates(shapely.point_on_surface(cores)).T
        assert not exactly_inside(network, facilities, profile, minutes, x, y).any()
    return len(cores)


def assert_origins_inside(found, network, facilities, profile):
    """Every polygon of a facility holds it where its leg is short enough, at every cut-off."""
    x, y = to_crs(facilities.x, facilities.y, facilities.crs, network.crs)
    leg_m = link_sites(network, facilities, profile, "to").leg_m
    cutoffs = len(found) // len(facilities)
    assert (leg_m <= 100).any()
    for k in np.flatnonzero(leg_m <= 100):
        for polygon in found.geometry[k * cutoffs : (k + 1) * cutoffs]:
            assert shapely.intersects_xy(polygon, x[k], y[k])


def plain_street_ms(edge, share, labels, edges, own):
    """Twin of `street_ms`; ``own`` is a list of (edge, ms ahead, ms behind, leg)."""
    best = np.inf
    for side, part in ((0, share), (1, 1.0 - share)):
        label, pass_ms = int(labels[edges[edge, side]]), int(edges[edge, 2 + side])
        if part == 0:
            label = int(labels[edges[edge, 4 + side]])
        if label != NOT_REACHED_MS and (pass_ms != NOT_REACHED_MS or part == 0):
            best = min(best, label + part * pass_ms)
        for site in own:
            here = part * pass_ms
            if site[0] == edge and pass_ms != NOT_REACHED_MS and site[1 + side] <= here + 0.5:
                best = min(best, here - site[1 + side] + site[3])
    return best


def plain_late(edge, share, leg, labels, edges, own, limit_ms, ms_per_m, reach_m, strip_m, soft_ms):
    """Twin of one pixel of `late_strip`."""
    if edge < 0:
        return soft_ms
    street = plain_street_ms(edge, share, labels, edges, own) - limit_ms
    late = street + leg * ms_per_m
    if strip_m > 0:
        late = min(late, max(street, (leg - strip_m) * ms_per_m))
    late = np.clip(max(late, (leg - reach_m) * ms_per_m), -soft_ms, soft_ms)
    return max(late, soft_ms / 100) if late > 0 else min(late, -soft_ms / 100)


def own_list(positions, graph):
    """Facilities as `plain_street_ms` wants them."""
    del graph
    return list(
        zip(
            positions.edge.tolist(), positions.forward_ms.tolist(), positions.backward_ms.tolist(),
            positions.leg_ms.tolist(), strict=True,
        )
    )  # fmt: skip
