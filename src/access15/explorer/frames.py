"""Bytes for the page: where cells are, once; then which cells changed class, as gaps between rows and 4 bits each."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from access15.arrays import AnyArray, Floats, Ints, UInt8s
from access15.units import minutes_to_ms

CLASSES: Final = (1 / 3, 2 / 3, 1.0, 2.0, 4.0)
"""Upper ends of the classes of time, as shares of the limit; beyond the last, and no way, are classes too."""

NO_WAY: Final = len(CLASSES) + 1
_DAY_MIN: Final = 1440.0


def class_ends(minutes: float) -> list[float]:
    """Return the upper ends of the classes of a limit, minutes."""
    return [share * minutes for share in CLASSES]


def classes_of(seconds: Floats, minutes: float) -> UInt8s:
    """Return the class of each time; the third and those below it are within the limit, exactly."""
    ends = np.array([minutes_to_ms(min(end, _DAY_MIN)) / 1000 for end in class_ends(minutes)])
    found = np.searchsorted(ends, seconds, side="left").astype(np.uint8)
    found[~np.isfinite(seconds)] = NO_WAY
    return found


def varints(values: Ints) -> bytes:
    """Return whole numbers of 0 or more as bytes of 7 bits, the lowest first; the top bit says that more follow."""
    given = np.asarray(values, np.uint64)
    if not len(given):
        return b""
    size = np.ones(len(given), np.int64)
    for k in range(1, 10):
        size += given >= np.uint64(1) << np.uint64(7 * k)
    columns = np.arange(int(size.max()))
    parts = (given[:, None] >> (np.uint64(7) * columns.astype(np.uint64))) & np.uint64(127)
    parts[columns < size[:, None] - 1] |= np.uint64(128)
    return parts.astype(np.uint8)[columns < size[:, None]].tobytes()


def zigzag(values: Ints) -> Ints:
    """Return whole numbers as numbers of 0 or more: 0, -1, 1, -2 become 0, 1, 2, 3."""
    given = np.asarray(values, np.int64)
    return np.asarray((given << 1) ^ (given >> 63), np.int64)


def nibbles(classes: UInt8s) -> bytes:
    """Return classes below 16 as 4 bits each, the first in the upper half of its byte."""
    even = np.append(classes, np.uint8(0)) if len(classes) % 2 else classes
    return ((even[0::2] << 4) | even[1::2]).astype(np.uint8).tobytes()


def message(head: Mapping[str, Any], *parts: bytes) -> bytes:
    """Return a head as JSON behind its length, then the parts, whose lengths are in ``head["parts"]``."""
    text = json.dumps({**head, "parts": [len(part) for part in parts]}, ensure_ascii=False, allow_nan=False)
    raw = text.encode()
    return struct.pack("<I", len(raw)) + raw + b"".join(parts)


def change(head: Mapping[str, Any], rows: Ints, classes: UInt8s) -> bytes:
    """Return a frame: the cells that changed, ascending, and their classes now."""
    return message(head, varints(np.diff(rows, prepend=0)), nibbles(classes))


def whole(head: Mapping[str, Any], classes: UInt8s) -> bytes:
    """Return a frame of all cells."""
    return message({**head, "all": True}, b"", nibbles(classes))


def packed_lines(lines: Sequence[AnyArray], per_degree: float) -> tuple[bytes, bytes]:
    """Return vertices per line, and steps from vertex to vertex, x and y in turn; the first starts at 0, 0."""
    counts = np.array([len(line) for line in lines], np.int64)
    if not len(counts):
        return b"", b""
    steps = np.rint(np.concatenate(list(lines)) * per_degree).astype(np.int64)
    return varints(counts), varints(
        zigzag(np.diff(steps, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel())
    )
