"""Who is covered: people and rates by cut-off, group and area."""

from access15.coverage.area_summary import QUANTILES, quantiles_by_part, ratio, sorted_quantiles
from access15.coverage.areas import assign_areas
from access15.coverage.critical import critical_streets
from access15.coverage.fragile import fragile_coverage
from access15.coverage.people import NO_AREA, coverage, rows_of
from access15.coverage.village_care import NEAR_M, VillageCare, village_care

__all__ = [
    "NEAR_M",
    "NO_AREA",
    "QUANTILES",
    "VillageCare",
    "assign_areas",
    "coverage",
    "critical_streets",
    "fragile_coverage",
    "quantiles_by_part",
    "ratio",
    "rows_of",
    "sorted_quantiles",
    "village_care",
]
