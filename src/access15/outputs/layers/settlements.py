"""The layer ``settlements``: those that stay beyond the cut-off of the gaps."""

from __future__ import annotations

from typing import Final

from access15.outputs.findings import Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Layer, layer_of
from access15.outputs.layers._symbols import Frame, Rule, marker
from access15.outputs.palette import GAP, INK, SITE


def _build(found: Findings) -> Frame | None:
    if found.outreach is None or found.settlements is None:
        return None
    return layer_of(LAYER, found.settlements, found.crs)


def _rules(_: Frame, kind: str) -> list[Rule]:
    if kind != "marker":
        return []
    served, alone = (marker(color, shape="square", size=2, outline=INK) for color in (SITE, GAP))
    return [
        Rule("beyond, circuit", "仍未覆盖，巡回医疗", '"circuit_id" IS NOT NULL', served),
        Rule("beyond", "仍未覆盖", "ELSE", alone),
    ]


LAYER: Final[Layer[Findings]] = Layer(
    name="settlements",
    titles=("Settlements beyond the limit", "仍未覆盖的居民点"),
    geometry="Point",
    columns=(
        Column("settlement_id", "text", ("", "居民点编号")),
        shared.NAME,
        shared.KIND,
        Column("seconds", "number", ("time to the nearest facility, s", "到最近机构时间（秒）")),
        shared.STATUS,
        shared.GAP_ID,
        shared.RECOMMENDATION,
        shared.SERVED_BY,
        shared.CIRCUIT_ID,
        shared.PROBLEM,
    ),
    build=_build,
    rules=_rules,
)
