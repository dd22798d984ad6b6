"""The table ``changes``: the figures of record of a comparison."""

from __future__ import annotations

from typing import Final

from access15.outputs.change_figures import Changes
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Layer

LAYER: Final[Layer[Changes]] = Layer(
    name="changes",
    titles=("Changes", "变化"),
    geometry=None,
    columns=(
        shared.POINTS,
        shared.MODE,
        shared.MINUTES,
        shared.GROUP,
        shared.AREA_ID,
        shared.PEOPLE_BEFORE,
        shared.PEOPLE_AFTER,
        Column("covered_before", "number", ("", "之前覆盖人口")),
        Column("covered_after", "number", ("", "之后覆盖人口")),
        Column("gain", "number", ("people covered only after", "受益人口")),
        Column("lose", "number", ("people covered only before", "失去覆盖人口")),
        Column("by_population", "number", ("change through people who came or went", "人口变动所致变化")),
        Column("people_change", "number", ("", "人口变化")),
        Column("covered_change", "number", ("change in people covered", "覆盖人口变化")),
        Column("rate_before", "number", ("coverage rate before", "之前覆盖率")),
        Column("rate_after", "number", ("coverage rate after", "之后覆盖率")),
        Column("rate_change", "number", ("change of the coverage rate", "覆盖率变化")),
        Column("mean_before_s", "number", ("mean time before, s", "之前平均时间（秒）")),
        Column("p90_before_s", "number", ("P90 before, s", "之前P90（秒）")),
        Column("mean_after_s", "number", ("mean time after, s", "之后平均时间（秒）")),
        Column("p90_after_s", "number", ("P90 after, s", "之后P90（秒）")),
        Column("mean_change_s", "number", ("change of the mean time, s", "平均时间变化（秒）")),
        Column("p90_change_s", "number", ("change of P90, s", "P90变化（秒）")),
        Column("faster", "number", ("people with a shorter time", "时间缩短的人口")),
        Column("slower", "number", ("people with a longer time", "时间延长的人口")),
    ),
    build=lambda found: found.table,
)
