"""Where new sites can go, and where they should go: candidates, models, how firm a plan is."""

from access15.siting.candidates import distances_m, filter_candidates, grid_candidates, junction_candidates
from access15.siting.exact.greedy import greedy_cover
from access15.siting.exact.reduce import CoverProblem, cover_matrix
from access15.siting.frontier import frontier
from access15.siting.locate import locate
from access15.siting.model import SIZES, Model
from access15.siting.models import MODELS, finds_size, model_of, objectives, sizes_of, sizes_text, takers
from access15.siting.robust import alternatives, robustness
from access15.siting.weights import GROUP_WEIGHTS, area_factor, weighted_people

__all__ = [
    "GROUP_WEIGHTS",
    "MODELS",
    "SIZES",
    "CoverProblem",
    "Model",
    "alternatives",
    "area_factor",
    "cover_matrix",
    "distances_m",
    "filter_candidates",
    "finds_size",
    "frontier",
    "greedy_cover",
    "grid_candidates",
    "junction_candidates",
    "locate",
    "model_of",
    "objectives",
    "robustness",
    "sizes_of",
    "sizes_text",
    "takers",
    "weighted_people",
]
