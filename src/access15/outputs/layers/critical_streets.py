"""The layer ``critical_streets``: streets whose closure would uncover people."""

from __future__ import annotations

from typing import Final

from access15.outputs.findings import Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Layer, layer_of
from access15.outputs.layers._symbols import Frame, Rule, line
from access15.outputs.palette import CRITICAL


def _build(found: Findings) -> Frame | None:
    critical = found.critical
    if critical is None:
        return None
    case = {"mode": critical.origin.profile.name, "minutes": critical.minutes}
    return layer_of(LAYER, critical.table.assign(**case), found.crs)


def _rules(_: Frame, kind: str) -> list[Rule]:
    if kind != "line":
        return []
    first, others = (line(CRITICAL, width=width) for width in (1.6, 0.9))
    return [
        Rule("closure uncovers most, rank 1 - 5", "封闭后失去覆盖人口最多，序号 1 - 5", '"rank" <= 5', first),
        Rule("closure uncovers many", "封闭后失去覆盖人口较多", "ELSE", others),
    ]


LAYER: Final[Layer[Findings]] = Layer(
    name="critical_streets",
    titles=("Critical streets", "关键道路"),
    geometry="MultiLineString",
    columns=(
        shared.RANK,
        shared.MODE,
        shared.MINUTES,
        Column("way_id", "text", ("id of the way in OSM", "道路编号")),
        Column("highway", "text", ("class of the street", "道路等级")),
        Column("bridge", "flag", ("", "是否桥梁")),
        Column(
            "people_uncovered", "number", ("people who lose coverage when it closes", "封闭后失去覆盖的人口")
        ),
        Column(
            "people_unreachable",
            "number",
            ("people left without any way when it closes", "封闭后不可达的人口"),
        ),
        Column("bound", "number", ("people behind the closure", "封闭点后方的人口（上限）")),
        Column("people_along", "number", ("covered people who live along it", "沿线覆盖人口")),
        Column("length_m", "number", ("length, m", "长度（米）")),
        Column("pieces", "whole", ("pieces whose closure does the same", "效果相同的路段数")),
    ),
    build=_build,
    rules=_rules,
    label="rank",
)
