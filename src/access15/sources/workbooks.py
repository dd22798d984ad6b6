"""Workbooks, .xlsx: the first visible sheet, read row by row; what is hidden is left out and counted."""

from __future__ import annotations

import datetime
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final
from xml.etree import ElementTree

from access15.errors import InputError

_DAMAGED: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    ElementTree.ParseError,
    struct.error,
    LookupError,
    ValueError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
)
"""What Python raises for a damaged or encrypted archive, or damaged XML in it."""

_MOST_BYTES: Final = 4 << 30
"""Largest part of a workbook, unpacked: a sheet of a million rows and 60 columns."""

_MOST_CELLS: Final = 40_000_000
"""Cells with a value that are kept in memory, some 4 GB."""

_MOST_COLUMNS: Final = 16_384
_BUILT_IN_PERCENTS: Final = (9, 10)
_BUILT_IN_DATES: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))


@dataclass(slots=True)
class SheetRows:
    """The rows of a sheet that hold a value.

    Attributes
    ----------
    rows : list of list
        Cells from column A on, None where empty.
    number : list of int
        Row numbers as the spreadsheet shows them.
    notes : dict
        Sheet, and what was left out because it is hidden.
    """

    rows: list[list[Any]] = field(default_factory=list)
    number: list[int] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)


