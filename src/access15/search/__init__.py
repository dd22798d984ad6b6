"""What every search shares: points on edges, labels, the searches between them, and the streets they take."""

from access15.search.bounded import BoundedSearches, Part, WorkSpace
from access15.search.datum_check import check_datum
from access15.search.ends import direction_of, link_cells, link_sites, search_graph
from access15.search.labels import (
    LARGEST_MS,
    NO_LABEL,
    bucket_sizes,
    cell_labels,
    node_labels,
    own_edge,
    times_and_rows,
)
from access15.search.on_edges import Entries, Positions, end_entries, same_edge, start_entries
from access15.search.on_land import Land, LandTimes, land_of, spread, spread_in_moves, times_at
from access15.search.paths import street_lines
from access15.search.streets_on_land import (
    JointTimes,
    LandAndStreets,
    best_leg_ms,
    join_streets,
    joint_times_at,
    may_step_off,
    spread_over_both,
)

__all__ = [
    "LARGEST_MS",
    "NO_LABEL",
    "BoundedSearches",
    "Entries",
    "JointTimes",
    "Land",
    "LandAndStreets",
    "LandTimes",
    "Part",
    "Positions",
    "WorkSpace",
    "best_leg_ms",
    "bucket_sizes",
    "cell_labels",
    "check_datum",
    "direction_of",
    "end_entries",
    "join_streets",
    "joint_times_at",
    "land_of",
    "link_cells",
    "link_sites",
    "may_step_off",
    "node_labels",
    "own_edge",
    "same_edge",
    "search_graph",
    "spread",
    "spread_in_moves",
    "spread_over_both",
    "start_entries",
    "street_lines",
    "times_and_rows",
    "times_at",
]
