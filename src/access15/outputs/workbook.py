"""The tables as a workbook: one sheet each, numbers as numbers, codes as text."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from access15.errors import InputError
from access15.outputs.atomic import replacing
from access15.outputs.palette import INK, hex_color
from access15.outputs.report.report_table import Table
from access15.outputs.summary import display_width
from access15.outputs.words import Pair, Words, words

MAX_ROWS: Final = 1_048_570
"""Rows that a sheet has room for, less head and note."""

_FORMATS: Final = {
    "text": "@",
    "count": "#,##0",
    "rate": "0.0%",
    "minutes": "0.0",
    "points": "+0.0;-0.0;0.0",
    "signed": "+#,##0;-#,##0;0",
    "gini": "0.000",
    "number": "#,##0.0##",
    "degrees": "0.000000",
}
_LONGEST_NAME: Final = 31
_UPRIGHT: Final = 7
"""Columns that fit on an upright page."""

_MAX_TEXT: Final = 32_767

WORDS: Final[dict[str, Pair]] = {
    "rows_left": ("{n:,} more rows have no room in a sheet", "另有 {n:,} 行超出工作表容量"),
}


def write_workbook(path: str | os.PathLike[str], tables: Mapping[str, Table], lang: str = "en") -> Path:
    """Write the tables as an Excel workbook, whole or not at all.

    Parameters
    ----------
    path : path
        Ends in ``.xlsx``.
    tables : mapping of str to Table
        From `report_tables`; one sheet each, in this order.
    lang : {"en", "zh"}
        Language of the notes at the foot of a sheet (heads are in the language of the tables).

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If the ending is another, there is no table, or the language is neither.
    OutputError
        If the file cannot be written; nothing is left behind.
    """
    import openpyxl

    target = Path(path)
    word = words(lang, WORDS)
    if target.suffix.lower() != ".xlsx":
        raise InputError(f"{target.name} does not end in .xlsx: give the workbook that ending")
    if not tables:
        raise InputError("there is no table to write: run the study first")
    with replacing(target) as temp:
        book = openpyxl.Workbook(write_only=True)
        for table in tables.values():
            _sheet(book, table, word)
        book.save(temp)
    return target


def sheet_name(title: str) -> str:
    """Return a title as a sheet may be called: at most 31 characters, no brackets, colons, stars, question marks or slashes.

    A longer one ends with a whole word.
    """
    text = re.sub(r"[\[\]:*?/\\]", " ", title).strip("' ")
    if len(text) <= _LONGEST_NAME:
        return text
    cut = max(text.rfind(mark, 0, _LONGEST_NAME + 1) for mark in " ,，、；")
    return text[: cut if cut > _LONGEST_NAME // 3 else _LONGEST_NAME].rstrip("' ,，、；")


def _sheet(book: Any, table: Table, word: Words) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(sheet_name(table.title))
    sheet.freeze_panes = "A2" if len(table.kinds) < 4 else "C2"
    frame = table.frame.head(MAX_ROWS)
    for i, (head, kind) in enumerate(zip(frame.columns, table.kinds, strict=True), 1):
        sheet.column_dimensions[get_column_letter(i)].width = _width(str(head), kind, frame[head])
    _print_setup(sheet, table)
    fill = PatternFill("solid", fgColor=hex_color(INK)[1:])
    look = {"font": Font(bold=True, color="FFFFFF"), "fill": fill}
    wrapped = Alignment(wrap_text=True, vertical="center")
    sheet.append([_cell(sheet, str(head), "text", alignment=wrapped, **look) for head in frame.columns])
    bold, last = Font(bold=True), len(frame) - table.totals
    for row, values in enumerate(frame.itertuples(index=False, name=None)):
        extra = {"font": bold} if row >= last else {}
        sheet.append(
            [_cell(sheet, value, kind, **extra) for value, kind in zip(values, table.kinds, strict=True)]
        )
    for note in _notes(table, word):
        sheet.append([])
        sheet.append([_cell(sheet, note, "text", font=Font(italic=True))])


def _print_setup(sheet: Any, table: Table) -> None:
    """Make a sheet print well: A4, as wide as the paper, the head on every page, what it is and the page below."""
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "landscape" if len(table.kinds) > _UPRIGHT else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    sheet.oddHeader.left.text = table.title.replace("&", "&&")
    sheet.oddFooter.right.text = "&P / &N"
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top = sheet.page_margins.bottom = 0.7


def _notes(table: Table, word: Words) -> list[str]:
    notes = [table.note] if table.note else []
    left = len(table.frame) - MAX_ROWS
    if left > 0:
        notes.append(word["rows_left"].format(n=left))
    return notes


def _cell(sheet: Any, value: Any, kind: str, **look: Any) -> Any:
    """Return a cell; a text is a text even where it looks like a formula, and missing is empty."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    missing = value is None or value != value
    cell = WriteOnlyCell(sheet)
    if not missing and kind == "text":
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:_MAX_TEXT]
        cell.data_type = "s"
    elif not missing:
        cell.value = int(value) if kind == "number" and float(value).is_integer() else float(value)
    cell.number_format = "0" if kind == "number" and isinstance(cell.value, int) else _FORMATS[kind]
    for name, style in look.items():
        setattr(cell, name, style)
    return cell


def _width(head: str, kind: str, values: Any) -> float:
    """Return a column width that shows most values; long heads wrap."""
    longest = max((display_width(str(v)) for v in values.head(200) if v is not None), default=0)
    shown = longest if kind == "text" else 10
    return float(min(max(shown, min(display_width(head), 18), 8) + 2, 48))
