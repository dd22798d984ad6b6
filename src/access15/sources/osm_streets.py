"""Streets from OpenStreetMap files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from access15.crs import WGS84
from access15.errors import InputError
from access15.network.build import StreetWays
from access15.network.waits import WAIT_HIGHWAYS

OSM_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2", ".osm.xml")


def read_ways(file: Path) -> StreetWays:
    """Read the ways, the nodes that bar or delay, and the turn restrictions of an OSM file; no rule is applied yet.

    Raises
    ------
    InputError
        If osmium cannot read the file to its end.
    """
    import osmium
    import shapely

    filters = osmium.filter.KeyFilter("highway", "route", "barrier", "restriction")
    wkb = osmium.geom.WKBFactory()
    every, ahead = osmium.geom.use_nodes.ALL, osmium.geom.direction.FORWARD
    way_id: list[int] = []
    tags: list[dict[str, str]] = []
    refs: list[list[int]] = []
    lines: list[bytes | str | None] = []
    broken: dict[int, list[tuple[float, float]]] = {}
    node_tags: dict[int, dict[str, str]] = {}
    restrictions: list[tuple[tuple[int, ...], int, bool]] = []
    aside: Counter[str] = Counter()
    try:
        for item in osmium.FileProcessor(str(file)).with_locations().with_filter(filters):
            if item.is_node():
                if "barrier" in item.tags or item.tags.get("highway") in WAIT_HIGHWAYS:
                    node_tags[item.id] = dict(item.tags)
            elif item.is_way():
                if "highway" not in item.tags and item.tags.get("route") != "ferry":
                    continue
                nodes = [node.ref for node in item.nodes]
                if len(nodes) < 2:
                    aside["ways of fewer than two nodes"] += 1
                    continue
                try:
                    line = wkb.create_linestring(item, every, ahead)
                except (RuntimeError, osmium.InvalidLocationError):
                    broken[len(way_id)] = [
                        (node.lon, node.lat) if node.location.valid() else (np.nan, np.nan)
                        for node in item.nodes
                    ]
                    line = None
                way_id.append(item.id)
                tags.append(dict(item.tags))
                refs.append(nodes)
                lines.append(line)
            else:
                _restriction(item, restrictions, aside)
    except (RuntimeError, OSError, ValueError) as error:
        raise InputError(
            f"{file} cannot be read to its end ({str(error).splitlines()[0]}): it is damaged, cut off, or not an "
            "OpenStreetMap file; download it again"
        ) from error
    if not way_id:
        raise InputError(
            f"{file} holds no streets (no way with a highway tag): use a road extract of your region"
        )
    size = [len(nodes) for nodes in refs]
    xy = shapely.get_coordinates(shapely.from_wkb([line for line in lines if line is not None]))
    if broken:
        xy = _fill(xy, size, broken)
    return StreetWays(
        way_id=way_id, tags=tags, size=size, node=np.concatenate([np.asarray(nodes, np.int64) for nodes in refs]),
        x=xy[:, 0], y=xy[:, 1], crs=WGS84, node_tags=node_tags, restrictions=restrictions,
        provenance={
            "source": file.name, "attribution": "© OpenStreetMap contributors", "ways read": len(way_id),
            "turn restrictions": len(restrictions), **({"set aside": dict(aside)} if aside else {}),
        },
    )  # fmt: skip


def _fill(
    xy: np.ndarray[Any, np.dtype[np.float64]], size: list[int], broken: dict[int, list[tuple[float, float]]]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Put the vertices of ways with missing nodes (NaN there) among those of the whole ways."""
    out = np.empty((sum(size), 2))
    start = np.concatenate(([0], np.cumsum(size)))
    whole = np.ones(len(out), bool)
    for way, points in broken.items():
        whole[start[way] : start[way + 1]] = False
        out[start[way] : start[way + 1]] = points
    out[whole] = xy
    return out


def _restriction(item: Any, found: list[tuple[tuple[int, ...], int, bool]], aside: Counter[str]) -> None:
    """Take a turn restriction that binds cars; others are counted."""
    if item.tags.get("type") != "restriction":
        return
    kind = item.tags.get("restriction:motorcar", item.tags.get("restriction", ""))
    if not kind.startswith(("no_", "only_")):
        aside["turn restrictions of another kind"] += 1
        return
    excepted = {word.strip() for word in item.tags.get("except", "").split(";")}
    if excepted & {"motorcar", "motor_vehicle", "vehicle"}:
        aside["turn restrictions that except cars"] += 1
        return
    members: dict[str, list[tuple[str, int]]] = {}
    for member in item.members:
        members.setdefault(member.role, []).append((member.type, member.ref))
    start, via, stop = (members.get(role, []) for role in ("from", "via", "to"))
    over_ways = bool(via) and all(kind_of == "w" for kind_of, _ in via)
    over_node = len(via) == 1 and via[0][0] == "n"
    if len(start) != 1 or len(stop) != 1 or not (over_ways or over_node):
        aside["turn restrictions that are incomplete"] += 1
        return
    between = tuple(ref for _, ref in via) if over_ways else ()
    found.append(
        ((start[0][1], *between, stop[0][1]), -1 if over_ways else via[0][1], kind.startswith("only_"))
    )
