"""The layer ``candidate_sites``: every place that a plan could choose, and whether it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from access15.outputs._frames import points, text
from access15.outputs.findings import Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Columns, Layer
from access15.outputs.layers._symbols import Rule, marker
from access15.outputs.palette import SAME, SITE

if TYPE_CHECKING:
    import pandas as pd


def _build(found: Findings) -> pd.DataFrame | None:
    given, plan = found.candidates, found.plan
    if given is None or plan is None:
        return None
    out = Columns(LAYER)
    out.add("candidate_id", text(given.id))
    out.add("chosen", np.isin(np.arange(len(given)), plan.chosen))
    sites: pd.DataFrame = out.geoframe(points(given.x, given.y, given.crs, found.crs), found.crs)
    return sites


def _rules(_: pd.DataFrame, kind: str) -> list[Rule]:
    if kind != "marker":
        return []
    return [
        Rule("chosen", "已选", '"chosen"', marker(SITE, size=2.4)),
        Rule("not chosen", "未选", "ELSE", marker(SAME, size=1.2)),
    ]


LAYER: Final[Layer[Findings]] = Layer(
    name="candidate_sites",
    titles=("Candidate sites", "候选点"),
    geometry="Point",
    columns=(shared.CANDIDATE_ID, Column("chosen", "flag", ("", "是否选中"))),
    build=_build,
    rules=_rules,
)
