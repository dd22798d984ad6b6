"""Which rows of a table are service points: status, hours, names and types; what is not is set aside with the reason."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from access15.arrays import Objects
from access15.sources.care_tags import CARE_AMENITY, CARE_HEALTHCARE, NOT_COUNTED, judge, kept_anyway
from access15.sources.care_words import Said, tier_of
from access15.sources.choice import fits
from access15.sources.columns import fold
from access15.sources.lifecycle import STATUS_COLUMNS, always_closed, state_of
from access15.sources.table import Table

_OSM_VALUES: Final = {
    *CARE_AMENITY,
    *CARE_HEALTHCARE,
    *NOT_COUNTED,
    "yes",
    "centre",
    "alternative",
    "nurse",
    "social_facility",
}
CLOSED: Final = "do not work"
NOT_CARE: Final = "no care for everybody"


@dataclass(slots=True)
class Judged:
    """What was found about the rows of a table.

    Attributes
    ----------
    tier : (n,) object array of str
    aside : dict of int to (kind, reason)
        Rows that are no service points. ``kind`` groups them for the user.
    unknown : dict of str to (Counter, int)
        Per status column its words that are not known, and how many rows have a known one.
    """

    tier: Objects
    aside: dict[int, tuple[str, str]] = field(default_factory=dict)
    unknown: dict[str, tuple[Counter[str], int]] = field(default_factory=dict)


def judged(
    table: Table,
    found: Mapping[str, str | None],
    keep: Mapping[str, tuple[str, ...]],
    rows: Iterable[int],
    day: datetime.date,
) -> Judged:
    """Return which of some rows are service points.

    What a user keeps by the column that speaks against a row stays: a closed clinic by its status, an internal one
    (医务室) or a dentist by ``name``, ``tier`` or the column of its type.

    Parameters
    ----------
    table : Table
    found : mapping of str to str or None
        Column of each field.
    keep : mapping of str to tuple of str
        From `access15.sources.choice.wanted`.
    rows : iterable of int
        Rows with a place.
    day : date
        With which dates in tags are compared.
    """
    said = _said(table, found)
    out = Judged(_tiers(said))
    todo = list(rows)
    _by_status(table, keep, todo, out)
    _by_hours(table, found["hours"], keep, todo, out)
    _by_words(table, found, said, keep, todo, day, out)
    return out


def tiers(table: Table, found: Mapping[str, str | None]) -> Objects:
    """Return the tier of every row, from its name and its type."""
    return _tiers(_said(table, found))


def _said(table: Table, found: Mapping[str, str | None]) -> list[Said]:
    pairs = zip(table.text(found["name"]), table.text(found["tier"]), strict=True)
    return [tier_of(name, kind) for name, kind in pairs]


def _tiers(said: list[Said]) -> Objects:
    return np.array([*(one.tier for one in said), None], object)[:-1]


def status_columns(table: Table) -> list[str]:
    """Return the columns of a table that may say whether an institution works."""
    known = {fold(name) for name in STATUS_COLUMNS}
    return [name for name in table.header if fold(name) in known]


def _kept(keep: Mapping[str, tuple[str, ...]], column: str, text: str) -> bool:
    return any(fold(name) == fold(column) and fits(text, values) for name, values in keep.items())


def _by_status(table: Table, keep: Mapping[str, tuple[str, ...]], rows: list[int], out: Judged) -> None:
    for column in status_columns(table):
        texts = table.text(column)
        states = {text: state_of(text) for text in {texts[row] for row in rows}}
        unknown = Counter(texts[row] for row in rows if states[texts[row]] is None)
        if unknown:
            out.unknown[column] = unknown, sum(states[texts[row]] not in (None, "unknown") for row in rows)
        for row in rows:
            state = states[texts[row]]
            if state in (None, "open", "unknown") or row in out.aside or _kept(keep, column, texts[row]):
                continue
            out.aside[row] = (CLOSED, f"{state} (column {column!r} says {texts[row]!r})")


def _by_hours(
    table: Table, column: str | None, keep: Mapping[str, tuple[str, ...]], rows: list[int], out: Judged
) -> None:
    texts = table.text(column)
    for row in rows:
        if (
            column
            and row not in out.aside
            and always_closed(texts[row])
            and not _kept(keep, column, texts[row])
        ):
            out.aside[row] = (CLOSED, f"closed by its opening hours (column {column!r} says {texts[row]!r})")


def _by_words(
    table: Table,
    found: Mapping[str, str | None],
    said: list[Said],
    keep: Mapping[str, tuple[str, ...]],
    rows: list[int],
    day: datetime.date,
    out: Judged,
) -> None:
    names, kinds = table.text(found["name"]), table.text(found["tier"])
    tagged = osm_columns(table)
    for row in rows:
        reason, tier = said[row].reason, said[row].tier
        if tagged and not reason:
            tags = {
                name: table_text(table, name, row) for name in tagged if table.cells[name][row] is not None
            }
            verdict = judge(tags, day)
            verdict = verdict and kept_anyway(tags, verdict, keep)
            reason = "no place of care by its tags" if verdict is None else verdict.reason
        if not reason or row in out.aside:
            continue
        columns = [
            (found["name"] or "name", names[row]),
            ("tier", tier),
            (found["tier"] or "tier", kinds[row]),
        ]
        columns += [
            (name, table_text(table, name, row)) for name in ("amenity", "healthcare") if name in tagged
        ]
        if not any(_kept(keep, column, text) for column, text in columns):
            out.aside[row] = (NOT_CARE, reason)


def table_text(table: Table, column: str, row: int) -> str:
    """Return one cell as text."""
    value = table.cells[column][row]
    return "" if value is None else str(value)


def osm_columns(table: Table) -> tuple[str, ...]:
    """Return the columns of a table that holds tags of OSM; none where it does not.

    It does where a column ``amenity`` or ``healthcare`` holds the values of OSM.
    """
    for key in ("amenity", "healthcare"):
        if key in table.cells:
            values = [str(v).split(";")[0].strip() for v in table.cells[key] if v is not None]
            if values and sum(v in _OSM_VALUES for v in values) > len(values) / 2:
                return tuple(table.header)
    return ()
