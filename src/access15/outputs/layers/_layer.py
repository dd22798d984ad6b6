"""What a layer is: its columns, its titles in two languages, its look, and what builds it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar

import numpy as np

from access15.errors import InputError
from access15.outputs._frames import in_crs, number, text
from access15.outputs.layers._symbols import Rules
from access15.outputs.mode_words import case_name

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Of = TypeVar("Of")
"""What a layer is built from: `Findings` of a run, or `Changes` between two."""

Kind = Literal["text", "number", "whole", "flag"]

_AS: Final[dict[Kind, Callable[[Any], Any]]] = {
    "text": text,
    "number": number,
    "whole": lambda values: np.array(values, np.int64),
    "flag": lambda values: np.array(values, bool),
}
_PARTS: Final = {"<case>": r"(?P<case>.+?)", "<group>": r"(?P<group>.+)", "<min>": r"(?P<min>\d+(?:_\d+)?)"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a layer, or one for every case, group or cut-off.

    Attributes
    ----------
    name : str
        In the file. ``<case>``, ``<group>`` and ``<min>`` stand for what differs from study to study.
    kind : {"text", "number", "whole", "flag"}
    titles : (str, str)
        What a GIS calls it in English and in Chinese; no English where the name says all. ``{case}``, ``{group}``
        and ``{min}`` are put in.
    optional : bool
        Whether it may be missing: it stands where it is known.
    prose : bool
        Whether it holds sentences of the program, which a file in Chinese says in Chinese; codes stay what they are.
    """

    name: str
    kind: Kind
    titles: tuple[str, str]
    optional: bool = False
    prose: bool = False

    def match(self, name: str) -> re.Match[str] | None:
        """Return how a name in a file fits this column, None where it does not."""
        return _pattern(self.name).fullmatch(name)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(re.sub("<[a-z]+>", lambda part: _PARTS[part[0]], name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer(Generic[Of]):
    """One layer of a GeoPackage.

    Attributes
    ----------
    name : str
        In the file: a contract.
    titles : (str, str)
        What a GIS calls it, in English and in Chinese.
    geometry : str or None
        Type of the geometry of a layer without rows; None for a table without geometry.
    columns : tuple of Column
        In order.
    build : callable
        Returns the layer, None where what it shows was not computed.
    rules : callable, optional
        Returns the lines of the legend for a layer and its kind of symbol.
    label : str
        Column that is written beside every shape.
    label_words : str
        Expression of QGIS that makes the words of this column, where they are not its values.
    label_on : bool
        Whether the label stands on the sign, in white.
    """

    name: str
    titles: tuple[str, str]
    geometry: str | None
    columns: tuple[Column, ...]
    build: Callable[[Of], pd.DataFrame | None]
    rules: Rules | None = None
    label: str = ""
    label_words: str = ""
    label_on: bool = False

    def column(self, name: str) -> Column | None:
        """Return the column that a name in the file belongs to, None for one that is not known."""
        fitting = [column for column in self.columns if column.match(name)]
        return next((column for column in fitting if column.name == name), fitting[0] if fitting else None)

    def column_title(self, name: str, alias: str, lang: str) -> str:
        """Return what a column is called; empty where that says no more than its name.

        ``alias`` is the original text behind a name that was made from one (``people_65plus``: ``people 65+``).
        """
        column = self.column(name)
        if column is None or (lang == "en" and alias):
            return alias
        found = column.match(name)
        parts = found.groupdict() if found else {}
        if "min" in parts:
            parts["min"] = parts["min"].replace("_", ".")
        if "case" in parts:
            parts["case"] = case_name(parts["case"])
        if "group" in parts:
            parts["group"] = alias.removeprefix("people ") or parts["group"]
        return column.titles[lang == "zh"].format(**parts)


class Columns:
    """Columns of a layer while it is built, in order; a name may stand only once.

    The text a column name was made from (``walk-elder``, ``65+``) is kept as the column's alias.
    """

    def __init__(self, layer: Layer[Any]) -> None:
        self.layer = layer
        self.data: dict[str, Any] = {}
        self.aliases: dict[str, str] = {}

    def add(self, name: str, values: Any, **made_from: tuple[str, str]) -> None:
        """Add a column of the layer.

        ``made_from`` gives what ``<case>``, ``<group>`` or ``<min>`` stands for, as part of the name and as the
        original text. An alias that says no more than the name is left out.
        """
        alias = name.replace("_", " ")
        for part, (slug, original) in made_from.items():
            name, alias = name.replace(f"<{part}>", slug), alias.replace(f"<{part}>", original)
        self.further(name, values, alias if made_from else "")

    def further(self, name: str, values: Any, alias: str = "") -> None:
        """Add a column that the layer need not know."""
        if name in self.data:
            first = self.aliases.get(name, name)
            raise InputError(
                f"the layer {self.layer.name!r} would have two columns {name!r} ({first!r} and {alias or name!r}): "
                "rename the mode, point set or group behind one of them"
            )
        self.data[name] = values
        if alias and alias != name and alias.replace(" ", "_") != name:
            self.aliases[name] = alias

    def take(self, table: pd.DataFrame) -> None:
        """Add the columns of a table but its geometry, those that the layer knows first and in its order.

        Raises
        ------
        InputError
            If one is missing that is not optional; a table without rows may lack any.
        """
        given = [str(name) for name, kind in table.dtypes.items() if kind != "geometry"]
        belongs = {name: self.layer.column(name) for name in given}
        for column in self.layer.columns:
            names = [name for name in given if belongs[name] is column]
            if not names and not column.optional and "<" not in column.name:
                if len(table):
                    what = self.layer.name.replace("_", " ")
                    raise InputError(
                        f"the {what} have no column {column.name!r}: find them again with this version"
                    )
                self.further(column.name, _AS[column.kind]([]))
            for name in names:
                self.further(name, _AS[column.kind](table[name]))
        for name in given:
            if belongs[name] is None:
                self.further(name, _AS["number" if table[name].dtype.kind in "fiub" else "text"](table[name]))

    def frame(self) -> pd.DataFrame:
        """Return the columns as a table."""
        import pandas as pd

        out = pd.DataFrame(self.data)
        out.attrs["aliases"] = dict(self.aliases)
        return out

    def geoframe(self, geometry: Any, crs: str) -> gpd.GeoDataFrame:
        """Return the columns as a layer with a geometry in ``crs``."""
        import geopandas as gpd

        out = gpd.GeoDataFrame(self.data, geometry=geometry, crs=crs)
        out.attrs["aliases"] = dict(self.aliases)
        out.attrs["geometry_type"] = self.layer.geometry
        return out


def layer_of(layer: Layer[Any], frame: gpd.GeoDataFrame, crs: str) -> pd.DataFrame:
    """Return the columns of a layer that a frame has, with its shapes in a CRS."""
    moved, out = in_crs(frame, crs, layer.name.replace("_", " ")), Columns(layer)
    out.take(moved)
    made: pd.DataFrame = out.geoframe(moved.geometry.to_numpy(object), crs)
    return made