def read_sheet(file: Path, sheet: str | None, *, hidden: bool = False) -> SheetRows:
    """Return the rows of a sheet: the one named, else the first visible one that holds anything.

    Parameters
    ----------
    file : Path
    sheet : str, optional
    hidden : bool
        Whether hidden rows and columns are read too.

    Raises
    ------
    InputError
        If the workbook is damaged, or has no such sheet, or a formula in it has no result.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return _chosen(_Book(file, archive), sheet, hidden)
    except InputError:
        raise
    except _DAMAGED as error:
        raise InputError(
            f"{file} cannot be read as an Excel workbook ({_reason(error)}): open and save it again as .xlsx"
        ) from error


def _with_others(found: SheetRows, others: list[str]) -> SheetRows:
    found.notes["other_sheets"] = others
    return found


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:80] or type(error).__name__


def _chosen(book: _Book, sheet: str | None, hidden: bool) -> SheetRows:
    if sheet is not None:
        if sheet not in book.sheets:
            raise InputError(f"{book.file} has no sheet {sheet!r}: the sheets are {', '.join(book.sheets)}")
        found = book.read(sheet, hidden)
        if found.rows:
            return found
    else:
        visible = [name for name in book.sheets if name not in book.hidden]
        for name in visible or list(book.sheets):
            found = book.read(name, hidden)
            if found.rows:
                if name != next(iter(book.sheets)) and next(iter(book.sheets)) in book.hidden:
                    found.notes["hidden_sheets_passed_over"] = sorted(book.hidden)
                others = [other for other in visible if other != name and book.holds_something(other)]
                return found if not others else _with_others(found, others)
    raise InputError(f"{book.file} holds no rows: check that it is the right file")


def _hidden(item: ElementTree.Element, size: str) -> bool:
    """Return whether a row or column is hidden, or drawn with no height or width."""
    return item.get("hidden") in ("1", "true") or item.get(size) in ("0", "0.0")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


class _Book:
    """The parts of a workbook that tell what its cells mean."""

    def __init__(self, file: Path, archive: zipfile.ZipFile) -> None:
        self.file, self.archive = file, archive
        main = self._main_part()
        self.folder = PurePosixPath(main).parent
        links = self._links(main)
        self.sheets: dict[str, str] = {}
        self.hidden: set[str] = set()
        self.since_1904 = False
        for item in self._tree(main).iter():
            if _local(item.tag) == "workbookPr":
                self.since_1904 = item.get("date1904") in ("1", "true")
            elif _local(item.tag) == "sheet":
                key = next((v for k, v in item.attrib.items() if _local(k) == "id" and k != "id"), "")
                name = item.get("name", "")
                if "worksheet" in links[key][0]:
                    self.sheets[name] = links[key][1]
                    if item.get("state", "visible") != "visible":
                        self.hidden.add(name)
        if not self.sheets:
            raise InputError(f"{file} has no sheet of cells: check that it is the right file")
        parts = {kind.rpartition("/")[2]: part for kind, part in links.values()}
        self.dates, self.percents = self._styles(parts.get("styles"))
        self.strings = self._strings(parts.get("sharedStrings"))

    def _main_part(self) -> str:
        for kind, part in self._links("").values():
            if kind.endswith("/officeDocument"):
                return part
        raise InputError(f"{self.file} is not an Excel workbook: save it as .xlsx")

    def _links(self, part: str) -> dict[str, tuple[str, str]]:
        """Return ``{id: (type, part)}`` of the parts that a part names."""
        path = PurePosixPath(part)
        tree = self._tree(str(path.parent / "_rels" / f"{path.name}.rels") if part else "_rels/.rels")
        out = {}
        for item in tree.iter():
            if _local(item.tag) == "Relationship" and item.get("TargetMode") != "External":
                target = item.get("Target", "")
                whole = target.lstrip("/") if target.startswith("/") else str(path.parent / target)
                out[item.get("Id", "")] = (item.get("Type", ""), _flat(whole))
        return out

    def _open(self, part: str) -> IO[bytes]:
        size = self.archive.getinfo(part).file_size
        if size > _MOST_BYTES:
            raise InputError(
                f"{self.file} declares {size / 1e9:,.1f} GB in {part}, more than the {_MOST_BYTES / 1e9:.1f} GB read at most: save "
                "only the columns that are needed, as CSV"
            )
        return self.archive.open(part)

    def _tree(self, part: str) -> ElementTree.Element:
        with self._open(part) as stream:
            data = stream.read(64 << 20)
            if stream.read(1):
                raise InputError(f"{self.file}: {part} is larger than any real one: save the workbook again")
        return ElementTree.fromstring(data)

    def _styles(self, part: str | None) -> tuple[frozenset[int], frozenset[int]]:
        """Return the cell styles that show a number as a date, and those that show it in per cent."""
        if part is None:
            return frozenset(), frozenset()
        tree = self._tree(part)
        codes = {
            int(item.get("numFmtId", "0")): item.get("formatCode", "")
            for item in tree.iter()
            if _local(item.tag) == "numFmt"
        }
        styles = next((item for item in tree if _local(item.tag) == "cellXfs"), ())
        shown = [int(item.get("numFmtId", "0")) for item in styles]
        dates = [code in _BUILT_IN_DATES or _shows_date(codes.get(code, "")) for code in shown]
        percents = [code in _BUILT_IN_PERCENTS or "%" in _bare(codes.get(code, "")) for code in shown]
        return (
            frozenset(i for i, yes in enumerate(dates) if yes),
            frozenset(i for i, yes in enumerate(percents) if yes),
        )

    def _strings(self, part: str | None) -> list[str]:
        if part is None:
            return []
        with self._open(part) as stream:
            return [_text_of(item) for item in _elements(stream, "si")]

    def holds_something(self, sheet: str) -> bool:
        """Return whether a sheet has a cell with a value, by its first part."""
        with self._open(self.sheets[sheet]) as stream:
            return bool(re.search(rb"<(?:\w+:)?(?:v|is)[ >]", stream.read(1 << 18)))

    def read(self, sheet: str, hidden: bool) -> SheetRows:
        """Return the rows of a sheet."""
        with self._open(self.sheets[sheet]) as stream:
            return _Sheet(self, sheet, hidden).read(stream)


def _flat(path: str) -> str:
    """Return a path without ``.`` and ``..``."""
    out: list[str] = []
    for step in path.split("/"):
        if step == "..":
            out = out[:-1]
        elif step not in ("", "."):
            out.append(step)
    return "/".join(out)


def _bare(code: str) -> str:
    """Return what a number format says of a positive number, without texts and colours."""
    return re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.', "", code.split(";")[0]).lower()


def _shows_date(code: str) -> bool:
    bare = _bare(code)
    return bool(re.search(r"[ymdhs]", bare)) and "general" not in bare


def _elements(stream: IO[bytes], name: str) -> Iterator[ElementTree.Element]:
    """Yield the elements of a name as they end, keeping only one in memory."""
    events = ElementTree.iterparse(stream, events=("start", "end"))
    _, root = next(events)
    for event, item in events:
        if event == "end" and _local(item.tag) == name:
            yield item
            root.clear()


def _text_of(item: ElementTree.Element) -> str:
    """Return the text of a string with runs, without its phonetic guide."""
    parts = [child for child in item if _local(child.tag) != "rPh"]
    texts = (
        t.text or ""
        for part in parts
        for t in ([part] if _local(part.tag) == "t" else part)
        if _local(t.tag) == "t"
    )
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), "".join(texts))


class _Sheet:
    """Reads one sheet while it is unpacked."""

    def __init__(self, book: _Book, name: str, hidden: bool) -> None:
        self.book, self.hidden = book, hidden
        self.found = SheetRows(notes={"sheet": name})
        self.hidden_columns: set[int] = set()
        self.columns: dict[str, int] = {}
        self.row = self.n_cells = self.left_rows = 0
        self.left_columns: set[int] = set()

    def read(self, stream: IO[bytes]) -> SheetRows:
        """Return the rows that hold a value."""
        events = ElementTree.iterparse(stream, events=("start", "end"))
        holder: ElementTree.Element | None = None
        for event, item in events:
            tag = _local(item.tag)
            if event == "start":
                holder = item if tag == "sheetData" else holder
            elif tag == "row":
                self._row(item)
                if holder is not None:
                    holder.clear()
            elif tag == "col" and _hidden(item, "width"):
                last = min(int(item.get("max", "1")), _MOST_COLUMNS)
                self.hidden_columns.update(range(int(item.get("min", "1")) - 1, last))
            elif tag == "sheetData":
                break
        if self.left_rows:
            self.found.notes["hidden_rows_left_out"] = self.left_rows
        if self.left_columns:
            self.found.notes["hidden_columns_left_out"] = len(self.left_columns)
        return self.found

    def _row(self, item: ElementTree.Element) -> None:
        self.row = int(item.get("r", self.row + 1))
        cells: list[Any] = []
        at = -1
        for cell in item:
            reference = cell.get("r")
            at = at + 1 if reference is None else self._column(reference)
            value = self._value(cell, at)
            if value is None:
                continue
            if at in self.hidden_columns and not self.hidden:
                self.left_columns.add(at)
                continue
            cells.extend([None] * (at + 1 - len(cells)))
            cells[at] = value
        if not cells:
            return
        if _hidden(item, "ht") and not self.hidden:
            self.left_rows += 1
            return
        self.n_cells += len(cells)
        if self.n_cells > _MOST_CELLS:
            raise InputError(
                f"{self.book.file} holds more than {_MOST_CELLS:,} cells: save only the columns that are needed, as CSV"
            )
        self.found.rows.append(cells)
        self.found.number.append(self.row)

    def _column(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        known = self.columns.get(letters)
        if known is None:
            known = 0
            for letter in letters.upper():
                known = 26 * known + ord(letter) - 64
            if not (letters.isascii() and letters.isalpha() and 0 < known <= _MOST_COLUMNS):
                raise ValueError(f"a cell is at {reference[:20]!r}")
            self.columns[letters] = known = known - 1
        return known

    def _value(self, cell: ElementTree.Element, at: int) -> Any:
        kind = cell.get("t", "n")
        value = formula = None
        for part in cell:
            tag = _local(part.tag)
            if tag == "v":
                value = part.text
            elif tag == "is":
                return _text_of(part) or None
            elif tag == "f":
                formula = part
        if value is None:
            if formula is not None and kind != "str" and at not in self.hidden_columns:
                raise InputError(
                    f"{self.book.file}, row {self.row}: the cell {cell.get('r', '')} holds a formula without its result: open the "
                    "workbook in a spreadsheet program and save it"
                )
            return None
        if kind == "s":
            return self.book.strings[_index(value)] or None
        if kind == "b":
            return value.strip() in ("1", "true")
        if kind in ("str", "e", "d"):
            return value or None
        return self._number(value, cell.get("s"))

    def _number(self, text: str, style: str | None) -> Any:
        found: int | float
        try:
            found = int(text) if len(text) < 19 else float(text)
        except ValueError:
            found = float(text)
        if style is not None and self.book.dates and int(style) in self.book.dates:
            return _date(found, self.book.since_1904)
        if style is not None and self.book.percents and int(style) in self.book.percents:
            return f"{found * 100:.12g}%"
        return found


def _index(text: str) -> int:
    found = int(text)
    if found < 0:
        raise ValueError(f"a string has the number {found}")
    return found


def _date(days: float, since_1904: bool) -> Any:
    """Return the day (and time) that a spreadsheet counts from 1900, where it has a 29 February too many, or 1904."""
    start = datetime.datetime(1904, 1, 1) if since_1904 else datetime.datetime(1899, 12, 30)
    if not since_1904 and 0 < days < 60:
        start += datetime.timedelta(days=1)
    try:
        found = start + datetime.timedelta(seconds=round(days * 86_400))
    except (OverflowError, ValueError):
        return days
    return found.time() if 0 <= days < 1 else found
