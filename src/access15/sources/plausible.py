"""Whether numbers of people look like people: per cent, classes, densities and totals are told apart, each with its figures."""

from __future__ import annotations

from typing import Final

import numpy as np

from access15.arrays import Floats
from access15.model import Areas, Population

DENSEST_PER_KM2: Final = 200_000.0
"""More than the densest quarters of any city (some 130,000). Practice value."""

MEAN_PER_KM2: Final = (0.01, 60_000.0)
"""Mean densities of whole regions lie between these. Practice values."""

FACTORS: Final = (0.7, 1.4)
"""Between two totals of the same people, smaller and larger factors are told. Practice values."""

_MANY: Final = 100
_CLASSES: Final = 12


def implausible(population: Population, areas: Areas | None = None, total: float | None = None) -> list[str]:
    """Return what is odd about a population, a sentence each; empty where nothing is.

    Parameters
    ----------
    population : Population
    areas : Areas, optional
        Where these people live: their mean density is looked at.
    total : float, optional
        How many people there should be.
    """
    people = population.people
    said = [*_kind(people), *_density(population), *_mean(population, areas)]
    if total is not None:
        factor = population.total / total
        odd = not FACTORS[0] <= factor <= FACTORS[1]
        said.append(
            f"{population.total:,.0f} people were read and {total:,.0f} are stated, a factor of {factor:.3g}"
            + (": check unit, year and place" if odd else "")
        )
    source = str(population.provenance.get("source", "the population"))
    return [f"{source}: {words}" for words in said]


def _kind(people: Floats) -> list[str]:
    """Return whether the values look like per cent, shares, classes, or one number for all."""
    n, most = len(people), float(people.max(initial=0.0))
    if n < _MANY:
        return []
    values, counts = np.unique(people, return_counts=True)
    whole = bool((values == np.round(values)).all())
    usual = int(counts.argmax())
    if most <= 1.0 and not (whole and len(values) == 1):
        return [f"all {n:,} values are at most 1 (largest {most:g}): shares, not people?"]
    if 90 <= most <= 100 and (people >= 99.5).mean() > 0.01:
        return [
            f"all {n:,} values are at most 100 and {(people >= 99.5).mean():.0%} of them are 100: per cent, not people?"
        ]
    if whole and len(values) <= _CLASSES and most <= 255:
        return [f"the {n:,} values are only {', '.join(f'{v:g}' for v in values)}: classes, not people?"]
    if counts[usual] > n / 2:
        return [
            f"{counts[usual] / n:.0%} of the {n:,} values are {values[usual]:g}: made up, or a unit of something else?"
        ]
    return []


def cell_areas_km2(population: Population) -> Floats | None:
    """Return the area of every cell, square kilometres; None for points."""
    import shapely

    if population.outlines is not None:
        return _areas_km2(population.outlines, population.crs)
    if population.cell_size is None:
        return None
    half_x, half_y = population.cell_size[0] / 2, population.cell_size[1] / 2
    x, y = population.x, population.y
    step = max(len(x) // 200, 1)
    some = shapely.box(x[::step] - half_x, y[::step] - half_y, x[::step] + half_x, y[::step] + half_y)
    found = _areas_km2(some, population.crs)
    # Cells of one row of a grid in degrees have one area: the others lie between those that were measured.
    order = np.argsort(y[::step], kind="stable")
    return np.asarray(np.interp(y, y[::step][order], found[order]), float)


def _areas_km2(shapes: object, crs: str) -> Floats:
    import geopandas as gpd

    return np.asarray(gpd.GeoSeries(shapes, crs=crs).to_crs("ESRI:54034").area, float) / 1e6


def _density(population: Population) -> list[str]:
    areas = cell_areas_km2(population)
    if areas is None:
        return []
    density = np.divide(population.people, areas, out=np.zeros(len(population)), where=areas > 0)
    dense = density > DENSEST_PER_KM2
    if not dense.any():
        return []
    share = float(population.people[dense].sum()) / population.total
    return [
        f"{int(dense.sum()):,} cells with {share:.1%} of the people hold more than {DENSEST_PER_KM2:,.0f} per km² (most: "
        f"{density.max():,.0f}): people per cell, or per something else?"
    ]


def _mean(population: Population, areas: Areas | None) -> list[str]:
    if areas is None:
        return []
    mean = population.total / max(float(_areas_km2(areas.polygons, areas.crs).sum()), 1e-9)
    if MEAN_PER_KM2[0] <= mean <= MEAN_PER_KM2[1]:
        return []
    return [f"{population.total:,.0f} people are {mean:,.3g} per km² of the areas: check unit and place"]
