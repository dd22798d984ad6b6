"""The table ``rejected_candidates``: places that may not or cannot be a site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from access15.model import Facilities
from access15.outputs._frames import text
from access15.outputs.findings import Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Columns, Layer

if TYPE_CHECKING:
    import pandas as pd


def rejected_layer(candidates: Facilities) -> pd.DataFrame:
    """Return the table ``rejected_candidates``: one row per place that may not or cannot be a site.

    Parameters
    ----------
    candidates : Facilities

    Returns
    -------
    DataFrame
        ``candidate_id, reason``.
    """
    out = Columns(LAYER)
    out.add("candidate_id", text(name for name, _ in candidates.set_aside))
    out.add("reason", text(why for _, why in candidates.set_aside))
    return out.frame()


def _build(found: Findings) -> pd.DataFrame | None:
    return None if found.plan is None or found.candidates is None else rejected_layer(found.candidates)


LAYER: Final[Layer[Findings]] = Layer(
    name="rejected_candidates",
    titles=("Candidates set aside", "未采用的候选点"),
    geometry=None,
    columns=(shared.CANDIDATE_ID, shared.REASON),
    build=_build,
)
