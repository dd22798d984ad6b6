"""The parts of the map sheet: what is drawn, in which order, and the furniture around it.

Matplotlib is used through its objects only (Figure, Axes, Agg canvas): no pyplot, no global settings, so
maps can be drawn from several threads and never open a window.
"""

from __future__ import annotations

import math
import textwrap
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from access15.model import Areas, StreetNetwork
from access15.outputs._frames import moved
from access15.outputs._palette import FACILITY, GAP, INK, SITE, STREET, UNLINKED, hex_color

if TYPE_CHECKING:
    import geopandas as gpd

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]

_WIDE: Final = 11.0  # inches
_SIDE: Final = 2.75  # inches for the legend
_TOP: Final = 0.85
_FOOT: Final = 0.45
_CHINESE: Final = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "SimHei", "PingFang SC",
    "Heiti SC", "Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans SC", "SimSun",
    "Arial Unicode MS", "Droid Sans Fallback", "AR PL UMing CN",
)  # fmt: skip


def fonts(texts: Iterable[str]) -> tuple[list[str], bool]:
    """Return font families for the texts, and whether they can show all of them.

    Warns where Chinese, Japanese or Korean text has no font on the machine.
    """
    from matplotlib import font_manager

    families = ["DejaVu Sans"]
    if not any(is_cjk(char) for item in texts for char in item):
        return families, True
    known = set(font_manager.get_font_names())
    found = [name for name in _CHINESE if name in known]
    if not found:
        warnings.warn(
            "no Chinese font is installed: the map uses English words, and ids instead of Chinese names; "
            "install one, such as Noto Sans CJK SC",
            stacklevel=4,
        )
    return families + found[:1], bool(found)


def is_cjk(char: str) -> bool:
    """Return whether a character needs a Chinese, Japanese or Korean font."""
    return "⺀" <= char <= "鿿" or "가" <= char <= "힣" or "豈" <= char <= "﫿" or "＀" <= char <= "￯"


