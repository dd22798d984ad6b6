"""Two results compared: who gains, who loses, and what changed among the inputs."""

from __future__ import annotations

import os

from access15.outputs.comparison import Comparison
from access15.study._changes import area_changes, cell_changes, change_table, facility_changes, input_changes
from access15.study._pair import Pair, pair
from access15.study._sides import side_of
from access15.study.result import StudyResult


def compare(
    before: StudyResult | str | os.PathLike[str], after: StudyResult | str | os.PathLike[str]
) -> Comparison:
    """Compare two results of a study: per area, cell and facility, by mode, cut-off and group.

    Cells are joined by ``cell_id``, areas by ``area_id``, facilities by ``facility_id``. What only one result has
    (a mode, a cut-off, a group, cells) is listed in ``notes``; what both have is compared.

    Parameters
    ----------
    before, after : StudyResult or path
        A result in memory, or the coverage GeoPackage of one.

    Returns
    -------
    Comparison
        ``table, cells, areas, facilities, inputs, notes``; ``to_gpkg``, ``report`` and ``summary`` write it.

    Raises
    ------
    MissingFileError
        If there is no such file.
    InputError
        If a file is no coverage GeoPackage, or the two have no cells, no mode or no cut-off in common.
    """
    found = pair(side_of(before), side_of(after))
    return compared(found)


def compared(found: Pair, names: tuple[str, str] | None = None) -> Comparison:
    """Return the comparison of a pair; ``names`` replaces what the two are called."""
    headline = _headline(found)
    table = change_table(found)
    old, new = names or (found.before.name, found.after.name)
    return Comparison(
        before=old,
        after=new,
        mode=headline[0],
        minutes=headline[1],
        table=table,
        cells=cell_changes(found, headline),
        areas=area_changes(found, table),
        facilities=facility_changes(found),
        inputs=input_changes(found.before, found.after),
        notes=found.notes,
    )


def _headline(found: Pair) -> tuple[str, float]:
    """Return the headline of the later result where both have it, else the first case at its last cut-off."""
    shared = {(case.after.mode, cut) for case in found.cases for cut in case.minutes}
    for side in (found.after, found.before):
        told = side.headline()
        if told in shared and told is not None:
            return told
    return found.cases[0].after.mode, found.cases[0].minutes[-1]
