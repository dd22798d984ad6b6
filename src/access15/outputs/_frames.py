"""What every layer shares: shapes in one CRS, the cases of a study, the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from access15.arrays import AnyArray, ArrayLike, Floats, Objects
from access15.crs import crs_name, to_crs
from access15.errors import CRSError, InputError
from access15.model import Facilities, NearestTimes, Population, Status
from access15.units import slug, slugs

if TYPE_CHECKING:
    import geopandas as gpd

Cases = Mapping[str, NearestTimes]

STATUS_WORDS = ("covered", "uncovered", "unreachable", "unlinked")

NONE_AREA = "(none)"
"""Area id of the cells in no area."""

ALL_AREA = "(all)"
"""Area id of the only row of a study without areas."""


def case_names(cases: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return ``{case: (slug, original text)}`` of times or coverages by case.

    Raises
    ------
    InputError
        If there is no case, or two have one slug.
    """
    if not cases:
        raise InputError("no case was given: name at least one mode")
    out = {}
    for case, name in slugs(cases).items():
        origin = cases[case].origin
        texts = [case, origin.profile.name, f"{origin.label} {origin.profile.name}"]
        out[case] = (name, next(t for t in [*texts[1:], case] if t == case or slug(t) == name))
    return out


def check_case(headline_case: str, cases: Mapping[str, Any]) -> str:
    """Return the key of the headline case, given as its key or its slug."""
    for case in cases:
        if headline_case in (case, slug(case)):
            return case
    raise InputError(f"the headline case {headline_case!r} is not one of {', '.join(cases)}")


def facilities_of(facilities: Facilities | Mapping[str, Facilities], case: str) -> Facilities:
    """Return the facilities of one case: all cases share them, or each has its own."""
    if isinstance(facilities, Facilities):
        return facilities
    if case not in facilities:
        raise InputError(f"no facilities were given for the case {case!r}")
    return facilities[case]


def check_times(
    case: str, times: NearestTimes, population: Population, facilities: Facilities | None = None
) -> None:
    """Raise `MismatchError` unless the times are of these people and facilities."""
    nouns: dict[str, Any] = {"population": population}
    if facilities is not None:
        nouns["facilities"] = facilities
    times.origin.check(f"the case {case!r}", **nouns)


def status_words(times: NearestTimes, minutes: float) -> Objects:
    """Return covered / uncovered / unreachable / unlinked for every cell, at ``minutes``."""
    code = np.ones(len(times), np.intp)
    code[times.within(minutes)] = 0
    code[times.status == Status.UNREACHABLE] = 2
    code[times.unlinked] = 3
    return np.array(STATUS_WORDS, object)[code]


def number(values: ArrayLike) -> Floats:
    """Return float64 with NaN for everything that is not finite: NULL in files."""
    out = np.array(values, np.float64)
    out[~np.isfinite(out)] = np.nan
    return out


def text(values: Any) -> Objects:
    """Return an object array of text, None where missing."""
    import pandas as pd

    items = list(values)
    out = np.empty(len(items), object)
    for i, item in enumerate(items):
        out[i] = None if item is None or (pd.api.types.is_scalar(item) and pd.isna(item)) else str(item)
    return out


def pick_text(ids: Objects, rows: AnyArray) -> Objects:
    """Return ``ids[rows]`` as text, None where a row is -1."""
    padded = np.array([*text(ids), None], object)
    return np.asarray(padded[rows], object)


def moved(shapes: Objects, source: str, target: str) -> Objects:
    """Return shapes moved from one CRS to another, vertex by vertex; None stays None."""
    import shapely

    if source == target or len(shapes) == 0:
        return shapes

    def move(xy: Floats) -> Floats:
        return np.column_stack(to_crs(xy[:, 0], xy[:, 1], source, target))

    return np.asarray(shapely.transform(shapely.force_2d(shapes), move), object)


def points(x: Floats, y: Floats, source: str, target: str) -> Objects:
    """Return shapely points in ``target``."""
    import shapely

    return np.asarray(shapely.points(*to_crs(x, y, source, target)), object)


def in_crs(frame: gpd.GeoDataFrame, crs: str, what: str) -> gpd.GeoDataFrame:
    """Return a frame moved to a CRS.

    Raises
    ------
    CRSError
        If it has none.
    """
    if frame.crs is None:
        raise CRSError(f"the {what} have no CRS: set the one their coordinates are in")
    return frame if crs_name(frame.crs) == crs_name(crs) else frame.to_crs(crs)


_SHAPES: WeakKeyDictionary[Population, dict[str, Objects]] = WeakKeyDictionary()


def cell_shapes(population: Population, crs: str) -> Objects:
    """Return the shape of every cell in ``crs``: its outline, the square of a raster cell, or a point.

    Made once per population and CRS: several layers and every scenario draw the same cells.
    """
    known = _SHAPES.setdefault(population, {})
    if crs not in known:
        known[crs] = _cell_shapes(population, crs)
    return known[crs].copy()


def _cell_shapes(population: Population, crs: str) -> Objects:
    import shapely

    if population.outlines is not None:
        return as_multi(moved(population.outlines, population.crs, crs))
    if population.cell_size is None:
        return points(population.x, population.y, population.crs, crs)
    half_x, half_y = (abs(side) / 2 for side in population.cell_size)
    x, y = population.x, population.y
    squares = shapely.box(x - half_x, y - half_y, x + half_x, y + half_y)
    return moved(np.asarray(squares, object), population.crs, crs)


def as_multi(shapes: Objects) -> Objects:
    """Return the shapes with polygons made multi-polygons where both kinds are present."""
    import shapely

    kinds = shapely.get_type_id(shapes)
    if set(np.unique(kinds[kinds >= 0]).tolist()) != {3, 6}:
        return shapes
    out = np.array(shapes, object)
    for i in np.flatnonzero(kinds == 3):
        out[i] = shapely.MultiPolygon([out[i]])
    return out


def check_conserved(parts: Sequence[ArrayLike], people: ArrayLike, what: str) -> None:
    """Assert that covered, uncovered, unreachable and unlinked people add up to the residents.

    Raises
    ------
    AssertionError
        If a row is off by more than a billionth: the program is wrong, not the input.
    """
    total = np.sum([np.asarray(part, np.float64) for part in parts], axis=0)
    people = np.asarray(people, np.float64)
    bad = np.flatnonzero(~np.isclose(total, people, rtol=1e-9, atol=1e-6))
    if len(bad):
        row = bad[0]
        raise AssertionError(
            f"{what}, row {row + 1}: covered + uncovered + unreachable + unlinked is {total[row]!r}, "
            f"residents are {people[row]!r}"
        )
