"""A look over an OSM file before it is read: the order of its objects, versions, and what osmium does not read.

Only ids and marks are looked at, so that a file as it should be costs little more than before. PBF is taken apart as
far as the ids of its objects (https://wiki.openstreetmap.org/wiki/PBF_Format).
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from access15.arrays import Ints


@dataclass(frozen=True, slots=True)
class Scan:
    """What a file is like.

    Attributes
    ----------
    in_order : bool
        Nodes before ways before relations.
    several : int
        How many objects are there more than once.
    history : bool
        Deleted objects may be among them.
    located : bool
        Positions stand on the ways (PBF).
    by_hand : bool
        XML that osmium does not read as it is meant.
    """

    in_order: bool = True
    several: int = 0
    history: bool = False
    located: bool = False
    by_hand: bool = False

    @property
    def plain(self) -> bool:
        """Whether osmium reads the file as it is."""
        return self.in_order and not (self.several or self.history or self.located or self.by_hand)


_START: Final = re.compile(rb"""<(node|way|relation)\s[^>]*?\bid\s*=\s*["'](-?)(\d+)""")
_MARKS: Final = re.compile(
    rb"""<center\b|\saction\s*=\s*["']delete|\svisible\s*=\s*["']false|<nd\b[^>]*\slat\s*=|<nd\s+lon"""
)
_BOUNDS: Final = re.compile(rb"<(?:way|relation)\b[^>]*>\s*<bounds\b")
_CODE: Final = {b"node": 0, b"way": 1, b"relation": 2}


_MOST_BLOCK_BYTES: Final = 32 << 20
"""Of a block of a PBF, unpacked; the format allows no more."""

_SEEN: Final[dict[tuple[str, int, int], Scan]] = {}
_MOST_SEEN: Final = 64


def scan(file: Path) -> Scan:
    """Look over a file; one that cannot be taken apart is plain, and osmium says what is wrong with it.

    The readers of a study look at one file in turn: it is looked over once, until its size or time changes.
    """
    try:
        now = file.stat()
    except OSError:
        return Scan()
    state = str(file.resolve()), now.st_size, now.st_mtime_ns
    if state not in _SEEN:
        if len(_SEEN) >= _MOST_SEEN:
            _SEEN.clear()
        _SEEN[state] = _looked_over(file)
    return _SEEN[state]


def _looked_over(file: Path) -> Scan:
    unlike = OSError, EOFError, ValueError, IndexError, KeyError, TypeError, OverflowError, zlib.error
    with contextlib.suppress(*unlike):
        return _scan_pbf(file) if file.name.lower().endswith(".pbf") else _scan_xml(file)
    return Scan()


@contextmanager
def unpacked(file: Path) -> Iterator[IO[bytes]]:
    """Open an XML file, packed or not."""
    name = file.name.lower()
    opened: Any = gzip.open if name.endswith(".gz") else bz2.open if name.endswith(".bz2") else open
    with opened(file, "rb") as text:
        yield text


def _scan_xml(file: Path) -> Scan:
    with unpacked(file) as opened:
        text = opened.read()
    if _MARKS.search(text) or _BOUNDS.search(text):
        return Scan(by_hand=True)
    found = _START.findall(text)
    if any(sign for _, sign, _ in found):
        return Scan(by_hand=True)
    kind = np.array([_CODE[name] for name, _, _ in found], np.int8)
    ids = np.array([int(number) for _, _, number in found], np.int64)
    return Scan(bool((np.diff(kind) >= 0).all()), sum(_repeats(ids[kind == k]) for k in range(3)))


def _repeats(ids: Ints) -> int:
    """Return how many of some ids stand there a second time."""
    if (ids[1:] > ids[:-1]).all():
        return 0
    return len(ids) - len(np.unique(ids))


def _scan_pbf(file: Path) -> Scan:
    ids: tuple[list[Ints], list[Ints], list[Ints]] = ([], [], [])
    last, in_order, history, located = 0, True, False, False
    for head, block in _blocks(file.read_bytes()):
        if head:
            history |= b"HistoricalInformation" in block
            located |= b"LocationsOnWays" in block
            continue
        for kind, found in _ids(block):
            in_order &= kind >= last
            last = max(last, kind)
            ids[kind].append(found)
    several = sum(_repeats(np.concatenate(parts)) for parts in ids if parts)
    return Scan(in_order, several, history, located)


def _blocks(data: bytes) -> Iterator[tuple[bool, bytes]]:
    """Yield the blocks of a PBF, unpacked: whether it is a header, and its bytes."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        head = dict(_fields(data, at + 4, at + 4 + size))
        at += 4 + size
        name, length = head[1], head[3]
        first, stop = name
        blob = dict(_fields(data, at, at + length))
        at += length
        if 3 in blob:
            block = zlib.decompressobj().decompress(data[blob[3][0] : blob[3][1]], _MOST_BLOCK_BYTES)
        elif 1 in blob:
            block = data[blob[1][0] : blob[1][1]]
        else:
            raise ValueError("packed in another way")
        yield data[first:stop] == b"OSMHeader", block


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _fields(data: bytes, at: int, stop: int) -> Iterator[tuple[int, Any]]:
    """Yield the fields of a message: number, and value or (first, last) byte."""
    while at < stop:
        key, at = _varint(data, at)
        if key & 7 == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
        elif key & 7 == 2:
            size, at = _varint(data, at)
            yield key >> 3, (at, at + size)
            at += size
        else:
            at += {1: 8, 5: 4}[key & 7]


def _ids(block: bytes) -> Iterator[tuple[int, Ints]]:
    """Yield the kind (node, way, relation) and the ids of each group of a block."""
    for number, where in _fields(block, 0, len(block)):
        if number != 2:
            continue
        at, stop = where
        group = block[at]
        if group == 0x12:  # dense nodes: their ids are the first field, each the step from the one before
            _, at = _varint(block, at + 1)
            if block[at] == 0x0A:
                size, at = _varint(block, at + 1)
                steps = _varints(np.frombuffer(block, np.uint8, size, at))
                yield 0, np.cumsum((steps >> 1) ^ -(steps & 1))
        elif group in (0x0A, 0x1A, 0x22):
            yield {0x0A: 0, 0x1A: 1, 0x22: 2}[group], _first_numbers(block, at, stop)


def _first_numbers(block: bytes, at: int, stop: int) -> Ints:
    """Return the first field of each message of a group: the id of the object."""
    found = []
    while at < stop:
        at += 1
        size = block[at]
        at += 1
        if size > 127:
            size, at = _varint(block, at - 1)
        value = shift = 0
        place = at + 1
        while True:
            byte = block[place]
            value |= (byte & 127) << shift
            if byte < 128:
                break
            place += 1
            shift += 7
        found.append(value)
        at += size
    return np.array(found, np.int64)


def _varints(data: Any) -> Ints:
    """Return the numbers of a packed field of variable length."""
    last = np.flatnonzero(data < 128)
    if not len(last):
        return np.empty(0, np.int64)
    first = np.concatenate(([0], last[:-1] + 1))
    place = np.arange(len(data)) - np.repeat(first, last - first + 1)
    parts = (data & 127).astype(np.int64) << (7 * place)
    return np.asarray(np.add.reduceat(parts, first), np.int64)
