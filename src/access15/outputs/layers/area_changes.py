"""The layer ``area_changes``: what changed for the residents of every area between two results."""

from __future__ import annotations

from typing import Final

from access15.outputs.change_figures import Changes
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Layer
from access15.outputs.layers._symbols import Frame, Rule, fill
from access15.outputs.palette import GAIN, INK, LOSE


def _rules(frame: Frame, kind: str) -> list[Rule]:
    figures = [str(name) for name in frame.columns if str(name).startswith("covered_change_")]
    if kind != "fill" or not figures:
        return []
    more, fewer = (fill(color, alpha=0.5, outline=INK) for color in (GAIN, LOSE))
    return [
        Rule("more people covered", "覆盖人口增加", f'"{figures[-1]}" > 0.5', more),
        Rule("fewer people covered", "覆盖人口减少", f'"{figures[-1]}" < -0.5', fewer),
        Rule("as many", "覆盖人口不变", "ELSE", fill(None, outline=INK)),
    ]


LAYER: Final[Layer[Changes]] = Layer(
    name="area_changes",
    titles=("Changes per area", "统计单元变化"),
    geometry="MultiPolygon",
    columns=(
        shared.AREA_ID,
        shared.NAME,
        shared.PEOPLE_BEFORE,
        shared.PEOPLE_AFTER,
        Column("mean_change_<case>_s", "number", ("", "{case}平均时间变化（秒）")),
        Column("p90_change_<case>_s", "number", ("", "{case}P90变化（秒）")),
        Column("faster_<case>", "number", ("", "{case}时间缩短的人口")),
        Column("slower_<case>", "number", ("", "{case}时间延长的人口")),
        Column("gain_<case>_<min>", "number", ("", "{case}{min}分钟受益人口")),
        Column("lose_<case>_<min>", "number", ("", "{case}{min}分钟失去覆盖人口")),
        Column("covered_change_<case>_<min>", "number", ("", "{case}{min}分钟覆盖人口变化")),
        Column("rate_change_<case>_<min>", "number", ("", "{case}{min}分钟覆盖率变化")),
    ),
    build=lambda found: found.areas,
    rules=_rules,
    label="name",
)
