"""Who is missed and why, where new sites can go, and where they should go."""

from access15.siting.candidates import distances_m, filter_candidates, grid_candidates, junction_candidates
from access15.siting.exact.greedy import greedy_cover
from access15.siting.exact.reduce import CoverProblem, cover_matrix
from access15.siting.frontier import frontier
from access15.siting.locate import locate
from access15.siting.robust import alternatives, robustness
from access15.siting.weights import GROUP_WEIGHTS, area_factor, weighted_people

__all__ = [
    "GROUP_WEIGHTS",
    "CoverProblem",
    "alternatives",
    "area_factor",
    "cover_matrix",
    "distances_m",
    "filter_candidates",
    "frontier",
    "greedy_cover",
    "grid_candidates",
    "junction_candidates",
    "locate",
    "robustness",
    "weighted_people",
]
