"""The table ``rejected_candidates``: places that may not or cannot be a site."""

from __future__ import annotations

from typing import Final

from access15.outputs._frames import text
from access15.outputs.findings import Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Columns, Layer
from access15.outputs.layers._symbols import Frame


def _build(found: Findings) -> Frame | None:
    if found.plan is None or found.candidates is None:
        return None
    out, aside = Columns(LAYER), found.candidates.set_aside
    out.add("candidate_id", text(name for name, _ in aside))
    out.add("reason", text(why for _, why in aside))
    return out.frame()


LAYER: Final[Layer[Findings]] = Layer(
    name="rejected_candidates",
    titles=("Candidates set aside", "未采用的候选点"),
    geometry=None,
    columns=(shared.CANDIDATE_ID, shared.WHY),
    build=_build,
)
