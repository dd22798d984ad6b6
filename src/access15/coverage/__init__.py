"""Who is covered: people and rates by cut-off, group and area."""

from access15.coverage.areas import assign_areas
from access15.coverage.critical import critical_streets
from access15.coverage.fragile import fragile_coverage
from access15.coverage.people import coverage

__all__ = ["assign_areas", "coverage", "critical_streets", "fragile_coverage"]
