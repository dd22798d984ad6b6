"""The layer ``proposed_sites``: where new facilities should go, in opening order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from access15.errors import InputError
from access15.model import Facilities, SitingPlan
from access15.outputs._frames import points
from access15.outputs.findings import PLAN, Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Columns, Layer
from access15.outputs.layers._symbols import WHITE, Frame, Rule, marker
from access15.outputs.palette import SITE

if TYPE_CHECKING:
    import geopandas as gpd


def sites_layer(
    plans: Mapping[str, SitingPlan], candidates: Facilities | Mapping[str, Facilities], crs: str
) -> gpd.GeoDataFrame:
    """Return the layer ``proposed_sites``: one row per site of each plan, in opening order.

    Parameters
    ----------
    plans : mapping of str to SitingPlan
        By plan id.
    candidates : Facilities, or mapping of plan id to Facilities
        The candidates the plans chose from.
    crs : str
        CRS of the layer.

    Returns
    -------
    GeoDataFrame
        ``plan_id, rank, candidate_id, source, gain, cumulative_people, cumulative_rate``, where they are known
        ``cost`` and ``elder_care_m``, and geometry.

    Raises
    ------
    InputError
        If a plan chose from other candidates.
    """
    import pandas as pd

    tables, shapes = [], []
    for plan_id, plan in plans.items():
        given = candidates if isinstance(candidates, Facilities) else candidates.get(plan_id)
        if given is None:
            raise InputError(f"no candidates were given for the plan {plan_id!r}")
        fits = plan.chosen.max(initial=-1) < len(given) and len(plan.table) == len(plan.chosen)
        if not fits or list(given.id[plan.chosen]) != [str(i) for i in plan.table["candidate_id"]]:
            raise InputError(
                f"the plan {plan_id!r} chose from other candidates: pass the ones it was made with"
            )
        tables.append(plan.table.assign(plan_id=plan_id))
        shapes.append(points(given.x[plan.chosen], given.y[plan.chosen], given.crs, crs))
    flat = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    out = Columns(LAYER)
    out.take(flat[[name for name in flat.columns if LAYER.column(name)]])
    return out.geoframe(np.concatenate(shapes) if shapes else np.empty(0, object), crs)


def _rules(_: Frame, kind: str) -> list[Rule]:
    pin = marker(SITE, size=5.4, outline=WHITE)
    return [Rule("proposed site", "建议布点", "", pin)] if kind == "marker" else []


LAYER: Final[Layer[Findings]] = Layer(
    name="proposed_sites",
    titles=("Proposed sites", "建议布点"),
    geometry="Point",
    columns=(
        shared.PLAN_ID,
        shared.RANK,
        shared.CANDIDATE_ID,
        Column("source", "text", ("", "来源")),
        Column("gain", "number", ("marginal people covered", "边际新增覆盖人口")),
        Column("cumulative_people", "number", ("", "累计覆盖人口")),
        Column("cumulative_rate", "number", ("", "累计覆盖率")),
        Column("cost", "number", ("", "成本"), optional=True),
        Column(
            "elder_care_m", "number", ("distance to elder care, m", "与养老设施的距离（米）"), optional=True
        ),
    ),
    build=lambda found: (
        None
        if found.plan is None or found.candidates is None
        else sites_layer({PLAN: found.plan}, found.candidates, found.crs)
    ),
    rules=_rules,
    label="rank",
    label_on=True,
)
