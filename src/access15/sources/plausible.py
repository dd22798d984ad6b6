"""Whether numbers of people look like people: per cent, classes, densities and totals are told apart, each with its figures."""

from __future__ import annotations

from typing import Final

import numpy as np

from access15.arrays import Floats
from access15.crs import to_crs
from access15.model import Areas, Note, Population
from access15.sources.layers import moved

DENSEST_PER_KM2: Final = 200_000.0
"""More than the densest quarters of any city (some 130,000). Practice value."""

MEAN_PER_KM2: Final = (0.01, 60_000.0)
"""Mean densities of whole regions lie between these. Practice values."""

FACTORS: Final = (0.7, 1.4)
"""Between two totals of the same people, smaller and larger factors are told. Practice values."""

_MANY: Final = 100
_CLASSES: Final = 12


def implausible(population: Population, areas: Areas | None = None, total: float | None = None) -> list[Note]:
    """Return what is odd about a population, a note each; empty where nothing is.

    Parameters
    ----------
    population : Population
    areas : Areas, optional
        Where these people live: their mean density is looked at.
    total : float, optional
        How many people there should be; the factor is told in any case.
    """
    said = [*odd_values(population), *_mean(population, areas)]
    if total:
        factor = population.total / total
        odd = not FACTORS[0] <= factor <= FACTORS[1]
        said.append(
            Note(
                "total of people",
                population.total,
                f"people were read and {total:,.0f} are stated, a factor of {factor:.3g}"
                + (": check unit, year and place" if odd else ""),
                f"人已读取，而声明为 {total:,.0f} 人，比值 {factor:.3g}"
                + ("：请核对单位、年份与范围" if odd else ""),
            )
        )
    return said


def odd_values(population: Population) -> list[Note]:
    """Return what is odd about numbers of people and their density, cell by cell, whatever they are compared with."""
    return [*_kind(population.people), *_density(population)]


def _kind(people: Floats) -> list[Note]:
    """Return whether the values look like per cent, shares, classes, or one number for all."""
    n, most = len(people), float(people.max(initial=0.0))
    if n < _MANY:
        return []
    values, counts = np.unique(people, return_counts=True)
    whole = bool((values == np.round(values)).all())
    usual = int(counts.argmax())
    full = float((people >= 99.5).mean())
    if most <= 1.0 and not (whole and len(values) == 1):
        return [
            _odd(
                n,
                f"values are all at most 1 (largest {most:g}): shares, not people?",
                f"个值均不超过 1（最大 {most:g}）：是比例而非人数？",
            )
        ]
    if 90 <= most <= 100 and full > 0.01:
        return [
            _odd(
                n,
                f"values are all at most 100 and {full:.0%} of them are 100: per cent, not people?",
                f"个值均不超过 100，其中 {full:.0%} 为 100：是百分比而非人数？",
            )
        ]
    if whole and len(values) <= _CLASSES and most <= 255:
        listed = ", ".join(f"{v:g}" for v in values)
        return [
            _odd(n, f"values are only {listed}: classes, not people?", f"个值仅有 {listed}：是类别而非人数？")
        ]
    if counts[usual] > n / 2:
        same = f"{values[usual]:g}"
        return [
            _odd(
                int(counts[usual]),
                f"of {n:,} values are {same}: made up, or a unit of something else?",
                f"个值（共 {n:,} 个）均为 {same}：是估填或其他单位？",
            )
        ]
    return []


def _odd(count: float, en: str, zh: str) -> Note:
    return Note("values that do not look like people", count, en, zh)


def area_factors(population: Population, areas: Areas, official: Floats) -> list[Note]:
    """Return how far the people read are from the official number of every area, each factor told.

    Parameters
    ----------
    population : Population
    areas : Areas
    official : (n,) float64
        Residents of every area, NaN where unknown.
    """
    import shapely

    x, y = to_crs(population.x, population.y, population.crs, areas.crs)
    cell, area = shapely.STRtree(areas.polygons).query(shapely.points(x, y), predicate="intersects")
    first = np.full(len(population), len(areas))
    np.minimum.at(first, cell, area)
    read = np.bincount(first, population.people, len(areas) + 1)[: len(areas)]
    known = np.flatnonzero(official > 0)
    factor = read[known] / official[known]
    listed = ", ".join(f"{areas.name[i]} {f:.2f}" for i, f in zip(known, factor, strict=True))
    far = (factor < FACTORS[0]) | (factor > FACTORS[1])
    odd = (
        f"; beyond {FACTORS[0]:g} to {FACTORS[1]:g}: {', '.join(str(n) for n in areas.name[known[far]])}"
        if far.any()
        else ""
    )
    return [
        Note(
            "people against official numbers",
            len(known),
            f"areas have an official number of people; people read, as a factor of it: {listed}{odd}",
            f"个区域有官方人口数；读取人数与之的比值：{listed}"
            + (
                f"；超出 {FACTORS[0]:g}–{FACTORS[1]:g}：{'、'.join(str(n) for n in areas.name[known[far]])}"
                if far.any()
                else ""
            ),
            float(population.people[np.isin(first, known[far])].sum()) / population.total,
            "people",
        )
    ]


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

    return np.asarray(moved(gpd.GeoSeries(shapes, crs=crs), "ESRI:54034").area, float) / 1e6


def _surface_km2(areas: Areas | None) -> float:
    return 0.0 if areas is None else float(_areas_km2(areas.polygons, areas.crs).sum())


def _density(population: Population) -> list[Note]:
    areas = cell_areas_km2(population)
    if areas is None:
        return []
    density = np.divide(population.people, areas, out=np.zeros(len(population)), where=areas > 0)
    dense = density > DENSEST_PER_KM2
    if not dense.any():
        return []
    return [
        Note(
            "density beyond any city",
            int(dense.sum()),
            f"cells hold more than {DENSEST_PER_KM2:,.0f} people per km² (most: {density.max():,.0f}): people per cell, or per something "
            "else?",
            f"个单元密度超过每平方公里 {DENSEST_PER_KM2:,.0f} 人（最高 {density.max():,.0f}）：是每单元人数吗？",
            float(population.people[dense].sum()) / population.total,
            "people",
        )
    ]


def _mean(population: Population, areas: Areas | None) -> list[Note]:
    cells = cell_areas_km2(population) if areas is None else None
    if areas is None and cells is None:
        return []
    surface = float(cells.sum()) if cells is not None else _surface_km2(areas)
    mean = population.total / max(surface, 1e-9)
    if MEAN_PER_KM2[0] <= mean <= MEAN_PER_KM2[1]:
        return []
    return [
        Note(
            "mean density",
            population.total,
            f"people are {mean:,.3g} per km² of the {'areas' if cells is None else 'cells'}: check unit and place",
            f"人，按{'区域' if cells is None else '单元'}面积为每平方公里 {mean:,.3g} 人：请核对单位与范围",
        )
    ]
