"""How layers are drawn in QGIS: symbols as XML, and the lines of a legend in two languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias
from xml.etree import ElementTree as Xml

from access15.outputs.palette import INK, Rgb

if TYPE_CHECKING:
    import pandas as pd

WHITE: Final[Rgb] = (255, 255, 255)


class Rule(NamedTuple):
    """One line of a legend: what it says, which features it is of, and how they are drawn."""

    english: str
    chinese: str
    filter: str
    symbol: Xml.Element
    shown: bool = True


Frame: TypeAlias = "pd.DataFrame"
"""A layer as a table, with or without shapes."""

Rules = Callable[[Frame, str], "list[Rule]"]
"""From a layer and its kind of symbol (fill, marker, line) to its legend; none for a kind that it is not drawn in."""


def _symbol(kind: str, layer_class: str, alpha: float, props: Mapping[str, Any]) -> Xml.Element:
    root = Xml.Element("symbol", type=kind, alpha=f"{alpha:g}", clip_to_extent="1", force_rhr="0")
    layer = Xml.SubElement(root, "layer", {"class": layer_class, "enabled": "1", "locked": "0", "pass": "0"})
    for key, value in props.items():
        Xml.SubElement(layer, "prop", k=key, v=str(value))
    return root


def rgba(rgb: Rgb) -> str:
    """Return a colour as QGIS writes it."""
    return ",".join(map(str, (*rgb, 255)))


def fill(
    rgb: Rgb | None, *, alpha: float = 1.0, outline: Rgb | None = None, width: float = 0.2
) -> Xml.Element:
    """Return the symbol of polygons; without a colour only their outline."""
    props = {
        "color": rgba(rgb or WHITE),
        "style": "solid" if rgb else "no",
        "outline_color": rgba(outline or INK),
        "outline_style": "solid" if outline else "no",
        "outline_width": width,
        "outline_width_unit": "MM",
        "joinstyle": "bevel",
    }
    return _symbol("fill", "SimpleFill", alpha, props)


def marker(rgb: Rgb, *, shape: str = "circle", size: float = 2.0, outline: Rgb | None = None) -> Xml.Element:
    """Return the symbol of points; ``size`` in millimetres."""
    props = {
        "name": shape,
        "color": rgba(rgb),
        "size": size,
        "size_unit": "MM",
        "outline_color": rgba(outline or rgb),
        "outline_style": "solid" if outline else "no",
        "outline_width": 0.3,
        "outline_width_unit": "MM",
    }
    return _symbol("marker", "SimpleMarker", 1.0, props)


def on_top(below: Xml.Element, above: Xml.Element) -> Xml.Element:
    """Return one symbol of two: the second is drawn on the first."""
    below.extend(above.findall("layer"))
    return below


def line(rgb: Rgb, width: float = 0.3) -> Xml.Element:
    """Return the symbol of lines; ``width`` in millimetres."""
    props = {"line_color": rgba(rgb), "line_style": "solid", "line_width": width, "line_width_unit": "MM"}
    return _symbol("line", "SimpleLine", 1.0, props)


def of_kind(kind: str, rgb: Rgb, *, alpha: float = 1.0, outline: Rgb | None = None) -> Xml.Element:
    """Return a symbol of whichever kind a layer has."""
    if kind == "fill":
        return fill(rgb, alpha=alpha, outline=outline)
    return marker(rgb) if kind == "marker" else line(rgb)


def plain(kind: str) -> list[Rule]:
    """Return the legend of a layer that has no look of its own."""
    return [Rule("", "", "", of_kind(kind, (90, 130, 170), alpha=0.5, outline=INK))]
