"""The first page of the report: the answer of one case on one sheet of A4, and on a phone."""

from access15.outputs.report.first_page.assembled import first_page, gaps_pages, other_maps

__all__ = ["first_page", "gaps_pages", "other_maps"]
