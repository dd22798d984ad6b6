"""A table as it was read: texts and numbers by column, and where each row stood in its file."""

from __future__ import annotations

import datetime
import difflib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from access15.arguments import say
from access15.arrays import Bools, Floats, Ints, Objects
from access15.errors import InputError, MissingFileError
from access15.leftovers import no_name, shortened
from access15.sources import columns as words
from access15.sources.numbers import (
    COUNTED_IN,
    BadCellError,
    Evidence,
    Marks,
    TwoReadingsError,
    evidence,
    numbers,
    plain,
)

Source = str | PathLike[str]


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
    decimal : str
        Decimal mark that the user states; empty where the file is to tell.
    degrees : tuple of str
        Columns of longitudes and latitudes in degrees, which are never thousands.
    """

    source: str
    header: tuple[str, ...]
    cells: Mapping[str, Objects]
    row: Ints
    unit: str
    geometry: Objects | None
    crs: str
    notes: Mapping[str, Any]
    decimal: str = ""
    degrees: tuple[str, ...] = ()
    _decided: list[Marks] = field(default_factory=list)

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
        found = f"did you mean {near[0]!r}? The columns are {listed}" if near else f"the columns are {listed}"
        return found + elsewhere(self.notes)

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
        texts = [v if v.__class__ is str else as_text(v) for v in self.cells[column].tolist()]
        return np.array([*texts, None], object)[:-1]

    def number(self, column: str) -> Floats:
        """Return a column as numbers, NaN where a cell is empty.

        Raises
        ------
        InputError
            If a cell holds something else, or a number that can be read in two ways, with its row.
        """
        cells = self.cells[column].tolist()
        again = f"{column}#2"
        if again in self.cells and self.cells[again].tolist() != cells:
            raise InputError(
                f"{self.source} has two columns {column!r} with different numbers: rename or remove one of them"
            )
        marks = (
            self._marks() if any(isinstance(c, str) and ("." in c or "," in c) for c in cells) else Marks()
        )
        try:
            return numbers(cells, marks.decimal)
        except BadCellError as error:
            raise self._no_number(column, error, marks) from None

    def counted(self, column: str, what: str) -> Floats:
        """Return a column of counts in ones: 万人, thousands and the like in its header, or in the title of the table, are multiplied.

        Parameters
        ----------
        column : str
        what : str
            For messages: ``people``, ``beds`` … A unit in the title counts for people only.

        Raises
        ------
        InputError
            If a cell is no number, or the unit says that the column holds no count.
        """
        values = self.number(column)
        self._check_own_proof(column)
        unit = words.unit_of(column) or (self.notes.get("unit_in_title", "") if what == "people" else "")
        try:
            scale = words.scale_of(unit)
        except words.UnitError:
            raise InputError(
                f"{self.source}: the column {column!r} is in {unit!r}, which is no count of {what}: name a column of counts, or write the "
                "unit of its numbers in brackets (人, 万人, thousands)"
            ) from None
        if scale == 1.0:
            return values
        for row, cell in enumerate(self.cells[column].tolist()):
            if isinstance(cell, str) and COUNTED_IN.search(cell):
                raise InputError(
                    f"{self.source}, {self.at(row)}: {cell[:40]!r} in column {column!r} says its unit as the column does ({unit}): "
                    "leave one of them out"
                )
        return values * scale

    def _check_own_proof(self, column: str) -> None:
        """Refuse counts such as 1.250 throughout, whose decimal mark only other columns prove: one thousand is as likely."""
        cells = self.cells[column].tolist()
        if self.decimal or not any(isinstance(c, str) and ("." in c or "," in c) for c in cells):
            return
        said, mark = evidence(cells), self._marks().decimal
        if said is None or said.either is None or said.dot is not None or said.comma is not None:
            return
        cell = str(cells[said.either])
        if mark in cell:
            point, comma = TwoReadingsError(plain(cell)).readings
            raise InputError(
                f"{self.source}, {self.at(said.either)}: {cell[:60]!r} in column {column!r} is {point} or {comma}, and only other columns "
                f"tell which: write counts without such marks, or say {say('decimal', mark)}"
            )

    def _no_number(self, column: str, error: BadCellError, marks: Marks) -> InputError:
        value = str(self.cells[column][error.index])
        shown = repr(value if len(value) <= 60 else f"{value[:57]}…")
        where = f"{self.source}, {self.at(error.index)}: {shown} in column {column!r}"
        if isinstance(error.why, TwoReadingsError):
            point, comma = error.why.readings
            return InputError(
                f"{where} is {point} or {comma}, and no number in the file tells which: "
                'say what separates decimals, decimal = "." or decimal = "," (--decimal on the command line)'
            )
        why = f" with the decimal mark {marks.decimal!r} ({marks.proof})" if marks.decimal == "," else ""
        return InputError(f"{where} is not a number{why}: correct it or leave the cell empty")

    def _marks(self) -> Marks:
        """Return the file's decimal mark, decided once from all its columns of numbers.

        Raises
        ------
        InputError
            If one cell proves a decimal point and another a decimal comma.
        """
        if not self._decided:
            self._decided.append(Marks(self.decimal, "stated") if self.decimal else self._weighed())
            if isinstance(self.notes, dict) and self._decided[0].decimal == ",":
                self.notes["decimal_mark"] = f"',' ({self._decided[0].proof})"
        return self._decided[0]

    def _weighed(self) -> Marks:
        seen: dict[str, str] = {}
        for name in self.header:
            said: Evidence | None = evidence(self.cells[name].tolist(), name in self.degrees)
            for mark, at in ((".", said.dot), (",", said.comma)) if said else ():
                if at is not None:
                    seen.setdefault(
                        mark, f"{self.at(at)}: {str(self.cells[name][at])[:40]!r} in column {name!r}"
                    )
        if len(seen) == 2:
            raise InputError(
                f"{self.source} has decimal points ({seen['.']}) and decimal commas ({seen[',']}): correct the wrong ones, or "
                'say which is right, decimal = "." or decimal = "," (--decimal on the command line)'
            )
        return next((Marks(mark, proof) for mark, proof in seen.items()), Marks())

    def select(self, keep: Bools) -> Table:
        """Return the rows of a mask."""
        return replace(
            self,
            cells={k: v[keep] for k, v in self.cells.items()},
            row=self.row[keep],
            geometry=None if self.geometry is None else self.geometry[keep],
        )


def elsewhere(notes: Mapping[str, Any]) -> str:
    """Return which sheet of a workbook was read, and which others there are, for messages; empty without others."""
    others = notes.get("other_sheets", [])
    listed = ", ".join(map(repr, others))
    return (
        f", in the sheet {notes['sheet']!r}; others are {listed}: {say('layer', others[0])}" if others else ""
    )


def as_text(value: Any) -> str:
    """Return a cell as text: whole numbers without a decimal point, empty for an empty cell."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer() and abs(float(value)) < 2**63:
        return str(int(value))
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return str(value)


def column_of(values: Sequence[Any]) -> Objects:
    """Return values as an object array, whatever they are."""
    return np.array([*values, None], object)[:-1]  # The None keeps lists of one length from becoming rows.


def existing(path: Source) -> Path:
    """Return the path of a file that exists.

    Raises
    ------
    MissingFileError, InputError
        If there is none, or it is a folder.
    """
    file = Path(path)
    try:
        there = file.exists()
    except (OSError, ValueError) as error:
        raise MissingFileError(f"{shortened(file)} does not exist: {no_name(error)}") from error
    if not there:
        raise MissingFileError(f"{file} does not exist: check the path")
    if file.is_dir():
        raise InputError(f"{file} is a folder: name the file inside it")
    return file


def note(text: str) -> None:
    """Say what a reader left out, as a `UserWarning`: notebooks show it, the command line prints it as a note."""
    warnings.warn(text, UserWarning, stacklevel=4)
