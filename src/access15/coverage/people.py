"""People within reach, by cut-off, group and area: the figures of record."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Floats, Int8s, Int32s
from access15.coverage.area_summary import ratio, summarise
from access15.coverage.areas import assign_areas
from access15.errors import InputError
from access15.model import Areas, Coverage, NearestTimes, Population, Status, expect
from access15.units import check_minutes

if TYPE_CHECKING:
    import pandas as pd


NO_AREA: Final = "(none)"
"""Area id of the row that holds the cells in no area."""

_STATES: Final = ("covered", "uncovered", "unreachable", "unlinked")
_TOLERANCE: Final = 1e-9


def coverage(
    times: NearestTimes,
    population: Population,
    minutes: float | Sequence[float] = (5, 10, 15),
    areas: Areas | None = None,
) -> Coverage:
    """Count who is covered: people and rates per cut-off, group and area, and in total.

    A cell is *covered* when its time is at most the cut-off, *uncovered* when streets lead from it to
    a facility but not within the cut-off, *unreachable* when they do not, *unlinked* when no street is
    near enough. Rates divide by all residents. Every row is checked: the four counts make up the
    people of the row, the areas make up the total, and the total is the population's.

    Parameters
    ----------
    times : NearestTimes
        Seconds per cell, computed for this population.
    population : Population
        ``n`` cells.
    minutes : float or sequence of float
        Cut-offs in minutes.
    areas : Areas, optional
        Areas to report on; each has its rows even where nobody lives in it (rate NaN). Cells in no
        area have rows of their own, ``(none)``, where there are any.

    Returns
    -------
    Coverage
        ``table`` in the order minutes, group, area, the total (``area_id`` missing) last.

    Raises
    ------
    InputError
        If a cut-off is not above 0, no cell lies in any area, or an area is called ``(none)``.
    MismatchError
        If the times are of another population, or stop before a cut-off.
    """
    # 1. Inputs that belong together.
    cutoffs = check_minutes(minutes)
    expect(times, NearestTimes, "times", "from nearest_times")
    expect(population, Population, "population", "from read_population")
    if areas is not None:
        expect(areas, Areas, "areas", "from read_areas")
    times.origin.check("the times", population=population)
    # 2. The row each cell counts for: its area, ``(none)``, or the one row where there are no areas.
    cell_area = np.full(len(population), -1, np.int32) if areas is None else assign_areas(population, areas)
    ids, names, bins = rows_of(cell_area, areas)
    # 3. A table per cut-off and group, each checked: no people lost, none counted twice.
    groups = {"all": population.people, **population.groups}
    if len(groups) == len(population.groups):
        raise InputError("the population has a group called 'all': rename it, 'all' stands for everybody")
    tables = [
        _figures(group, people, _states(times, cutoff), bins, len(ids), cutoff)
        for cutoff in cutoffs
        for group, people in groups.items()
    ]
    return Coverage(
        table=_frame(tables, ids, times, cutoffs, list(groups)),
        summary=summarise(times, population.people, bins, ids, names),
        cell_area=cell_area,
        minutes=cutoffs,
        origin=times.origin,
        rounding_cells=tuple(int(times.within_rounding(cutoff).sum()) for cutoff in cutoffs),
    )


def rows_of(cell_area: Int32s, areas: Areas | None) -> tuple[list[str], list[str], Int32s]:
    """Return ids and names of the rows of parts, and the row each cell counts for (one part without areas)."""
    if areas is None:
        return [], [], np.zeros(len(cell_area), np.int32)
    ids, names = [str(i) for i in areas.id], [str(i) for i in areas.name]
    if NO_AREA in ids:
        raise InputError(
            f"an area has the id {NO_AREA!r}, which stands for cells in no area: give it another id"
        )
    if (cell_area < 0).any():
        return (
            [*ids, NO_AREA],
            [*names, NO_AREA],
            np.where(cell_area < 0, len(ids), cell_area).astype(np.int32),
        )
    return ids, names, cell_area


def _states(times: NearestTimes, cutoff: float) -> Int8s:
    """Return the state of each cell as an index into `_STATES`."""
    covered = times.within(cutoff)
    state = np.ones(len(times), np.int8)
    state[times.status == Status.UNREACHABLE] = 2
    state[times.unlinked] = 3
    if (covered & (times.status != Status.REACHED)).any():
        raise AssertionError("a cell has a time but counts as not reached: the travel times are inconsistent")
    state[covered] = 0
    return state


def _figures(group: str, people: Floats, state: Int8s, bins: Int32s, parts: int, cutoff: float) -> Floats:
    """Return ``(parts + 1, 5)``: people and the four counts of each part, then of the total."""
    rows = max(parts, 1)
    by_state = np.bincount(bins.astype(np.int64) * 4 + state, people, rows * 4).reshape(rows, 4)
    all_in = np.bincount(bins, people, rows)
    figures = np.column_stack([all_in, by_state])
    total = np.array([math.fsum(column) for column in figures.T])
    _check_people(f"group {group!r} at {cutoff:g} min", figures, total, people)
    return np.vstack([figures[:parts], total])


def _check_people(what: str, figures: Floats, total: Floats, people: Floats) -> None:
    """Raise unless the counts of each row make up its people, and the total is the population's."""
    rows = np.vstack([figures, total])
    apart = np.abs(rows[:, 1:].sum(axis=1) - rows[:, 0]) > _TOLERANCE * rows[:, 0]
    if apart.any() or not math.isclose(total[0], float(people.sum()), rel_tol=_TOLERANCE):
        raise AssertionError(
            f"people are not conserved for {what}: this is a defect of access15, please report it"
        )


def _frame(
    tables: list[Floats], ids: list[str], times: NearestTimes, cutoffs: tuple[float, ...], groups: list[str]
) -> pd.DataFrame:
    import pandas as pd

    rows = len(ids) + 1
    keys = [(cutoff, group) for cutoff in cutoffs for group in groups]
    figures = np.vstack(tables)
    columns: dict[str, Any] = {
        "points": [times.origin.label] * len(figures),
        "mode": [times.profile.name] * len(figures),
        "minutes": np.repeat([cutoff for cutoff, _ in keys], rows),
        "group": [group for _, group in keys for _ in range(rows)],
        "area_id": pd.Series([*ids, None] * len(keys), dtype=object),
        "people": figures[:, 0],
        **{name: figures[:, i + 1] for i, name in enumerate(_STATES)},
        "rate": ratio(figures[:, 1], figures[:, 0]),
    }
    return pd.DataFrame(columns)
