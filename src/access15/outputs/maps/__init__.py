"""Maps and curves as pictures."""

from access15.outputs.maps.coverage import plot_coverage, plot_gaps, plot_isochrones
from access15.outputs.maps.curve import plot_frontier
from access15.outputs.maps.plan import plot_change, plot_plan

__all__ = [
    "plot_change",
    "plot_coverage",
    "plot_frontier",
    "plot_gaps",
    "plot_isochrones",
    "plot_plan",
]
