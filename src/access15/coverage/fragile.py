"""Fragile coverage: people whose answer changes when a time is off by a minute or two."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.coverage.area_summary import ratio
from access15.coverage.areas import assign_areas
from access15.coverage.people import rows_of
from access15.errors import InputError
from access15.units import check_minutes, minutes_to_ms

if TYPE_CHECKING:
    import pandas as pd

    from access15.model import Areas, NearestTimes, Population


def fragile_coverage(
    times: NearestTimes,
    population: Population,
    minutes: float = 15,
    margin: float = 2,
    areas: Areas | None = None,
) -> pd.DataFrame:
    """Count the people whose answer "covered or not" flips within a margin around the cut-off.

    Covered people with a time above ``minutes - margin`` would be lost if everybody took ``margin`` minutes
    longer; people beyond ``minutes`` with a time of at most ``minutes + margin`` would be won if everybody
    were that much quicker.

    Parameters
    ----------
    times : NearestTimes
        Computed for this population, at least up to ``minutes + margin``.
    population : Population
        ``n`` cells.
    minutes, margin : float
        Cut-off and margin, minutes; the margin is smaller than the cut-off.
    areas : Areas, optional

    Returns
    -------
    DataFrame
        ``group, area_id, people, lost, won, fragile, share``: one row per group and area (``(none)`` for cells
        in no area), then the total (``area_id`` missing); ``fragile`` = ``lost + won``, ``share`` of all
        residents of the row (NaN where nobody lives).

    Raises
    ------
    InputError
        If a number cannot be used.
    MismatchError
        If the times are of another population, or stop before ``minutes + margin``.
    """
    cutoff, width = check_minutes(minutes), check_minutes(margin, "margin")
    if len(cutoff) > 1 or len(width) > 1 or width[0] >= cutoff[0]:
        raise InputError(
            f"fragile coverage needs one cut-off and one smaller margin, not {minutes} and {margin} minutes"
        )
    times.origin.check("the times", population=population)
    early = minutes_to_ms(cutoff[0]) - minutes_to_ms(width[0])
    inside, outside = times.within(cutoff[0]), times.within(cutoff[0] + width[0])
    lost, won = inside & (times.seconds > early / 1000), outside & ~inside
    cell_area = np.full(len(population), -1, np.int32) if areas is None else assign_areas(population, areas)
    ids, _, bins = rows_of(cell_area, areas)
    groups = {"all": population.people, **population.groups}
    tables = []
    for people in groups.values():
        columns = [np.where(cells, people, 0.0) for cells in (np.ones(len(people), bool), lost, won)]
        parts = np.column_stack([np.bincount(bins, column, len(ids))[: len(ids)] for column in columns])
        tables.append(np.vstack([parts, [[math.fsum(column) for column in columns]]]))
    return _frame(np.vstack(tables), list(groups), ids)


def _frame(figures: Any, groups: list[str], ids: list[str]) -> pd.DataFrame:
    import pandas as pd

    people, lost, won = figures.T
    return pd.DataFrame(
        {
            "group": [group for group in groups for _ in range(len(ids) + 1)],
            "area_id": pd.Series([*ids, None] * len(groups), dtype=object),
            "people": people,
            "lost": lost,
            "won": won,
            "fragile": lost + won,
            "share": ratio(lost + won, people),
        }
    )
