"""Exact travel times: to the nearest facility, between all pairs, at every node."""

from access15.travel_time.matrix import travel_times
from access15.travel_time.nearest import (
    NodeTimes,
    link_cells,
    link_sites,
    nearest_times,
    node_times,
    search_graph,
)

__all__ = [
    "NodeTimes",
    "link_cells",
    "link_sites",
    "nearest_times",
    "node_times",
    "search_graph",
    "travel_times",
]
