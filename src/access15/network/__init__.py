"""Streets as a graph: tag rules, building, one profile's view, linking points, explaining."""

from access15.modes import CLASS_ACCESS
from access15.network.build import StreetWays, WaterLines, build_network
from access15.network.choices import MAX_SNAP_M, Choices, Found, Role
from access15.network.conditions import SEASONS
from access15.network.datum_hypotheses import DATUMS, DatumEvidence, datum_evidence
from access15.network.delays import edge_delays_s
from access15.network.explain import DirectionExplanation, EdgeExplanation, explain_edge
from access15.network.fitness import PASSED_KEYS
from access15.network.hours import holds_most_of_the_week, usual_value
from access15.network.islands import core_nodes, linkable
from access15.network.join import JoinedStreets, join_streets
from access15.network.link import link_index, link_points
from access15.network.network_summary import NetworkSummary, network_summary
from access15.network.order import hilbert_order
from access15.network.profile_access import profile_access
from access15.network.routing_graph import RoutingGraph, routing_graph
from access15.network.segments import AT_END_M, SegmentIndex
from access15.network.slope import slope_network, stations, tobler_factor
from access15.network.speeds import SpeedRule, edge_speed_rules, edge_speeds_kph
from access15.network.standing import can_stand
from access15.network.street_notes import same_on, season_of
from access15.network.tag_rules import FERRIES, NOT_STREETS, RELEVANT_KEYS, WALKED, is_walked
from access15.network.tag_values import parse_duration_s, parse_maxspeed
from access15.network.waits import WAIT_HIGHWAYS

__all__ = [
    "AT_END_M",
    "CLASS_ACCESS",
    "DATUMS",
    "FERRIES",
    "MAX_SNAP_M",
    "NOT_STREETS",
    "PASSED_KEYS",
    "RELEVANT_KEYS",
    "SEASONS",
    "WAIT_HIGHWAYS",
    "WALKED",
    "Choices",
    "DatumEvidence",
    "DirectionExplanation",
    "EdgeExplanation",
    "Found",
    "JoinedStreets",
    "NetworkSummary",
    "Role",
    "RoutingGraph",
    "SegmentIndex",
    "SpeedRule",
    "StreetWays",
    "WaterLines",
    "build_network",
    "can_stand",
    "core_nodes",
    "datum_evidence",
    "edge_delays_s",
    "edge_speed_rules",
    "edge_speeds_kph",
    "explain_edge",
    "hilbert_order",
    "holds_most_of_the_week",
    "is_walked",
    "join_streets",
    "link_index",
    "link_points",
    "linkable",
    "network_summary",
    "parse_duration_s",
    "parse_maxspeed",
    "profile_access",
    "routing_graph",
    "same_on",
    "season_of",
    "slope_network",
    "stations",
    "tobler_factor",
    "usual_value",
]
