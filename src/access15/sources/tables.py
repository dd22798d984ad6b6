"""Tables as planners send them: text, workbooks, dBASE, data frames, and vector layers, read alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.arguments import say
from access15.errors import InputError
from access15.model import Note, tell, with_notes
from access15.sources import columns as words
from access15.sources.dbf import read_dbf
from access15.sources.layers import cpg_note, layer_of_frame, read_layer
from access15.sources.numbers import check_decimal
from access15.sources.once import once
from access15.sources.table import Source, Table, as_text, column_of, elsewhere, existing
from access15.sources.text_tables import read_text
from access15.sources.workbooks import read_sheet

if TYPE_CHECKING:
    import pandas as pd

HIDDEN = ("leave", "keep")
"""What is done with the hidden rows and columns of a workbook."""

_TEXT_TABLES = (".csv", ".tsv", ".txt")
_HEADER_ROWS = 15


def read_table(
    path: Source | pd.DataFrame,
    *,
    layer: str | None = None,
    crs: str | None = None,
    known: Collection[str] = (),
    degrees: Collection[str] = (),
    decimal: str | None = None,
    hidden: str = "leave",
) -> Table:
    """Return a table from .csv, .tsv, .txt, .xlsx, .dbf, a vector layer or a data frame.

    Parameters
    ----------
    path : path, DataFrame or GeoDataFrame
    layer : str, optional
        Layer of a GeoPackage, or sheet of a workbook; the only or first visible one by default.
    crs : str, optional
        CRS of a layer whose file does not state it, or of coordinates in columns.
    known : collection of str
        Column names to expect: they tell the header from titles above it.
    degrees : collection of str
        Names of columns that hold longitudes or latitudes where ``crs`` is None: these are never thousands.
    decimal : {".", ","}, optional
        What separates decimals, where the file does not tell.
    hidden : {"leave", "keep"}
        Whether hidden rows and columns of a workbook are left out, and told of, or read.

    Raises
    ------
    MissingFileError, InputError, CRSError
    """
    stated = check_decimal(decimal)
    if hidden not in HIDDEN:
        raise InputError(f"hidden = {hidden!r} is not known: use {' or '.join(HIDDEN)}")
    table = _read(path, layer, crs, {words.fold(name) for name in known}, hidden == "keep")
    folded = {words.fold(name) for name in degrees} if crs is None else set()
    lonlat = tuple(
        name for name in table.header if words.fold(name) in folded or words.without_unit(name) in folded
    )
    return replace(table, decimal=stated, degrees=lonlat)


def _read(
    path: Source | pd.DataFrame, layer: str | None, crs: str | None, known: set[str], hidden: bool
) -> Table:
    if hasattr(path, "columns"):
        return layer_of_frame(path, crs)
    file = existing(path)
    suffix = file.suffix.lower()
    if suffix in _TEXT_TABLES:
        table = _table_of(file, *once(("text", file), lambda: read_text(file)), known)
    elif suffix in (".xlsx", ".xlsm"):
        found = once(("sheet", file, layer, hidden), lambda: read_sheet(file, layer, hidden=hidden))
        table = _table_of(file, found.rows, found.number, found.notes, known)
    elif suffix == ".dbf":
        table = _table_of(file, *once(("dbf", file), lambda: read_dbf(file)), known)
    elif suffix == ".xls":
        raise InputError(f"{file} is in the old Excel format: save it as .xlsx or .csv")
    elif suffix in (".ods", ".xlsb"):
        raise InputError(f"{file} is in a format of spreadsheets that is not read: save it as .xlsx or .csv")
    else:
        return read_layer(file, layer=layer, crs=crs)
    return _noted(table)


def _noted(table: Table) -> Table:
    """Say what was guessed or left out on the way, and keep it for whoever reads on."""
    found = list(_notes(table))
    if not found:
        return table
    tell(found, table.source)
    return replace(table, notes=with_notes(table.notes, found))


def _notes(table: Table) -> Iterator[Note]:
    notes = table.notes
    if notes.get("encoding") == "cp1252":
        yield Note(
            "encoding guessed",
            len(table),
            "rows are neither UTF-8 nor GB18030 and are read as Windows-1252 (Western letters): check the names",
            "行既非 UTF-8 也非 GB18030，按 Windows-1252（西文）读取：请核对名称",
        )
    if "cpg" in notes:
        yield cpg_note(len(table), str(notes["cpg"]), str(notes["encoding"]))
    for key, what, chinese in (
        ("hidden_rows_left_out", "rows", "行"),
        ("hidden_columns_left_out", "columns", "列"),
    ):
        if key in notes:
            yield Note(
                f"hidden {what}",
                notes[key],
                f'hidden {what} are left out: unhide them, or say hidden = "keep" (--hidden keep)',
                f'隐藏{chinese}未读取：请取消隐藏，或写 hidden = "keep"',
            )
    if "other_sheets" in notes:
        listed = ", ".join(map(repr, notes["other_sheets"]))
        yield Note(
            "other sheets",
            len(notes["other_sheets"]),
            f"other sheets are not read ({listed}), the sheet {notes['sheet']!r} is; name another one: {say('layer', notes['other_sheets'][0])}",
            f"个其他工作表未读取（{listed}），读取的是 {notes['sheet']!r}",
        )
    if notes.get("unit_in_title") and words.SCALES.get(notes["unit_in_title"]):
        yield Note(
            "unit in the title",
            len(table),
            f"rows stand under a title that says {notes['unit_in_title']!r}: people are counted in it where their column names no unit",
            f"行的表头说明单位为 {notes['unit_in_title']!r}：未注明单位的人口列按此单位计",
        )
    if "hidden_sheets_passed_over" in notes:
        passed = ", ".join(repr(name) for name in notes["hidden_sheets_passed_over"])
        yield Note(
            "hidden sheets",
            len(notes["hidden_sheets_passed_over"]),
            f"hidden sheets are passed over ({passed}), the sheet {notes['sheet']!r} is read",
            f"隐藏工作表未读取（{passed}），读取的是 {notes['sheet']!r}",
        )


def _table_of(
    file: Path, lines: list[list[Any]], number: list[int], notes: dict[str, Any], known: set[str]
) -> Table:
    filled = [i for i, line in enumerate(lines) if any(not _blank(v) for v in line)]
    if not filled:
        raise InputError(f"{file} is empty: check that it is the right file")
    top = filled[0] if file.suffix.lower() == ".dbf" else _header_row(lines, filled, known)
    body = [i for i in filled if i > top]
    # A sheet may have notes beside the table; in a csv a cell too many means a broken row.
    header = _header(lines, filled, filled if "sheet" in notes else [top], top)
    if not body:
        raise InputError(
            f"{file} has a header but no rows{elsewhere(notes)}: check that it is the right file"
        )
    width = len(header)
    long = next(
        (i for i in body if len(lines[i]) > width and any(not _blank(v) for v in lines[i][width:])), None
    )
    if long is not None:
        raise InputError(
            f"{file}, row {number[long]} has more cells than the header ({width}): check quotes and separators"
        )
    body, unit = _without_unit_rows(lines, body, [i for i in filled if i < top])
    if not body:
        raise InputError(
            f"{file} has a header but no rows{elsewhere(notes)}: check that it is the right file"
        )
    kept = [lines[i] for i in body]
    cells = {name: _column(kept, k) for k, name in enumerate(header)}
    notes = notes | ({"unit_in_title": unit} if unit else {})
    notes = notes | ({"header_row": number[top]} if top else {})
    row = np.array([number[i] for i in body], np.int64)
    return Table(file.name, tuple(cells), cells, row, "row", None, "", notes)


def _without_unit_rows(lines: list[list[Any]], body: list[int], titles: list[int]) -> tuple[list[int], str]:
    """Return the rows of data, and the unit of people that a title, or a row of one cell below the header, names."""
    said = []
    for i in titles:
        texts = [v for v in lines[i] if not _blank(v)]
        # A head over several columns names the unit of these only.
        said += [
            words.units_said(t) for t in texts if isinstance(t, str) and (len(texts) == 1 or "单位" in t)
        ]
    rows = []
    for i in body[:3]:
        texts = [v for v in lines[i] if not _blank(v)]
        if len(texts) == 1 and isinstance(texts[0], str) and "单位" in texts[0]:
            rows.append(i)
            said.append(words.units_said(texts[0]))
    return [i for i in body if i not in rows] if rows else body, ",".join(dict.fromkeys(filter(None, said)))


def _column(lines: list[list[Any]], k: int) -> Any:
    """Return a column; None where a cell is blank."""
    return column_of(
        [
            None if k >= len(line) or (v := line[k]) is None or (v.__class__ is str and not v.strip()) else v
            for line in lines
        ]
    )


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _cell(line: list[Any], k: int) -> Any:
    return None if k >= len(line) or _blank(line[k]) else line[k]


def _header_row(lines: list[list[Any]], filled: list[int], known: set[str]) -> int:
    """Return the header's last row: of the first rows the one with most known names, else the first row."""

    def hits(i: int) -> int:
        names = [v for v in lines[i] if isinstance(v, str)]
        return sum(words.fold(v) in known or words.without_unit(v) in known for v in names)

    first = filled[:_HEADER_ROWS]
    best = max(first, key=lambda i: (hits(i), -i))
    if hits(best) < 2:
        # One known word may be a cell of data: rows are only passed over for a header that is certain.
        return first[0]
    # A header of two rows: the second one is mostly known names too, or names alone, two of them known.
    for i in first[first.index(best) + 1 :]:
        filled_cells = [v for v in lines[i] if not _blank(v)]
        named = hits(i) >= 2 and all(isinstance(v, str) for v in filled_cells)
        if not named and 2 * hits(i) < max(len(filled_cells), 2):
            break
        best = i
    return best


