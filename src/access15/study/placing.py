"""The people of a study: read, checked for what is implausible, and put where they live."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from access15.errors import InputError
from access15.model import Areas, Note, Population, StreetNetwork, notes_of, tell, with_notes
from access15.study.settings import Analysis, Settings
from access15.study.stages import profile_of

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
        If polygons or cells are coarse for the cut-offs and the study does not say how to spread them.
    """
    from access15.sources import area_factors, area_numbers, implausible, spread_people

    how = given.population.spread
    notes = implausible(population, areas, given.population.total)
    if areas is not None and given.areas is not None and given.areas.population is not None:
        official = area_numbers(
            given.areas.path, given.areas.population, given.areas.layer, crs=given.areas.crs
        )
        notes += area_factors(population, areas, official)
    if how is None or how == "centre":
        notes += _coarse(population, given.analysis, kept=how == "centre")
    known = {note.kind for note in notes_of(population.provenance)}
    notes = [note for note in notes if note.kind not in known]
    tell(notes, str(population.provenance.get("source", "")))
    population = replace(population, provenance=with_notes(population.provenance, notes))
    if how is None or how == "centre":
        return population
    if population.outlines is None and population.cell_size is None:
        raise InputError(
            f"[population] spread = {how!r} is for people of polygons or cells: {given.population.path.name} has points; leave it out "
            "(--population-spread)"
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
                'file: name a file of buildings, spread = "buildings.gpkg", or spread over "streets" (--population-spread)'
            )
        return given.network.path
    return Path(how)


def coarse_side_m(analysis: Analysis) -> float:
    """Return the side of a cell above which it is coarse: a quarter of what the slowest mode covers in the smallest cut-off."""
    profiles = [profile_of(mode) for mode in analysis.modes]
    slowest = min(p.class_kph.get("residential", p.speed_kph) * p.peak_factor for p in profiles)
    return _COARSE * slowest / 3.6 * min(analysis.minutes) * 60


def _coarse(population: Population, analysis: Analysis, *, kept: bool) -> list[Note]:
    """Return the note on cells in whose middle everybody of them stands; refuse polygons that nobody chose to keep so."""
    from access15.sources import cell_areas_km2

    areas = cell_areas_km2(population)
    if areas is None:
        return []
    side, limit = np.sqrt(areas) * 1000, coarse_side_m(analysis)
    coarse = side > limit
    share = float(population.people[coarse].sum()) / population.total
    if share <= _TOLD:
        return []
    cells = population.outlines is None
    # A raster of 100 m is what there is for most of the world: up to twice the limit it is told, and not refused.
    kept = kept or (cells and np.median(side) < 2 * limit)
    source = population.provenance.get("source", "the population")
    minutes = f"{min(analysis.minutes):g}"
    what = f"larger than {limit:,.0f} m (a median {np.median(side[coarse]):,.0f} m), a quarter of the way that is travelled in {minutes} min"
    if kept:
        return [
            Note(
                "coarse cells",
                int(coarse.sum()),
                f"{'cells' if cells else 'polygons'} are {what}: everybody of one counts at one point of it",
                f"个{'单元' if cells else '面'}的边长超过 {limit:,.0f} 米（{minutes} 分钟行程的四分之一），其人口都计在一点",
                share,
                "people",
            )
        ]
    raise InputError(
        f"{source}: {share:.1%} of the people are given for {int(coarse.sum()):,} {'cells' if cells else 'polygons'} {what}: say where in them people live, "
        '[population] spread = "buildings" (of the OSM file of the streets), "people.tif" (a raster), "streets", or "centre" for one point '
        "each (--population-spread; in Python spread_people)"
    )
