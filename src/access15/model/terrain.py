"""The land between the streets: what covers it, how high it lies, and what nobody crosses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from access15.arrays import Float32s, Floats, Ints, UInt8s
from access15.errors import CRSError, InputError
from access15.model._base import freeze

WATER_AREA: Final = "water area"
"""The class of cells whose centre lies in an area of water: closed to everybody."""
NO_DATA: Final = "no data"
"""The class of cells of which the land cover says nothing: closed."""
UNCLASSIFIED: Final = "unclassified"
"""The class of land of which nothing is known: its speed is assumed."""
LAND_CLASSES: Final = (
    "tree", "shrub", "grass", "crop", "built", "bare", "snow", "water", "seasonal water", "wetland", "mangrove", "moss",
)  # fmt: skip
"""Classes that the legends of land cover speak of."""

NEIGHBOURS: Final = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
"""Steps ``(row, column)`` to the neighbours of a cell, in the order of the bits of ``blocked``: east, then clockwise."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Terrain:
    """A grid of square cells over the land, north up; immutable.

    Classes are kept, not speeds: every profile can travel it. Row 0 is the northernmost.

    Attributes
    ----------
    cover : (rows, columns) uint8
        Index into ``classes``.
    classes : tuple of str
        What covers the land: of `LAND_CLASSES`, `WATER_AREA`, `NO_DATA`, or names of one's own.
    x_min, y_max : float
        The north-western corner of the grid in ``crs``.
    cell_m : float
        Side of a cell, metres.
    crs : str
        A projected CRS in metres, true to length: not Web Mercator.
    height_m : (rows, columns) float32, or (0, 0) where no elevation was given
        Height of the cells' centres; NaN is not allowed.
    blocked : (rows, columns) uint8, or (0, 0) where there is no barrier
        Bit ``k``: the straight move from the cell's centre to that of its neighbour ``NEIGHBOURS[k]`` crosses a barrier.
    barriers : (b, 4) float64
        Straight pieces ``x0, y0, x1, y1`` of shores and rivers that are crossed on bridges only.
    shores : int
        How many of ``barriers``, the first ones, are shores of areas of water: there is land on one side of them only.
    share_pct : (classes, rows, columns) uint8, or (0, 0, 0)
        Per cent of a cell that each class covers, where the source says so; ``cover`` is then the largest one.
    class_kph : mapping of str to float
        Speeds on foot that the land cover itself states, km/h, by class; a profile's own go before.
    provenance : mapping
        Sources, and what was filled or is missing, with counts.
    """

    cover: UInt8s
    classes: tuple[str, ...]
    x_min: float
    y_max: float
    cell_m: float
    crs: str
    height_m: Float32s = field(default_factory=lambda: np.empty((0, 0), np.float32))
    blocked: UInt8s = field(default_factory=lambda: np.empty((0, 0), np.uint8))
    barriers: Floats = field(default_factory=lambda: np.empty((0, 4)))
    share_pct: UInt8s = field(default_factory=lambda: np.empty((0, 0, 0), np.uint8))
    class_kph: Mapping[str, float] = field(default_factory=dict)
    shores: int = 0
    provenance: Mapping[str, Any] = field(default_factory=dict, metadata={"fingerprint": False})

    def __post_init__(self) -> None:
        freeze(self, "cover", np.uint8)
        if self.cover.ndim != 2 or not self.cover.size:
            raise InputError(f"Terrain.cover has shape {self.cover.shape}, expected rows and columns")
        for name, dtype in (("height_m", np.float32), ("blocked", np.uint8)):
            freeze(self, name, dtype)
            shape = getattr(self, name).shape
            if shape not in ((0, 0), self.cover.shape):
                raise InputError(f"Terrain.{name} has shape {shape}, expected {self.cover.shape}")
        freeze(self, "barriers", np.float64)
        freeze(self, "share_pct", np.uint8)
        if self.share_pct.size and self.share_pct.shape != (len(self.classes), *self.cover.shape):
            raise InputError(
                f"Terrain.share_pct has shape {self.share_pct.shape}, expected one grid for each of {len(self.classes)} classes"
            )
        if int(self.cover.max()) >= len(self.classes):
            raise InputError(
                f"Terrain.cover holds {int(self.cover.max())}, but there are {len(self.classes)} classes"
            )
        if not np.isfinite(self.height_m).all():
            raise InputError("Terrain.height_m has voids: fill them, or leave the elevation out")
        if not 0 < self.cell_m < np.inf:
            raise InputError(f"Terrain.cell_m must be above 0, not {self.cell_m!r}")
        check_true_to_length(self.crs)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.cover.shape
        return rows, columns

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """The affine transform of the grid as rasterio writes it: column and row to ``crs``."""
        return (self.cell_m, 0.0, self.x_min, 0.0, -self.cell_m, self.y_max)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """The grid's ``xmin, ymin, xmax, ymax``."""
        rows, columns = self.shape
        return (
            self.x_min,
            self.y_max - rows * self.cell_m,
            self.x_min + columns * self.cell_m,
            self.y_max,
        )

    def cell_of(self, x: Floats, y: Floats) -> Ints:
        """Return the cell that holds each point, ``row * columns + column``, -1 outside the grid."""
        rows, columns = self.shape
        column = np.floor((np.asarray(x, float) - self.x_min) / self.cell_m)
        row = np.floor((self.y_max - np.asarray(y, float)) / self.cell_m)
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        return np.where(inside, row * columns + column, -1).astype(np.int64)

    def __repr__(self) -> str:
        rows, columns = self.shape
        return f"<Terrain {rows:,} × {columns:,} cells of {self.cell_m:g} m, {self.crs}>"


def check_true_to_length(crs: str) -> None:
    """Raise `CRSError` for a CRS that is not in metres, or stretches them.

    Web Mercator's metres are those of the equator: at 60° every length would be doubled.
    """
    import pyproj

    try:
        parsed = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise CRSError(f"{crs!r} is not a CRS that PROJ knows: use a code such as EPSG:32638") from error
    units = {axis.unit_conversion_factor for axis in parsed.axis_info[:2]}
    operation = parsed.coordinate_operation
    method = operation.method_name if operation is not None else ""
    if not parsed.is_projected or units != {1.0} or "Pseudo Mercator" in method:
        raise CRSError(
            f"terrain must lie in a projected CRS in metres that is true to length, not {crs[:60]}: use the UTM zone of the place"
        )
