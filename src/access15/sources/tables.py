"""Tables as planners send them: csv in UTF-8 or GB18030, xlsx with titles and merged headers, vector layers."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from access15.errors import InputError
from access15.sources import columns as words
from access15.sources.layers import read_layer
from access15.sources.table import Source, Table, as_text, existing

_TEXT_TABLES = (".csv", ".tsv", ".txt")
_HEADER_ROWS = 15


def read_table(
    path: Source, *, layer: str | None = None, crs: str | None = None, known: Collection[str] = ()
) -> Table:
    """Return a table from .csv, .tsv, .txt, .xlsx or a vector layer.

    Parameters
    ----------
    path : path
    layer : str, optional
        Layer of a GeoPackage, or sheet of a workbook; the only or first one by default.
    crs : str, optional
        CRS of a layer whose file does not state it.
    known : collection of str
        Column names to expect: they tell the header from titles above it.

    Raises
    ------
    MissingFileError, InputError, CRSError
    """
    file = existing(path)
    suffix = file.suffix.lower()
    if suffix in _TEXT_TABLES:
        lines, notes = _csv_lines(file)
    elif suffix in (".xlsx", ".xlsm"):
        lines, notes = _sheet_lines(file, layer)
    elif suffix == ".xls":
        raise InputError(f"{file} is in the old Excel format: save it as .xlsx or .csv")
    else:
        return read_layer(file, layer=layer, crs=crs)
    return _table_of(file, list(lines), notes, {words.fold(name) for name in known})


def _csv_lines(file: Path) -> tuple[Iterator[list[Any]], dict[str, Any]]:
    data = file.read_bytes()
    text, encoding = decode(data, file)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    if not first.count(delimiter):
        delimiter = max(",;\t", key=text[:20_000].count)
    notes = {"encoding": encoding, "decimal_comma": delimiter == ";"}
    return (list(line) for line in csv.reader(io.StringIO(text), delimiter=delimiter)), notes


def decode(data: bytes, file: Path) -> tuple[str, str]:
    """Return the text of a file and its encoding: strict UTF-8 (with or without mark), then GB18030.

    Raises
    ------
    InputError
        If it is neither.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16"), "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise InputError(f"{file} is not text in UTF-8 or GB18030: save it as CSV UTF-8")


def _sheet_lines(file: Path, sheet: str | None) -> tuple[Iterator[list[Any]], dict[str, Any]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InputError(
            f"{file} cannot be read as an Excel workbook: open and save it again as .xlsx"
        ) from error
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise InputError(f"{file} has no sheet {sheet!r}: the sheets are {', '.join(book.sheetnames)}")
        for name in [sheet] if sheet is not None else book.sheetnames:
            lines = [list(line) for line in book[name].iter_rows(values_only=True)]
            if any(value is not None for line in lines for value in line):
                return iter(lines), {"sheet": name}
    finally:
        book.close()
    raise InputError(f"{file} holds no rows: check that it is the right file")


def _table_of(file: Path, lines: list[list[Any]], notes: dict[str, Any], known: set[str]) -> Table:
    filled = [i for i, line in enumerate(lines) if any(not _blank(v) for v in line)]
    if not filled:
        raise InputError(f"{file} is empty: check that it is the right file")
    top = _header_row(lines, filled, known)
    body = [i for i in filled if i > top]
    # A sheet may have notes beside the table; in a csv a cell too many means a broken row.
    header = _header(lines, filled, filled if "sheet" in notes else [top], top)
    if not body:
        raise InputError(f"{file} has a header but no rows: check that it is the right file")
    width = len(header)
    long = next((i for i in body if any(not _blank(v) for v in lines[i][width:])), None)
    if long is not None:
        raise InputError(
            f"{file}, row {long + 1} has more cells than the header ({width}): check quotes and separators"
        )
    cells = {
        name: np.array([_cell(lines[i], k) for i in body] + [None], object)[:-1]
        for k, name in enumerate(header)
    }
    notes = notes | ({"header_row": top + 1} if top else {})
    return Table(file.name, tuple(header), cells, np.array(body) + 1, "row", None, "", notes)


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
    # A header of two rows: the second one is mostly known names too.
    for i in first[first.index(best) + 1 :]:
        if 2 * hits(i) < max(sum(not _blank(v) for v in lines[i]), 2):
            break
        best = i
    return best


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
        again = sum(n == name or n.startswith(f"{name}#") for n in header)
        header.append(f"{name}#{again + 1}" if again else name)
    return header
