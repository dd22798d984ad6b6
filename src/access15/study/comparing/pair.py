"""Two results cell by cell: what they have in common, and what only one of them has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from access15.arrays import Floats, Objects, Rows
from access15.errors import InputError
from access15.study.comparing.sides import SAME_M, CaseKey, Side, places
from access15.units import minutes_to_ms

_LISTED = 5


@dataclass(frozen=True, slots=True)
class Common:
    """A case that both results have, its columns in each, and the cut-offs they share."""

    before: CaseKey
    after: CaseKey
    minutes: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """The cells of two results side by side: those of the later one, then those that are gone.

    Attributes
    ----------
    before, after : Side
    cell_id, area_id : (n,) object arrays
        The area is the later one; None for none.
    row_before, row_after : (n,) intp
        Row in each result, -1 where it has no such cell.
    cases : tuple of Common
    groups : tuple of str
    notes : tuple of str
        What only one of them has, or has otherwise.
    """

    before: Side
    after: Side
    cell_id: Objects
    area_id: Objects
    row_before: Rows
    row_after: Rows
    cases: tuple[Common, ...]
    groups: tuple[str, ...]
    notes: tuple[str, ...]

    def people(self, group: str) -> tuple[Floats, Floats]:
        """Return the people of a group before and after, 0 where there is no such cell."""
        return (
            _at(self.before.people(group), self.row_before, 0.0),
            _at(self.after.people(group), self.row_after, 0.0),
        )

    def seconds(self, case: Common) -> tuple[Floats, Floats]:
        """Return the times before and after; a cell that one result lacks has the other's time there."""
        first = _at(self.before.seconds(case.before), self.row_before, np.nan)
        second = _at(self.after.seconds(case.after), self.row_after, np.nan)
        return np.where(np.isnan(first), second, first), np.where(np.isnan(second), first, second)


def _at(values: Floats, rows: Rows, missing: float) -> Floats:
    return np.append(values, missing)[rows]


def pair(before: Side, after: Side) -> Pair:
    """Join two results by cell id.

    Raises
    ------
    InputError
        If they have no cell or no case in common, a cell stands elsewhere, or the cells of a result do
        not add up to its figures.
    """
    row_before, row_after, ids = _joined(before, after)
    both = (row_before >= 0) & (row_after >= 0)
    notes: list[str] = []
    if before.crs != after.crs:
        notes.append(f"the CRS is {before.crs} before and {after.crs} after: shapes are drawn in the latter")
    _check_places(before, after, ids, row_before, row_after)
    cases = _cases(before, after, notes)
    groups = _shared("the groups", before.groups(), after.groups(), notes)
    for side in (before, after):
        _check_sums(side)
    _note_cells(
        before, "before", ids[~both & (row_before >= 0)], row_before[~both & (row_before >= 0)], notes
    )
    _note_cells(after, "after", ids[~both & (row_after >= 0)], row_after[~both & (row_after >= 0)], notes)
    area = _areas(before, after, row_before, row_after, notes)
    return Pair(before, after, ids, area, row_before, row_after, cases, tuple(groups), tuple(notes))


def _joined(before: Side, after: Side) -> tuple[Rows, Rows, Objects]:
    old = [str(i) for i in before.cells["cell_id"]]
    new = [str(i) for i in after.cells["cell_id"]]
    at_old, known = {name: row for row, name in enumerate(old)}, set(new)
    gone = [row for row, name in enumerate(old) if name not in known]
    if len(gone) == len(old):
        raise InputError(
            f"{before.name} and {after.name} have no cell in common (their first cells are {old[0]!r} and {new[0]!r}): "
            "compare results for the same people"
        )
    ids = np.array([*new, *(old[row] for row in gone)], object)
    row_before = np.array([*(at_old.get(name, -1) for name in new), *gone], np.intp)
    row_after = np.r_[np.arange(len(new)), np.full(len(gone), -1)].astype(np.intp)
    return row_before, row_after, ids


