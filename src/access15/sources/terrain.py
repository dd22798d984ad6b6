"""A `Terrain` from land cover, water and elevation: one metric grid around an area."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import AnyArray, Bools, Float32s, Floats, Objects, UInt8s
from access15.crs import WGS84, middle_crs, to_crs
from access15.errors import CRSError, InputError
from access15.model import (
    NEIGHBOURS,
    NO_DATA,
    UNCLASSIFIED,
    WATER_AREA,
    Areas,
    Note,
    Terrain,
    check_true_to_length,
    with_notes,
)
from access15.sources.elevation import heights_m, open_surface
from access15.sources.land_cover import LandCover, opened, read_land_cover
from access15.sources.osm_land import BROOKS, OsmLand, is_wall, sea_of
from access15.sources.water import read_water
from access15.units import check_limit

if TYPE_CHECKING:
    import geopandas as gpd

MARGIN_M: Final = 5_000.0
"""Land around the area that paths may use (practice value): about an hour on foot."""
MARGIN_KPH: Final = 6.0
"""A fast walk: nobody who walks longer than a cut-off outside the area is of interest (practice value)."""
LEAST_MARGIN_M: Final = 1_000.0

_MOST_CELLS: Final = 200_000_000
_MOST_VOIDS: Final = 0.2
_ROWS: Final = 512


@dataclass(frozen=True, slots=True)
class _Grid:
    """The grid to fill: north-western corner, size, cell."""

    x_min: float
    y_max: float
    rows: int
    columns: int
    cell_m: float
    crs: str

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Its ``xmin, ymin, xmax, ymax``."""
        right, low = self.x_min + self.columns * self.cell_m, self.y_max - self.rows * self.cell_m
        return self.x_min, low, right, self.y_max

    @property
    def transform(self) -> Any:
        from rasterio import Affine

        return Affine(self.cell_m, 0.0, self.x_min, 0.0, -self.cell_m, self.y_max)


