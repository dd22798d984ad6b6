"""What changed between two results, and the text, the report and the GeoPackage it becomes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from access15.outputs.change_figures import Changes

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison(Changes):
    """What changed between two results; immutable.

    Attributes
    ----------
    before, after : str
        Names of the two results.
    mode, minutes : str and float
        The headline case of the later one, or the first case they share.
    table : DataFrame
        One row per point set, mode, cut-off, group and area (``area_id`` missing = total): people, covered,
        rate, mean and P90 before and after, ``gain``, ``lose``, ``by_population``, ``faster``, ``slower``. In
        every row ``gain - lose + by_population = covered_change``.
    cells, areas, facilities : GeoDataFrame
        One row per cell, area and facility of either result.
    inputs : DataFrame
        ``part, key, before, after``: the facts of the provenance that differ.
    notes : tuple of str
        What only one of the two has, and was not compared.
    """

    def layers(self) -> dict[str, pd.DataFrame]:
        """Return the layers of the GeoPackage by name."""
        from access15.outputs.layers import layers_of_changes

        return layers_of_changes(self)

    def to_gpkg(self, path: str | os.PathLike[str], lang: str = "en") -> Path:
        """Write the layers to one GeoPackage, whole or not at all; return its path."""
        from access15.crs import crs_name
        from access15.outputs.geopackage import write_geopackage

        return write_geopackage(path, self.layers(), crs_name(self.cells.crs), lang)

    def report(self, path: str | os.PathLike[str], lang: str = "en") -> Path:
        """Write a short report as one HTML file that works offline, whole or not at all; return its path."""
        from access15.outputs.report.change_page import write_change_report

        return write_change_report(path, self, lang)

    def summary(self, lang: str = "en") -> str:
        """Return what changed as plain-text tables, in English (``en``) or Chinese (``zh``)."""
        from access15.outputs.report.change_tables import change_text

        return change_text(self, lang)

    def lead(self, lang: str = "en") -> str:
        """Return the headline as one sentence."""
        from access15.outputs.report.change_tables import lead

        return lead(self, lang)

    def __repr__(self) -> str:
        row = self.total()
        return (
            f"<Comparison {self.before} → {self.after}: {self.mode} {self.minutes:g} min, "
            f"{row['gain']:,.0f} people gain, {row['lose']:,.0f} lose>"
        )

    def _repr_html_(self) -> str:
        from markupsafe import escape

        return f"<pre>{escape(self.summary())}</pre>"
