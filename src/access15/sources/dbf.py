"""dBASE tables, .dbf: alone, or beside a shapefile; the encoding is decided on evidence, not on what the file claims."""

from __future__ import annotations

import datetime
import re
import struct
from pathlib import Path
from typing import Any, Final

from access15.errors import InputError

_CODE_PAGES: Final = {
    "utf8": "utf-8",
    "65001": "utf-8",
    "936": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "cp936": "gb18030",
    "ansi936": "gb18030",
    "950": "big5",
    "big5": "big5",
    "iso88591": "latin-1",
    "88591": "latin-1",
    "1252": "cp1252",
    "ansi1252": "cp1252",
    "cp1252": "cp1252",
}
_DELETED: Final = 0x2A


def read_dbf(file: Path) -> tuple[list[list[Any]], list[int], dict[str, Any]]:
    """Return header and rows of a dBASE table, the record each comes from, and its encoding.

    Raises
    ------
    InputError
        If it is damaged or cut off.
    """
    data = file.read_bytes()
    if len(data) < 33:
        raise InputError(f"{file} is cut off ({len(data)} bytes): copy it again")
    records, start, width = struct.unpack("<IHH", data[4:12])
    encoding, said = encoding_of(file)
    fields = _fields(data, start, encoding or "ascii", file)
    if start + records * width > len(data) + 1 or width < 1 + sum(size for _, _, size in fields):
        raise InputError(
            f"{file} is cut off or damaged: it states {records:,} records of {width} bytes; copy it again"
        )
    rows: list[list[Any]] = [[name for name, _, _ in fields]]
    numbers = [0]
    for i in range(records):
        record = data[start + i * width : start + (i + 1) * width]
        if record[:1] and record[0] == _DELETED:
            continue
        at, cells = 1, []
        for name, kind, size in fields:
            cells.append(
                _value(
                    record[at : at + size], kind, encoding or "ascii", f"{file}, row {i + 1}, column {name!r}"
                )
            )
            at += size
        rows.append(cells)
        numbers.append(i + 1)
    return rows, numbers, {"encoding": encoding or "ascii"} | ({"cpg": said} if said else {})


def _fields(data: bytes, start: int, encoding: str, file: Path) -> list[tuple[str, str, int]]:
    out: list[tuple[str, str, int]] = []
    at = 32
    while at + 32 <= min(start, len(data)) and data[at] != 0x0D:
        name = data[at : at + 11].split(b"\0")[0].decode(encoding, errors="replace").strip()
        out.append((name or f"column {len(out) + 1}", chr(data[at + 11]), data[at + 16]))
        at += 32
    if not out:
        raise InputError(f"{file} has no columns: it is damaged; export it again")
    return out


def _value(raw: bytes, kind: str, encoding: str, where: str) -> Any:
    if kind in "NF":
        text = raw.decode("ascii", errors="replace").strip(" \0")
        if not text or set(text) == {"*"}:
            return None
        try:
            return int(text) if text.lstrip("+-").isdigit() else float(text)
        except ValueError:
            raise InputError(f"{where}: {text[:40]!r} is not a number: correct it") from None
    if kind == "I" and len(raw) == 4:
        return struct.unpack("<i", raw)[0]
    if kind in "OB" and len(raw) == 8:
        return struct.unpack("<d", raw)[0]
    text = raw.decode(encoding, errors="replace").strip(" \0\ufffd")
    if kind == "L":
        return {"T": True, "Y": True, "F": False, "N": False}.get(text.upper())
    if kind == "D" and len(text) == 8 and text.isdigit():
        try:
            return datetime.datetime.strptime(text, "%Y%m%d").date()
        except ValueError:
            return text
    return text or None


def encoding_of(file: Path) -> tuple[str | None, str]:
    """Return the encoding of a .dbf's texts, None for ASCII, and what a .cpg beside it claims where that is wrong.

    Parameters
    ----------
    file : Path
        The .dbf or .shp. Fields of fixed width may cut a character in half, so the encoding with fewest broken
        characters wins; a .cpg decides where its own encoding breaks none.

    Raises
    ------
    InputError
        If the .cpg claims an encoding that does not fit and none that is known does.
    """
    dbf = file if file.suffix.lower() == ".dbf" else _beside(file, ".dbf")
    if dbf is None:
        return None, ""
    data = dbf.read_bytes()
    if len(data) < 32:
        return None, ""
    texts = _texts(data)
    if texts.isascii():
        return None, ""
    cpg = _beside(dbf, ".cpg")
    claim = "" if cpg is None else cpg.read_bytes()[:40].decode("ascii", errors="replace").strip()
    stated = _CODE_PAGES.get("".join(c for c in claim.lower() if c.isalnum()))
    broken = {e: _broken(texts, e) for e in ("utf-8", "gb18030")}
    best = min(broken, key=lambda e: broken[e])
    high = sum(map(len, _high_runs(texts)))
    if stated in ("latin-1", "cp1252") and _alone(texts) > 0.5:
        return stated, ""
    if stated is not None and broken.get(stated, high) <= max(broken[best], high // 100):
        return stated, ""
    if stated == "big5" and _broken(texts, "big5") == 0 and broken["utf-8"]:
        return stated, ""
    if broken[best] * 20 > high:
        if _alone(texts) > 0.5:
            return "cp1252", claim
        raise InputError(
            f"{dbf} holds text in no encoding that is known (UTF-8, GB18030)"
            + (
                f", and {cpg.name} says {claim!r}: correct that file"
                if cpg is not None
                else ": write the right one into a .cpg file"
            )
        )
    return best, claim


def _texts(data: bytes) -> bytes:
    """Return the names of the columns and all cells of text, one after the other."""
    import numpy as np

    records, start, width = struct.unpack("<IHH", data[4:12])
    records = min(records, (len(data) - start) // width if width and len(data) > start else 0)
    body = np.frombuffer(data, np.uint8, records * width, start if records else 0).reshape(records, width)
    parts, at, column = [], 32, 1
    while at + 32 <= min(start, len(data)) and data[at] != 0x0D:
        parts.append(data[at : at + 11].split(b"\0")[0])
        if data[at + 11 : at + 12] in (b"C", b"M"):
            parts.append(body[:, column : column + data[at + 16]].tobytes())
        at, column = at + 32, column + data[at + 16]
    return b" ".join(parts)


def _beside(file: Path, suffix: str) -> Path | None:
    return next((f for f in (file.with_suffix(suffix), file.with_suffix(suffix.upper())) if f.exists()), None)


def _broken(texts: bytes, encoding: str) -> int:
    return texts.decode(encoding, errors="replace").count("\ufffd")


def _high_runs(texts: bytes) -> list[bytes]:
    return re.findall(rb"[\x80-\xff]+", texts)


def _alone(texts: bytes) -> float:
    """Return the share of runs of bytes above 127 that are one byte long, as letters of the West are."""
    runs = _high_runs(texts)
    return sum(len(run) == 1 for run in runs) / len(runs)