def _check_places(before: Side, after: Side, ids: Objects, row_before: Rows, row_after: Rows) -> None:
    both = (row_before >= 0) & (row_after >= 0)
    if before.crs == after.crs:
        # A scenario draws the very shapes of today: only others can stand elsewhere.
        shapes = (side.cells.geometry.to_numpy(object) for side in (before, after))
        first, second = (found[rows] for found, rows in zip(shapes, (row_before, row_after), strict=True))
        both &= np.array([a is not b for a, b in zip(first, second, strict=True)], bool)
    if not both.any():
        return
    old, new = (
        places(before.cells, after.crs)[row_before[both]],
        places(after.cells, after.crs)[row_after[both]],
    )
    apart = np.hypot(*(new - old).T) * (1.0 if after.cells.crs.is_projected else 111_000.0)
    moved = np.flatnonzero(~(apart <= SAME_M))
    if len(moved):
        worst = moved[np.argmax(apart[moved])]
        raise InputError(
            f"{len(moved):,} of the {int(both.sum()):,} cells that share an id stand elsewhere in {after.name} than in "
            f"{before.name} ({ids[both][worst]!r} by {apart[worst]:,.0f} m): these are other cells; compare results "
            "for the same people"
        )


def _cases(before: Side, after: Side, notes: list[str]) -> tuple[Common, ...]:
    old, new = before.cases(), after.cases()
    shared = [key for key in old if key in new]
    if not shared:
        raise InputError(
            f"{before.name} has the modes {_listed(map(str, old.values()))}, {after.name} has "
            f"{_listed(map(str, new.values()))}: they have none in common"
        )
    _shared("the modes", [str(case) for case in old.values()], [str(case) for case in new.values()], notes)
    out = []
    for key in shared:
        first, second = sorted(before.cuts(key)), sorted(after.cuts(key))
        cuts = [cut for cut in first if cut in second]
        if not cuts:
            raise InputError(
                f"{before.name} has figures for {old[key]} at {_listed(f'{c:g}' for c in first)} min, {after.name} at "
                f"{_listed(f'{c:g}' for c in second)} min: they have no cut-off in common"
            )
        mine, theirs = ([f"{cut:g} min of {old[key]}" for cut in found] for found in (first, second))
        _shared("the cut-offs", mine, theirs, notes)
        out.append(Common(old[key], new[key], tuple(cuts)))
    return tuple(out)


def _shared(what: str, old: Sequence[str], new: Sequence[str], notes: list[str]) -> list[str]:
    """Return what both have; note what only one has."""
    for when, mine, theirs in (("before", old, new), ("after", new, old)):
        alone = [name for name in mine if name not in theirs]
        if alone:
            notes.append(f"only {when}, not compared: {what} {_listed(alone)}")
    return [name for name in old if name in new]


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - _LISTED:,} more" if len(found) > _LISTED else ""
    return ", ".join(found[:_LISTED]) + more


def _note_cells(side: Side, when: str, ids: Objects, rows: Rows, notes: list[str]) -> None:
    if len(ids):
        people = side.people("all")[rows].sum()
        notes.append(f"only {when}: {len(ids):,} cells with {people:,.0f} people ({_listed(map(str, ids))})")


def _areas(before: Side, after: Side, row_before: Rows, row_after: Rows, notes: list[str]) -> Objects:
    """Return the area of each cell in the later result, that of the earlier one for cells that are gone."""
    old = _texts(before.cells["area_id"], row_before)
    new = _texts(after.cells["area_id"], row_after)
    both = (row_before >= 0) & (row_after >= 0)
    differ = both & np.array([a != b for a, b in zip(old, new, strict=True)], bool)
    if differ.any():
        notes.append(
            f"{int(differ.sum()):,} cells lie in another area than before: they are counted in the area they lie in after"
        )
    mine, theirs = ([str(i) for i in side.areas["area_id"]] for side in (before, after))
    _shared("the areas", mine, theirs, notes)
    return np.where(row_after >= 0, new, old)


def _texts(column: Iterable[object], rows: Rows) -> Objects:
    values = [None if v is None or v != v else str(v) for v in column]
    return np.array([*values, None], object)[rows]


def _check_sums(side: Side) -> None:
    """Raise unless the cells of a result add up to its figures of record."""
    table = side.coverage
    totals = table[table["area_id"].isna() & (table["group"] == "all")]
    people = side.people("all")
    for key, case in side.cases().items():
        seconds = side.seconds(case)
        mine = totals[(totals["points"] == key[0]) & (totals["mode"] == key[1])]
        for cut, covered in zip(mine["minutes"], mine["covered"], strict=True):
            found = float(people[seconds <= minutes_to_ms(cut) / 1000].sum())
            if not np.isclose(found, covered, rtol=1e-6, atol=1e-3):
                raise InputError(
                    f"{side.name}: the cells within {cut:g} min of {case} hold {found:,.1f} people, its table of coverage "
                    f"says {covered:,.1f}: the file was changed, run the study again"
                )
