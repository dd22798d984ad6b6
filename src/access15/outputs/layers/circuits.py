"""The layer ``circuits``: mobile circuits along the streets."""

from __future__ import annotations

from typing import Final

from access15.outputs.findings import Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Layer, layer_of
from access15.outputs.layers._symbols import Frame, Rule, line
from access15.outputs.palette import SITE


def _rules(_: Frame, kind: str) -> list[Rule]:
    return [Rule("mobile circuit", "巡回医疗线路", "", line(SITE, width=0.7))] if kind == "line" else []


LAYER: Final[Layer[Findings]] = Layer(
    name="circuits",
    titles=("Mobile circuits", "巡回医疗线路"),
    geometry="MultiLineString",
    columns=(
        shared.CIRCUIT_ID,
        Column("base_id", "text", ("", "出发机构代码")),
        Column("stops", "whole", ("", "停靠点数")),
        Column("gap_ids", "text", ("gaps in the order of the visits", "依次停靠的盲区")),
        shared.PEOPLE,
        Column("drive_s", "number", ("driving time of a trip, s", "一次行车时间（秒）")),
        Column("stop_s", "number", ("time at the stops of a trip, s", "一次停靠时间（秒）")),
        Column("visits_per_month", "number", ("", "每月次数")),
        Column("vehicle_hours", "number", ("vehicle hours a month", "每月车时")),
        Column("base_vehicles", "whole", ("vehicles needed at the base", "出发机构所需车辆")),
    ),
    build=lambda found: (
        None if found.outreach is None else layer_of(LAYER, found.outreach.circuits, found.crs)
    ),
    rules=_rules,
    label="circuit_id",
)
