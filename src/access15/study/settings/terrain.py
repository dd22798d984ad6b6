"""``[terrain]``: the land between the streets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from access15.errors import InputError
from access15.sources import LEGENDS
from access15.study.settings import toml as t


def _class_or_kph(value: Any, at: t.KeyPath) -> str | float:
    """Read a class of land, or a speed on foot."""
    return t.number(value, at) if isinstance(value, (int, float)) else t.text(value, at)


@dataclass(frozen=True, slots=True)
class TerrainInput:
    """``[terrain]``: with this table people also walk over the land between their streets.

    ``land_cover`` is a raster of codes; without it the land use of an OSM file: ``osm``, or that of the network. ``legend`` says what its codes
    mean, ``table`` is a legend of one's own (``{ 10 = "tree", 80 = 0 }``: a class, or km/h on foot). ``shares`` are rasters
    of the per cent of each class instead. ``water`` is an OSM file or a layer of water that is crossed on bridges only; by
    default that of the network's OSM file. ``elevation`` are heights, by default those of ``[network]``. ``cell_m`` is the
    side of a cell; ``margin_m`` the land around the areas, by default as far as people walk in the longest cut-off.
    """

    land_cover: Annotated[Path | None, t.path] = None
    legend: Annotated[str | None, t.one_of(*LEGENDS)] = None
    table: Annotated[Mapping[str, str | float] | None, t.map_of(_class_or_kph)] = None
    shares: Annotated[Mapping[str, Path] | None, t.map_of(t.path)] = None
    water: Annotated[Path | None, t.path] = None
    elevation: Annotated[tuple[Path, ...], t.list_of(t.path)] = ()
    osm: Annotated[Path | None, t.path] = None
    cell_m: Annotated[float, t.number] = 100.0
    margin_m: Annotated[float | None, t.number] = None

    def __post_init__(self) -> None:
        if sum(given is not None for given in (self.land_cover, self.shares, self.osm)) > 1:
            raise InputError("land_cover, shares and osm are each a land cover: keep one")
        if self.land_cover is None and (self.legend or self.table):
            raise InputError("legend and table are for a raster: add land_cover, or leave them out")
        if self.legend is not None and self.table is not None:
            raise InputError("legend and table both say what the codes mean: leave one out")
        for code in self.table or {}:
            if not code.isdecimal():
                raise InputError(f"table has {code!r}: the codes of a raster are whole numbers")

    @property
    def codes(self) -> str | dict[int, str | float]:
        """The legend as `access15.sources.read_land_cover` takes it."""
        if self.table is not None:
            return {int(code): value for code, value in self.table.items()}
        return self.legend or "worldcover"
