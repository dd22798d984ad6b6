"""Maps and curves of results: ``a15.plot.coverage(...)``. Each returns its matplotlib axes."""

from access15.outputs import plot_change as change
from access15.outputs import plot_coverage as coverage
from access15.outputs import plot_frontier as frontier
from access15.outputs import plot_gaps as gaps
from access15.outputs import plot_isochrones as isochrones
from access15.outputs import plot_plan as plan

__all__ = ["change", "coverage", "frontier", "gaps", "isochrones", "plan"]
