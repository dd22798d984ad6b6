"""A map sheet: its frame, and the furniture around it.

Matplotlib is used through its objects only (Figure, Axes, Agg canvas): no pyplot, no global settings, so
maps can be drawn from several threads and never open a window.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date as day
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypedDict

import numpy as np

from access15.arrays import Floats
from access15.crs import crs_name, is_geographic, metric_crs, to_crs
from access15.errors import InputError
from access15.outputs.atomic import replacing
from access15.outputs.maps.fonts import fonts, is_cjk, short, wrapped
from access15.outputs.palette import INK, LAND, hex_color
from access15.outputs.words import Pair, read_pairs, said, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from access15.model import StreetNetwork

Box = tuple[float, float, float, float]

WORDS: Final[dict[str, Pair]] = read_pairs("maps")

ATTRIBUTION: Final = "© OpenStreetMap contributors"
"""What the licence of OpenStreetMap data (ODbL) asks for."""

_WIDE: Final = 11.0  # inches
_SIDE: Final = 2.75  # inches for the legend
_TOP: Final = 0.85
_FOOT: Final = 0.45
_LONG_TITLE: Final = 70  # letters that fit above the map
_ENDINGS: Final = (".png", ".pdf", ".svg")


class SheetOptions(TypedDict, total=False):
    """What every map takes.

    Attributes
    ----------
    crs : str
        CRS of the map; by default that of the network, else that of the data. For a geographic one the
        UTM zone of its middle is used, and named.
    date : str
        Date on the map; today by default.
    attribution : str
        Credit for the map data. By default that of OpenStreetMap, unless a network of another source is
        drawn.
    dpi : int
        Dots per inch of a PNG, 150 by default.
    """

    crs: str
    date: str
    attribution: str
    dpi: int


class Sheet:
    """One sheet: a figure of its own with the legend beside the map, or somebody's axes with it below."""

    def __init__(
        self,
        title: str | None,
        texts: Iterable[str],
        *,
        ax: Axes | None,
        path: str | os.PathLike[str] | None,
        lang: str,
        crs: str = "",
        date: str = "",
        attribution: str | None = None,
        dpi: int = 150,
    ) -> None:
        self.word = words(lang, WORDS)
        self.path = None if path is None else checked_path(Path(path))
        self.families, self.shows_all = fonts([title or "", *texts, *self.word.values()])
        if not self.shows_all:
            self.word = words("en", WORDS)
        self._title, self.own, self.dpi = title, ax is None, dpi
        self.date, self.attribution = date or day.today().isoformat(), attribution
        self.handles: list[tuple[Any, str]] = []
        self.street_level = 3.0  # Above cells that fill the ground, below points.
        self.crs = crs
        if ax is not None:
            self.take(ax)

    def take(self, ax: Axes) -> None:
        """Draw into these axes."""
        from matplotlib.axes import Axes

        if not isinstance(ax, Axes):
            raise InputError(f"ax must be axes of matplotlib, not a {type(ax).__name__}")
        self.axes: Axes = ax
        self.figure: Figure = ax.figure.figure  # The whole of it, where the axes are in a part.

    @property
    def put(self) -> dict[str, Any]:
        """Style of every text: a dollar sign in a name is a dollar sign."""
        return {"family": self.families, "color": hex_color(INK), "parse_math": False}

    def shown(self, text: str, instead: str) -> str:
        """Return a text, or another one where no font shows it."""
        return text if self.shows_all or not any(map(is_cjk, text)) else instead

    def term(self, value: object) -> str:
        """Return the word for a mode, a reason or a model."""
        return said(self.word, value) or ""

    def frame(
        self, box: Box, crs: str, network: StreetNetwork | None, near: tuple[Floats, Floats, str] | None
    ) -> None:
        """Set up the axes around a box in ``crs``; points nearby may widen it by a quarter."""
        wanted = self.crs or (network.crs if network is not None else crs)
        self.crs = _metric(wanted, box, crs)
        if self.attribution is None:
            self.attribution = (
                ATTRIBUTION if network is None else str(network.provenance.get("attribution", ""))
            )
        west, south, east, north = _moved_box(box, crs, self.crs)
        if near is not None and len(near[0]):
            x, y = to_crs(near[0], near[1], near[2], self.crs)
            more = max(east - west, north - south, 200.0) / 4
            close = (x > west - more) & (x < east + more) & (y > south - more) & (y < north + more)
            west, east = min(west, *x[close], west), max(east, *x[close], east)
            south, north = min(south, *y[close], south), max(north, *y[close], north)
        pad = 0.03 * max(east - west, north - south, 200.0)
        self.box = (west - pad, south - pad, east + pad, north + pad)
        if self.own:
            self._paper()
        self.axes.set(xticks=[], yticks=[], facecolor=hex_color(LAND), aspect="equal")
        self.axes.set_xlim(self.box[0], self.box[2])
        self.axes.set_ylim(self.box[1], self.box[3])
        for spine in self.axes.spines.values():
            spine.set(color=hex_color(INK), linewidth=0.6)

    def _paper(self) -> None:
        """Make a figure whose axes have the shape of the box, within limits: nothing is letter-boxed."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        from access15.outputs.maps.axes import MapAxes

        west, south, east, north = self.box
        width, height = east - west, north - south
        inside = _WIDE - _SIDE - 0.3
        tall = float(np.clip(inside * height / width, 4.6, 10.5))
        more_x, more_y = (
            max(height * inside / tall - width, 0) / 2,
            max(width * tall / inside - height, 0) / 2,
        )
        self.box = (west - more_x, south - more_y, east + more_x, north + more_y)
        sheet_height = tall + _TOP + _FOOT
        figure = Figure(figsize=(_WIDE, sheet_height), facecolor="white")
        FigureCanvasAgg(figure)
        at = (0.15 / _WIDE, _FOOT / sheet_height, inside / _WIDE, tall / sheet_height)
        self.take(figure.add_axes(at, axes_class=MapAxes))

    def text(
        self, x: float, y: float, text: str, *, halo: float = 2.2, up: float = 0.0, **style: Any
    ) -> None:
        """Write on the map, with a white halo, ``up`` points above a place."""
        from matplotlib import patheffects

        effects = [patheffects.withStroke(linewidth=halo, foreground="white")] if halo else []
        self.axes.annotate(
            text,
            (x, y),
            (0, up),
            textcoords="offset points",
            ha="center",
            va="center",
            clip_on=True,
            path_effects=effects,
            annotation_clip=True,
            **{**self.put, **style},
        )

    def classes(self, entries: Sequence[tuple[str, str, float]]) -> None:
        """Add a legend entry per class: label, colour, people; NaN people are not shown."""
        from matplotlib.patches import Patch

        total = sum(people for _, _, people in entries) or 1.0
        for label, color, people in entries:
            share = "" if math.isnan(people) else f"  ({people / total:.1%})"
            self.handles.append((Patch(facecolor=color, edgecolor="none"), label + share))

    def finish(
        self, title: str, subtitle: str, heading: str, listing: Sequence[str] = (), list_title: str = ""
    ) -> Axes:
        """Add legend, title, scale bar, north arrow and credits; write the file; return the axes."""
        given = self._title if self._title is not None else title
        if not self.shows_all:
            given = "".join(c for c in given if not is_cjk(c)).strip() or title
        place = _crs_words(self.crs) if self.own else self.crs[:30]
        footer = "   ·   ".join(part for part in (self.attribution, self.date, place, "access15") if part)
        if self.own:
            self._beside(given, subtitle, heading, footer, listing, list_title)
        else:
            self._below(given, subtitle, heading, footer)
        return self.save()

    def save(self) -> Axes:
        """Write the file, whole or not at all, if one is wanted."""
        if self.path is not None:
            kind = self.path.suffix[1:].lower()
            meta = {"png": {"Software": "access15"}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}
            with replacing(self.path) as temp:
                self.figure.savefig(temp, dpi=self.dpi, format=kind, metadata=meta[kind])
        return self.axes

    def legend(self, heading: str, size: float, **where: Any) -> Any:
        """Draw the legend; return it."""
        from matplotlib.legend_handler import HandlerTuple

        legend = self.axes.legend(
            [handle for handle, _ in self.handles],
            [_lines(label) for _, label in self.handles],
            frameon=False,
            alignment="left",
            labelspacing=0.7,
            borderaxespad=0.0,
            borderpad=0.0,
            handler_map={tuple: HandlerTuple(ndivide=1, pad=0)},
            prop={"family": self.families, "size": size},
            title=heading,
            title_fontproperties={"family": self.families, "size": size + 0.5, "weight": "bold"},
            **where,
        )
        for text in (*legend.get_texts(), legend.get_title()):
            text.set_parse_math(False)
        return legend

    def _beside(
        self, title: str, subtitle: str, heading: str, footer: str, listing: Sequence[str], list_title: str
    ) -> None:
        box, height = self.axes.get_position(), self.figure.get_figheight()
        self.axes.set_label(title)
        title = short(title, _LONG_TITLE)
        self.figure.text(box.x0, box.y1 + 0.47 / height, title, size=16, weight="bold", **self.put)
        self.figure.text(box.x0, box.y1 + 0.16 / height, subtitle, size=10.5, **self.put)
        self.figure.text(box.x0, 0.16 / height, footer, size=8, **self.put)
        left = box.x1 + 0.02
        legend = self.legend(
            wrapped(heading, 26),
            9,
            loc="upper left",
            bbox_to_anchor=(left, box.y1),
            bbox_transform=self.figure.transFigure,
        )
        self._scale_bar(left + 0.006, box.y0 + 0.25 / height)
        self._north(left + 0.02, box.y0 + 0.55 / height)
        if not listing:
            return
        under = legend.get_window_extent(self.figure.canvas.get_renderer())  # type: ignore[attr-defined]
        top = under.y0 / self.figure.dpi / height - 0.25 / height
        room = int((top - box.y0 - 1.45 / height) * height / 0.2)  # The scale bar and the arrow stay free.
        rows = list(listing[: max(room - 1, 0)])
        if len(rows) < len(listing):
            rows.append("…")
        if rows and room > 1:
            self.figure.text(left, top, list_title, size=9.5, weight="bold", va="top", **self.put)
            put = {**self.put, "linespacing": 1.45}
            self.figure.text(left, top - 0.24 / height, "\n".join(rows), size=8.5, va="top", **put)

    def _below(self, title: str, subtitle: str, heading: str, footer: str) -> None:
        from matplotlib.transforms import ScaledTranslation

        inches = self.axes.get_position().width * self.figure.get_figwidth()
        lines = [wrapped(title, int(inches * 13), 2), wrapped(subtitle, int(inches * 13), 2)]
        self.axes.set_title("\n".join(lines), loc="left", size=10, linespacing=1.4, **self.put)
        footer = wrapped(footer, int(inches * 20), 3)
        down = ScaledTranslation(0, -(12 + 8 * (1 + footer.count("\n"))) / 72, self.figure.dpi_scale_trans)
        self.legend(
            heading,
            8,
            loc="upper left",
            bbox_to_anchor=(0.0, 0.0),
            ncols=2,
            bbox_transform=self.axes.transAxes + down,
        )
        self.axes.annotate(
            footer,
            (0, 0),
            (0, -4),
            xycoords="axes fraction",
            textcoords="offset points",
            va="top",
            size=6,
            **self.put,
        )
        self._inside_scale()

    def _inside_scale(self) -> None:
        """Draw scale bar and north arrow into the corner where least is drawn."""
        length = self._round(0.2)
        wide = self.box[2] - self.box[0]
        share = length / (ground_factor(self.box, self.crs) * wide)
        fx, fy = self._free_corner(share + 0.1)
        across = self.axes.get_xaxis_transform()
        x0 = self.box[0] + (fx + 0.04) * wide
        self.axes.plot(
            [x0, x0 + share * wide],
            [fy + 0.08] * 2,
            transform=across,
            color=hex_color(INK),
            lw=2.5,
            zorder=12,
            solid_capstyle="butt",
            scalex=False,
            scaley=False,
        )
        note: dict[str, Any] = {
            "xycoords": across,
            "textcoords": "offset points",
            "ha": "center",
            "zorder": 12,
        }
        at = (x0 + share * wide / 2, fy + 0.08)
        self.axes.annotate(_length(length), at, (0, -3), va="top", size=7, **note, **self.put)
        arrow = {"arrowstyle": "<|-", "color": hex_color(INK), "lw": 1.2, "shrinkA": 0, "shrinkB": 2}
        self.axes.annotate("", at, (0, 20), arrowprops=arrow, **note)
        self.axes.annotate("N", at, (0, 20), size=8, weight="bold", va="bottom", **note, **self.put)

    def _free_corner(self, wide: float) -> tuple[float, float]:
        """Return the lower left of the corner with the fewest drawn points, in shares of the axes."""
        points = np.concatenate(
            [np.asarray(found.get_offsets(), float).reshape(-1, 2) for found in self.axes.collections]
            + [path.vertices for found in self.axes.collections for path in found.get_paths()[:20_000]]
            or [np.zeros((0, 2))]
        )
        x = (points[:, 0] - self.box[0]) / (self.box[2] - self.box[0])
        y = (points[:, 1] - self.box[1]) / (self.box[3] - self.box[1])
        corners = [(1 - wide, 0.0), (0.0, 0.0), (1 - wide, 0.78), (0.0, 0.78)]
        return min(
            corners,
            key=lambda at: int(((x > at[0]) & (x < at[0] + wide) & (y > at[1]) & (y < at[1] + 0.22)).sum()),
        )

    def _round(self, share: float) -> float:
        return round_length(share * ground_factor(self.box, self.crs) * (self.box[2] - self.box[0]))

    def _scale_bar(self, x: float, y: float) -> None:
        """Draw a bar of a round length, two halves, on the ground at the middle of the map."""
        from matplotlib.patches import Rectangle

        width, height = self.axes.get_position().width, self.figure.get_figheight()
        length = self._round(0.15 / width)
        share = length / (ground_factor(self.box, self.crs) * (self.box[2] - self.box[0])) * width
        ink = hex_color(INK)
        for half, color in ((0, ink), (1, "white")):
            corner = (x + half * share / 2, y)
            self.figure.add_artist(
                Rectangle(corner, share / 2, 0.06 / height, facecolor=color, edgecolor=ink, lw=0.7)
            )
        for at, label in ((0.0, "0"), (share, _length(length))):
            self.figure.text(x + at, y - 0.05 / height, label, size=8, ha="center", va="top", **self.put)

    def _north(self, x: float, y: float) -> None:
        from matplotlib.patches import Polygon

        wide, tall = 0.11 / _WIDE, 0.5 / self.figure.get_figheight()
        ink = hex_color(INK)
        for side, color in ((-1, ink), (1, "white")):
            corners = [(x, y + tall), (x + side * wide, y), (x, y + tall * 0.25)]
            self.figure.add_artist(Polygon(corners, closed=True, facecolor=color, edgecolor=ink, lw=0.7))
        put: Mapping[str, Any] = self.put
        self.figure.text(x, y + tall * 1.08, "N", size=10, weight="bold", ha="center", va="bottom", **put)


def checked_path(path: Path) -> Path:
    """Return the path of a picture, its ending checked."""
    if path.suffix.lower() not in _ENDINGS:
        raise InputError(
            f"{path.name} does not end in {', '.join(_ENDINGS)}: give the picture such an ending"
        )
    return path


def _metric(crs: str, box: Box, box_crs: str) -> str:
    if not is_geographic(crs):
        return crs_name(crs)
    middle = np.array([(box[0] + box[2]) / 2]), np.array([(box[1] + box[3]) / 2])
    lon, lat = to_crs(*middle, box_crs, "EPSG:4326")
    return metric_crs(float(lon[0]), float(lat[0]))


def _moved_box(box: Box, source: str, target: str) -> Box:
    """Return the box around a box moved to another CRS; its edges may bend on the way."""
    if source == target:
        return box
    side = np.linspace(0, 1, 21)
    x, y = (
        v.ravel() for v in np.meshgrid(box[0] + side * (box[2] - box[0]), box[1] + side * (box[3] - box[1]))
    )
    x, y = to_crs(x, y, source, target)
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _crs_words(crs: str) -> str:
    from access15.crs import parse_crs

    return f"{crs} ({parse_crs(crs).name})" if len(crs) < 30 else parse_crs(crs).name


def _lines(label: str) -> str:
    """Return a legend label in lines that fit beside a map."""
    return "\n".join(wrapped(line, 33) for line in label.split("\n"))


def _length(metres: float) -> str:
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"


def ground_factor(box: Box, crs: str) -> float:
    """Return metres on the ground per CRS unit along the middle of a box (1.0 ± 0.001 in a UTM zone)."""
    from access15.crs import WGS84, ground_lengths_m

    west, south, east, north = box
    x = np.linspace(west, east, 11)
    lon, lat = to_crs(x, np.full(11, (south + north) / 2), crs, WGS84)
    return float(ground_lengths_m(lon, lat).sum() / (east - west))


def round_length(metres: float) -> float:
    """Return the largest of 1, 2, 5 × 10^n that is not above ``metres``."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(step * power for step in (1, 2, 5) if step * power <= metres * (1 + 1e-9))
