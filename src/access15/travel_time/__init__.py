"""Exact travel times: to the nearest facility, between all pairs, at every node."""

from access15.search import direction_of, link_cells, link_sites, search_graph, street_lines
from access15.travel_time.k_nearest import k_nearest
from access15.travel_time.matrix import iter_linked_times, iter_travel_times, linked_times, travel_times
from access15.travel_time.nearest import NodeTimes, nearest_times, node_times
from access15.travel_time.nearest_by import nearest_times_by
from access15.travel_time.new_roads import nearest_times_with_roads
from access15.travel_time.over_land import over_land_way, sites_on_land

__all__ = [
    "NodeTimes",
    "direction_of",
    "iter_linked_times",
    "iter_travel_times",
    "k_nearest",
    "link_cells",
    "link_sites",
    "linked_times",
    "nearest_times",
    "nearest_times_by",
    "nearest_times_with_roads",
    "node_times",
    "over_land_way",
    "search_graph",
    "sites_on_land",
    "street_lines",
    "travel_times",
]
