"""The table ``plans``: how good a plan is, with its proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from access15.model import SitingPlan
from access15.outputs._frames import number, text
from access15.outputs.findings import PLAN, Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Columns, Layer
from access15.outputs.layers._symbols import Frame


def plans_layer(plans: Mapping[str, SitingPlan]) -> Frame:
    """Return the table ``plans``: one row per plan, with the proof of how good it is.

    Parameters
    ----------
    plans : mapping of str to SitingPlan
        By plan id.

    Returns
    -------
    DataFrame
        ``plan_id, model, mode, minutes, p, status, objective, bound, gap, notes``; ``minutes`` is NaN for
        models without a cut-off.
    """
    out, values = Columns(LAYER), list(plans.values())
    out.add("plan_id", text(plans))
    out.add("model", text(plan.model for plan in values))
    out.add("mode", text(plan.origin.profile.name for plan in values))
    out.add("minutes", number([plan.minutes for plan in values]))
    out.add("p", np.array([plan.p for plan in values], np.int64))
    out.add("status", text(plan.status for plan in values))
    for name in ("objective", "bound", "gap"):
        out.add(name, number([getattr(plan, name) for plan in values]))
    out.add("notes", text("; ".join(plan.notes) or None for plan in values))
    return out.frame()


LAYER: Final[Layer[Findings]] = Layer(
    name="plans",
    titles=("Plans", "布点方案"),
    geometry=None,
    columns=(
        shared.PLAN_ID,
        Column("model", "text", ("", "模型")),
        shared.MODE,
        shared.MINUTES,
        Column("p", "whole", ("number of sites", "布点数")),
        shared.STATUS,
        Column("objective", "number", ("", "目标函数值")),
        Column("bound", "number", ("proven bound", "可证明的界")),
        Column("gap", "number", ("gap to the bound", "与界的差距")),
        Column("notes", "text", ("", "说明"), prose=True),
    ),
    build=lambda found: None if found.plan is None else plans_layer({PLAN: found.plan}),
)
