"""Referral: from every service point to the nearest one of the next tier."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from access15.arrays import Floats, Ints, Rows
from access15.model import Facilities, Population, care_tier
from access15.study.settings.emergency import Emergency
from access15.study.stages import Inputs, profile_of

if TYPE_CHECKING:
    from access15.outputs import Referral


def level_of(tier: str) -> int:
    """Return the level of a tier, 0 where it is not known."""
    return care_tier(tier).level


def next_tiers(inputs: Inputs, given: Emergency, max_snap_m: float) -> Referral | None:
    """Return the way from every service point to the nearest of the next level there is.

    None where fewer than two levels are known. Points of the highest level refer to nobody.
    """
    from access15.outputs import Referral

    sites = inputs.facilities
    level = np.array([level_of(str(tier)) for tier in sites.tier])
    there = sorted(set(level[level > 0].tolist()))
    if len(there) < 2:
        return None
    to, seconds = np.full(len(sites), -1), np.full(len(sites), np.inf)
    for low, high in pairwise(there):
        rows, above = np.flatnonzero(level == low), np.flatnonzero(level == high)
        to[rows], seconds[rows] = _nearest(inputs, rows, above, given.referral_mode, max_snap_m)
    rows = np.flatnonzero((level > 0) & (level < there[-1]))
    return Referral(given.referral_mode, rows, to[rows], seconds[rows], int((level == 0).sum()))


def _nearest(inputs: Inputs, rows: Rows, above: Rows, mode: str, max_snap_m: float) -> tuple[Ints, Floats]:
    from access15.travel_time import nearest_times

    sites = inputs.facilities
    units = Population.of(sites.x[rows], sites.y[rows], np.ones(len(rows)), sites.crs)
    higher = Facilities.of(sites.x[above], sites.y[above], sites.crs)
    times = nearest_times(
        inputs.network, higher, units, profile_of(mode), direction="to", max_snap_m=max_snap_m
    )
    return np.where(times.facility < 0, -1, above[times.facility]), times.seconds
