"""What a plain road layer calls its columns and values, and the OSM tags they stand for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from access15.arguments import say
from access15.arrays import Bools, Ints, Objects
from access15.errors import InputError
from access15.network import CLASS_ACCESS, NOT_STREETS, RELEVANT_KEYS, parse_maxspeed
from access15.sources.columns import Aliases, fold
from access15.sources.table import Table, as_text

ROAD: Final[Aliases] = MappingProxyType(
    {
        "class": (
            "highway", "fclass", "class", "road_class", "roadclass", "道路等级", "公路等级", "行政等级", "技术等级",
            "道路类型", "等级", "类型", "road_type", "roadtype", "type",
        ),
        "oneway": ("oneway", "one_way", "单行", "单行线", "单向", "通行方向", "行车方向", "方向", "direction"),
        "maxspeed": ("maxspeed", "max_speed", "speed_limit", "限速", "最高限速", "限速值", "设计速度", "设计时速"),
        "bridge": ("bridge", "桥", "桥梁", "是否桥梁"),
        "tunnel": ("tunnel", "隧道", "是否隧道"),
        "layer": ("layer", "z_level", "zlevel", "层级", "层次"),
        "id": ("osm_id", "osmid", "way_id", "id", "道路编号", "编号", "编码", "代码"),
        "name": ("name", "名称", "道路名称", "路名"),
    }
)  # fmt: skip
"""Roles of columns and what they are called."""

_CLASS_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unknown": "road", "track_grade1": "track", "track_grade2": "track", "track_grade3": "track",
        "track_grade4": "track", "track_grade5": "track",
        "高速公路": "motorway", "高速": "motorway", "城市快速路": "trunk", "快速路": "trunk", "匝道": "trunk_link",
        "国道": "primary", "省道": "secondary", "县道": "tertiary", "乡道": "unclassified", "村道": "unclassified",
        "一级公路": "primary", "二级公路": "secondary", "三级公路": "tertiary", "四级公路": "unclassified",
        "等外公路": "track", "主干路": "primary", "主干道": "primary", "次干路": "secondary", "次干道": "secondary",
        "支路": "tertiary", "街巷": "residential", "居住区道路": "residential", "小区道路": "residential",
        "内部道路": "service", "步行街": "pedestrian", "人行道": "footway", "步行道": "footway", "小路": "path",
        "自行车道": "cycleway", "机耕路": "track", "机耕道": "track", "台阶": "steps", "轮渡": "ferry",
    }
)  # fmt: skip
"""Class words of Geofabrik's shapefiles and of Chinese road layers; practice values, read conservatively."""

_ONEWAY_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "b": "no", "f": "yes", "t": "-1", "ft": "yes", "tf": "-1", "yes": "yes", "no": "no", "true": "yes",
        "false": "no", "1": "yes", "0": "no", "-1": "-1", "y": "yes", "n": "no", "是": "yes", "否": "no",
        "单向": "yes", "单行": "yes", "双向": "no", "双行": "no", "正向": "yes", "顺向": "yes", "反向": "-1",
        "逆向": "-1", "reverse": "-1", "reversible": "reversible", "alternating": "alternating",
    }
)  # fmt: skip
"""One-way words. B, F, T as Geofabrik writes them: both ways, along the line, against it."""

_TRUE: Final = frozenset(
    {"t", "true", "yes", "y", "1", "是", "有", "viaduct", "building_passage", "桥", "隧道"}
)
_CLASSES: Final = frozenset(CLASS_ACCESS) | NOT_STREETS | {"ferry"}
_LISTED = 20
NOT_UNDERSTOOD: Final = "values not understood"
"""What provenance says of values that nobody could read."""


@dataclass(slots=True)
class RoadAttributes:
    """What the columns of a road layer say, one entry per line.

    Attributes
    ----------
    tags : list of dict
        OSM tags.
    way_id : (n,) int64
    level : (n,) int64
        The ``layer`` column, 0 without.
    raised : (n,) bool
        Bridges and tunnels.
    notes : dict
        Columns used, values translated and not understood: for provenance.
    """

    tags: list[dict[str, str]]
    way_id: Ints
    level: Ints
    raised: Bools
    notes: dict[str, Any] = field(default_factory=dict)


def road_attributes(table: Table, columns: Mapping[str, str] | None) -> RoadAttributes:
    """Return the tags of the lines of a layer.

    Parameters
    ----------
    table : Table
    columns : mapping, optional
        ``{role: column}``; a role is one of `ROAD` or an OSM key that the tag rules read (``surface``,
        ``access``, ``foot`` …). ``{role: "=value"}`` gives every line that value. ``{"role=value": value}``
        translates a value of the column into an OSM value, such as ``{"class=国道": "trunk"}``.

    Raises
    ------
    InputError
        If a column is missing, a role is unknown, or no value of the class column is understood.
    """
    reader = _Reader(table, columns or {})
    n = len(table)
    classes = _classes(reader)
    oneway = _oneways(reader)
    limits = _limits(reader)
    extra = {key: reader.texts(key) for key in reader.used if key not in ROAD}
    tags: list[dict[str, str]] = []
    for i in range(n):
        one = {"route": "ferry"} if classes[i] == "ferry" else {"highway": classes[i]}
        one |= {"oneway": oneway[i]} if oneway[i] else {}
        one |= {"maxspeed": limits[i]} if limits[i] else {}
        one |= {key: values[i] for key, values in extra.items() if values[i]}
        tags.append(one)
    raised = np.zeros(n, bool)
    for role in ("bridge", "tunnel"):
        raised |= np.array([fold(v) in _TRUE for v in reader.texts(role)], bool)
    notes = reader.notes | {"columns used": dict(reader.used)}
    if reader.guessed:
        notes["columns guessed"] = ", ".join(f"{role} = {name}" for role, name in reader.guessed.items())
    return RoadAttributes(tags, _way_ids(reader), _levels(reader), raised, notes)


