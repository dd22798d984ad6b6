"""QGIS styles (QML) for the layers: one rule renderer and at most one label each, nothing else.

The elements are the ones that QGIS 3.4 to 3.44 write and read (``RuleRenderer``, ``SimpleFill``,
``SimpleMarker``, ``prop``); what is left out gets the defaults of QGIS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from xml.etree import ElementTree as Xml

import numpy as np

from access15.outputs.palette import (
    CRITICAL,
    FACILITY,
    FASTER,
    GAIN,
    GAP,
    INK,
    LOSE,
    SAME,
    SITE,
    SLOWER,
    UNLINKED,
    UNREACHABLE,
    Rgb,
    class_colors,
)
from access15.outputs.titles import mode_name

if TYPE_CHECKING:
    import pandas as pd

    Make = Callable[[pd.DataFrame, str], "list[Rule]"]

_DOCTYPE: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_WHITE: Final[Rgb] = (255, 255, 255)
_LABELS: Final = {
    "areas": "name",
    "area_changes": "name",
    "gaps": "rank",
    "proposed_sites": "rank",
    "circuits": "circuit_id",
    "critical_streets": "rank",
}


_LEGEND: Final = {
    "unreachable": "不可达",
    "unlinked": "未连接",
    "facility": "医疗服务点",
    "no street near": "附近无道路",
    "area": "统计单元",
    "gap": "服务盲区",
    "further ranks": "其余",
    "proposed site": "建议布点",
    "mobile circuit": "巡回医疗线路",
    "stop": "停靠点",
    "beyond": "仍未覆盖",
    "circuit": "巡回医疗",
    "gain": "受益",
    "lose": "受损",
    "faster": "缩短",
    "slower": "延长",
    "new": "新增",
    "gone": "已无",
    "same": "不变",
    "more people covered": "覆盖人口增加",
    "fewer people covered": "覆盖人口减少",
    "as many": "覆盖人口不变",
    "added": "新增",
    "removed": "撤销",
    "moved": "迁址",
    "changed": "变更",
}


class Rule(NamedTuple):
    """One line of a legend: which features, and how they are drawn."""

    label: str
    filter: str
    symbol: Xml.Element
    shown: bool = True


def layer_style(
    layer: str,
    frame: pd.DataFrame,
    kind: str | None,
    titles: Mapping[str, str] | None = None,
    lang: str = "en",
) -> str:
    """Return the QML of one layer.

    Parameters
    ----------
    layer : str
        Name of the layer; the layers of the coverage GeoPackage have their own look.
    frame : DataFrame
        The layer. ``attrs["style"]`` carries case, minutes and classes of ``cells``, and the mode of
        ``isochrones`` that shows at first.
    kind : {"fill", "marker", "line"} or None
        Symbol kind of the geometry; None for a table.
    titles : mapping of str to str, optional
        What columns are called, by name.
    lang : {"en", "zh"}
        Language of the legend.

    Returns
    -------
    str
        Well-formed XML.
    """
    label = _LABELS.get(layer) if kind else None
    root = Xml.Element("qgis", version="3.22.0", styleCategories="Symbology|Labeling|Fields")
    root.set("labelsEnabled", "1" if label in frame.columns else "0")
    if kind is not None:
        make = _RULES.get(layer, _plain)
        root.append(_renderer(make(frame, kind) or _plain(frame, kind), lang))
        if label in frame.columns:
            root.append(_labeling(str(label)))
    if titles:
        columns = list(frame.columns)
        box = Xml.SubElement(root, "aliases")
        for name, title in titles.items():
            # Field 0 of a GeoPackage layer is its fid.
            Xml.SubElement(box, "alias", field=name, index=str(columns.index(name) + 1), name=title)
    Xml.indent(root)
    return _DOCTYPE + Xml.tostring(root, encoding="unicode")


def _renderer(rules: Sequence[Rule], lang: str) -> Xml.Element:
    """Return a rule renderer; a rule that is not shown waits in the legend, unticked."""
    root = Xml.Element(
        "renderer-v2", type="RuleRenderer", symbollevels="0", enableorderby="0", forceraster="0"
    )
    box, symbols = Xml.SubElement(root, "rules", key="access15"), Xml.SubElement(root, "symbols")
    for i, (label, expression, symbol, shown) in enumerate(rules):
        rule = Xml.SubElement(box, "rule", key=f"access15-{i}", symbol=str(i), label=_legend(label, lang))
        if expression:
            rule.set("filter", expression)
        if not shown:
            rule.set("checkstate", "0")
        symbol.set("name", str(i))
        symbols.append(symbol)
    return root


def _legend(label: str, lang: str) -> str:
    """Return a label of the legend in a language; its parts stand between commas."""
    if lang == "en":
        return label
    parts = [_LEGEND.get(part) or mode_name(part) for part in label.split(", ")]
    return "，".join(part.replace("rank ", "序号 ").replace(" min", " 分钟") for part in parts)


def _symbol(kind: str, layer_class: str, alpha: float, props: Mapping[str, Any]) -> Xml.Element:
    root = Xml.Element("symbol", type=kind, alpha=f"{alpha:g}", clip_to_extent="1", force_rhr="0")
    layer = Xml.SubElement(root, "layer", {"class": layer_class, "enabled": "1", "locked": "0", "pass": "0"})
    for key, value in props.items():
        Xml.SubElement(layer, "prop", k=key, v=str(value))
    return root


def _rgba(rgb: Rgb) -> str:
    return ",".join(map(str, (*rgb, 255)))


def _fill(
    rgb: Rgb | None, *, alpha: float = 1.0, outline: Rgb | None = None, width: float = 0.2
) -> Xml.Element:
    props = {
        "color": _rgba(rgb or _WHITE),
        "style": "solid" if rgb else "no",
        "outline_color": _rgba(outline or INK),
        "outline_style": "solid" if outline else "no",
        "outline_width": width,
        "outline_width_unit": "MM",
        "joinstyle": "bevel",
    }
    return _symbol("fill", "SimpleFill", alpha, props)


def _marker(rgb: Rgb, *, shape: str = "circle", size: float = 2.0, outline: Rgb | None = None) -> Xml.Element:
    props = {
        "name": shape,
        "color": _rgba(rgb),
        "size": size,
        "size_unit": "MM",
        "outline_color": _rgba(outline or rgb),
        "outline_style": "solid" if outline else "no",
        "outline_width": 0.3,
        "outline_width_unit": "MM",
    }
    return _symbol("marker", "SimpleMarker", 1.0, props)


def _line(rgb: Rgb, width: float = 0.3) -> Xml.Element:
    props = {"line_color": _rgba(rgb), "line_style": "solid", "line_width": width, "line_width_unit": "MM"}
    return _symbol("line", "SimpleLine", 1.0, props)


def _any(kind: str, rgb: Rgb, *, alpha: float = 1.0, outline: Rgb | None = None) -> Xml.Element:
    if kind == "fill":
        return _fill(rgb, alpha=alpha, outline=outline)
    return _marker(rgb) if kind == "marker" else _line(rgb)


def _plain(_: pd.DataFrame, kind: str) -> list[Rule]:
    return [Rule("", "", _any(kind, (90, 130, 170), alpha=0.5, outline=INK))]


def _cells(frame: pd.DataFrame, kind: str) -> list[Rule]:
    spec = frame.attrs.get("style", {})
    if not spec:
        return []
    case, classes = spec["case"], spec["classes"]
    colors = class_colors(classes, spec["minutes"])
    state, seconds = f'"{case}_status"', f'"{case}_s"'
    rules, low = [], 0.0
    for end, color in zip(classes, colors, strict=False):
        bound = f"{seconds} > {low * 60:g} AND " if low else ""
        label = f"{low:g} - {end:g} min"
        rules.append(Rule(label, f"{bound}{seconds} <= {end * 60:g}", _any(kind, color)))
        low = end
    # Beyond a bounded search there is no time: such cells are uncovered with an empty time.
    beyond = f"{seconds} > {low * 60:g} OR ({seconds} IS NULL AND {state} = 'uncovered')"
    rules.append(Rule(f"> {low:g} min", beyond, _any(kind, colors[-1])))
    rules.append(Rule("unreachable", f"{state} = 'unreachable'", _any(kind, UNREACHABLE)))
    rules.append(Rule("unlinked", f"{state} = 'unlinked'", _any(kind, UNLINKED)))
    return rules


def _facilities(frame: pd.DataFrame, kind: str) -> list[Rule]:
    if kind != "marker" or "status" not in frame.columns:
        return []
    return [
        Rule(
            "facility",
            "\"status\" = 'linked'",
            _marker(FACILITY, shape="cross_fill", size=3.4, outline=_WHITE),
        ),
        Rule(
            "facility, no street near",
            "ELSE",
            _marker(UNLINKED, shape="cross_fill", size=3.4, outline=_WHITE),
        ),
    ]


def _areas(_: pd.DataFrame, kind: str) -> list[Rule]:
    return [Rule("area", "", _fill(None, outline=INK, width=0.4))] if kind == "fill" else []


def _isochrones(frame: pd.DataFrame, kind: str) -> list[Rule]:
    if kind != "fill" or not len(frame):
        return []
    classes = sorted(float(m) for m in np.unique(frame["minutes"].to_numpy(float)))
    colors = class_colors(classes, classes[-1])
    modes = [str(mode) for mode in dict.fromkeys(frame["mode"])]
    # Shapes of several modes lie over each other: one mode shows, the others wait to be ticked.
    first = frame.attrs.get("style", {}).get("mode", modes[0])
    return [
        Rule(
            f"{mode}, {end:g} min" if len(modes) > 1 else f"{end:g} min",
            f'"mode" = \'{mode.replace(chr(39), chr(39) * 2)}\' AND "minutes" = {end:g}',
            _fill(color, alpha=0.45, outline=color, width=0.4),
            mode == first,
        )
        for mode in modes
        for end, color in zip(classes, colors, strict=False)
    ]


def _gaps(_: pd.DataFrame, kind: str) -> list[Rule]:
    bands = [
        ("gap, rank 1 - 5", '"rank" <= 5', 1.0),
        ("gap, rank 6 - 20", '"rank" > 5 AND "rank" <= 20', 0.7),
    ]
    bands.append(("gap, further ranks", "ELSE", 0.4))
    if kind == "fill":
        return [
            Rule(label, rule, _fill(None, alpha=a, outline=GAP, width=0.3 + a / 2))
            for label, rule, a in bands
        ]
    if kind == "marker":
        return [Rule(label, rule, _marker(GAP, shape="diamond", size=2 + 2 * a)) for label, rule, a in bands]
    return []


def _sites(_: pd.DataFrame, kind: str) -> list[Rule]:
    return (
        [Rule("proposed site", "", _marker(SITE, shape="star", size=5, outline=INK))]
        if kind == "marker"
        else []
    )


def _cell_changes(_: pd.DataFrame, kind: str) -> list[Rule]:
    colors = {
        "gain": GAIN, "faster": FASTER, "lose": LOSE, "slower": SLOWER, "new": SITE, "gone": UNLINKED,
    }  # fmt: skip
    rules = [Rule(word, f"\"change\" = '{word}'", _any(kind, color)) for word, color in colors.items()]
    return [*rules, Rule("same", "ELSE", _any(kind, SAME, alpha=0.5))]


def _area_changes(frame: pd.DataFrame, kind: str) -> list[Rule]:
    figure = next(
        (str(name) for name in reversed(frame.columns) if str(name).startswith("covered_change_")), None
    )
    if kind != "fill" or figure is None:
        return []
    return [
        Rule("more people covered", f'"{figure}" > 0.5', _fill(GAIN, alpha=0.5, outline=INK)),
        Rule("fewer people covered", f'"{figure}" < -0.5', _fill(LOSE, alpha=0.5, outline=INK)),
        Rule("as many", "ELSE", _fill(None, outline=INK)),
    ]


def _facility_changes(_: pd.DataFrame, kind: str) -> list[Rule]:
    if kind != "marker":
        return []
    marks = {
        "added": (GAIN, "cross_fill"),
        "removed": (LOSE, "cross2"),
        "moved": (SITE, "arrow"),
        "changed": (FASTER, "diamond"),
    }
    rules = [
        Rule(word, f"\"change\" = '{word}'", _marker(color, shape=shape, size=4, outline=INK))
        for word, (color, shape) in marks.items()
    ]
    return [*rules, Rule("same", "ELSE", _marker(SAME, shape="cross_fill", size=2.4, outline=INK))]


def _circuits(_: pd.DataFrame, kind: str) -> list[Rule]:
    return [Rule("mobile circuit", "", _line(SITE, width=0.7))] if kind == "line" else []


def _critical(_: pd.DataFrame, kind: str) -> list[Rule]:
    if kind != "line":
        return []
    return [
        Rule("closure uncovers most, rank 1 - 5", '"rank" <= 5', _line(CRITICAL, width=1.6)),
        Rule("closure uncovers many", "ELSE", _line(CRITICAL, width=0.9)),
    ]


def _stops(_: pd.DataFrame, kind: str) -> list[Rule]:
    return [Rule("stop", "", _marker(SITE, size=2.4, outline=INK))] if kind == "marker" else []


def _settlements(_: pd.DataFrame, kind: str) -> list[Rule]:
    if kind != "marker":
        return []
    return [
        Rule(
            "beyond, circuit", '"circuit_id" IS NOT NULL', _marker(SITE, shape="square", size=2, outline=INK)
        ),
        Rule("beyond", "ELSE", _marker(GAP, shape="square", size=2, outline=INK)),
    ]


_RULES: Final[dict[str, Make]] = {
    "cells": _cells,
    "facilities": _facilities,
    "areas": _areas,
    "isochrones": _isochrones,
    "gaps": _gaps,
    "proposed_sites": _sites,
    "circuits": _circuits,
    "critical_streets": _critical,
    "circuit_stops": _stops,
    "settlements": _settlements,
    "cell_changes": _cell_changes,
    "area_changes": _area_changes,
    "facility_changes": _facility_changes,
}


def _labeling(column: str) -> Xml.Element:
    root = Xml.Element("labeling", type="simple")
    settings = Xml.SubElement(root, "settings", calloutType="simple")
    words = {"fieldName": column, "isExpression": "0", "fontSize": "9", "fontSizeUnit": "Point"}
    style = Xml.SubElement(settings, "text-style", {**words, "textColor": _rgba(INK), "textOpacity": "1"})
    halo = {"bufferDraw": "1", "bufferSize": "0.8", "bufferSizeUnits": "MM", "bufferOpacity": "1"}
    Xml.SubElement(style, "text-buffer", {**halo, "bufferColor": _rgba(_WHITE)})
    return root
