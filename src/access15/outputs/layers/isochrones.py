"""The layer ``isochrones``: what is within reach of the facilities in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.outputs._frames import as_multi, in_crs, text
from access15.outputs.findings import Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Columns, Layer
from access15.outputs.layers._symbols import Frame, Rule, fill
from access15.outputs.mode_words import mode_name
from access15.outputs.palette import class_colors

if TYPE_CHECKING:
    import geopandas as gpd


def isochrones_layer(
    isochrones: gpd.GeoDataFrame | Sequence[gpd.GeoDataFrame], crs: str, *, headline_mode: str | None = None
) -> gpd.GeoDataFrame:
    """Return the layer ``isochrones`` from one table of isochrones or one per mode.

    Parameters
    ----------
    isochrones : GeoDataFrame or sequence of GeoDataFrame
        ``facility_id, mode, minutes`` and polygons, each in its own CRS.
    crs : str
        CRS of the layer.
    headline_mode : str, optional
        Mode that a GIS shows at first; the first one by default.

    Returns
    -------
    GeoDataFrame
        ``facility_id`` (missing = merged), ``mode, minutes, geometry``; large before small, so that small
        ones are drawn on top.
    """
    import pandas as pd

    parts = [isochrones] if hasattr(isochrones, "geometry") else list(isochrones)
    moved = [in_crs(part, crs, "isochrones") for part in parts]
    columns = ["facility_id", "mode", "minutes"]
    flat = (
        pd.concat([pd.DataFrame({c: part[c].to_numpy(object) for c in columns}) for part in moved])
        if moved
        else None
    )
    shapes = (
        np.concatenate([part.geometry.to_numpy(object) for part in moved]) if moved else np.empty(0, object)
    )
    out = Columns(LAYER)
    for name in columns:
        values: Any = flat[name] if flat is not None else []
        out.add(name, np.array(values, np.float64) if name == "minutes" else text(values))
    frame = out.geoframe(as_multi(shapes), crs)
    order = frame.assign(_mode=frame["mode"].map({m: i for i, m in enumerate(dict.fromkeys(frame["mode"]))}))
    frame = frame.loc[
        order.reset_index().sort_values(["_mode", "minutes", "index"], ascending=[True, False, True])["index"]
    ]
    frame = frame.reset_index(drop=True)
    if headline_mode is not None:
        frame.attrs["style"] = {"mode": headline_mode}
    return frame


def _rules(frame: Frame, kind: str) -> list[Rule]:
    if kind != "fill" or not len(frame):
        return []
    classes = sorted(float(m) for m in np.unique(frame["minutes"].to_numpy(float)))
    colors = class_colors(classes, classes[-1])
    modes = [str(mode) for mode in dict.fromkeys(frame["mode"])]
    # Shapes of several modes lie over each other: one mode shows, the others wait to be ticked.
    first = frame.attrs.get("style", {}).get("mode", modes[0])
    several = len(modes) > 1
    return [
        Rule(
            f"{mode}, {end:g} min" if several else f"{end:g} min",
            f"{mode_name(mode)}，{end:g} 分钟" if several else f"{end:g} 分钟",
            f'"mode" = \'{mode.replace(chr(39), chr(39) * 2)}\' AND "minutes" = {end:g}',
            fill(color, alpha=0.45, outline=color, width=0.4),
            mode == first,
        )
        for mode in modes
        for end, color in zip(classes, colors, strict=False)
    ]


LAYER: Final[Layer[Findings]] = Layer(
    name="isochrones",
    titles=("Isochrones", "等时圈"),
    geometry="MultiPolygon",
    columns=(shared.FACILITY_ID, shared.MODE, shared.MINUTES),
    build=lambda found: (
        None
        if found.isochrones is None
        else isochrones_layer(found.isochrones, found.crs, headline_mode=found.headline_case)
    ),
    rules=_rules,
)
