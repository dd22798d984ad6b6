"""The layers of services that go to the people: circuits, their stops, settlements that stay beyond."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.outputs._frames import Columns, number, text

if TYPE_CHECKING:
    import geopandas as gpd

    from access15.outreach import Outreach

_WHOLE: Final = ("stops", "visit", "base_vehicles")
_NUMBERS: Final = (
    "people", "drive_s", "stop_s", "visits_per_month", "vehicle_hours", "walk_m", "seconds",
)  # fmt: skip


def outreach_layers(
    outreach: Outreach, settlements: gpd.GeoDataFrame | None, crs: str
) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers ``circuits``, ``circuit_stops`` and, where they were asked for, ``settlements``.

    Parameters
    ----------
    outreach : Outreach
    settlements : GeoDataFrame or None
        From `access15.outreach.settlements_beyond`.
    crs : str
        CRS of the layers.

    Returns
    -------
    dict of str to GeoDataFrame
        Columns as in `access15.outreach.Outreach` and `access15.outreach.settlements_beyond`.
    """
    layers = {"circuits": outreach.circuits, "circuit_stops": outreach.stops}
    if settlements is not None:
        layers["settlements"] = settlements
    return {name: _layer(name, frame.to_crs(crs)) for name, frame in layers.items()}


def _layer(name: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    out = Columns(name)
    for column in frame.columns.drop(frame.geometry.name):
        values: Any = frame[column]
        if column in _WHOLE:
            out.add(column, np.array(values, np.int64))
        else:
            out.add(column, number(values) if column in _NUMBERS else text(values))
    made = out.geoframe(frame.geometry.to_numpy(object), frame.crs.to_wkt())
    made.attrs["geometry_type"] = "MultiLineString" if name == "circuits" else "Point"
    return made
