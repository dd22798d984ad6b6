"""What changed between two results, in figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What changed between two results, in figures; `Comparison` says what each of them is."""

    before: str
    after: str
    mode: str
    minutes: float
    table: pd.DataFrame
    cells: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    inputs: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def unchanged(self) -> bool:
        """Whether no figure, no time of a cell and no facility differs."""
        table = self.table
        people = table[["gain", "lose", "faster", "slower", "people_change", "covered_change"]].to_numpy(
            float
        )
        return bool((people == 0).all()) and bool((self.facilities["change"] == "same").all())

    def total(self) -> pd.Series[float]:
        """Return the row of the headline for all residents."""
        table = self.table
        mine = (table["mode"] == self.mode) & (table["minutes"] == self.minutes)
        return table[mine & (table["group"] == "all") & table["area_id"].isna()].iloc[0]
