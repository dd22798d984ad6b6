"""More of what lies within reach: streets, rasters, people around every junction, and what hangs on one street."""

from access15.all_origins import reach_surface
from access15.coverage import critical_streets, fragile_coverage
from access15.isochrones import reached_edges, time_surface

__all__ = ["critical_streets", "fragile_coverage", "reach_surface", "reached_edges", "time_surface"]
