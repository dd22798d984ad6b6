"""Services that go to the people of a study: recommendations, mobile circuits, settlements that stay beyond."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from access15.model import Gaps, care_tier
from access15.study.settings import OSM, Outreach, Settings
from access15.study.stages import Inputs, profile_of
from access15.study.stations import some

if TYPE_CHECKING:
    import geopandas as gpd

    from access15.model import Facilities
    from access15.outreach import Outreach as OutreachPlan


def send_out(inputs: Inputs, gaps: Gaps, sites: Facilities | None, given: Outreach) -> OutreachPlan:
    """Return the form of service of every gap and the mobile circuits.

    Parameters
    ----------
    inputs : Inputs
    gaps : Gaps
    sites : Facilities or None
        The sites of the plan, where there is one.
    given : Outreach
    """
    from access15.outreach import OutreachRules, bases_of_tier, plan_outreach

    bases = (
        bases_of_tier(inputs.facilities, _tiers_named(given.bases, inputs.facilities))
        if given.bases
        else None
    )
    return plan_outreach(
        inputs.network,
        inputs.points_of(gaps.origin.profile.name),
        gaps,
        sites=sites,
        bases=bases,
        rules=OutreachRules(**given.rules),
        profile=profile_of(given.mode),
    )


def _tiers_named(tiers: tuple[str, ...], facilities: Facilities) -> tuple[str, ...]:
    """Return tiers as the facilities have them: 卫生院 stands for 乡镇卫生院 where no tier is called so."""
    from access15.sources import tier_of

    there = set(facilities.tier)
    return tuple(tier if tier in there else tier_of(tier, "").tier or tier for tier in tiers)


def name_providers(inputs: Inputs, gaps: Gaps, mode: str) -> Gaps:
    """Return the gaps with the nearest health centre as the provider of resident service."""
    from access15.outreach import name_residents

    centre = np.array([care_tier(str(tier)).level == 2 for tier in inputs.facilities.tier], bool)
    return name_residents(inputs.network, gaps, some(inputs.facilities, centre), profile_of(mode))


def list_settlements(inputs: Inputs, plan: OutreachPlan, given: Settings) -> gpd.GeoDataFrame | None:
    """Return the settlements that stay beyond the cut-off of the gaps; None where the study names none."""
    from access15.outreach import settlements_beyond
    from access15.sources import read_facilities, settlements_from_osm

    if given.outreach is None or given.outreach.settlements is None:
        return None
    source = given.outreach.settlements
    if source == OSM:
        places = settlements_from_osm(given.network.path)
    else:
        places = read_facilities(Path(source), label="settlements", judge=False, datum=given.outreach.datum)
    return settlements_beyond(inputs.network, inputs.facilities, inputs.population, plan, places)