def _unit_above(lines: list[list[Any]], above: list[int], k: int) -> str:
    """Return the unit of people that a head over several columns names, 人口(万人) over 常住 and 户籍; empty without one."""
    for i in reversed(above):
        if sum(not _blank(v) for v in lines[i]) < 2:
            continue  # A title over all columns.
        head = next(
            (
                as_text(lines[i][j])
                for j in range(min(k, len(lines[i]) - 1), -1, -1)
                if not _blank(lines[i][j])
            ),
            "",
        )
        unit = words.unit_of(head)
        if unit in words.SCALES:
            return unit
    return ""


def _header(lines: list[list[Any]], filled: list[int], inside: list[int], top: int) -> list[str]:
    """Return column names; a blank one takes the cell above it (merged headers), doubles get a number."""
    above = [i for i in filled if i < top]
    width = max(k + 1 for i in inside for k, value in enumerate(lines[i]) if not _blank(value))
    header: list[str] = []
    for k in range(width):
        name = next(
            (_cell(lines[i], k) for i in (top, *reversed(above)) if _cell(lines[i], k) is not None), ""
        )
        name = as_text(name).strip().lstrip("\ufeff")
        if name and not words.unit_of(name) and (unit := _unit_above(lines, above, k)):
            name = f"{name}({unit})"
        again = sum(n == name or n.startswith(f"{name}#") for n in header)
        header.append(f"{name}#{again + 1}" if again else name)
    return header