class _Reader:
    """The columns of a table by role: those named, then those guessed; and the values translated by hand."""

    def __init__(self, table: Table, columns: Mapping[str, str]) -> None:
        self.table = table
        self.notes: dict[str, Any] = {}
        self.words: dict[str, dict[str, str]] = {}
        self.used: dict[str, str] = {}
        self.guessed: dict[str, str] = {}
        for name, value in columns.items():
            role, equals, word = name.partition("=")
            if role not in ROAD and role not in RELEVANT_KEYS:
                raise InputError(
                    f"columns names {role!r}, which a road layer does not have: use {', '.join(ROAD)}, or an OSM key such as surface or access"
                )
            if equals:
                self.words.setdefault(role, {})[fold(word)] = value
            else:
                self.used[role] = value if value.startswith("=") else table.named(value)
        used = set(self.used.values())
        for role in (*ROAD, *sorted(RELEVANT_KEYS - set(ROAD) - {"highway", "route"})):
            found = None if role in self.used else table.find(ROAD.get(role, (role,)))
            if found is not None and found not in used:
                self.used[role] = self.guessed[role] = found

    def texts(self, role: str) -> Objects:
        """Return the texts of a role, empty without a column."""
        name = self.used.get(role)
        if name is None:
            return np.full(len(self.table), "", object)
        if name.startswith("="):
            return np.full(len(self.table), name[1:], object)
        return np.array([as_text(v).strip() for v in self.table.cells[name]], object)

    def by_hand(self, role: str, value: str) -> str | None:
        """Return the translation the caller gave for a value."""
        return self.words.get(role, {}).get(fold(value))

    def count(self, what: str, values: Counter[str]) -> None:
        """Note values with their counts, the most frequent first."""
        if values:
            self.notes[what] = dict(values.most_common(_LISTED))
            if len(values) > _LISTED:
                self.notes[what]["others"] = sum(values.values()) - sum(self.notes[what].values())


def _classes(reader: _Reader) -> list[str]:
    """Return the ``highway`` value of each line; what is not understood counts as ``road``."""
    if "class" not in reader.used:
        raise InputError(
            f"{reader.table.source} has no column for the class of road ({', '.join(reader.table.header) or 'no columns'}): "
            f"say {say('columns', {'class': '…'}, 'network')}, or give every line one class with '=road' as the column"
        )
    out, unknown, translated, known = [], Counter[str](), Counter[str](), 0
    for value in reader.texts("class"):
        found = reader.by_hand("class", value)
        if found is None:
            word = fold(value)
            found = word if word in _CLASSES else _CLASS_WORDS.get(word, "")
        known += bool(found)
        if not found:
            unknown[value or "(empty)"] += 1
        elif found != value:
            translated[f"{value} → {found}"] += 1
        out.append(found or "road")
    if not known:
        shown = ", ".join(value for value, _ in unknown.most_common(5))
        raise InputError(
            f"{reader.table.source}, column {reader.used['class']!r} holds no road class that is known ({shown}): name another "
            f"column, or translate its values: {say('columns', {f'class={next(iter(unknown))}': 'primary'}, 'network')}"
        )
    reader.count("class values translated", translated)
    reader.count(f"class {NOT_UNDERSTOOD}, taken as road", unknown)
    return out


def _oneways(reader: _Reader) -> list[str]:
    """Return the ``oneway`` value of each line, empty where nothing is said."""
    texts = reader.texts("oneway")
    words = dict(_ONEWAY_WORDS)
    letters = {fold(v) for v in texts} - {""}
    if letters and letters <= {"t", "f"}:
        # T and F without a single B are true and false, not Geofabrik's directions.
        words |= {"t": "yes", "f": "no"}
        reader.notes["oneway letters"] = "T and F without B are read as true and false"
    out, unknown, read = [], Counter[str](), Counter[str]()
    for value in texts:
        found = reader.by_hand("oneway", value) or words.get(fold(value), "")
        if value and not found:
            unknown[value] += 1
        elif found:
            read[f"{value} → {found}"] += 1
        out.append(found)
    reader.count("oneway values", read)
    reader.count(f"oneway {NOT_UNDERSTOOD}, taken as both ways", unknown)
    return out


def _limits(reader: _Reader) -> list[str]:
    """Return the ``maxspeed`` value of each line; 0 and negative numbers are unknown."""
    out, unknown = [], Counter[str]()
    for value in reader.texts("maxspeed"):
        found = reader.by_hand("maxspeed", value) or value
        usable = parse_maxspeed(found) is not None
        if found and not usable:
            unknown[value] += 1
        out.append(found if usable else "")
    reader.count("maxspeed values that say nothing", unknown)
    return out


def _levels(reader: _Reader) -> Ints:
    out, unknown = np.zeros(len(reader.table), np.int64), Counter[str]()
    for i, value in enumerate(reader.texts("layer")):
        try:
            out[i] = int(float(value)) if value else 0
        except (ValueError, OverflowError):
            unknown[value] += 1
    reader.count(f"layer {NOT_UNDERSTOOD}, taken as 0", unknown)
    return out


def _way_ids(reader: _Reader) -> Ints:
    """Return whole-number ids from the id column, or the feature numbers where they are anything else."""
    texts = reader.texts("id")
    if "id" in reader.used and all(v.isascii() and v.isdigit() and len(v) <= 18 for v in texts):
        reader.notes["way id"] = f"column {reader.used['id']}"
        return np.array([int(v) for v in texts], np.int64)
    reader.notes["way id"] = "feature number in the file"
    return reader.table.row.astype(np.int64)
