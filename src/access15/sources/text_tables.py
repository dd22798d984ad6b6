"""Tables as text, .csv, .tsv and .txt: encoding and separator are decided on evidence, quotes are strict."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from access15.errors import InputError
from access15.sources.numbers import TwoReadingsError, number

_SEPARATORS: Final = ",;\t|"
_LOOKED_AT: Final = 200
"""Lines that tell the separator."""

_ESCAPED: Final = ("'=", "'+", "'-", "'@", "'\t")
"""An apostrophe before what a spreadsheet would take for a formula, as access15 and spreadsheets write it."""

_CSV_LIMIT: Final = 100_000
"""Characters of a line up to which Python's own reader is used; its limit for a cell is 131,072."""


def read_text(file: Path) -> tuple[list[list[Any]], list[int], dict[str, Any]]:
    """Return the rows of a text table, the line each starts in (from 1), and encoding and separator.

    Raises
    ------
    InputError
        If the encoding is not certain, or a quote is stray or not closed, with its row.
    """
    text, encoding = decode(file.read_bytes(), file)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    del text  # Of a million rows it is as large as its lines.
    separator = _separator(lines)
    rows, starts = _rows(lines, separator, file)
    return rows, starts, {"encoding": encoding, "separator": {"\t": "tab"}.get(separator, separator)}


