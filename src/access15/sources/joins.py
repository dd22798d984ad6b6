"""A table without positions put onto polygons by a code or a name."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace

import numpy as np

from access15.arguments import say
from access15.arrays import Bools, Rows
from access15.errors import InputError
from access15.model import Areas, Note
from access15.sources import columns as words
from access15.sources.table import Table, column_of

_LISTED = 8


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """A table whose rows have the polygons of areas.

    Attributes
    ----------
    table : Table
        The rows that found their area, with geometry.
    key : str
        The column that was matched.
    unmatched : list of str
        Keys of the rows that found none.
    areas_left : list of str
        Areas that no row is of.
    """

    table: Table
    key: str
    unmatched: list[str]
    areas_left: list[str]


def join_areas(table: Table, areas: Areas, on: str | None, sums: Bools) -> Joined:
    """Return the rows of a table with the polygons of areas.

    Codes and names are compared as text, half-width, in lower case and without spaces.

    Parameters
    ----------
    table : Table
        Without geometry.
    areas : Areas
    on : str, optional
        The table's column of codes or names; found by its usual names unless named.
    sums : (n,) bool
        Rows that are sums of others: they need no area.

    Raises
    ------
    InputError
        If no row finds an area, or two rows find the same.
    """
    key, side = _key(table, areas, on)
    texts = [words.fold(_code(text)) for text in table.text(key)]
    row_of: dict[str, int] = {}
    for row, text in enumerate(side):
        if text in row_of:
            raise InputError(f"two areas are called {text!r}: join on their code, or dissolve them into one")
        row_of[text] = row
    found = np.array([-1 if sums[i] else row_of.get(text, -1) for i, text in enumerate(texts)])
    lost = (found < 0) & ~sums
    _refuse_doubles(table, key, found)
    unmatched = list(dict.fromkeys(str(t) for t in table.text(key)[lost]))
    missing = [str(areas.name[i]) for i in range(len(areas)) if i not in set(found.tolist())]
    keep = found >= 0
    geometry = column_of(list(areas.polygons[found[keep]]))
    joined = replace(table.select(keep), geometry=geometry, crs=areas.crs)
    return Joined(joined, key, unmatched, missing)


def _code(text: str) -> str:
    """Return a code without the .0 that spreadsheets give numbers."""
    return text.strip().removesuffix(".0")


def _key(table: Table, areas: Areas, on: str | None) -> tuple[str, list[str]]:
    """Return the table's column to match, and the codes or names of the areas that fit it best."""
    sides = {
        "code": [words.fold(_code(str(i))) for i in areas.id],
        "name": [words.fold(str(n)) for n in areas.name],
    }
    if on is not None and _is_role(table, on):
        sides = {name: texts for name, texts in sides.items() if (name == "name") == (on == "name")}
        named = table.find(words.AREA["name" if on == "name" else "id"])
        columns = [named] if named else list(table.header)
    elif on is not None:
        columns = [table.named(on, "column to join on")]
    else:
        columns = list(dict.fromkeys(c for f in ("id", "name") if (c := table.find(words.AREA[f]))))
        columns = columns or list(table.header)
    hits = {
        (column, side): len(set(texts) & {words.fold(_code(t)) for t in table.text(column)})
        for column in columns
        for side, texts in sides.items()
    }
    best = max(hits, key=lambda one: hits[one])
    if not hits[best]:
        shown = ", ".join(repr(t) for t in table.text(best[0])[:3].tolist())
        raise InputError(
            f"{table.source}: no row of column {best[0]!r} ({shown} …) is the code or name of an area "
            f"({', '.join(repr(str(i)) for i in areas.id[:3])} …; {', '.join(repr(str(n)) for n in areas.name[:3])} …): name the "
            f"column to join on, {say('join')}"
        )
    return best[0], sides[best[1]]


def _is_role(table: Table, on: str) -> bool:
    """Return whether ``on`` says what to join on, a code or a name, and not in which column it stands."""
    return on in ("code", "id", "name") and on not in table.cells


def _refuse_doubles(table: Table, key: str, found: Rows) -> None:
    rows = np.flatnonzero(found >= 0)
    values, first, counts = np.unique(found[rows], return_index=True, return_counts=True)
    if (counts > 1).any():
        twice = int(np.flatnonzero(counts > 1)[0])
        row = rows[first[twice]]
        here = found == values[twice]
        raise InputError(
            f"{table.source}: {table.cells[key][row]!r} stands in {table.rows(here)}: keep one row for each area, such as "
            + say("keep", {"year": "2019"}, "population")
        )


def join_notes(joined: Joined, lost_people: float, everybody: float) -> list[Note]:
    """Return the notes on rows and areas that stayed without the other, with names that are close."""
    out = []
    if joined.unmatched:
        near = [_with_near(name, joined.areas_left) for name in joined.unmatched[:_LISTED]]
        more = " …" if len(joined.unmatched) > _LISTED else ""
        out.append(
            Note(
                "rows without an area",
                lost_people,
                f"people are in {len(joined.unmatched)} rows whose {joined.key!r} is no area: {', '.join(near)}{more}",
                f"人在 {len(joined.unmatched)} 行中，其 {joined.key!r} 找不到对应区域：{'、'.join(near)}{more}",
                lost_people / everybody if everybody > 0 else 0.0,
                "people",
            )
        )
    if joined.areas_left:
        listed = ", ".join(map(repr, joined.areas_left[:_LISTED]))
        more = " …" if len(joined.areas_left) > _LISTED else ""
        out.append(
            Note(
                "areas without a row",
                len(joined.areas_left),
                f"areas have no row and count as empty: {listed}{more}",
                f"个区域没有数据行，按无人计：{listed}{more}",
            )
        )
    return out


def _with_near(name: str, others: list[str]) -> str:
    close = difflib.get_close_matches(name, others, 1)
    return f"{name!r} (did you mean {close[0]!r}?)" if close else repr(name)
