"""Built networks kept on disk: read once, mapped into memory the next time.

A cache file is named after the street file, its options and the content of every file read; inside stand
the format, the version of access15 that wrote it and checksums. What does not fit is built again, with a
warning. Files appear in one step (written beside, then moved), so that several processes may build at once.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import mmap
import re
import struct
import warnings
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arguments import say
from access15.arrays import AnyArray
from access15.errors import InputError
from access15.folders import cache_folder
from access15.leftovers import passing_name, sweep
from access15.model import StreetNetwork, fingerprint

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

SCHEMA: Final = 2
"""Layout of the file; raised when it changes."""
SUFFIX: Final = ".a15net"
_MAGIC: Final = b"a15net\r\n"
_HEAD: Final = struct.Struct("<8sII")  # magic, header length, header checksum
_ALIGN: Final = 64
_COMPANIONS: Final = (".shx", ".dbf", ".prj", ".cpg")


class _UnusableError(Exception):
    """A cache file that must be built again; the text says why."""


def cached(
    path: str | Path | Iterable[str | Path],
    options: Mapping[str, Any],
    builder: Callable[[], StreetNetwork],
    *,
    cache: bool | str | Path | None = True,
    usable: Callable[[StreetNetwork], bool] | None = None,
) -> StreetNetwork:
    """Return the network of some files, from the cache where it is there and fits, else built and kept.

    Parameters
    ----------
    path : path or iterable of paths
        The street file, then any other file the network is made of (elevation, clip area, columns). The
        content of all counts.
    options : mapping of str to value
        Everything else that shapes the network: texts, numbers, lists, mappings, shapely geometries,
        GeoDataFrames, nouns of access15.
    builder : callable
        Called without arguments where the cache does not help.
    cache : bool or path
        True: the user's cache folder (`cache_folder`); a path: that folder; False or None: no cache.
    usable : callable, optional
        Says whether a kept network still serves; else it is built again.

    Returns
    -------
    StreetNetwork
        Mapped into memory when it comes from the cache.

    Raises
    ------
    InputError
        If ``cache`` is a file, or an option is of a kind that cannot be compared.

    Warns
    -----
    UserWarning
        If a cache file is damaged or outdated (it is built again) or nothing can be written.
    """
    if cache is None or cache is False:
        return builder()
    files = [Path(path)] if isinstance(path, (str, Path)) else [Path(p) for p in path]
    folder = cache_folder() if cache is True else Path(cache).expanduser()
    if folder.is_file():
        raise InputError(
            f"{folder} is a file, and networks are kept in a folder: name one, {say('cache', 'folder')}"
        )
    if not all(file.is_file() for file in files):
        return builder()  # It says best what is missing.
    source = ", ".join(str(file.resolve()) for file in files)
    prefix = f"{_stem(files[0])}-{_digest(_canonical(options), 6)}"
    kept = folder / f"{prefix}-{_content(files)}{SUFFIX}"
    try:
        if kept.is_file():
            found = load_network(kept)
            if usable is None or usable(found):
                return found
    except (_UnusableError, OSError) as error:
        warnings.warn(f"the cached network {kept} {error}: it is built again", stacklevel=3)
    network = builder()
    try:
        save_network(network, kept, source=source)
    except (OSError, TypeError) as error:
        warnings.warn(
            f"the network could not be kept in {folder} ({getattr(error, 'strerror', None) or error}): it will be built "
            f"again next time; free space, or name another folder, {say('cache', 'folder')}",
            stacklevel=3,
        )
    else:
        _drop_outdated(folder, prefix, kept, source)
    return network


def _drop_outdated(folder: Path, prefix: str, kept: Path, source: str) -> None:
    """Remove networks of earlier content of the same file, saying so."""
    for other in folder.glob(f"{prefix}-*{SUFFIX}"):
        if other == kept:
            continue
        with contextlib.suppress(_UnusableError, OSError):
            if _header(_mapped(other))[0].get("source") == source:
                other.unlink()
                warnings.warn(
                    f"{source} has changed since it was cached: the network was built again", stacklevel=4
                )


def save_network(network: StreetNetwork, path: Path, *, source: str = "") -> None:
    """Write a network whole or not at all; missing folders are made.

    Raises
    ------
    OSError
        If it cannot be written.
    TypeError
        If a field holds what a file cannot keep.
    """
    arrays: list[AnyArray] = []
    fields = {f.name: _encode(getattr(network, f.name), arrays) for f in dataclasses.fields(network)}
    table, at, checksum = [], 0, 0
    parts: list[Any] = []
    for array in arrays:
        data = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
        fill = b"\0" * (-len(data) % _ALIGN)
        table.append({"dtype": array.dtype.str, "shape": array.shape, "at": at})
        for part in (data, fill):
            checksum = zlib.crc32(part, checksum)
            parts.append(part)
        at += len(data) + len(fill)
    header = json.dumps(
        {
            "schema": SCHEMA,
            "version": _version(),
            "source": source,
            "fields": fields,
            "arrays": table,
            "bytes": at,
            "checksum": checksum,
        },
        ensure_ascii=False,
    ).encode()
    header += b" " * (-(_HEAD.size + len(header)) % _ALIGN)
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent)
    beside = passing_name(path)
    try:
        with beside.open("wb") as file:
            file.write(_HEAD.pack(_MAGIC, len(header), zlib.crc32(header)))
            file.write(header)
            file.writelines(parts)
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def load_network(path: Path) -> StreetNetwork:
    """Return a saved network, its arrays mapped from the file.

    Raises
    ------
    _UnusableError
        If the file is damaged, or was written by another version.
    OSError
        If it cannot be read.
    """
    data = _mapped(path)
    header, start = _header(data)
    if header["version"] != _version():
        raise _UnusableError(f"was written by access15 {header['version']}, this is {_version()}")
    if len(data) != start + header["bytes"]:
        raise _UnusableError("is cut off")
    if zlib.crc32(memoryview(data)[start:]) != header["checksum"]:
        raise _UnusableError("is damaged")
    arrays = []
    for one in header["arrays"]:
        kind, shape = np.dtype(one["dtype"]), tuple(one["shape"])
        count = int(np.prod(shape, dtype=np.int64))
        flat = np.frombuffer(data, kind, count, start + one["at"]) if count else np.empty(0, kind)
        arrays.append(flat.reshape(shape))
    try:
        return StreetNetwork(**{name: _decode(value, arrays) for name, value in header["fields"].items()})
    except (TypeError, ValueError, KeyError) as error:
        raise _UnusableError(f"does not hold a network ({error})") from error


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        try:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as error:
            raise _UnusableError("is empty") from error


def _header(data: mmap.mmap) -> tuple[dict[str, Any], int]:
    """Return the header and where the arrays begin."""
    if len(data) < _HEAD.size:
        raise _UnusableError("is cut off")
    magic, size, checksum = _HEAD.unpack(data[: _HEAD.size])
    text = data[_HEAD.size : _HEAD.size + size]
    if magic != _MAGIC or zlib.crc32(text) != checksum:
        raise _UnusableError("is damaged")
    header: dict[str, Any] = json.loads(text)
    if header["schema"] != SCHEMA:
        raise _UnusableError(f"has layout {header['schema']}, this access15 writes {SCHEMA}")
    return header, _HEAD.size + size


def _encode(value: Any, arrays: list[AnyArray]) -> Any:
    """Return a field as JSON; arrays go to the list and leave their number."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if isinstance(value, np.generic):
        return _encode(value.item(), arrays)
    if isinstance(value, Mapping):
        return {"map": [[_encode(k, arrays), _encode(v, arrays)] for k, v in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [_encode(item, arrays) for item in value]}
    if isinstance(value, list):
        return [_encode(item, arrays) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (Path, date)):
        return str(value)
    raise TypeError(f"a value of the kind {type(value).__name__} cannot be kept")


def _decode(value: Any, arrays: list[AnyArray]) -> Any:
    if isinstance(value, list):
        return [_decode(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "tuple" in value:
        return tuple(_decode(item, arrays) for item in value["tuple"])
    return {_decode(k, arrays): _decode(v, arrays) for k, v in value["map"]}


def _digest_folder(folder: Traversable, digest: hashlib.blake2b) -> None:
    """Add the names and the content of all code and tables below a folder."""
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            _digest_folder(item, digest)
        elif item.name.endswith((".py", ".csv", ".toml")):
            digest.update(f"{item.name}\0".encode())
            digest.update(item.read_bytes())


@lru_cache(maxsize=1)
def _version() -> str:
    """Return the version of access15 and a hash of the code that builds networks: a changed rule is a new version."""
    from importlib import metadata, resources

    digest = hashlib.blake2b(digest_size=4)
    for package in ("access15.model", "access15.modes", "access15.network", "access15.sources"):
        _digest_folder(resources.files(package), digest)
    try:
        number = metadata.version("access15")
    except metadata.PackageNotFoundError:
        number = "0"
    return f"{number}+{digest.hexdigest()}"


def _stem(file: Path) -> str:
    return re.sub(r"[^\w-]+", "_", file.name.split(".")[0])[:40] or "network"


def _content(files: Iterable[Path]) -> str:
    """Return a hash of the content of files; the companions of a shapefile count as part of it."""
    digest = hashlib.blake2b(digest_size=12)
    for file in files:
        companions = [file.with_suffix(end) for end in _COMPANIONS] if file.suffix.lower() == ".shp" else []
        for part in [file, *(c for c in companions if c.is_file())]:
            with part.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "blake2b").digest())
    return digest.hexdigest()


def _digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def _canonical(value: Any) -> str:
    """Return a text that is equal for equal options, in any process.

    Raises
    ------
    InputError
        If the value is of a kind that cannot be compared.
    """
    if value is None or isinstance(value, (bool, int, float, str, Path)):
        return repr(str(value)) if isinstance(value, (str, Path)) else repr(value)
    if isinstance(value, np.generic):
        return _canonical(value.item())
    if isinstance(value, Mapping):
        rows = sorted((_canonical(k), _canonical(v)) for k, v in value.items())
        return f"{{{','.join(f'{k}:{v}' for k, v in rows)}}}"
    if isinstance(value, (list, tuple, np.ndarray)):
        return f"[{','.join(_canonical(item) for item in value)}]"
    if isinstance(value, (bytes, bytearray)):
        return hashlib.blake2b(value, digest_size=16).hexdigest()
    if hasattr(value, "wkb"):
        return _canonical(value.wkb)
    if hasattr(value, "to_wkb"):
        geometry = getattr(value, "geometry", value)
        return _canonical([str(geometry.crs), [shape.wkb for shape in geometry]])
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return fingerprint(value)
    raise InputError(
        f"a network with an option of the kind {type(value).__name__} cannot be cached: leave cache out"
    )
