"""What goes out: layers, GeoPackage, tables, map and summary.

Nothing here imports a heavy library before it is used.
"""

from access15.outputs._frames import ALL_AREA, NONE_AREA
from access15.outputs.atomic import FileOpenError, replacing
from access15.outputs.comparison import Comparison
from access15.outputs.document import write_document
from access15.outputs.findings import PLAN, PROPOSED, Compared, Estate, Findings, Referral, TierCoverage
from access15.outputs.geopackage import write_geopackage
from access15.outputs.layers import LAYERS, layers_of
from access15.outputs.layers.areas import areas_layer
from access15.outputs.layers.cells import cells_layer
from access15.outputs.layers.coverage import coverage_layer
from access15.outputs.layers.facilities import facilities_layer
from access15.outputs.layers.gaps import gaps_layer
from access15.outputs.layers.isochrones import isochrones_layer
from access15.outputs.layers.plans import plans_layer
from access15.outputs.layers.proposed_sites import sites_layer
from access15.outputs.layers.provenance import provenance_layer
from access15.outputs.maps.coverage import map_findings, plot_coverage, plot_gaps, plot_isochrones
from access15.outputs.maps.curve import plot_frontier
from access15.outputs.maps.plan import plot_change, plot_plan
from access15.outputs.mode_words import mode_name
from access15.outputs.osmnx_graph import to_osmnx
from access15.outputs.raster import write_time_raster
from access15.outputs.report import report_tables, write_report
from access15.outputs.summary import summary_text, text_table
from access15.outputs.table_files import TableWriter, write_table
from access15.outputs.words import said, words
from access15.outputs.workbook import write_workbook

__all__ = [
    "ALL_AREA",
    "LAYERS",
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
    "TierCoverage",
    "areas_layer",
    "cells_layer",
    "coverage_layer",
    "facilities_layer",
    "gaps_layer",
    "isochrones_layer",
    "layers_of",
    "map_findings",
    "mode_name",
    "plans_layer",
    "plot_change",
    "plot_coverage",
    "plot_frontier",
    "plot_gaps",
    "plot_isochrones",
    "plot_plan",
    "provenance_layer",
    "replacing",
    "report_tables",
    "said",
    "sites_layer",
    "summary_text",
    "text_table",
    "to_osmnx",
    "words",
    "write_document",
    "write_geopackage",
    "write_report",
    "write_table",
    "write_time_raster",
    "write_workbook",
]
