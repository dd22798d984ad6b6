"""The people of a study: read, checked for what is implausible, and put where they live."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np

from access15.errors import InputError
from access15.model import Areas, Population, StreetNetwork
from access15.study.settings import Analysis, Settings
from access15.study.stages import profile_of

SPREADS: Final = ("buildings", "streets", "centre")
"""Words of ``[population] spread``; anything else is the path of a raster or of buildings."""

_COARSE: Final = 0.25
"""A cell is coarse if its side is more than this share of the distance travelled in the smallest cut-off."""

_TOLD: Final = 0.01
"""Coarse cells may hold this share of the people: one estate outline among points is no model of a county."""


def place_people(
    population: Population, given: Settings, network: StreetNetwork, areas: Areas | None
) -> Population:
    """Return people where they live: those of large polygons spread as the study says.

    What is implausible is told.

    Raises
    ------
    InputError
        If polygons are coarse for the cut-offs and the study does not say how to spread them.
    """
    from access15.sources import implausible, spread_people

    how = given.population.spread
    for said in implausible(population, areas, given.population.total):
        warnings.warn(said, stacklevel=2)
    if how is None or how == "centre":
        _check_coarse(population, given.analysis, kept=how == "centre")
        return population
    if population.outlines is None:
        raise InputError(
            f"[population] spread = {how!r} is for people of polygons: {given.population.path.name} has points or cells; leave it out"
        )
    return spread_people(population, _onto(how, given, network))


def _onto(how: str, given: Settings, network: StreetNetwork) -> Any:
    """Return what people are spread over."""
    from access15.sources import OSM_SUFFIXES

    if how == "streets":
        return network
    if how == "buildings":
        if not given.network.path.name.lower().endswith(OSM_SUFFIXES):
            raise InputError(
                f'[population] spread = "buildings" takes them from the file of the streets, but {given.network.path.name} is no OSM '
                'file: name a file of buildings, spread = "buildings.gpkg", or spread over "streets"'
            )
        return given.network.path
    return Path(how)


def coarse_side_m(analysis: Analysis) -> float:
    """Return the side of a cell above which it is coarse: a quarter of what the slowest mode covers in the smallest cut-off."""
    profiles = [profile_of(mode) for mode in analysis.modes]
    slowest = min(p.class_kph.get("residential", p.speed_kph) * p.peak_factor for p in profiles)
    return _COARSE * slowest / 3.6 * min(analysis.minutes) * 60


def _check_coarse(population: Population, analysis: Analysis, *, kept: bool) -> None:
    """Refuse polygons in whose middle nobody may put everybody; tell of raster cells that are as large."""
    from access15.sources import cell_areas_km2

    areas = cell_areas_km2(population)
    if areas is None:
        return
    side, limit = np.sqrt(areas) * 1000, coarse_side_m(analysis)
    coarse = side > limit
    share = float(population.people[coarse].sum()) / population.total
    if share <= _TOLD or (population.outlines is None and limit > 50 and np.median(side) < 2 * limit):
        return
    source = population.provenance.get("source", "the population")
    what = (
        f"{source}: {share:.1%} of the people are given for {int(coarse.sum()):,} {'cells' if population.outlines is None else 'polygons'} "
        f"larger than {limit:,.0f} m (a median {np.median(side[coarse]):,.0f} m), a quarter of the way that is travelled in "
        f"{min(analysis.minutes):g} min"
    )
    if population.outlines is None or kept:
        warnings.warn(f"{what}: everybody of one counts at one point of it, as a coarse guess", stacklevel=3)
        return
    raise InputError(
        f'{what}: say where in them people live, [population] spread = "buildings" (of the OSM file of the streets), "people.tif" (a '
        'raster), "streets", or "centre" for one point each (--population-spread; in Python spread_people)'
    )
