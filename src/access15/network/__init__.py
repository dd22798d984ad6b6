"""Streets as a graph: tag rules, building, one profile's view, linking points, explaining."""

from access15.network.build import StreetWays, build_network
from access15.network.delays import edge_delays_s
from access15.network.explain import DirectionExplanation, EdgeExplanation, explain_edge
from access15.network.join import JoinedStreets, join_streets
from access15.network.link import MAX_SNAP_M, Role, link_points
from access15.network.routing_graph import RoutingGraph, routing_graph
from access15.network.slope import tobler_factor
from access15.network.speeds import SpeedRule, edge_speed_rules, edge_speeds_kph
from access15.network.summary import NetworkSummary, network_summary

__all__ = [
    "MAX_SNAP_M",
    "DirectionExplanation",
    "EdgeExplanation",
    "JoinedStreets",
    "NetworkSummary",
    "Role",
    "RoutingGraph",
    "SpeedRule",
    "StreetWays",
    "build_network",
    "edge_delays_s",
    "edge_speed_rules",
    "edge_speeds_kph",
    "explain_edge",
    "join_streets",
    "link_points",
    "network_summary",
    "routing_graph",
    "tobler_factor",
]
