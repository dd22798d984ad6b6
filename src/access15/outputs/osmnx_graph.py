"""A street network as an OSMnx graph, for everything OSMnx and networkx can do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Floats
from access15.errors import InputError
from access15.model import STANDING, StreetNetwork, TravelProfile
from access15.modes import MODES, access_of

if TYPE_CHECKING:
    from networkx import MultiDiGraph

_MODES: Final = tuple((name, access_of(name)) for name in MODES)


def to_osmnx(network: StreetNetwork, profile: TravelProfile | None = None) -> MultiDiGraph[Any]:
    """Return the network as a MultiDiGraph with the attributes OSMnx uses.

    Parameters
    ----------
    network : StreetNetwork
    profile : TravelProfile, optional
        Only the arcs this profile may travel, with ``travel_time`` in seconds and ``speed_kph``. Without one:
        every arc that anybody may travel, without times. Turn restrictions have no place in such a graph.

    Returns
    -------
    networkx.MultiDiGraph
        ``graph["crs"]`` is the network's metric CRS and ``graph["simplified"]`` True. Nodes have ``x``, ``y`` and
        ``street_count``; their names are OSM ids, negative for the copies that stand at a barrier. Arcs have ``osmid``, ``highway``,
        ``length`` (metres), ``geometry`` (along the arc), ``oneway``, ``reversed``, and where known ``maxspeed``
        (km/h), ``surface``, ``duration_s``, ``grade``, ``no_through``, ``off_ground``, ``standing``; ``foot``, ``bicycle`` and the other modes say
        ``yes`` or ``no`` for that direction, so that `access15.read_network` gets back what was there.

    Raises
    ------
    InputError
        If networkx is not installed.
    """
    try:
        import networkx as nx
    except ImportError as error:
        raise InputError("to_osmnx needs networkx: install it with pip install osmnx") from error

    graph: MultiDiGraph[Any] = nx.MultiDiGraph(crs=network.crs, simplified=True, created_with="access15")
    names = _node_names(network)
    x, y = network.node_x.tolist(), network.node_y.tolist()
    arcs = _Arcs(network, profile)
    ends = np.concatenate((network.edge_from[arcs.any_way], network.edge_to[arcs.any_way]))
    streets = np.bincount(ends, minlength=network.n_nodes).tolist()
    graph.add_nodes_from(
        (names[i], {"x": x[i], "y": y[i], "street_count": k}) for i, k in enumerate(streets) if k
    )
    graph.add_edges_from(arcs.rows(names))
    return graph


def _node_names(network: StreetNetwork) -> list[int]:
    """Return a name per node: its OSM id, a negative number for those that share one."""
    _, first = np.unique(network.node_id, return_index=True)
    names = -1 - np.arange(network.n_nodes)
    if network.n_nodes and network.node_id.min() < 0:
        names += int(network.node_id.min())  # drafts have negative ids: stay clear of them
    names[first] = network.node_id[first]
    return [int(n) for n in names]


class _Arcs:
    """The arcs of a network, and the attributes of each."""

    def __init__(self, network: StreetNetwork, profile: TravelProfile | None) -> None:
        import shapely

        self.network = network
        self.times: tuple[Floats, ...] | None = None
        if profile is None:
            self.open = (network.access_forward != 0, network.access_backward != 0)
        else:
            from access15.network import routing_graph

            seen = routing_graph(network, profile)
            self.open = (seen.forward, seen.backward)
            self.times = (seen.forward_ms / 1000.0, seen.backward_ms / 1000.0)
        self.any_way = self.open[0] | self.open[1]
        edge = np.repeat(np.arange(network.n_edges), np.diff(network.vertex_offset))
        xy = np.stack((network.vertex_x, network.vertex_y), axis=1)
        self.shapes = shapely.linestrings(xy, indices=edge) if len(xy) else np.empty(0, object)
        self.turned = shapely.reverse(self.shapes)

    def rows(self, names: list[int]) -> list[tuple[int, int, dict[str, Any]]]:
        """Return (from, to, attributes) of every open arc, edge after edge, forward before backward."""
        tail, head = self.network.edge_from.tolist(), self.network.edge_to.tolist()
        forward, backward = self.open
        out = []
        for e in np.flatnonzero(self.any_way).tolist():
            common = self._common(e, oneway=not (forward[e] and backward[e]))
            if forward[e]:
                out.append((names[tail[e]], names[head[e]], common | self._directed(e, 0)))
            if backward[e]:
                out.append((names[head[e]], names[tail[e]], common | self._directed(e, 1)))
        return out

    def _common(self, e: int, *, oneway: bool) -> dict[str, Any]:
        n = self.network
        out: dict[str, Any] = {
            "osmid": int(n.way_id[e]),
            "highway": n.highway_classes[n.highway[e]] or "road",
            "oneway": oneway,
            "length": float(n.length_m[e]),
        }
        if surface := n.surface_classes[n.surface[e]]:
            out["surface"] = surface
        if np.isfinite(n.duration_s[e]):
            out["duration_s"] = float(n.duration_s[e])
        if len(n.standing) and n.standing[e]:
            out["standing"] = STANDING[n.standing[e]]
        for name in ("no_through", "off_ground"):
            values = getattr(n, name)
            if len(values) and values[e]:
                out[name] = True
        return out

    def _directed(self, e: int, way: int) -> dict[str, Any]:
        n = self.network
        limit = (n.maxspeed_forward_kph, n.maxspeed_backward_kph)[way][e]
        bits = int((n.access_forward, n.access_backward)[way][e])
        out: dict[str, Any] = {"reversed": bool(way), "geometry": (self.shapes, self.turned)[way][e]}
        out |= {name: "yes" if bits & bit else "no" for name, bit in _MODES}
        if np.isfinite(limit):
            out["maxspeed"] = f"{limit:.9g}"
        waits = (n.waits_forward, n.waits_backward)[way][e : e + 1]
        if waits.any():
            out["waits"] = " ".join(map(str, waits[0]))
        if n.slope[e]:
            out["grade"] = float(-n.slope[e] if way else n.slope[e])
        if self.times is not None:
            seconds = float(self.times[way][e])
            out["travel_time"] = seconds
            out["speed_kph"] = float(n.length_m[e]) * 3.6 / seconds if seconds else 0.0
        return out