def read_terrain(
    land_cover: LandCover | str | Path,
    *,
    area: Areas | gpd.GeoDataFrame | None = None,
    water: gpd.GeoDataFrame | str | Path | None = None,
    elevation: str | Path | list[str | Path] | None = None,
    cell_m: float = 100.0,
    margin_m: float | None = None,
    minutes: float | None = None,
    crs: str | None = None,
) -> Terrain:
    """Return the land around an area as a grid that every profile can travel.

    Parameters
    ----------
    land_cover : LandCover or path
        Of `read_land_cover`, in any CRS. A cell has the class that covers most of it. Or an OSM file: the smallest of its
        areas that holds the centre of a cell.
    area : Areas or GeoDataFrame, optional
        Where people live; by default the whole raster.
    water : GeoDataFrame or path, optional
        Areas of water and lines of rivers, such as `read_water` gives; by default those of the land cover's OSM file. Cells whose centre lies in an area of water are closed,
        and no move crosses a shore or a river's line, however thin. Lines whose ``waterway`` is one of `BROOKS` are
        no barriers.
    elevation : path or list of paths, optional
        Rasters as for `read_network`. Cells without a height have that of the nearest cell.
    cell_m : float
        Side of a cell, metres.
    margin_m : float, optional
        Land around the area's box that is read too: paths may leave the area. Default: what people walk in ``minutes``
        (`MARGIN_KPH`), at least `LEAST_MARGIN_M`, or 5 km.
    minutes : float, optional
        The longest cut-off of interest.
    crs : str, optional
        A CRS in metres, such as that of the network; default: the UTM zone of the area's middle.

    Raises
    ------
    InputError
        If the raster has codes that the legend does not name or misses a part of the area, the grid is too large, the
        elevation has too many voids, or the water holds points.
    CRSError
        If the CRS is not in metres and true to length, or the water or the area has none.
    """
    if not isinstance(land_cover, LandCover):
        land_cover = read_land_cover(land_cover)
    if area is None:
        area, margin_m = _whole(land_cover, cell_m), 0.0
    if margin_m is None:
        walked = np.nan if minutes is None else check_limit(minutes) * 1000 / 60 * MARGIN_KPH
        margin_m = MARGIN_M if minutes is None else float(max(walked, LEAST_MARGIN_M))
    if water is None and land_cover.osm is not None:
        water = land_cover.osm.water
    elif isinstance(water, (str, Path)):
        water = read_water(water)
    shapes, target = _area(area, crs)
    grid = _grid(shapes, cell_m, margin_m, target)
    inside = _burnt(shapes, grid)
    notes: list[Note] = []
    cover, classes, shares = _cover(land_cover, grid, inside, notes)
    barriers, shores = np.empty((0, 4)), 0
    blocked = np.empty((0, 0), np.uint8)
    if water is not None:
        areas, lines = _water(water, grid, notes)
        if len(areas):
            classes = (*classes, WATER_AREA)
            cover[_burnt(areas, grid)] = len(classes) - 1
            if shares.size:
                shares = np.concatenate((shares, np.zeros((1, *cover.shape), np.uint8)))
        notes.append(_gaps(areas, lines, cell_m))
        barriers, shores = _pieces(areas, lines, grid)
        if len(barriers):
            blocked = blocked_moves(barriers, grid.x_min, grid.y_max, grid.rows, grid.columns, grid.cell_m)
    dry = np.array([name not in (WATER_AREA, NO_DATA) for name in classes])[cover]
    height = np.empty((0, 0), np.float32) if elevation is None else _heights(elevation, grid, dry, notes)
    return Terrain(
        cover=cover,
        classes=classes,
        x_min=grid.x_min,
        y_max=grid.y_max,
        cell_m=grid.cell_m,
        crs=target,
        height_m=height,
        blocked=blocked,
        barriers=barriers,
        shores=shores,
        share_pct=shares,
        class_kph=land_cover.class_kph,
        provenance=with_notes({"source": land_cover.label, "cell_m": cell_m, "margin_m": margin_m}, notes),
    )


def _area(area: Areas | gpd.GeoDataFrame, crs: str | None) -> tuple[Objects, str]:
    """Return the shapes of the area in the grid's CRS, and its name."""
    import geopandas as gpd

    frame = gpd.GeoSeries(list(area.polygons), crs=area.crs) if isinstance(area, Areas) else area.geometry
    if frame.crs is None:
        raise CRSError("the area has no CRS: name one with area.set_crs(...)")
    if not len(frame):
        raise InputError("the area is empty: give at least one polygon")
    if crs is None:
        west, south, east, north = frame.to_crs("EPSG:4326").total_bounds
        crs = middle_crs(np.array([west, east]), np.array([south, north]))
    check_true_to_length(crs)
    return np.asarray(frame.to_crs(crs).to_numpy(), object), crs


def _grid(shapes: Objects, cell_m: float, margin_m: float, crs: str) -> _Grid:
    """Return the grid around an area; corners are whole cells, so that neighbouring areas share a grid."""
    import shapely

    if not 0 < cell_m <= 10_000:
        raise InputError(f"cell_m must be above 0 and at most 10,000 metres, not {cell_m!r}")
    if not 0 <= margin_m < np.inf:
        raise InputError(f"margin_m must be 0 or more metres, not {margin_m!r}")
    xmin, ymin, xmax, ymax = shapely.total_bounds(shapes)
    left, top = np.floor((xmin - margin_m) / cell_m), np.ceil((ymax + margin_m) / cell_m)
    columns = max(int(np.ceil((xmax + margin_m) / cell_m) - left), 1)
    rows = max(int(top - np.floor((ymin - margin_m) / cell_m)), 1)
    if rows * columns > _MOST_CELLS:
        fitting = cell_m * np.sqrt(rows * columns / _MOST_CELLS)
        raise InputError(
            f"the area has {rows:,} × {columns:,} cells of {cell_m:g} m, at most {_MOST_CELLS:,} can be searched: use cells of "
            f"{np.ceil(fitting):g} m or more"
        )
    return _Grid(float(left * cell_m), float(top * cell_m), rows, columns, float(cell_m), crs)


