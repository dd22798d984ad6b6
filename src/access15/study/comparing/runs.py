"""Two results compared: who gains, who loses, and what changed among the inputs."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from access15.outputs import Comparison
from access15.study.comparing.changes import (
    area_changes,
    cell_changes,
    change_table,
    facility_changes,
    input_changes,
)
from access15.study.comparing.pair import Pair, pair
from access15.study.comparing.sides import Run, Side, side_of

Given = Run | str | os.PathLike[str]


def compare(before: Given, after: Given) -> Comparison:
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
    return compared(pair(*_named_apart(before, after)))


def _named_apart(before: Given, after: Given) -> tuple[Side, Side]:
    """Return the two results under names that differ: files of two folders are often both ``coverage.gpkg``."""
    old, new = side_of(before), side_of(after)
    if old.name != new.name:
        return old, new
    names = [
        f"{Path(given).resolve().parent.name}/{side.name}"
        if isinstance(given, (str, os.PathLike))
        else side.name
        for given, side in ((before, old), (after, new))
    ]
    if names[0] == names[1]:
        names = [f"{names[0]} (before)", f"{names[1]} (after)"]
    return dataclasses.replace(old, name=names[0]), dataclasses.replace(new, name=names[1])


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
        headline = side.headline()
        if headline in shared and headline is not None:
            return headline
    return found.cases[0].after.mode, found.cases[0].minutes[-1]
