"""Who lives in each administrative village, and what clinics and doctors it has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Ints
from access15.crs import to_crs
from access15.errors import InputError
from access15.model import CareTier, Facilities, Population, Villages, care_tier, plain_name

_BETWEEN: Final = re.compile("[、,，;；/]")
"""What stands between the names of a joint clinic's villages."""

NEAR_M: Final = 1000.0
"""A clinic that names no village stands in that of the nearest populated place, at most so far off (practice value)."""


@dataclass(frozen=True, slots=True, eq=False)
class VillageCare:
    """Residents, village clinics and their doctors by village; immutable.

    Attributes
    ----------
    villages : Villages
    people : (v,) float64
    area : (v,) int32
        Row of the area most of its people live in, -1 for none.
    clinics : (v,) int64
        Village clinics in it; a joint one, which names several villages, counts in each.
    doctors : (v,) float64
        Doctors of these clinics, NaN where one of them does not state them; those of a joint clinic count for the village it
        names first.
    village : (f,) int32
        Row of the village of every facility, the first it names; -1 where it is in none.
    joint : int
        Village clinics that name several villages.
    clinic : (f,) bool
        Which facilities are village clinics.
    by_place : (f,) bool
        Which facilities name no village, or none that is known, and stand in that of the nearest place.
    """

    villages: Villages
    people: Floats
    area: Int32s
    clinics: Ints
    doctors: Floats
    village: Int32s
    joint: int
    clinic: Bools
    by_place: Bools


def village_care(
    population: Population, facilities: Facilities, crs: str, cell_area: Int32s | None = None
) -> VillageCare:
    """Return people, village clinics and doctors of every administrative village.

    A facility belongs to the village it names, in its township where it names one, else to that of the nearest populated place
    within `NEAR_M`.

    Parameters
    ----------
    population : Population
        ``n`` cells, with villages.
    facilities : Facilities
    crs : str
        Metric CRS that distances are measured in.
    cell_area : (n,) int32, optional
        Row of the area of each cell, -1 for none, as in `Coverage.cell_area`.

    Raises
    ------
    InputError
        If the population has no villages.
    """
    if population.villages is None or population.village is None:
        raise InputError("the population names no villages: give its table a column of them, such as 行政村")
    villages, of_cell = population.villages, population.village
    n, inside = len(villages), of_cell >= 0
    all_named = _named(villages, facilities)
    named = np.array([rows[0] if rows else -1 for rows in all_named], np.int32)
    near = _nearest(population, facilities, crs)
    village = np.where(named >= 0, named, near).astype(np.int32)
    clinic = np.array([care_tier(str(tier)) is CareTier.VILLAGE_CLINIC for tier in facilities.tier], bool)
    counted = np.flatnonzero(clinic & (village >= 0))
    joint = [row for f in counted for row in all_named[f][1:]]
    return VillageCare(
        villages=villages,
        people=np.bincount(of_cell[inside], population.people[inside], n).astype(float),
        area=_areas(population, cell_area, n),
        clinics=np.bincount([*village[counted], *joint], minlength=n),
        doctors=np.bincount(village[counted], facilities.doctors[counted], n).astype(float),
        village=village,
        joint=sum(len(all_named[f]) > 1 for f in counted),
        clinic=clinic,
        by_place=(named < 0) & (near >= 0),
    )


def _named(villages: Villages, facilities: Facilities) -> list[list[int]]:
    """Return the villages that every facility names; a name that several villages have, or none, names nobody."""
    rows: dict[tuple[str, str], int] = {}
    alone: dict[str, int] = {}
    for i, (town, name) in enumerate(zip(villages.town, villages.name, strict=True)):
        key = plain_name(str(name))
        rows[plain_name(str(town)), key] = i
        alone[key] = -1 if key in alone else i
    out = []
    for town, names in zip(facilities.town, facilities.village, strict=True):
        keys = [key for part in _BETWEEN.split(str(names)) if (key := plain_name(part))]
        found = [rows.get((plain_name(str(town)), key), alone.get(key, -1)) for key in keys]
        out.append(list(dict.fromkeys(row for row in found if row >= 0)))
    return out


def _nearest(population: Population, facilities: Facilities, crs: str) -> Int32s:
    """Return the village of the nearest populated place within `NEAR_M` of every facility, -1 for none."""
    from scipy.spatial import cKDTree

    assert population.village is not None
    if not len(population) or not len(facilities):
        return np.full(len(facilities), -1, np.int32)
    homes, sites = (
        np.column_stack(to_crs(noun.x, noun.y, noun.crs, crs)) for noun in (population, facilities)
    )
    away, at = cKDTree(homes).query(sites)
    return np.where(away <= NEAR_M, population.village[at], -1).astype(np.int32)


def _areas(population: Population, area: Int32s | None, n: int) -> Int32s:
    """Return the area in which most people of each village live."""
    assert population.village is not None
    if area is None or not len(area):
        return np.full(n, -1, np.int32)
    inside = population.village >= 0
    table = np.zeros((n, int(area.max()) + 2))  # The last column is for people in no area.
    np.add.at(table, (population.village[inside], area[inside]), population.people[inside])
    best = table.argmax(axis=1)
    return np.where((best == table.shape[1] - 1) | (table.sum(axis=1) == 0), -1, best).astype(np.int32)
