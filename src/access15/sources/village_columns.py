"""Which administrative village or community each row of a population table belongs to.

Names are found in a column such as 行政村, with the township beside it; a blank cell below a name, as merged cells leave it,
belongs to the name above. Where there is no such column, 12-digit statistical codes name villages. What is a community
(居委会) and no village is told by the census class of urban and rural, else by the last three digits of the code, else by the name
(National Bureau of Statistics, codes for statistics by division and urban-rural class: classes 111 to 123 are urban, 210 and 220 rural;
digits 7 to 9 are the township, digits 10 to 12 from 001 to 199 a community and from 200 to 399 a village).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from access15.arrays import Bools, Int32s, Objects
from access15.errors import InputError
from access15.model import Note, Villages, plain_name
from access15.sources import columns as words
from access15.sources.table import Table

COMMUNITY: Final = re.compile(r"(社区|居委会|居民委员会|居委|家属委员会|家委会)$")
_CODE: Final = re.compile(r"\d{12}")
_URBAN: Final = ("111", "112", "121", "122", "123", "城镇", "城市", "urban")
_RURAL: Final = ("210", "220", "乡村", "农村", "rural")


@dataclass(frozen=True, slots=True)
class VillageColumns:
    """Villages of a table, the village of each row (-1 for none), and what is to be told."""

    villages: Villages
    of_row: Int32s
    notes: tuple[Note, ...]


def read_villages(table: Table, given: Mapping[str, str], rows: Bools) -> VillageColumns | None:
    """Return the villages of a table, None where it names none.

    Parameters
    ----------
    table : Table
    given : mapping
        Columns that the caller named: ``village``, ``town``, ``village_code``, ``village_class``.
    rows : (n,) bool
        Rows of people; the others are sums.

    Raises
    ------
    InputError
        If a column that was named is not there, or a census class is none.
    """

    def column(field: str) -> str | None:
        if field in given:
            return table.named(given[field], f"{field} column")
        return table.find(words.POPULATION[field])

    named, town_column, class_column = column("village"), column("town"), column("village_class")
    codes = _codes(table, given, rows)
    if named is None and codes is None:
        return None
    town, _ = _filled(table.text(town_column), rows, np.zeros(len(table), bool))
    new_town = np.r_[True, town[1:] != town[:-1]]
    name, below = _filled(table.text(named), rows, new_town)
    if named is None:
        assert codes is not None
        keys: Objects = codes
        name = np.where(codes == "", "", [_own_name(table, i) or c for i, c in enumerate(codes)])
    else:
        keys = np.array(
            [f"{t} {plain_name(n)}".strip() if n else "" for t, n in zip(town, name, strict=True)], object
        )
    ids, first, row = np.unique(keys.astype(str), return_index=True, return_inverse=True)
    known = ids != ""
    order = np.argsort(first[known], kind="stable")  # In the order of the file.
    place = np.full(len(ids), -1, np.int32)
    place[np.flatnonzero(known)[order]] = np.arange(len(order), dtype=np.int32)
    of_row: Int32s = np.where(rows, place[row.ravel()], -1).astype(np.int32)
    at = first[known][order]
    of_code = codes if codes is not None and _one_code_each(codes, of_row) else None
    villages = Villages(
        id=np.array([*ids[known][order].tolist(), None], object)[:-1],
        name=name[at],
        town=town[at],
        community=_communities(table, class_column, of_code, name, of_row, len(at)),
    )
    return VillageColumns(villages, of_row, _notes(table, named, below, rows & (of_row < 0)))


def _filled(texts: Objects, rows: Bools, opens: Bools) -> tuple[Objects, int]:
    """Return texts with blank cells filled from the row above, and how many were; not across a row that ``opens``."""
    out, above, n = np.full(len(texts), "", object), "", 0
    for i in np.flatnonzero(rows).tolist():
        text = str(texts[i]).strip()
        if opens[i] and not text:
            above = ""
        n += not text and above != ""
        above = out[i] = text or above
    return out, n


def _codes(table: Table, given: Mapping[str, str], rows: Bools) -> Objects | None:
    """Return the 12-digit statistical code of every row, "" where a cell has none; None without such a column."""
    if "village_code" in given:
        column: str | None = table.named(given["village_code"], "village_code column")
    else:
        column = table.find(words.POPULATION["village_code"]) or table.find(words.POPULATION["id"])
    if column is None:
        return None
    found = np.array(
        [t if _CODE.fullmatch(t) else "" for t in (str(v).strip() for v in table.text(column))], object
    )
    filled = found[rows] != ""
    village = np.array(
        [200 <= int(c[9:]) <= 399 or 1 <= int(c[9:]) <= 199 for c in found[rows][filled]], bool
    )
    # Other numbers of twelve digits are no codes of villages.
    return found if filled.mean() > 0.9 and village.mean() > 0.9 else None


def _one_code_each(codes: Objects, of_row: Int32s) -> bool:
    """Return whether no village has two codes: else they are numbers of something smaller."""
    pairs = {(int(v), str(c)) for v, c in zip(of_row, codes, strict=True) if v >= 0 and c}
    return len(pairs) == len({v for v, _ in pairs})


def _own_name(table: Table, row: int) -> str:
    column = table.find(words.AREA["name"])
    return "" if column is None else str(table.text(column)[row]).strip()


def _communities(
    table: Table,
    class_column: str | None,
    codes: Objects | None,
    name: Objects,
    of_row: Int32s,
    n: int,
) -> Bools:
    """Return which villages are communities: by class, else by code, else by name."""
    classes = table.text(class_column)
    out, by = np.zeros(n, bool), np.full(n, 3)
    for i in np.flatnonzero(of_row >= 0).tolist():
        village, says = of_row[i], _urban(table, i, str(classes[i]))
        for rank, value in enumerate(
            (
                says,
                None if codes is None or not codes[i] else 1 <= int(codes[i][9:]) <= 199,
                bool(COMMUNITY.search(words.fold(str(name[i])))),
            )
        ):
            if value is not None and rank < by[village]:
                out[village], by[village] = value, rank
    return out


def _urban(table: Table, row: int, text: str) -> bool | None:
    """Return whether a census class is urban; None where the cell is empty."""
    plain = words.fold(text)
    if not plain:
        return None
    if plain.startswith(_URBAN):
        return True
    if plain.startswith(_RURAL):
        return False
    raise InputError(
        f"{table.source}, {table.at(row)}: {text!r} is no class of urban and rural: use {', '.join(_URBAN[:5])} or {', '.join(_RURAL[:2])}, "
        "or leave the cell empty"
    )


def _notes(table: Table, column: str | None, below: int, without: Bools) -> tuple[Note, ...]:
    out = []
    if below:
        out.append(
            Note(
                "villages taken from the row above",
                below,
                f"rows name no village in column {column!r} and belong to that of the row above",
                f"行的 {column!r} 列为空，归入上一行的行政村",
            )
        )
    if without.any():
        first = table.at(int(np.flatnonzero(without)[0]))
        out.append(
            Note(
                "rows without a village",
                int(without.sum()),
                f"rows belong to no village (first: {first}): villages' figures leave them out",
                f"行没有行政村（首个：{first}），不计入各村数字",
            )
        )
    return tuple(out)
