"""QGIS styles (QML) for the layers: one rule renderer and at most one label each, nothing else.

The elements are the ones that QGIS 3.4 to 3.44 write and read (``RuleRenderer``, ``SimpleFill``,
``SimpleMarker``, ``prop``); what is left out gets the defaults of QGIS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as Xml

from access15.outputs.layers import layer_named
from access15.outputs.layers._symbols import WHITE, Rule, plain, rgba
from access15.outputs.palette import INK

if TYPE_CHECKING:
    import pandas as pd

_DOCTYPE: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


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
    known = layer_named(layer)
    label = known.label if kind else ""
    root = Xml.Element("qgis", version="3.22.0", styleCategories="Symbology|Labeling|Fields")
    root.set("labelsEnabled", "1" if label in frame.columns else "0")
    if kind is not None:
        rules = known.rules(frame, kind) if known.rules else []
        root.append(_renderer(rules or plain(kind), lang))
        if label in frame.columns:
            root.append(_labeling(known.label_words or label, bool(known.label_words), known.label_on))
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
    for i, (english, chinese, expression, symbol, shown) in enumerate(rules):
        label = english if lang == "en" else chinese
        rule = Xml.SubElement(box, "rule", key=f"access15-{i}", symbol=str(i), label=label)
        if expression:
            rule.set("filter", expression)
        if not shown:
            rule.set("checkstate", "0")
        symbol.set("name", str(i))
        symbols.append(symbol)
    return root


def _labeling(text: str, expression: bool, on_sign: bool) -> Xml.Element:
    """Return the label of each feature; all are shown, whatever other layers show. On a sign it is white and centred."""
    root = Xml.Element("labeling", type="simple")
    settings = Xml.SubElement(root, "settings", calloutType="simple")
    words = {
        "fieldName": text,
        "isExpression": str(int(expression)),
        "fontSize": "9",
        "fontSizeUnit": "Point",
    }
    ink = WHITE if on_sign else INK
    style = Xml.SubElement(settings, "text-style", {**words, "textColor": rgba(ink), "textOpacity": "1"})
    halo = {
        "bufferDraw": str(int(not on_sign)),
        "bufferSize": "0.8",
        "bufferSizeUnits": "MM",
        "bufferOpacity": "1",
    }
    Xml.SubElement(style, "text-buffer", {**halo, "bufferColor": rgba(WHITE)})
    if on_sign:
        Xml.SubElement(settings, "placement", placement="1", quadOffset="4", priority="10")
    Xml.SubElement(
        settings,
        "rendering",
        displayAll="1",
        obstacle="0" if on_sign else "1",
        zIndex="2" if on_sign else "1",
    )
    return root
