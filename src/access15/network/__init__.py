"""Streets as a graph: tag rules, building, one profile's view, linking points."""

from access15.network.build import StreetWays, build_network
from access15.network.link import MAX_SNAP_M, Role, link_points
from access15.network.routing_graph import RoutingGraph, routing_graph
from access15.network.speeds import edge_speeds_kph

__all__ = [
    "MAX_SNAP_M",
    "Role",
    "RoutingGraph",
    "StreetWays",
    "build_network",
    "edge_speeds_kph",
    "link_points",
    "routing_graph",
]