def _burnt(shapes: Objects, grid: _Grid) -> Bools:
    """Return the cells whose centre lies in a shape."""
    from rasterio.features import rasterize

    burnt = rasterize(
        list(shapes), out_shape=(grid.rows, grid.columns), transform=grid.transform, dtype="uint8"
    )
    return np.asarray(burnt == 1)


def _cover(
    land_cover: LandCover, grid: _Grid, inside: Bools, notes: list[Note]
) -> tuple[UInt8s, tuple[str, ...], UInt8s]:
    """Return the class of each cell, the names of the classes, and shares in per cent, if the land cover has them."""
    shares = np.empty((0, 0, 0), np.uint8)
    if land_cover.osm is not None:
        return *_of_osm(land_cover.osm, grid, inside, notes), shares
    if land_cover.codes:
        names = list(dict.fromkeys(land_cover.codes.values()))
        cover, outside = _of_codes(land_cover, grid, names)
    else:
        names = list(land_cover.rasters)
        shares, outside = _of_shares(land_cover, grid)
        cover = np.argmax(shares, axis=0).astype(np.uint8)
        cover[~shares.any(axis=0)] = len(names)
        shares = np.concatenate((shares, np.zeros((1, *cover.shape), np.uint8)))
    missed = int((outside & inside).sum())
    if missed:
        raise InputError(
            f"the land cover {land_cover.label} misses {missed / max(int(inside.sum()), 1):.1%} of the area ({missed:,} cells): give "
            "a raster that covers it, or a smaller area"
        )
    blank = int(((cover == len(names)) & inside).sum())
    notes.append(
        Note(
            "cells without land cover",
            blank,
            en="cells of the area have no land cover and are closed",
            zh="区域内没有土地覆盖数据的格网按不可通行处理",
        )
    )
    notes.append(
        Note(
            "margin without land cover",
            int((outside & ~inside).sum()),
            en="cells of the margin lie outside the land cover and are closed",
            zh="边缘带中位于土地覆盖数据之外的格网按不可通行处理",
        )
    )
    return cover, (*names, NO_DATA), shares


def _of_osm(osm: OsmLand, grid: _Grid, inside: Bools, notes: list[Note]) -> tuple[UInt8s, tuple[str, ...]]:
    """Return the class of each cell by the smallest area that holds its centre, and the names of the classes."""
    import geopandas as gpd
    import shapely
    from rasterio.features import rasterize

    shapes = gpd.GeoSeries(osm.shapes, crs=WGS84).to_crs(grid.crs).to_numpy()
    names = sorted(set(osm.classes))
    order = np.argsort(-shapely.area(shapes), kind="stable")
    cover = np.zeros((grid.rows, grid.columns), np.uint8)
    if len(order):
        burnt = [
            (shapes[k], names.index(osm.classes[k]) + 1) for k in order.tolist() if not shapes[k].is_empty
        ]
        cover = rasterize(burnt, out_shape=cover.shape, transform=grid.transform, dtype="uint8")
    unknown = int(((cover == 0) & inside).sum())
    notes.append(
        Note(
            "land without class",
            unknown,
            share=unknown / max(int(inside.sum()), 1),
            of="land",
            en="cells of the area have no land use in the OSM file: their speed is assumed, 0.6 of the speed on a path",
            zh="区域内的格网在 OSM 中没有土地利用：采用假定速度（道路步速的 0.6）",
        )
    )
    return np.asarray(cover, np.uint8), (UNCLASSIFIED, *names)


