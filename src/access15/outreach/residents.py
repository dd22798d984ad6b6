"""Who gives resident service (驻村服务): the nearest centre sends its staff."""

from __future__ import annotations

import dataclasses

import numpy as np

from access15.model import Facilities, Gaps, GapService, Population, StreetNetwork, TravelProfile
from access15.outreach.rules import centres
from access15.profiles import DRIVE
from access15.travel_time import nearest_times


def name_residents(
    network: StreetNetwork, gaps: Gaps, providers: Facilities, profile: TravelProfile = DRIVE
) -> Gaps:
    """Return the gaps with the nearest provider as ``served_by`` of those that get resident service.

    Parameters
    ----------
    network : StreetNetwork
    gaps : Gaps
        With ``served_by``, as `access15.outreach.follow_plan` and `access15.outreach.plan_outreach` give it.
    providers : Facilities
        Institutions that send staff: health centres.
    profile : TravelProfile
        How staff travel.
    """
    import pandas as pd

    table = gaps.table.copy()
    rows = np.flatnonzero(
        (table["recommendation"] == GapService.RESIDENT.value).to_numpy()
        & table["served_by"].isna().to_numpy()
    )
    if not len(rows) or not len(providers):
        return gaps
    x, y = centres(gaps)
    places = Population.of(x[rows], y[rows], np.ones(len(rows)), table.crs.to_wkt())
    found = nearest_times(network, providers, places, profile, direction="from").facility
    by = table["served_by"].to_numpy(object).copy()
    by[rows] = [None if site < 0 else str(providers.id[site]) for site in found]
    table["served_by"] = pd.Series(by, index=table.index, dtype=object)
    table.attrs.update(gaps.table.attrs)
    return dataclasses.replace(gaps, table=table)
