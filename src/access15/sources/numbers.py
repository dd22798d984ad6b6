"""Numbers as people write them: which mark separates decimals in a file, decided once from all its numeric columns."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from access15.arrays import Floats
from access15.errors import InputError

EMPTY: Final = frozenset(("", "-", "--", "—", "——", "/", "\\", "nan", "na", "n/a", "null", "none", "无"))
"""What stands for an empty cell, in lower case."""

DECIMALS: Final = (".", ",")
_SPACES: Final = re.compile(r"[^\S\r\n]+")
COUNTED_IN: Final = re.compile(r"[百千万亿]")
_WITH_UNIT: Final = re.compile(r"([^百千万亿人名张口个]*\d)([百千万亿]?)(?:人|名|张|口|个)?")
_UNITS: Final = {"": 1.0, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}
_SIGNS: Final = str.maketrans({"\u2212": "-", "\ufe63": "-", "\u2019": "'", "\u02bc": "'"})
"""Minus signs and apostrophes that are written for - and '."""

_PLAIN: Final = frozenset("0123456789.+-eE\n")
_MARKED: Final = frozenset("0123456789.,'+-eE\n")
_GROUPED: Final = r"\d{1,3}(?:[%s]\d{2,3})*[%s]\d{3}"
"""Thousands, and the groups of two digits that India writes (12,34,567)."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Which mark separates decimals in a file.

    Attributes
    ----------
    decimal : str
        ``.`` or ``,``; empty where no cell proves one.
    proof : str
        Where that is seen: ``row 2: '9,0012' in column 'lon'``; ``stated`` where the user says so.
    """

    decimal: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one column says of the decimal mark: the first cell of each kind, None where there is none."""

    dot: int | None = None
    comma: int | None = None
    either: int | None = None


def check_decimal(decimal: str | None) -> str:
    """Return a decimal mark that a user named, empty for None.

    Raises
    ------
    InputError
        If it is neither ``.`` nor ``,``.
    """
    if decimal is not None and decimal not in DECIMALS:
        raise InputError(f"decimal = {decimal!r} is no decimal mark: use '.' or ','")
    return decimal or ""


def plain(text: str) -> str:
    """Return a cell's text half-width, trimmed, and without the spaces that part groups of three digits.

    Line breaks and other spaces stay: a cell with them is no number.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    text = _SPACES.sub(" ", text).strip()
    if " " in text and re.fullmatch(r"[-+]?\d{1,3}(?: \d{3})+(?:[.,]\d*)?", text):
        text = text.replace(" ", "")
    return text


def _parted(text: str) -> tuple[str, float]:
    """Return a plain text without a unit in Chinese at its end, and how many ones that is: ``1.2万人`` is 1.2 and 10,000."""
    found = None if text.isascii() else _WITH_UNIT.fullmatch(text)
    return (text, 1.0) if found is None else (found[1], _UNITS[found[2]])


def evidence(cells: Sequence[Any], degrees: bool = False) -> Evidence | None:
    """Return what a column says of the decimal mark; None if it holds anything but numbers.

    Parameters
    ----------
    cells : sequence
        Texts, numbers and None.
    degrees : bool
        Whether they are longitudes or latitudes, which are never thousands: ``9,001`` is then a decimal.
    """
    texts = [cell for cell in cells if isinstance(cell, str)]
    if not texts:
        return None
    joined = "\n".join(texts)
    seen = set(joined)
    if seen <= _PLAIN and "." not in seen:
        return Evidence()
    if seen <= _MARKED and joined.count("\n") == len(texts) - 1:
        quick = _quick(joined, seen)
        if quick is not None:
            proved = (i for i, cell in enumerate(cells) if isinstance(cell, str) and cell and _says(cell)[0])
            found = next(proved, None)
            if found is not None:
                return Evidence(dot=found)
    return _cell_by_cell(cells, degrees)


def _quick(joined: str, seen: set[str]) -> bool | None:
    """Return True where a column of plain numbers surely has decimal points, at the price of one look."""
    if "," in seen or "'" in seen:
        return None
    # Possessive throughout: what could be given back is kept in memory, some 500 bytes for each cell.
    if not re.fullmatch(r"(?:[-+]?+(?:\d++\.?+\d*+|\.\d++)?+(?:[eE][-+]?+\d++)?+(?:\n|\Z))*+", joined):
        return None
    proof = re.search(r"(?m)^[-+]?(?:0*\d*\.(?:\d{0,2}|\d{4,})|0\d*\.\d{3}|\d{4,}\.\d{3}|\.\d+)$", joined)
    return True if proof else None


def _says(text: str) -> tuple[bool, bool, bool]:
    """Return whether a number proves the decimal point, proves the decimal comma, or fits both.

    Raises
    ------
    ValueError
        If it is not a number under either.
    """
    fits = [_fits(text, decimal) for decimal in DECIMALS]
    if not any(fits):
        raise ValueError(text)
    if all(fits):
        marked = "." in text or "," in text
        return False, False, marked
    return fits[0], fits[1], False


