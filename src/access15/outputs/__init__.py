"""The other wall: layers, GeoPackage, tables, map and summary.

Nothing here imports a heavy library before it is used.
"""

from access15.outputs.area_layers import ALL_AREA, NONE_AREA, areas_layer, coverage_layer
from access15.outputs.atomic import FileOpenError, replacing
from access15.outputs.comparison import Comparison
from access15.outputs.findings import PLAN, PROPOSED, Compared, Estate, Findings, Referral
from access15.outputs.geopackage import write_geopackage
from access15.outputs.layers import cells_layer, facilities_layer
from access15.outputs.maps.coverage import map_findings, plot_coverage, plot_gaps, plot_isochrones
from access15.outputs.maps.curve import plot_frontier
from access15.outputs.maps.plan import plot_change, plot_plan
from access15.outputs.osmnx_graph import to_osmnx
from access15.outputs.outreach_layers import outreach_layers
from access15.outputs.raster import write_time_raster
from access15.outputs.report import report_tables, write_report
from access15.outputs.report.words import said, words
from access15.outputs.result_layers import (
    critical_layer,
    gaps_layer,
    isochrones_layer,
    plans_layer,
    provenance_layer,
    rejected_layer,
    sites_layer,
)
from access15.outputs.run_layers import layers_of
from access15.outputs.summary import summary_text, text_table
from access15.outputs.tables import TableWriter, write_table
from access15.outputs.titles import mode_name
from access15.outputs.workbook import write_workbook

__all__ = [
    "ALL_AREA",
    "NONE_AREA",
    "PLAN",
    "PROPOSED",
    "Compared",
    "Comparison",
    "Estate",
    "FileOpenError",
    "Findings",
    "Referral",
    "TableWriter",
    "areas_layer",
    "cells_layer",
    "coverage_layer",
    "critical_layer",
    "facilities_layer",
    "gaps_layer",
    "isochrones_layer",
    "layers_of",
    "map_findings",
    "mode_name",
    "outreach_layers",
    "plans_layer",
    "plot_change",
    "plot_coverage",
    "plot_frontier",
    "plot_gaps",
    "plot_isochrones",
    "plot_plan",
    "provenance_layer",
    "rejected_layer",
    "replacing",
    "report_tables",
    "said",
    "sites_layer",
    "summary_text",
    "text_table",
    "to_osmnx",
    "words",
    "write_geopackage",
    "write_report",
    "write_table",
    "write_time_raster",
    "write_workbook",
]
