"""The layer ``facility_changes``: which facilities came, went, moved or changed between two results."""

from __future__ import annotations

from typing import Final

from access15.outputs.change_figures import Changes
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Layer
from access15.outputs.layers._symbols import Frame, Rule, marker
from access15.outputs.palette import FASTER, GAIN, INK, LOSE, SAME, SITE


def _rules(_: Frame, kind: str) -> list[Rule]:
    if kind != "marker":
        return []
    changes = {
        "added": ("新增", GAIN, "cross_fill"),
        "removed": ("撤销", LOSE, "cross2"),
        "moved": ("迁址", SITE, "arrow"),
        "changed": ("变更", FASTER, "diamond"),
    }
    rules = [
        Rule(word, chinese, f"\"change\" = '{word}'", marker(color, shape=shape, size=4, outline=INK))
        for word, (chinese, color, shape) in changes.items()
    ]
    return [*rules, Rule("same", "不变", "ELSE", marker(SAME, shape="cross_fill", size=2.4, outline=INK))]


LAYER: Final[Layer[Changes]] = Layer(
    name="facility_changes",
    titles=("Changes per service point", "服务点变化"),
    geometry="Point",
    columns=(
        shared.FACILITY_ID,
        shared.NAME,
        shared.CHANGE,
        Column("moved_m", "number", ("distance from the old place, m", "移动距离（米）")),
        Column("changed", "text", ("columns that differ", "变化的字段")),
        Column("capacity_before", "number", ("capacity before, people", "之前服务能力（人）")),
        Column("capacity_after", "number", ("capacity after, people", "之后服务能力（人）")),
        Column("people_<case>_<min>_before", "number", ("", "{case}{min}分钟内之前服务人口")),
        Column("people_<case>_<min>_after", "number", ("", "{case}{min}分钟内之后服务人口")),
    ),
    build=lambda found: found.facilities,
    rules=_rules,
)
