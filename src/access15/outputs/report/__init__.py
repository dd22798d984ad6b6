"""The report: what was found, as one HTML file and as the tables of a workbook."""

from access15.outputs.findings import Findings
from access15.outputs.report.page import write_report
from access15.outputs.report.report_table import Table
from access15.outputs.report.tables import report_tables

__all__ = ["Findings", "Table", "report_tables", "write_report"]