def _whole(land_cover: LandCover, cell_m: float) -> gpd.GeoDataFrame:
    """Return the extent of the rasters, half a cell inside: what they say nothing of is no part of the area."""
    import geopandas as gpd
    import shapely

    if land_cover.osm is not None:
        raise InputError(
            f"{land_cover.label} does not say where it ends: name the area of the terrain with area="
        )
    boxes = []
    for file in land_cover.rasters.values():
        with opened(file) as raster:
            outline = gpd.GeoSeries(_outline(raster, raster.crs.to_wkt()), crs=raster.crs)
        boxes.append(outline.to_crs(WGS84).iloc[0])
    shared = shapely.intersection_all(boxes)
    if shared.is_empty:
        raise InputError("the rasters of land cover lie in different places: give rasters of one place")
    frame = gpd.GeoDataFrame(geometry=[shared], crs=WGS84)
    metric = frame.to_crs(frame.estimate_utm_crs())
    return gpd.GeoDataFrame(geometry=metric.buffer(-cell_m), crs=metric.crs)


def _of_codes(land_cover: LandCover, grid: _Grid, names: list[str]) -> tuple[UInt8s, Bools]:
    """Return the class of each cell, ``len(names)`` where there is none, and which cells lie outside the raster."""
    from rasterio.enums import Resampling

    table = np.full(65536, 255, np.uint8)
    for code, name in land_cover.codes.items():
        table[code] = names.index(name)
    file = land_cover.rasters[""]
    values, known, outside = _warped(file, grid, Resampling.mode)
    whole = known & (values >= 0) & (values <= 65535) & (values == np.floor(values))
    cover = np.full(values.shape, 255, np.uint8)
    cover[whole] = table[values[whole].astype(np.int64)]
    strange = known & (cover == 255)
    # 0 means "no data" in all of the common products, also where the file does not say so.
    cover[(strange & (values == 0)) | ~known] = len(names)
    strange &= values != 0
    if strange.any():
        codes, count = np.unique(values[strange], return_counts=True)
        said = ", ".join(f"{code:g} ({n:,} cells)" for code, n in list(zip(codes, count, strict=True))[:8])
        raise InputError(
            f"{file} has codes that the legend does not name: {said}: choose the legend of the product, or add them to the table"
        )
    return cover, outside


def _of_shares(land_cover: LandCover, grid: _Grid) -> tuple[UInt8s, Bools]:
    """Return the per cent of every class, and which cells lie outside the rasters."""
    from rasterio.enums import Resampling

    shares = np.zeros((len(land_cover.rasters), grid.rows, grid.columns), np.uint8)
    outside = np.ones((grid.rows, grid.columns), bool)
    for layer, (name, file) in zip(shares, land_cover.rasters.items(), strict=True):
        values, known, beyond = _warped(file, grid, Resampling.average)
        if known.any() and (values[known].min() < 0 or values[known].max() > 100):
            raise InputError(f"{file} is not the per cent of {name!r} in a cell: its values leave 0 to 100")
        layer[known] = np.rint(values[known])
        outside &= beyond
    return shares, outside


def _warped(file: Path, grid: _Grid, resampling: Any) -> tuple[Float32s, Bools, Bools]:
    """Return a raster on the grid, which cells it knows, and which lie outside it."""
    from rasterio.vrt import WarpedVRT
    from rasterio.windows import Window

    values = np.empty((grid.rows, grid.columns), np.float32)
    known = np.empty(values.shape, bool)
    with opened(file) as raster:
        outline = _outline(raster, grid.crs)  # Before the driver does: a CRS that leads nowhere is our error.
        options: dict[str, Any] = (
            {"nodata": raster.nodata} if raster.nodata is not None else {"add_alpha": True}
        )
        with WarpedVRT(
            raster,
            crs=grid.crs,
            transform=grid.transform,
            width=grid.columns,
            height=grid.rows,
            resampling=resampling,
            **options,
        ) as warped:
            for row in range(0, grid.rows, _ROWS):
                window = Window(0, row, grid.columns, min(_ROWS, grid.rows - row))
                part = slice(row, row + _ROWS)
                values[part] = warped.read(1, window=window)
                known[part] = warped.read_masks(1, window=window) != 0
        outside = ~_burnt(outline, grid)
    return values, known & np.isfinite(values), outside


