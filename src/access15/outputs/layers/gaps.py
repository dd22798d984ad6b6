"""The layer ``gaps``: clusters of people whom no facility serves, ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from access15.model import Gaps
from access15.outputs._frames import as_multi, in_crs
from access15.outputs.findings import Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Columns, Layer
from access15.outputs.layers._symbols import Frame, Rule, fill, marker
from access15.outputs.palette import GAP, GAP_FILL

if TYPE_CHECKING:
    import geopandas as gpd


def gaps_layer(gaps: Gaps | Sequence[Gaps], crs: str) -> gpd.GeoDataFrame:
    """Return the layer ``gaps``: one row per gap cluster, ranked; empty where there is no gap.

    Parameters
    ----------
    gaps : Gaps or sequence of Gaps
        More than one where a study looks for gaps in several modes; an id that two of them share is
        then prefixed by mode and cut-off.
    crs : str
        CRS of the layer.

    Returns
    -------
    GeoDataFrame
        ``gap_id, rank, mode, minutes, people, people_<group>…, area_id, nearest_facility, median_s, max_s,
        kind, reason, priority, recommendation``, further columns of the tables, and geometry. ``rank``
        counts within mode and cut-off. A time is NaN where no facility can be reached.
    """
    import pandas as pd

    parts = [gaps] if isinstance(gaps, Gaps) else list(gaps)
    tables = [in_crs(g.table, crs, "gaps") for g in parts]
    ids = [[str(i) for i in table["gap_id"]] for table in tables]
    if len({i for part in ids for i in part}) < sum(map(len, ids)):
        ids = [
            [f"{g.origin.profile.name}-{g.minutes:g}-{i}" for i in part]
            for g, part in zip(parts, ids, strict=True)
        ]
    flat, shapes = pd.DataFrame(), np.empty(0, object)
    if tables:
        parts_of = [pd.DataFrame(t.drop(columns=t.geometry.name)) for t in tables]
        flat = pd.concat(parts_of, ignore_index=True).assign(gap_id=[i for part in ids for i in part])
        shapes = np.concatenate([t.geometry.to_numpy(object) for t in tables])
    out = Columns(LAYER)
    out.take(flat)
    for table in tables:
        named = table.attrs.get("aliases", {})
        out.aliases.update({k: v for k, v in named.items() if k in out.data and k != v})
    return out.geoframe(as_multi(shapes), crs)


def _rules(_: Frame, kind: str) -> list[Rule]:
    if kind not in ("fill", "marker"):
        return []
    bands = [
        ("rank 1 - 5", "序号 1 - 5", '"rank" <= 5', 1.0),
        ("rank 6 - 20", "序号 6 - 20", '"rank" > 5 AND "rank" <= 20', 0.7),
        ("further ranks", "其余", "ELSE", 0.4),
    ]
    rules = []
    for english, chinese, here, weight in bands:
        if kind == "fill":
            symbol = fill(GAP_FILL, alpha=0.35 + 0.35 * weight, outline=GAP, width=0.2 + weight / 4)
        else:
            symbol = marker(GAP, shape="diamond", size=2 + 2 * weight)
        rules.append(Rule(f"gap, {english}", f"服务盲区，{chinese}", here, symbol))
    return rules


LAYER: Final[Layer[Findings]] = Layer(
    name="gaps",
    titles=("Service gaps", "服务盲区"),
    geometry="MultiPolygon",
    columns=(
        shared.GAP_ID,
        shared.RANK,
        shared.MODE,
        shared.MINUTES,
        shared.PEOPLE,
        shared.PEOPLE_OF_GROUP,
        shared.AREA_ID,
        Column("nearest_facility", "text", ("", "最近机构代码")),
        Column("median_s", "number", ("median time, s", "中位出行时间（秒）")),
        Column("max_s", "number", ("longest time, s", "最长出行时间（秒）")),
        shared.KIND,
        shared.REASON,
        Column("priority", "number", ("", "优先度")),
        shared.RECOMMENDATION,
        Column("place", "text", ("", "所在区域"), optional=True),
        Column("cluster_id", "text", ("", "聚集区编号"), optional=True),
        Column("centre_x", "number", ("", "中心点 X"), optional=True),
        Column("centre_y", "number", ("", "中心点 Y"), optional=True),
        Column(
            "serve_s", "number", ("longest time to the centre, s", "到中心点最长时间（秒）"), optional=True
        ),
        replace(shared.SERVED_BY, optional=True),
        replace(shared.CIRCUIT_ID, optional=True),
        replace(shared.PROBLEM, optional=True),
        Column(
            "alone_s",
            "number",
            ("shortest trip to its stop alone, s", "单独前往一次所需时间（秒）"),
            optional=True,
        ),
        Column(
            "mobile_people", "number", ("people served by mobile circuits", "巡回医疗服务人口"), optional=True
        ),
    ),
    build=lambda found: None if found.gaps is None else gaps_layer(found.gaps, found.crs),
    rules=_rules,
    label="rank",
    label_words='if("rank" <= 12, char(64 + "rank"), \'\')',
)