def decode(data: bytes, file: Path) -> tuple[str, str]:
    """Return the text of a file and its encoding: UTF-16 by its mark, UTF-8, GB18030, Windows-1252.

    The last two are taken only where the bytes above 127 look it: GB18030 writes Chinese in pairs of such bytes,
    Western letters stand alone between those of ASCII.

    Raises
    ------
    InputError
        If it is none of them for certain.
    """
    if data[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        try:
            return data.decode("utf-32"), "utf-32"
        except UnicodeDecodeError as error:
            raise InputError(
                f"{file} is cut off or damaged (UTF-32, {error.reason}): save it again"
            ) from error
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16"), "utf-16"
        except UnicodeDecodeError as error:
            raise InputError(
                f"{file} is cut off or damaged (UTF-16, {error.reason}): save it again"
            ) from error
    if b"\0" in data:
        raise InputError(f"{file} is not text in UTF-8 or GB18030: save it as CSV UTF-8")
    try:
        return data.decode("utf-8-sig"), "utf-8-sig"
    except UnicodeDecodeError as error:
        broken = error.start
    kept = re.findall(r"[^\x00-\x7f]", data.decode("utf-8", errors="ignore"))
    if len("".join(kept).encode()) > 0.8 * sum(map(len, re.findall(rb"[\x80-\xff]+", data))):
        row = data.count(b"\n", 0, broken) + 1
        raise InputError(
            f"{file}, row {row} is not UTF-8 as the rest of the file is: correct it or save the file again"
        )
    return _one_or_two_bytes(data, file)


def _one_or_two_bytes(data: bytes, file: Path) -> tuple[str, str]:
    """Return text that is not UTF-8: GB18030 where bytes above 127 come in pairs, Windows-1252 where they stand alone."""
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", data)]
    alone = sum(length == 1 for length in runs) / len(runs)
    for encoding, fits in (("gb18030", alone < 0.5), ("cp1252", alone > 0.5)):
        try:
            if fits:
                return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise InputError(f"{file} is not text in UTF-8 or GB18030: save it as CSV UTF-8")


def _separator(lines: list[str]) -> str:
    """Return the separator that parts most lines into the same number of cells, the more cells the better."""
    looked = [re.sub(r'"(?:[^"]|"")*"', "", line) for line in lines[: 2 * _LOOKED_AT] if line.strip()][
        :_LOOKED_AT
    ]

    def score(separator: str) -> tuple[float, int]:
        counts = Counter(line.count(separator) for line in looked)
        usual, times = max(
            counts.items(), key=lambda item: (item[1] * (item[0] > 0), item[0]), default=(0, 0)
        )
        return (times / len(looked), usual) if usual else (0.0, 0)

    return max(_SEPARATORS, key=score)


@lru_cache(maxsize=8)
def _strict(separator: str) -> re.Pattern[str]:
    """Return the pattern of a row whose quotes are as they should be."""
    cell = rf'(?:"(?:[^"]|"")*+"|[^"{re.escape(separator)}\n][^{re.escape(separator)}\n"]*+(?:"[^"{re.escape(separator)}\n]*+"[^"{re.escape(separator)}\n]*+)*+|)'
    return re.compile(rf"{cell}(?:{re.escape(separator)}{cell})*+")


@lru_cache(maxsize=8)
def _cell(separator: str) -> re.Pattern[str]:
    return re.compile(rf'(?:^|{re.escape(separator)})(?:"((?:[^"]|"")*+)"|([^{re.escape(separator)}]*+))')


def _rows(lines: list[str], separator: str, file: Path) -> tuple[list[list[Any]], list[int]]:
    rows: list[list[Any]] = []
    starts: list[int] = []
    quoted: list[int] = []
    for start, line in _records(lines, file):
        if '"' in line:
            if not _strict(separator).fullmatch(line):
                raise _stray(file, start, line, separator)
            quoted.append(len(rows))
        rows.append([line] if '"' in line else line.split(separator))
        starts.append(start)
    broken = [i for i in quoted if "\n" in rows[i][0]]
    _take_quotes(rows, quoted, separator)
    width = max((len(row) for row in rows[:_LOOKED_AT]), default=0)
    for i in broken:
        _refuse_swallowed(rows[i], starts[i], separator, width, file)
    if any(mark in line for line in lines if "'" in line for mark in _ESCAPED):
        rows = [[cell[1:] if cell[:2] in _ESCAPED else cell for cell in row] for row in rows]
    return rows, starts


def _records(lines: list[str], file: Path) -> Iterator[tuple[int, str]]:
    """Yield the line number and text of each row: lines as long as a quote is open belong together."""
    open_at, parts = 0, []
    for number_, line in enumerate(lines, 1):
        if '"' in line and line.count('"') % 2:
            parts.append(line)
            if open_at:
                yield open_at, "\n".join(parts)
                open_at, parts = 0, []
            else:
                open_at = number_
        elif open_at:
            parts.append(line)
        else:
            yield number_, line
    if open_at:
        raise InputError(
            f'{file}, row {open_at}: a quote (") opens there and nothing closes it, so all later rows would be read as one '
            "cell: close or remove it"
        )


def _take_quotes(rows: list[list[Any]], quoted: list[int], separator: str) -> None:
    """Part the rows that have quotes into their cells."""
    short = [i for i in quoted if len(rows[i][0]) < _CSV_LIMIT and "\n" not in rows[i][0]]
    parted = csv.reader([rows[i][0] for i in short], delimiter=separator)
    for i, cells in zip(short, parted, strict=True):
        rows[i] = cells
    for i in sorted(set(quoted) - set(short)):
        found = _cell(separator).findall(rows[i][0])
        rows[i] = [inside.replace('""', '"') if inside else plain for inside, plain in found]


def _stray(file: Path, row: int, line: str, separator: str) -> InputError:
    cells = line.split("\n")
    more = f" (with the {len(cells) - 1} rows after it that it swallows)" if len(cells) > 1 else ""
    return InputError(
        f'{file}, row {row}{more}: a quote (") stands where none can: put the whole cell in quotes and double those inside '
        f"it, or remove it; cells are parted by {'tab' if separator == chr(9) else separator!r}"
    )


def _refuse_swallowed(cells: list[Any], row: int, separator: str, width: int, file: Path) -> None:
    """Refuse a cell over several lines one of which looks like a row of the table: two stray quotes swallow what is between."""
    for cell in cells:
        for part in cell.split("\n")[1:] if "\n" in cell else ():
            inside = part.split(separator)
            if len(inside) >= max(width - 1, 2) and any(_is_number(one) for one in inside):
                raise InputError(
                    f'{file}, row {row}: a quote (") opens there and closes some rows later, and what is between looks like '
                    f"rows of the table ({part[:40]!r}): remove the quotes, or write that cell on one line"
                )


def _is_number(text: str) -> bool:
    try:
        return not math.isnan(number(text))
    except ValueError as error:
        return isinstance(error, TwoReadingsError)