def _outline(raster: Any, crs: str) -> Objects:
    """Return the outline of a raster in another CRS."""
    import shapely

    rim = np.linspace(0, 1, 33)
    one, none = np.ones(33), np.zeros(33)
    across, down = np.concatenate((rim, one, rim[::-1], none)), np.concatenate((none, rim, one, rim[::-1]))
    a, b, c, d, e, f = tuple(raster.transform)[:6]
    x, y = across * raster.width, down * raster.height
    moved = to_crs(a * x + b * y + c, d * x + e * y + f, raster.crs.to_wkt(), crs)
    return np.array([shapely.Polygon(np.column_stack(moved))], object)


def _water(water: gpd.GeoDataFrame, grid: _Grid, notes: list[Note]) -> tuple[Objects, Objects]:
    """Return the areas of water, the sea among them, and the lines that are barriers."""
    import shapely

    if water.crs is None:
        raise CRSError("the water layer has no CRS: name one with water.set_crs(...)")
    geometry = np.asarray(water.geometry.to_crs(grid.crs).to_numpy(), object)
    brook = np.zeros(len(water), bool)
    if "waterway" in water.columns:
        wide = water["width_m"].to_numpy(float) if "width_m" in water.columns else np.full(len(water), np.nan)
        ways = water["waterway"].fillna("").to_numpy(object)
        brook = np.array(
            [
                (w in BROOKS or m < np.inf) and not is_wall(w, m, "no")
                for w, m in zip(ways, wide, strict=True)
            ],
            bool,
        )
        brook &= shapely.get_dimensions(geometry) == 1
    notes.append(
        Note(
            "brooks",
            int(brook.sum()) + int(water.attrs.get("passed", 0)),
            en="brooks, ditches and narrow rivers, or rivers that dry up, are no barriers",
            zh="小溪、沟渠、窄河和季节性河流不作为障碍",
        )
    )
    parts = shapely.get_parts(shapely.make_valid(geometry[~brook]))
    parts = shapely.get_parts(parts[~shapely.is_empty(parts)])
    dimension = shapely.get_dimensions(parts)
    if (dimension == 0).any():
        raise InputError("the water layer holds points: keep its polygons and lines")
    areas = parts[dimension == 2]
    if "natural" in water.columns:
        coast = geometry[
            (water["natural"] == "coastline").to_numpy() & (shapely.get_dimensions(geometry) == 1)
        ]
        areas = np.concatenate((areas, sea_of(coast, grid.box)))
    return areas, parts[dimension == 1]


def _gaps(areas: Objects, lines: Objects, cell_m: float) -> Note:
    """Return the note of rivers that end less than a cell before other water: people pass between the two."""
    import shapely

    shapes = np.concatenate((lines, areas))
    ends = np.concatenate((shapely.get_point(lines, 0), shapely.get_point(lines, -1)))
    of = np.tile(np.arange(len(lines)), 2)
    count = 0
    if len(lines):
        end, near = shapely.STRtree(shapes).query(ends, predicate="dwithin", distance=cell_m)
        other = near != of[end]
        end, near = end[other], near[other]
        nearest = np.full(len(ends), np.inf)
        np.minimum.at(nearest, end, shapely.distance(ends[end], shapes[near]))
        # A hundredth of a metre is rounding of coordinates, no way through.
        count = int((np.isfinite(nearest) & (nearest > 0.01)).sum())
    return Note(
        "rivers with gaps",
        count,
        en="ends of rivers lie less than a cell from other water, and people pass between: join the lines where the river goes on",
        zh="河流端点与其他水体相距不足一个格网，行人可从中间通过：如河流相连，请将线段接合",
    )


