"""What is drawn on a map sheet: cells, polygons, streets, borders, service points, sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.arrays import Bools, Floats, Objects, Rows
from access15.crs import to_crs
from access15.errors import InputError
from access15.model import Areas, Facilities, NearestTimes, Population, StreetNetwork, expect
from access15.outputs._frames import cell_shapes, check_times, moved
from access15.outputs.maps.fonts import short, wrapped
from access15.outputs.maps.sheet import Box, Sheet
from access15.outputs.palette import CANDIDATE, FACILITY, GAP, INK, SITE, STREET, UNLINKED, hex_color

if TYPE_CHECKING:
    import geopandas as gpd

Near = tuple[Floats, Floats, str]

_LATIN_ENDS = 0x250
_RANKED = 12
LETTERS = "ABCDEFGHIJKL"
"""Of the gaps; sites have digits. Nothing else on a map carries a plain letter or digit."""


def draw_cells(sheet: Sheet, shapes: Objects, kind: Rows, colors: Sequence[str], people: Floats) -> None:
    """Draw cells by class; points get an area that grows with their people."""
    import shapely

    paint = np.array(colors, object)[kind]
    if (shapely.get_dimensions(shapes) == 2).all():
        # A copy: shapely before 2.2 does not read frozen arrays here.
        polygons, owner = shapely.get_parts(np.array(shapes), return_index=True)
        drawn = draw_polygons(sheet, polygons, list(paint[owner]), zorder=2)
        drawn.set_antialiased(len(shapes) < 20_000)
        return
    spots = shapely.centroid(shapes)
    sheet.street_level = 1.5
    scale = 120 * min(1.0, 500 / len(shapes)) / max(float(np.sqrt(people.max(initial=0))), 1e-9)
    order = np.argsort(-people, kind="stable")  # Small circles on top of large ones.
    size = (9 + scale * np.sqrt(people[order])) * (1.0 if sheet.own else 0.35)
    sheet.axes.scatter(
        shapely.get_x(spots)[order],
        shapely.get_y(spots)[order],
        s=size,
        c=list(paint[order]),
        edgecolors="white",
        linewidths=0.25 if sheet.own else 0.1,
        zorder=2,
    )


def draw_polygons(sheet: Sheet, polygons: Objects, colors: Sequence[str], **style: Any) -> Any:
    """Draw filled polygons with their holes; squares of a raster the quick way."""
    import shapely
    from matplotlib.collections import PathCollection, PolyCollection

    style = {"linewidths": 0, "facecolors": colors, **style}
    if len(polygons) and (shapely.get_num_coordinates(polygons) == 5).all():
        corners = shapely.get_coordinates(polygons).reshape(-1, 5, 2)[:, :4]
        drawn: Any = PolyCollection(corners, **style)
    else:
        drawn = PathCollection([_path(p) for p in polygons], **style)
    sheet.axes.add_collection(drawn, autolim=False)
    return drawn


def draw_streets(sheet: Sheet, network: StreetNetwork) -> None:
    """Draw the streets inside the frame, wide roads a little thicker."""
    from matplotlib.collections import LineCollection

    x, y = to_crs(network.vertex_x, network.vertex_y, network.crs, sheet.crs)
    first, last = network.vertex_offset[:-1], network.vertex_offset[1:]
    west, south, east, north = sheet.box
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    seen = np.append(0, np.cumsum(inside))
    rows = np.flatnonzero(seen[last] > seen[first])
    xy = np.column_stack([x, y])
    lines = [xy[first[i] : last[i]] for i in rows]
    classes = np.array(network.highway_classes, object)[network.highway[rows]]
    main = np.isin(classes.astype(str), ["motorway", "trunk", "primary", "secondary", "tertiary"])
    thin = float(np.clip(0.55 * (3000 / max(len(lines), 1)) ** 0.35, 0.12, 0.55))
    sheet.axes.add_collection(
        LineCollection(
            lines,
            colors=hex_color(STREET),
            linewidths=np.where(main, 2.2 * thin, thin),
            alpha=0.75,
            zorder=sheet.street_level,
        ),
        autolim=False,
    )


def draw_areas(sheet: Sheet, areas: Areas) -> None:
    """Draw borders, and names where there are not too many."""
    import shapely
    from matplotlib.collections import LineCollection

    shapes = moved(areas.polygons, areas.crs, sheet.crs)
    # One line where two areas meet: two dashed lines on each other would look solid.
    borders = shapely.line_merge(shapely.union_all(shapely.boundary(shapely.make_valid(shapes))))
    lines = [shapely.get_coordinates(part) for part in shapely.get_parts(borders)]
    sheet.axes.add_collection(
        LineCollection(
            lines,
            colors=hex_color(INK),
            linewidths=0.9 if sheet.own else 0.5,
            linestyles=(0, (6, 2, 1, 2)),
            zorder=4,
        ),
        autolim=False,
    )
    if len(areas) > 40:
        return
    frame = shapely.box(*sheet.box)
    for area_id, given, shape in zip(areas.id, areas.name, shapes, strict=True):
        name = sheet.shown(str(given), str(area_id))
        seen = shapely.intersection(shapely.make_valid(shape), frame)
        if name and not seen.is_empty:
            spot, size = shapely.point_on_surface(seen), 8 if sheet.own else 5.5
            # The slanted font has Latin letters only.
            style = "italic" if max(map(ord, name)) < _LATIN_ENDS else "normal"
            sheet.text(spot.x, spot.y, wrapped(name, 26), size=size, style=style, zorder=5.5)


def draw_gaps(sheet: Sheet, table: gpd.GeoDataFrame, colors: Sequence[str] | None = None) -> None:
    """Outline the gaps, and fill them where colours are given; the first twelve get a letter."""
    import shapely
    from matplotlib.collections import LineCollection

    shapes = table.to_crs(sheet.crs).geometry.to_numpy(object)
    # A hamlet in a county would be a dot without a colour.
    least = 0.01 * (sheet.box[2] - sheet.box[0])
    small = shapely.area(shapes) < least**2 * shapely.get_num_geometries(shapes)
    shapes = np.where(small, shapely.buffer(shapes, least / 2), shapes)
    if colors is not None:
        polygons, owner = shapely.get_parts(shapes, return_index=True)
        draw_polygons(sheet, polygons, [colors[i] for i in owner], zorder=2.5, alpha=0.8)
    lines = [shapely.get_coordinates(r) for r in shapely.get_parts(shapely.boundary(shapes))]
    ink = hex_color(GAP if colors is None else INK)
    thick = (1.6 if colors is None else 0.7) * min(1.0, (150 / max(len(lines), 1)) ** 0.5)
    sheet.axes.add_collection(LineCollection(lines, colors=ink, linewidths=thick, zorder=5), autolim=False)
    for rank, shape in zip(table["rank"], shapes, strict=True):
        if rank <= _RANKED:
            spot = shapely.point_on_surface(shape)
            _diamond(sheet, spot.x, spot.y, LETTERS[rank - 1])


def _diamond(sheet: Sheet, x: float, y: float, letter: str) -> None:
    """Draw the lettered diamond of a gap."""
    side = 15 if sheet.own else 8.5
    ink = hex_color(GAP)
    style: dict[str, Any] = {
        "ls": "",
        "marker": "D",
        "ms": side * 0.72,
        "mfc": "white",
        "mec": ink,
        "mew": side / 9,
    }
    sheet.axes.plot([x], [y], zorder=9, scalex=False, scaley=False, clip_on=True, **style)
    sheet.text(x, y, letter, size=side * 0.55, color=ink, weight="bold", zorder=9.1, halo=0.0)


def gap_outline(sheet: Sheet, label: str) -> None:
    """Add the outline of gaps to the legend."""
    from matplotlib.lines import Line2D

    sheet.handles.append((Line2D([], [], color=hex_color(GAP), linewidth=1.6), label))


def draw_facilities(sheet: Sheet, x: Floats, y: Floats, crs: str, linked: Bools | None = None) -> None:
    """Draw a white cross on red; grey where no street is near."""
    x, y = to_crs(x, y, crs, sheet.crs)
    west, south, east, north = sheet.box
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    near = np.ones(len(x), bool) if linked is None else linked
    size = float(np.clip(9 * (60 / max(len(x), 1)) ** 0.25, 4.5, 9)) * (1.0 if sheet.own else 0.6)
    for mask, rgb, word in ((near, FACILITY, "facility"), (~near, UNLINKED, "facility_unlinked")):
        mask = mask & inside
        if mask.any():
            back: dict[str, Any] = {
                "marker": "s",
                "ms": size,
                "mfc": hex_color(rgb),
                "mec": "white",
                "mew": 0.8,
            }
            front: dict[str, Any] = {"marker": "P", "ms": size * 0.66, "mfc": "white", "mec": "none"}
            _mark(sheet, x[mask], y[mask], [back, front], 6, sheet.word[word])


def draw_candidates(sheet: Sheet, x: Floats, y: Floats, crs: str) -> None:
    """Draw where a site could have been, small."""
    x, y = to_crs(x, y, crs, sheet.crs)
    size = float(np.clip(5 * (100 / max(len(x), 1)) ** 0.35, 1.2, 5)) * (1.0 if sheet.own else 0.6)
    dot = {"marker": "o", "ms": size, "mfc": "none", "mec": hex_color(CANDIDATE), "mew": min(size / 6, 0.8)}
    # Below points of people: there may be a candidate at every corner.
    _mark(sheet, x, y, [dot], 1.7 if sheet.street_level < 2 else 3.5, sheet.word["candidate"])


def draw_sites(sheet: Sheet, table: gpd.GeoDataFrame) -> None:
    """Draw a pin with its rank for every proposed site."""
    spots = table.to_crs(sheet.crs).geometry
    size = 20 if sheet.own else 11
    drop = {"marker": _drop(), "ms": size, "mfc": hex_color(SITE), "mec": "white", "mew": size / 20}
    _mark(sheet, spots.x.to_numpy(), spots.y.to_numpy(), [drop], 10, sheet.word["site"])
    for rank, spot in sorted(zip(table["rank"], spots, strict=True), reverse=True):
        style = {"size": size * 0.36, "color": "white", "weight": "bold", "zorder": 10.5}
        sheet.text(spot.x, spot.y, str(rank), halo=0.0, up=size * 0.475, **style)


def _drop() -> Any:
    """Return the outline of a pin as a marker, its tip at the point."""
    from matplotlib.path import Path

    turn = np.radians(np.linspace(-25, 205, 24))
    head = np.column_stack([9 * np.cos(turn), 16 + 9 * np.sin(turn)])
    return Path(np.vstack([[(0, 0)], head, [(0, 0)]]) / 25, closed=True)


def _mark(
    sheet: Sheet, x: Floats, y: Floats, layers: Sequence[dict[str, Any]], zorder: float, label: str
) -> None:
    """Draw markers, one style over another, and add them to the legend."""
    from matplotlib.lines import Line2D

    for step, style in enumerate(layers):
        sheet.axes.plot(x, y, ls="", zorder=zorder + step / 10, scalex=False, scaley=False, **style)
    lines = tuple(Line2D([], [], ls="", **{**style, "ms": max(style["ms"], 3)}) for style in layers)
    sheet.handles.append((lines if len(lines) > 1 else lines[0], label))


def ranked_lines(texts: Sequence[tuple[str, str]], letters: bool = False) -> list[str]:
    """Return ``1  name: what`` for the list beside the map, with letters where gaps are listed."""
    marks = LETTERS if letters else [str(i) for i in range(1, _RANKED + 1)]
    return [
        f"{mark}  {short(name, 15)}{': ' if name else ''}{what}"
        for mark, (name, what) in zip(marks, texts[:_RANKED], strict=False)
    ]


def ground(
    sheet: Sheet,
    network: StreetNetwork | None,
    areas: Areas | None,
    facilities: Facilities | None,
    linked: Bools | None = None,
) -> None:
    """Draw what stands on every map: streets, borders, service points."""
    if network is not None:
        draw_streets(sheet, network)
    if areas is not None:
        draw_areas(sheet, areas)
    if facilities is not None:
        draw_facilities(sheet, facilities.x, facilities.y, facilities.crs, linked)


def class_entries(
    kind: Rows, labels: Sequence[str], colors: Sequence[str], people: Any
) -> list[tuple[str, str, float]]:
    """Return the legend of the classes that occur, with their people."""
    present = np.bincount(kind, people, minlength=len(colors))
    cells = np.bincount(kind, minlength=len(colors))
    return [(labels[i], colors[i], float(present[i])) for i in range(len(colors)) if cells[i] > 0]


def percent(part: float, total: float) -> str:
    """Return a share, a dash where nobody lives."""
    return f"{part / total:.1%}" if total > 0 else "-"


def check_cells(times: NearestTimes, population: Population, facilities: Facilities | None) -> None:
    """Raise unless there are cells, and the times are theirs."""
    expect(times, NearestTimes, "times", "from nearest_times")
    expect(population, Population, "population", "from read_population")
    if not len(population):
        raise InputError("there is no populated cell to draw: check the population")
    check_times("map", times, population, facilities)


def cell_frame(
    sheet: Sheet, population: Population, network: StreetNetwork | None, near: Near | None
) -> Objects:
    """Frame the sheet around the cells; return their shapes in its CRS."""
    x, y = population.x, population.y
    if population.outlines is not None:
        box = box_of(population.outlines)
    else:
        side_x, side_y = population.cell_size or (0.0, 0.0)
        half_x, half_y = abs(side_x) / 2, abs(side_y) / 2
        box = (x.min() - half_x, y.min() - half_y, x.max() + half_x, y.max() + half_y)
    sheet.frame(box, population.crs, network, near)
    return cell_shapes(population, sheet.crs)


def box_of(shapes: Any, areas: Areas | None = None, crs: str = "") -> Box:
    """Return west, south, east, north of shapes, and of areas moved to their CRS."""
    import shapely

    boxes = [shapely.total_bounds(shapes)]
    if areas is not None and len(areas):
        boxes.append(shapely.total_bounds(moved(areas.polygons, areas.crs, crs)))
    west, south = np.nanmin(boxes, axis=0)[:2]
    east, north = np.nanmax(boxes, axis=0)[2:]
    return float(west), float(south), float(east), float(north)


def near(facilities: Facilities | None) -> Near | None:
    """Return the points that may widen the frame."""
    return None if facilities is None else (facilities.x, facilities.y, facilities.crs)


def names(areas: Areas | None) -> list[str]:
    """Return the names that the map may show."""
    return [] if areas is None else [str(name) for name in areas.name]


def _path(polygon: Any) -> Any:
    """Return a matplotlib path with the holes of the polygon."""
    import shapely
    from matplotlib.path import Path

    rings = [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]
    codes = []
    for ring in rings:
        code = np.full(len(ring), Path.LINETO, np.uint8)
        code[0], code[-1] = Path.MOVETO, Path.CLOSEPOLY
        codes.append(code)
    return Path(np.concatenate(rings), np.concatenate(codes))
