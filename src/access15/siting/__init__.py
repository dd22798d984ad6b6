"""Who is missed and why, where new sites can go, and where they should go."""

from access15.siting.candidates import filter_candidates, grid_candidates, junction_candidates
from access15.siting.frontier import frontier
from access15.siting.gaps import find_gaps
from access15.siting.locate import locate
from access15.siting.robust import alternatives, robustness

__all__ = [
    "alternatives",
    "filter_candidates",
    "find_gaps",
    "frontier",
    "grid_candidates",
    "junction_candidates",
    "locate",
    "robustness",
]
