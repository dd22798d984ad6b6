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

__all__ = [
    "LARGEST_MS",
    "NO_LABEL",
    "BoundedSearches",
    "Entries",
    "Land",
    "LandTimes",
    "Part",
    "Positions",
    "WorkSpace",
    "bucket_sizes",
    "cell_labels",
    "check_datum",
    "direction_of",
    "end_entries",
    "land_of",
    "link_cells",
    "link_sites",
    "node_labels",
    "own_edge",
    "same_edge",
    "search_graph",
    "spread",
    "spread_in_moves",
    "start_entries",
    "street_lines",
    "times_and_rows",
    "times_at",
]
