"""The list of every settlement that stays beyond the cut-off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from access15.crs import to_crs
from access15.model import Facilities, GapReason, Population, Status
from access15.outreach.plan import Outreach
from access15.travel_time import nearest_times

if TYPE_CHECKING:
    import geopandas as gpd

    from access15.model import StreetNetwork

_WORDS = {
    Status.REACHED: GapReason.TOO_FAR.value,
    Status.UNREACHABLE: "unreachable",
    Status.UNLINKED: "unlinked",
    Status.CLOSED_LAND: "unlinked",
}


def settlements_beyond(
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    outreach: Outreach,
    settlements: Facilities,
) -> gpd.GeoDataFrame:
    """Return the settlements that are not within the cut-off of the gaps, each with what is recommended for it.

    Parameters
    ----------
    network, facilities, population
        What the gaps were found with.
    outreach : Outreach
    settlements : Facilities
        Points with ids and names.

    Returns
    -------
    GeoDataFrame
        In ``network.crs``, the longest time first: ``settlement_id, name, kind, seconds`` (missing where no
        facility is reached), ``status`` (``too far``, ``unreachable``, ``unlinked``), and of the gap that the
        inhabited cell nearest to it (straight) belongs to ``gap_id, recommendation, served_by, circuit_id,
        problem``; missing where that cell is in none.
    """
    import geopandas as gpd
    import pandas as pd
    from scipy.spatial import cKDTree

    gaps, n = outreach.gaps, len(settlements)
    points = Population.of(settlements.x, settlements.y, np.ones(n), settlements.crs, cell_id=settlements.id)
    way = gaps.origin.direction
    times = nearest_times(network, facilities, points, gaps.origin.profile, direction=way)
    beyond = np.flatnonzero(~times.within(gaps.minutes))
    order = beyond[np.lexsort((beyond, -times.seconds[beyond]))]
    x, y = to_crs(settlements.x[order], settlements.y[order], settlements.crs, network.crs)
    cells = np.column_stack(to_crs(population.x, population.y, population.crs, network.crs))
    near = cKDTree(cells).query(np.column_stack((x, y)))[1] if len(order) else np.zeros(0, np.int64)
    gap = gaps.cell_gap[near]
    seconds = times.seconds[order]
    columns: dict[str, Any] = {
        "settlement_id": settlements.id[order],
        "name": settlements.name[order],
        "kind": settlements.kind[order],
        "seconds": np.where(np.isfinite(seconds), seconds, np.nan),
        "status": np.array([_WORDS[Status(s)] for s in times.status[order]], object),
    }
    for name in ("gap_id", "recommendation", "served_by", "circuit_id", "problem"):
        values = np.array([*gaps.table[name].to_numpy(object), None], object)
        columns[name] = values[gap]
    columns = {k: pd.Series(v, dtype=v.dtype) for k, v in columns.items()}  # or None would become NaN
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(x, y), crs=network.crs)