def _fits(text: str, decimal: str) -> bool:
    other = ",'" if decimal == "." else ".'"
    group = re.escape(other)
    whole = rf"(?:\d+|{_GROUPED % (group, group)})"
    mark = re.escape(decimal)
    pattern = rf"[-+]?(?:{whole}(?:{mark}\d*)?|{mark}\d+)(?:[eE][-+]?\d+)?"
    return re.fullmatch(pattern, text) is not None and not re.match(rf"[-+]?0\d*[{group}]", text)


def _cell_by_cell(cells: Sequence[Any], degrees: bool) -> Evidence | None:
    first: dict[str, int] = {}
    known: dict[str, tuple[bool, bool, bool]] = {}
    for i, cell in enumerate(cells):
        if not isinstance(cell, str):
            continue
        text, _ = _parted(plain(cell))
        if text.lower() in EMPTY:
            continue
        if text not in known:
            try:
                known[text] = _says(text)
            except ValueError:
                return None
        dot, comma, either = known[text]
        if either and degrees and len(re.findall(r"[.,]", text)) == 1:
            dot, comma, either = "." in text, "," in text, False
        for name, true in (("dot", dot), ("comma", comma), ("either", either)):
            if true:
                first.setdefault(name, i)
    return Evidence(**first)


def number(value: Any, decimal: str = "") -> float:
    """Return a cell as a number, NaN for an empty one.

    Full-width digits, and spaces or apostrophes between thousands, are read.

    Parameters
    ----------
    value : object
    decimal : {"", ".", ","}
        The decimal mark of the file; without one, whichever reading is the only one.

    Raises
    ------
    ValueError
        If the cell holds something else, a number without end, or one that can be read in two ways.
    """
    if value is None:
        return math.nan
    if isinstance(value, (bool, np.bool_)):
        raise ValueError(value)
    if isinstance(value, (int, float, np.number)):
        return _finite(value)
    text, times = _parted(plain(str(value)))
    if text.lower() in EMPTY:
        return math.nan
    if times != 1.0:
        return _rounded(number(text, decimal) * times)
    if not decimal:
        _, comma, either = _says(text)
        if either:
            raise TwoReadingsError(text)
        decimal = "," if comma else "."
    if not _fits(text, decimal):
        raise ValueError(value)
    thousands = "," if decimal == "." else "."
    return _finite(text.replace("'", "").replace(thousands, "").replace(decimal, "."))


def _rounded(value: float) -> float:
    """Return a number without what multiplying left behind its twelfth digit: 1.2万 is 12,000."""
    return float(f"{value:.12g}")


class TwoReadingsError(ValueError):
    """A number such as 1.250 that fits both decimal marks.

    Attributes
    ----------
    readings : (str, str)
        With a decimal point, and with a decimal comma.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.readings = (f"{number(text, '.'):.15g}", f"{number(text, ','):.15g}")


def _finite(value: Any) -> float:
    try:
        found = float(value)
    except OverflowError:
        raise ValueError("more digits than a number can have") from None
    if math.isinf(found):
        raise ValueError(value)
    return found


def numbers(cells: Sequence[Any], decimal: str) -> Floats:
    """Return a column as numbers, NaN where a cell is empty.

    Raises
    ------
    BadCellError
        With the first cell that is no number.
    """
    fast = _all_plain(cells, dots=decimal == ".") if decimal != "," else None
    if fast is not None:
        return fast
    out = np.full(len(cells), np.nan)
    known: dict[str, float] = {}
    for i, cell in enumerate(cells):
        try:
            if isinstance(cell, str):
                if cell not in known:
                    known[cell] = number(cell, decimal)
                out[i] = known[cell]
            else:
                out[i] = number(cell)
        except ValueError as error:
            raise BadCellError(i, error) from None
    return out


class BadCellError(ValueError):
    """A cell that is no number: its index, and why in ``__cause__`` of the raising code."""

    def __init__(self, index: int, why: ValueError) -> None:
        super().__init__(index)
        self.index, self.why = index, why


def _all_plain(cells: Iterable[Any], *, dots: bool) -> Floats | None:
    """Return a column of plain numbers at once; None where a cell, or a dot without ``dots``, needs a closer look."""
    try:
        out = np.array([math.nan if cell is None else float(cell) for cell in cells], float)
    except (ValueError, TypeError, OverflowError):
        return None
    texts = [cell for cell in cells if isinstance(cell, str)]
    if any(isinstance(cell, (bool, np.bool_)) for cell in cells) or np.isinf(out).any():
        return None
    return out if set("".join(texts)) <= _PLAIN - (set("\n") if dots else set("\n.")) else None
