"""A table as it was read: texts and numbers by column, and where each row stood in its file."""

from __future__ import annotations

import datetime
import difflib
import re
import unicodedata
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from access15.arrays import Bools, Floats, Ints, Objects
from access15.errors import InputError, MissingFileError
from access15.sources import columns as words

Source = str | PathLike[str]

_EMPTY = frozenset(("", "-", "--", "—", "——", "/", "\\", "nan", "na", "n/a", "null", "none", "无"))


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table as it stands in a file; cells are text, or numbers where the file types them.

    Attributes
    ----------
    source : str
        File name (and layer), for messages.
    header : tuple of str
    cells : dict of str to (n,) object arrays
        None where a cell is empty.
    row : (n,) int64
        Row number in the file as a spreadsheet counts, or feature number; both from 1.
    unit : str
        ``row`` or ``feature``.
    geometry : (n,) object array of shapely geometries, or None
    crs : str
        CRS of the geometry, empty without.
    notes : dict
        Encoding, sheet, repairs: for provenance.
    """

    source: str
    header: tuple[str, ...]
    cells: Mapping[str, Objects]
    row: Ints
    unit: str
    geometry: Objects | None
    crs: str
    notes: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.row)

    def at(self, index: int) -> str:
        """Return where row ``index`` stands, for messages: ``row 7``."""
        return f"{self.unit} {self.row[index]}"

    def rows(self, mask: Bools, most: int = 5) -> str:
        """Return the file rows of a mask, for messages: ``rows 3, 7 and 12 more``."""
        found = self.row[mask]
        shown = ", ".join(str(r) for r in found[:most])
        more = f" and {len(found) - most} more" if len(found) > most else ""
        return f"{self.unit}{'s' if len(found) > 1 else ''} {shown}{more}"

    def named(self, column: str, what: str = "column") -> str:
        """Return a column the caller named, or raise with the columns there are and the nearest one."""
        if column in self.cells:
            return column
        by_fold = {words.fold(name): name for name in self.header}
        if words.fold(column) in by_fold:
            return by_fold[words.fold(column)]
        raise InputError(f"{self.source} has no {what} {column!r}: {self.choice(column)}")

    def choice(self, wanted: str) -> str:
        """Return the columns that exist, the nearest first, for messages."""
        near = difflib.get_close_matches(wanted, self.header, n=1, cutoff=0.5)
        listed = ", ".join(name or "(unnamed)" for name in self.header) or "none"
        return f"did you mean {near[0]!r}? The columns are {listed}" if near else f"the columns are {listed}"

    def find(self, aliases: Sequence[str]) -> str | None:
        """Return the first column that goes by one of the aliases, units in brackets aside."""
        exact = {words.fold(name): name for name in reversed(self.header)}
        loose = {words.without_unit(name): name for name in reversed(self.header)}
        for names in (exact, loose):
            for alias in aliases:
                if words.fold(alias) in names:
                    return names[words.fold(alias)]
        return None

    def text(self, column: str | None) -> Objects:
        """Return a column as text, unchanged; empty strings where a cell is empty or the column is None."""
        if column is None:
            return np.full(len(self), "", object)
        return np.array([as_text(v) for v in self.cells[column]], object)

    def number(self, column: str) -> Floats:
        """Return a column as numbers, NaN where a cell is empty.

        Raises
        ------
        InputError
            If a cell holds something else, with its row.
        """
        out = np.full(len(self), np.nan)
        for i, value in enumerate(self.cells[column]):
            try:
                out[i] = as_number(value, bool(self.notes.get("decimal_comma")))
            except ValueError:
                raise InputError(
                    f"{self.source}, {self.at(i)}: {value!r} in column {column!r} is not a number: correct it or leave the cell empty"
                ) from None
        return out

    def select(self, keep: Bools) -> Table:
        """Return the rows of a mask."""
        return Table(
            self.source, self.header, {k: v[keep] for k, v in self.cells.items()}, self.row[keep], self.unit,
            None if self.geometry is None else self.geometry[keep], self.crs, self.notes,
        )  # fmt: skip


def as_text(value: Any) -> str:
    """Return a cell as text: whole numbers without a decimal point, empty for an empty cell."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer() and abs(float(value)) < 2**63:
        return str(int(value))
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return str(value)


def as_number(value: Any, decimal_comma: bool = False) -> float:
    """Return a cell as a number; full-width digits and thousands separators are read; NaN for an empty cell.

    Raises
    ------
    ValueError
        If the cell holds something else.
    """
    if value is None or isinstance(value, (bool, np.bool_)):
        if value is None:
            return np.nan
        raise ValueError(value)
    if isinstance(value, (int, float, np.number)):
        return float(value)
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(value)))
    if text.lower() in _EMPTY:
        return np.nan
    if decimal_comma and re.fullmatch(r"[-+]?\d+,\d+", text):
        text = text.replace(",", ".")
    elif re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?", text):
        text = text.replace(",", "")
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", text, re.IGNORECASE):
        raise ValueError(value)
    return float(text)


def existing(path: Source) -> Path:
    """Return the path of a file that exists.

    Raises
    ------
    MissingFileError, InputError
        If there is none, or it is a folder.
    """
    file = Path(path)
    if not file.exists():
        raise MissingFileError(f"{file} does not exist: check the path")
    if file.is_dir():
        raise InputError(f"{file} is a folder: name the file inside it")
    return file


def note(text: str) -> None:
    """Say what a reader left out, as a `UserWarning`: notebooks show it, the command line prints it as a note."""
    warnings.warn(text, UserWarning, stacklevel=4)
