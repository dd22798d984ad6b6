"""The layer ``circuit_stops``: where the vehicles of mobile circuits stand."""

from __future__ import annotations

from typing import Final

from access15.outputs.findings import Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Layer, layer_of
from access15.outputs.layers._symbols import Frame, Rule, marker
from access15.outputs.palette import INK, SITE


def _rules(_: Frame, kind: str) -> list[Rule]:
    stop = marker(SITE, size=2.4, outline=INK)
    return [Rule("stop", "停靠点", "", stop)] if kind == "marker" else []


LAYER: Final[Layer[Findings]] = Layer(
    name="circuit_stops",
    titles=("Stops of mobile circuits", "巡回医疗停靠点"),
    geometry="Point",
    columns=(
        shared.CIRCUIT_ID,
        Column("visit", "whole", ("", "停靠次序")),
        shared.GAP_ID,
        shared.PEOPLE,
        Column("walk_m", "number", ("distance from the gap's centre, m", "距盲区中心（米）")),
    ),
    build=lambda found: None if found.outreach is None else layer_of(LAYER, found.outreach.stops, found.crs),
    rules=_rules,
)
