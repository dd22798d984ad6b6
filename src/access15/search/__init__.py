"""What every search shares: points on edges, labels, the searches between them, and the streets they take."""

from access15.search.bounded import BoundedSearches, Part, WorkSpace
from access15.search.datum_check import check_datum
from access15.search.ends import direction_of, link_cells, link_sites, search_graph
from access15.search.homes_on_land import HomeTimes, times_at
from access15.search.labels import (
    LARGEST_MS,
    NO_LABEL,
    bucket_sizes,
    cell_labels,
    node_labels,
    own_edge,
    times_and_rows,
)
from access15.search.land_ways import (
    Ends,
    LandField,
    OverLand,
    ends_of,
    land_field,
    linked_on_foot,
    over_land,
    read_field,
)
from access15.search.on_edges import Entries, Positions, end_entries, same_edge, start_entries
from access15.search.on_land import Land, LandTimes, land_of, spread, spread_in_moves
from access15.search.paths import street_lines
from access15.search.shores import ashore
from access15.search.streets_on_land import (
    JointTimes,
    LandAndStreets,
    best_place_m,
    join_streets,
    joint_times_at,
    place_starts,
    spread_over_both,
)

__all__ = [
    "LARGEST_MS",
    "NO_LABEL",
    "BoundedSearches",
    "Ends",
    "Entries",
    "HomeTimes",
    "JointTimes",
    "Land",
    "LandAndStreets",
    "LandField",
    "LandTimes",
    "OverLand",
    "Part",
    "Positions",
    "WorkSpace",
    "ashore",
    "best_place_m",
    "bucket_sizes",
    "cell_labels",
    "check_datum",
    "direction_of",
    "end_entries",
    "ends_of",
    "join_streets",
    "joint_times_at",
    "land_field",
    "land_of",
    "link_cells",
    "link_sites",
    "linked_on_foot",
    "node_labels",
    "over_land",
    "own_edge",
    "place_starts",
    "read_field",
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