class Sheet:
    """One map sheet in a metric CRS."""

    def __init__(
        self, crs: str, word: Mapping[str, str], families: Sequence[str], shows_all: bool = True
    ) -> None:
        self.crs, self.word, self.families, self.shows_all = crs, word, list(families), shows_all
        self.handles: list[Any] = []
        self.street_level = 3.0  # Above cells that fill the ground, below points.

    def frame(self, shapes: Shapes, x: Floats, y: Floats) -> None:
        """Set up figure and axes around the cells; facilities nearby may widen it by a quarter."""
        import shapely
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        west, south, east, north = (float(v) for v in shapely.total_bounds(shapes))
        span = max(east - west, north - south, 200.0)
        near = (x > west - span / 4) & (x < east + span / 4) & (y > south - span / 4) & (y < north + span / 4)
        west, east = min(west, *x[near], west), max(east, *x[near], east)
        south, north = min(south, *y[near], south), max(north, *y[near], north)
        pad = 0.03 * max(east - west, north - south, 200.0)
        self.box = (west - pad, south - pad, east + pad, north + pad)
        width, height = self.box[2] - self.box[0], self.box[3] - self.box[1]
        inside = _WIDE - _SIDE - 0.3
        tall = float(np.clip(inside * height / width, 4.6, 10.5))
        sheet_height = tall + _TOP + _FOOT
        self.figure = Figure(figsize=(_WIDE, sheet_height), facecolor="white")
        FigureCanvasAgg(self.figure)
        at = (0.15 / _WIDE, _FOOT / sheet_height, inside / _WIDE, tall / sheet_height)
        self.axes = self.figure.add_axes(at)
        self._fit(inside / tall)
        self.axes.set(xticks=[], yticks=[], facecolor="#f7f6f2", aspect="equal")
        for spine in self.axes.spines.values():
            spine.set(color=hex_color(INK), linewidth=0.6)

    def _fit(self, ratio: float) -> None:
        """Widen the box until it has the shape of the axes, so that nothing is letter-boxed."""
        west, south, east, north = self.box
        width, height = east - west, north - south
        more_x, more_y = max(height * ratio - width, 0) / 2, max(width / ratio - height, 0) / 2
        self.box = (west - more_x, south - more_y, east + more_x, north + more_y)
        self.axes.set_xlim(self.box[0], self.box[2])
        self.axes.set_ylim(self.box[1], self.box[3])

    def cells(
        self, shapes: Shapes, kind: npt.NDArray[np.intp], colors: Sequence[str], people: Floats
    ) -> None:
        """Draw cells by class."""
        import shapely
        from matplotlib.collections import PathCollection

        paint = np.array(colors, object)[kind]
        if (shapely.get_dimensions(shapes) == 2).all():
            # A copy: shapely before 2.2 does not read frozen arrays here.
            polygons, owner = shapely.get_parts(np.array(shapes), return_index=True)
            drawn = PathCollection(
                [_path(p) for p in polygons], facecolors=list(paint[owner]), linewidths=0, zorder=2
            )
            drawn.set_antialiased(len(shapes) < 20_000)
            self.axes.add_collection(drawn)
            return
        spots = shapely.centroid(shapes)
        self.street_level = 1.5
        scale = 120 * min(1.0, 500 / len(shapes)) / max(float(np.sqrt(people.max(initial=0))), 1e-9)
        order = np.argsort(-people, kind="stable")  # Small circles on top of large ones.
        self.axes.scatter(
            shapely.get_x(spots)[order], shapely.get_y(spots)[order], s=9 + scale * np.sqrt(people[order]),
            c=list(paint[order]), edgecolors="white", linewidths=0.25, zorder=2,
        )  # fmt: skip

    def streets(self, network: StreetNetwork) -> None:
        """Draw the streets inside the frame, wide roads a little thicker."""
        from matplotlib.collections import LineCollection

        x, y = (v for v in _transformed(network.vertex_x, network.vertex_y, network.crs, self.crs))
        first, last = network.vertex_offset[:-1], network.vertex_offset[1:]
        west, south, east, north = self.box
        inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        seen = np.append(0, np.cumsum(inside))
        rows = np.flatnonzero(seen[last] > seen[first])
        xy = np.column_stack([x, y])
        lines = [xy[first[i] : last[i]] for i in rows]
        classes = np.array(network.highway_classes, object)[network.highway[rows]]
        main = np.isin(classes.astype(str), ["motorway", "trunk", "primary", "secondary", "tertiary"])
        thin = float(np.clip(0.55 * (3000 / max(len(lines), 1)) ** 0.35, 0.12, 0.55))
        self.axes.add_collection(
            LineCollection(
                lines,
                colors=hex_color(STREET),
                linewidths=np.where(main, 2.2 * thin, thin),
                alpha=0.75,
                zorder=self.street_level,
            )
        )

    def areas(self, areas: Areas) -> None:
        """Draw borders, and names where there are not too many."""
        import shapely
        from matplotlib.collections import LineCollection

        shapes = moved(areas.polygons, areas.crs, self.crs)
        # One line where two areas meet: two dashed lines on each other would look solid.
        borders = shapely.line_merge(shapely.union_all(shapely.boundary(shapely.make_valid(shapes))))
        lines = [shapely.get_coordinates(part) for part in shapely.get_parts(borders)]
        self.axes.add_collection(
            LineCollection(
                lines, colors=hex_color(INK), linewidths=0.9, linestyles=(0, (6, 2, 1, 2)), zorder=4
            )
        )
        if len(areas) > 40:
            return
        frame = shapely.box(*self.box)
        for area_id, given, shape in zip(areas.id, areas.name, shapes, strict=True):
            name = str(given) if self.shows_all or not any(map(is_cjk, str(given))) else str(area_id)
            seen = shapely.intersection(shapely.make_valid(shape), frame)
            if name and not seen.is_empty:
                spot = shapely.point_on_surface(seen)
                self._text(
                    spot.x,
                    spot.y,
                    textwrap.fill(name, 26),
                    size=8,
                    color=hex_color(INK),
                    style="italic",
                    zorder=5.5,
                )

    def gaps(self, table: gpd.GeoDataFrame, case: str) -> None:
        """Outline the gaps; the first twelve get their rank."""
        import shapely
        from matplotlib.collections import LineCollection
        from matplotlib.lines import Line2D

        shapes = table.to_crs(self.crs).geometry.to_numpy(object)
        flat = shapely.get_dimensions(shapes) < 2
        shapes = np.where(flat, shapely.buffer(shapes, 0.01 * (self.box[2] - self.box[0])), shapes)
        lines = [shapely.get_coordinates(r) for r in shapely.get_parts(shapely.boundary(shapes))]
        self.axes.add_collection(LineCollection(lines, colors=hex_color(GAP), linewidths=1.6, zorder=5))
        for rank, shape in zip(table["rank"], shapes, strict=True):
            if rank <= 12:
                spot = shapely.point_on_surface(shape)
                self._text(spot.x, spot.y, str(rank), size=8, color=hex_color(GAP), weight="bold", zorder=9)
        self.handles.append(
            Line2D([], [], color=hex_color(GAP), linewidth=1.6, label=f"{self.word['gap']}\n({case})")
        )

    def facilities(self, x: Floats, y: Floats, linked: npt.NDArray[np.bool_]) -> None:
        """Draw a white cross on red; grey where no street is near."""
        for mask, rgb, word in ((linked, FACILITY, "facility"), (~linked, UNLINKED, "facility_unlinked")):
            if mask.any():
                size = float(np.clip(9 * (60 / len(x)) ** 0.25, 4.5, 9))
                back: dict[str, Any] = {
                    "marker": "s",
                    "ls": "",
                    "ms": size,
                    "mfc": hex_color(rgb),
                    "mec": "white",
                    "mew": 0.8,
                }
                front: dict[str, Any] = {
                    "marker": "P",
                    "ls": "",
                    "ms": size * 0.66,
                    "mfc": "white",
                    "mec": "none",
                }
                self.axes.plot(x[mask], y[mask], zorder=6, **back)
                self.axes.plot(x[mask], y[mask], zorder=6.1, **front)
                self._pair(back, front, self.word[word])

    def sites(self, table: gpd.GeoDataFrame) -> None:
        """Draw a star with its rank for every proposed site."""
        spots = table.to_crs(self.crs).geometry
        star: dict[str, Any] = {
            "marker": "*",
            "ls": "",
            "ms": 20,
            "mfc": hex_color(SITE),
            "mec": hex_color(INK),
            "mew": 0.9,
        }
        self.axes.plot(spots.x, spots.y, zorder=7, **star)
        for rank, spot in zip(table["rank"], spots, strict=True):
            self._text(spot.x, spot.y, str(rank), size=7, color="black", weight="bold", zorder=10, halo=0.0)
        self._pair(star, None, self.word["site"])

    def _pair(self, back: dict[str, Any], front: dict[str, Any] | None, label: str) -> None:
        from matplotlib.lines import Line2D

        lines = tuple(Line2D([], [], **style) for style in (back, front) if style is not None)
        self.handles.append((lines, label))

    def _text(self, x: float, y: float, words: str, *, halo: float = 2.2, **style: Any) -> None:
        from matplotlib import patheffects

        effects = [patheffects.withStroke(linewidth=halo, foreground="white")] if halo else []
        self.axes.annotate(
            words, (x, y), (0, 0), textcoords="offset points", ha="center", va="center", clip_on=True,
            family=self.families, path_effects=effects, annotation_clip=True, **style,
        )  # fmt: skip

    def legend(self, classes: Sequence[tuple[str, str, float]]) -> None:
        """Draw the legend to the right: classes with their people, then symbols."""
        from matplotlib.legend_handler import HandlerTuple
        from matplotlib.patches import Patch

        total = sum(people for _, _, people in classes) or 1.0
        handles: list[Any] = [Patch(facecolor=color, edgecolor="none") for _, color, _ in classes]
        labels = [f"{label}  ({people / total:.1%})" for label, _, people in classes]
        for handle in self.handles:
            handles.append(handle[0] if isinstance(handle, tuple) else handle)
            labels.append(handle[1] if isinstance(handle, tuple) else handle.get_label())
        box = self.axes.get_position()
        legend = self.figure.legend(
            handles, labels, loc="upper left", bbox_to_anchor=(box.x1 + 0.008, box.y1 + 0.008), frameon=False,
            title=self.word["time"].replace(" to the ", "\nto the "), alignment="left", labelspacing=0.7,
            handler_map={tuple: HandlerTuple(ndivide=1, pad=0)}, prop={"family": self.families, "size": 9},
            title_fontproperties={"family": self.families, "size": 9.5, "weight": "bold"},
        )  # fmt: skip
        legend.set_in_layout(False)

    def furniture(self, title: str, subtitle: str, footer: str) -> None:
        """Add title, scale bar, north arrow and the line below the map."""
        box, height = self.axes.get_position(), self.figure.get_figheight()
        put: dict[str, Any] = {"family": self.families, "color": hex_color(INK)}
        self.figure.text(box.x0, box.y1 + 0.47 / height, title, size=16, weight="bold", **put)
        self.figure.text(box.x0, box.y1 + 0.16 / height, subtitle, size=10.5, **put)
        self.figure.text(
            box.x0, 0.16 / height, f"{footer}   ·   {_short(self.crs)}   ·   access15", size=8, **put
        )
        self._scale_bar(box.x1 + 0.025, box.y0 + 0.35 / height, put)
        self._north(box.x1 + 0.04, box.y0 + 0.75 / height, put)

    def _scale_bar(self, x: float, y: float, put: Mapping[str, Any]) -> None:
        """Draw a bar of a round length, two halves, on the ground at the middle of the map."""
        from matplotlib.patches import Rectangle

        width = self.axes.get_position().width
        metres_on_ground = ground_factor(self.box, self.crs) * (self.box[2] - self.box[0])
        length = round_length(metres_on_ground * 0.15 / width)
        share = length / metres_on_ground * width
        tall = 0.06 / self.figure.get_figheight()
        for half, color in ((0, hex_color(INK)), (1, "white")):
            self.figure.add_artist(
                Rectangle(
                    (x + half * share / 2, y),
                    share / 2,
                    tall,
                    facecolor=color,
                    edgecolor=hex_color(INK),
                    lw=0.7,
                )
            )
        name = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
        for at, label in ((0.0, "0"), (share, name)):
            self.figure.text(
                x + at, y - 0.05 / self.figure.get_figheight(), label, size=8, ha="center", va="top", **put
            )

    def _north(self, x: float, y: float, put: Mapping[str, Any]) -> None:
        from matplotlib.patches import Polygon

        wide, tall = 0.11 / _WIDE, 0.5 / self.figure.get_figheight()
        for side, color in ((-1, hex_color(INK)), (1, "white")):
            corners = [(x, y + tall), (x + side * wide, y), (x, y + tall * 0.25)]
            self.figure.add_artist(
                Polygon(corners, closed=True, facecolor=color, edgecolor=hex_color(INK), lw=0.7)
            )
        self.figure.text(x, y + tall * 1.08, "N", size=10, weight="bold", ha="center", va="bottom", **put)


def _short(crs: str) -> str:
    from access15.crs import parse_crs

    return f"{crs} ({parse_crs(crs).name})" if len(crs) < 30 else parse_crs(crs).name


def _transformed(x: Floats, y: Floats, source: str, target: str) -> tuple[Floats, Floats]:
    from access15.crs import to_crs

    return to_crs(x, y, source, target)


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


def ground_factor(box: tuple[float, float, float, float], crs: str) -> float:
    """Return metres on the ground per CRS unit along the middle of a box (1.0 ± 0.001 in a UTM zone)."""
    from access15.crs import WGS84, ground_lengths_m, to_crs

    west, south, east, north = box
    x = np.linspace(west, east, 11)
    lon, lat = to_crs(x, np.full(11, (south + north) / 2), crs, WGS84)
    return float(ground_lengths_m(lon, lat).sum() / (east - west))


def round_length(metres: float) -> float:
    """Return the largest of 1, 2, 5 × 10^n that is not above ``metres``."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(step * power for step in (1, 2, 5) if step * power <= metres * (1 + 1e-9))
