"""The layer ``cell_changes``: what changed for every cell between two results."""

from __future__ import annotations

from typing import Final

from access15.outputs.change_figures import Changes
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Layer
from access15.outputs.layers._symbols import Frame, Rule, of_kind
from access15.outputs.palette import FASTER, GAIN, LOSE, SAME, SITE, SLOWER, UNLINKED


def _rules(_: Frame, kind: str) -> list[Rule]:
    changes = {
        "gain": ("受益", GAIN),
        "faster": ("缩短", FASTER),
        "lose": ("受损", LOSE),
        "slower": ("延长", SLOWER),
        "new": ("新增", SITE),
        "gone": ("已无", UNLINKED),
    }
    rules = [
        Rule(word, chinese, f"\"change\" = '{word}'", of_kind(kind, color))
        for word, (chinese, color) in changes.items()
    ]
    return [*rules, Rule("same", "不变", "ELSE", of_kind(kind, SAME, alpha=0.5))]


LAYER: Final[Layer[Changes]] = Layer(
    name="cell_changes",
    titles=("Changes per cell", "格网变化"),
    geometry="Point",
    columns=(
        shared.CELL_ID,
        shared.AREA_ID,
        shared.PEOPLE_BEFORE,
        shared.PEOPLE_AFTER,
        Column("<case>_before_s", "number", ("", "{case}之前出行时间（秒）")),
        Column("<case>_after_s", "number", ("", "{case}之后出行时间（秒）")),
        Column("<case>_change_s", "number", ("", "{case}出行时间变化（秒）")),
        Column("change_<case>_<min>", "text", ("", "{case}{min}分钟变化")),
        shared.CHANGE,
    ),
    build=lambda found: found.cells,
    rules=_rules,
)
