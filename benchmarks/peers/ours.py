"""Our side: draw pairs of street positions and route them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from places import (
    COUNTRIES,
    WALKING_KPH,
    columns_file,
    country_file,
    extract,
    read_columns,
    write_columns,
)

from access15 import DRIVE, Facilities, Population, read_network, travel_times
from access15.crs import WGS84, to_crs
from access15.model import StreetNetwork, TravelProfile
from access15.network import link_points, linkable, routing_graph
from access15.search import street_lines

SEED = 15
PROFILES = {
    "walk": TravelProfile("walk", "foot", WALKING_KPH, off_network_kph=WALKING_KPH),
    "drive": DRIVE,
}
SPAN_M = {"walk": (100.0, 5_000.0), "drive": (500.0, 20_000.0)}
"""Straight-line distance of a pair, least and most: below it rounding and snapping decide."""
ORIGINS, EACH = 1_100, 5


def street_points(
    network: StreetNetwork, profile: TravelProfile, count: int, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return positions uniform along the streets of a profile (count, 2), in the CRS of the network."""
    graph = routing_graph(network, profile)
    usable = linkable(graph, "origin") & linkable(graph, "destination")
    ferry = np.array([name == "ferry" for name in network.highway_classes])[network.highway]
    first = np.delete(np.arange(len(network.vertex_x)), network.vertex_offset[1:] - 1)
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.vertex_offset) - 1)
    first = first[(usable & ~ferry)[edge]]
    xy = np.column_stack((network.vertex_x, network.vertex_y))
    step = np.hypot(*(xy[first + 1] - xy[first]).T)
    at = rng.choice(first, count, p=step / step.sum())
    return np.asarray(xy[at] + rng.random((count, 1)) * (xy[at + 1] - xy[at]))


def draw(
    network: StreetNetwork, profile: TravelProfile, span_m: tuple[float, float], rng: np.random.Generator
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return origins (n, 2), and destinations (n, EACH, 2) of each within the span."""
    origins = street_points(network, profile, ORIGINS, rng)
    pool = street_points(network, profile, 20_000, rng)
    ends = np.empty((ORIGINS, EACH, 2))
    for i, origin in enumerate(origins):
        far = np.hypot(*(pool - origin).T)
        ends[i] = pool[rng.choice(np.flatnonzero((far >= span_m[0]) & (far <= span_m[1])), EACH)]
    return origins, ends


def write_pairs(place: str, mode: str) -> None:
    """Draw pairs, route them and write both for the peers."""
    network, profile = read_network(extract(place)), PROFILES[mode]
    origins, ends = draw(network, profile, SPAN_M[mode], np.random.default_rng(SEED))
    flat = ends.reshape(-1, 2)
    found = travel_times(
        network, Facilities.of(*origins.T, network.crs), Population.of(*flat.T, np.ones(len(flat)), network.crs),
        profile, direction="from", metres=True,
    )  # fmt: skip
    seconds, metres = np.full((2, len(flat)), np.nan)
    for row in range(ORIGINS):
        part = slice(found.indptr[row], found.indptr[row + 1])
        own = found.cell[part] // EACH == row
        seconds[found.cell[part][own]] = found.time_ms[part][own] / 1000
        metres[found.cell[part][own]] = found.metres[part][own]
    lon, lat = to_crs(*np.repeat(origins, EACH, axis=0).T, network.crs, WGS84)
    lon_to, lat_to = to_crs(*flat.T, network.crs, WGS84)
    columns = {
        "lon": lon,
        "lat": lat,
        "lon_to": lon_to,
        "lat_to": lat_to,
        "seconds": seconds,
        "metres": metres,
    }
    write_columns(
        columns_file(place, mode, "ours"),
        {
            name: [None if np.isnan(v) else round(float(v), 7) for v in column]
            for name, column in columns.items()
        },
    )


def write_lines(place: str) -> None:
    """Write the streets of every drive of ours as (lon, lat) lines, with their metres."""
    network = read_network(extract(place))
    pairs = read_columns(columns_file(place, "drive", "ours"))
    ends = np.array([pairs[k] for k in ("lon", "lat", "lon_to", "lat_to")], float)
    x, y = to_crs(np.r_[ends[0], ends[2]], np.r_[ends[1], ends[3]], WGS84, network.crs)
    points = link_points(network, x, y, network.crs, DRIVE, role="origin")
    n = ends.shape[1]
    lines, _ = street_lines(network, points, DRIVE, [(row, n + row) for row in range(n)])
    found = []
    for line in lines:
        xy = np.empty((0, 2)) if line is None else np.array(line.coords)
        lon, lat = to_crs(*xy.T, network.crs, WGS84)
        found.append(np.round(np.column_stack((lon, lat)), 6).tolist())
    metres = [None if line is None else line.length for line in lines]
    write_columns(columns_file(place, "drive", "lines"), {"line": found, "metres": metres})


def write_country(place: str) -> None:
    """Write a country that covers a place, a rectangle, as an OSM boundary."""
    import osmium
    from osmium.osm.mutable import Node, Relation, Way

    nodes = osmium.FileProcessor(extract(place), osmium.osm.NODE)
    at = np.array([(node.lon, node.lat) for node in nodes])
    (west, south), (east, north) = at.min(axis=0) - 0.1, at.max(axis=0) + 0.1
    name, code = COUNTRIES[place]
    tags = {"boundary": "administrative", "admin_level": "2"}
    with osmium.SimpleWriter(str(country_file(place)), overwrite=True) as writer:
        for i, corner in enumerate([(west, south), (east, south), (east, north), (west, north)], 1):
            writer.add_node(Node(id=i, version=1, location=corner))
        writer.add_way(Way(id=1, version=1, nodes=[1, 2, 3, 4, 1], tags=tags))
        tags |= {"type": "boundary", "name": name, "ISO3166-1": code}
        writer.add_relation(Relation(id=1, version=1, members=[("w", 1, "outer")], tags=tags))
