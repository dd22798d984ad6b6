"""Where one can step on or off a street: apart from the permission to travel on it.

Trips run over all streets a profile may use; points join only those one can stand at. Nobody steps off a motorway, in
a tunnel, or from a bridge onto what lies under it. What a street is stands in ``standing`` of the network, an index
into `access15.model.STANDING`; a profile may add kinds with ``stand_on``.

Sources: OSM wiki, Key:tunnel, Key:covered, Key:bridge, Tag:highway=motorway, Key:motorroad, Tag:route=ferry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from access15.arrays import Bools, Ints, UInt8s
from access15.model import STANDING, StreetNetwork, TravelProfile

_ORDINARY: Final = frozenset({"street", "square"})
_OPEN_TUNNELS: Final = frozenset({"", "no", "building_passage"})
"""Values of ``tunnel`` with a door to the side. A passage through a building is the way to its doors and yards, and who joins
it is in that building: in Monaco the 621 people who do on foot are within 12 m of it, by car 185 within 24 m."""
_LOW_BRIDGES: Final = frozenset({"", "no", "boardwalk", "low_water_crossing"})
"""Values of ``bridge`` at the level of the ground beside them."""
_MOTORWAYS: Final = frozenset({"motorway", "motorway_link"})


def standing_of(tags: Mapping[str, str], kind: str) -> str:
    """Return the kind of standing of a way: one of `access15.model.STANDING`.

    Parameters
    ----------
    tags : mapping of str to str
        OSM tags of the way.
    kind : str
        Its class as stored, ``"ferry"`` for ferries.
    """
    if kind == "ferry":
        return "ferry"
    if kind in _MOTORWAYS or tags.get("motorroad") == "yes":
        return "motorway"
    roofed = tags.get("covered", "no") != "no" or tags.get("indoor", "no") != "no"
    if tags.get("tunnel", "no") not in _OPEN_TUNNELS:
        return "tunnel"
    if tags.get("location") == "underground" or (roofed and _level(tags.get("layer", "0")) < 0):
        return "tunnel"
    if tags.get("bridge", "no") not in _LOW_BRIDGES:
        return "bridge"
    if tags.get("area") == "yes" or tags.get("type") == "multipolygon":
        return "square"
    return "street"


def _level(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def settled(code: UInt8s, tail: Ints, head: Ints, n_nodes: int) -> tuple[UInt8s, int]:
    """Return the standing of edges where parts without any place to stand stay as they are, and how many edges that is.

    A path whose whole component is a tunnel is all that is mapped there: who lives above it has no other street.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    ordinary = np.isin(code, [STANDING.index(kind) for kind in _ORDINARY])
    if ordinary.all() or not len(code):
        return code, 0
    links = coo_matrix((np.ones(len(tail), np.int8), (tail, head)), shape=(n_nodes, n_nodes))
    part = connected_components(links, directed=False)[1][tail]
    firm = np.zeros(int(part.max()) + 1, bool)
    firm[part[ordinary]] = True
    alone = ~firm[part] & np.isin(code, [STANDING.index("tunnel"), STANDING.index("bridge")])
    return np.where(alone, np.uint8(0), code).astype(np.uint8), int(alone.sum())


def can_stand(network: StreetNetwork, profile: TravelProfile) -> Bools:
    """Return the edges at which people of a profile can step on or off, (m,)."""
    if not len(network.standing):
        return np.ones(network.n_edges, bool)
    kinds = np.array([kind in _ORDINARY or kind in profile.stand_on for kind in STANDING], bool)
    return np.asarray(kinds[network.standing], bool)


def are(network: StreetNetwork, kind: str) -> Bools:
    """Return the edges of one kind of standing, (m,)."""
    if not len(network.standing):
        return np.zeros(network.n_edges, bool)
    return np.asarray(network.standing == STANDING.index(kind), bool)