def _pieces(areas: Objects, lines: Objects, grid: _Grid) -> tuple[Floats, int]:
    """Return the straight pieces of shores and of lines near the grid, and how many are of shores."""
    import shapely

    box = shapely.box(*grid.box)
    found = []
    for shapes in (shapely.boundary(areas), lines):
        drawn = shapely.get_parts(shapes)
        points, line = shapely.get_coordinates(drawn[shapely.intersects(drawn, box)], return_index=True)
        same = line[1:] == line[:-1]
        found.append(np.hstack((points[:-1][same], points[1:][same])))
    return np.vstack(found), len(found[0])


def blocked_moves(
    barriers: Floats, x_min: float, y_max: float, rows: int, columns: int, cell_m: float
) -> UInt8s:
    """Return which moves between the centres of cells cross a barrier: bits as in `access15.model.Terrain`.

    The line decides, not the cells it runs through: a thin diagonal river has no leaks. A move that touches a barrier
    crosses it.

    Parameters
    ----------
    barriers : (b, 4) float64
        Straight pieces ``x0, y0, x1, y1``.
    """
    import shapely
    from rasterio import Affine
    from rasterio.features import rasterize

    pieces = shapely.linestrings(barriers.reshape(-1, 2, 2))
    tree = shapely.STRtree(pieces)
    near = rasterize(
        list(shapely.buffer(pieces, 1.5 * cell_m, quad_segs=2)),
        out_shape=(rows, columns),
        transform=Affine(cell_m, 0, x_min, 0, -cell_m, y_max),
        all_touched=True,
        dtype="uint8",
    )
    row, column = np.nonzero(near)
    x, y = x_min + (column + 0.5) * cell_m, y_max - (row + 0.5) * cell_m
    blocked = np.zeros((rows, columns), np.uint8)
    for bit, (down, right) in enumerate(NEIGHBOURS[:4]):
        ends = np.stack((x, y, x + right * cell_m, y - down * cell_m), 1)
        hit = np.unique(tree.query(shapely.linestrings(ends.reshape(-1, 2, 2)), predicate="intersects")[0])
        blocked[row[hit], column[hit]] |= np.uint8(1 << bit)
        r, c = row[hit] + down, column[hit] + right
        there = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
        blocked[r[there], c[there]] |= np.uint8(1 << (bit + 4))
    return blocked


def _heights(elevation: Any, grid: _Grid, dry: Bools, notes: list[Note]) -> Float32s:
    """Return the height of every cell's centre; voids have that of the nearest cell, and on water they do not count."""
    from scipy.ndimage import distance_transform_edt

    surface = open_surface(elevation)
    height = np.empty((grid.rows, grid.columns), np.float32)
    x = grid.x_min + (np.arange(grid.columns) + 0.5) * grid.cell_m
    for first in range(0, grid.rows, _ROWS):
        rows = np.arange(first, min(first + _ROWS, grid.rows))
        y = grid.y_max - (rows + 0.5) * grid.cell_m
        found, _ = heights_m(surface, np.tile(x, len(rows)), np.repeat(y, grid.columns), grid.crs)
        height[rows] = found.reshape(len(rows), grid.columns)
    void: AnyArray = ~np.isfinite(height)
    count = int((void & dry).sum())
    share = count / max(int(dry.sum()), 1)
    if share > _MOST_VOIDS:
        raise InputError(
            f"{', '.join(surface.labels)}: {share:.1%} of the land has no elevation: give tiles that cover it, or leave the elevation "
            "out"
        )
    notes.append(
        Note(
            "cells without elevation",
            count,
            share=share,
            of="land",
            en="cells have no elevation and take that of the nearest cell",
            zh="没有高程的格网取最近格网的高程",
        )
    )
    if void.any():
        nearest = distance_transform_edt(void, return_distances=False, return_indices=True)
        height = height[tuple(nearest)]
    return height
