"""The table ``input_changes``: facts behind two results that differ."""

from __future__ import annotations

from typing import Final

from access15.outputs.change_figures import Changes
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Layer

LAYER: Final[Layer[Changes]] = Layer(
    name="input_changes",
    titles=("Inputs that differ", "输入与参数变化"),
    geometry=None,
    columns=(
        Column("part", "text", ("", "部分")),
        shared.KEY,
        Column("before", "text", ("", "之前")),
        Column("after", "text", ("", "之后")),
    ),
    build=lambda found: found.inputs,
)
