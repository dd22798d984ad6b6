"""What every noun shares: read-only arrays and a fingerprint of the content."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from access15.errors import InputError

_FINGERPRINTS: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def freeze(noun: object, name: str, dtype: Any, length: int | None = None) -> None:
    """Replace field ``name`` of a frozen noun by a read-only array of ``dtype`` and check its length."""
    given = getattr(noun, name)
    array = np.ascontiguousarray(given, dtype=dtype)
    if array is given and array.flags.writeable:
        array = array.view()
    array.flags.writeable = False
    if length is not None and array.shape[:1] != (length,):
        raise InputError(f"{type(noun).__name__}.{name} has shape {array.shape}, expected {length} rows")
    object.__setattr__(noun, name, array)


def fingerprint(noun: Any) -> str:
    """Return a short hash of everything a noun holds (computed once per object).

    Two objects with equal content have equal fingerprints, in any process.
    """
    known = _FINGERPRINTS.get(noun)
    if known is None:
        digest = hashlib.blake2b(type(noun).__name__.encode(), digest_size=12)
        for field in dataclasses.fields(noun):
            if field.metadata.get("fingerprint", True):
                digest.update(field.name.encode())
                _feed(digest, getattr(noun, field.name))
        known = _FINGERPRINTS[noun] = digest.hexdigest()
    return known


def _feed(digest: Any, value: Any) -> None:
    if isinstance(value, np.ndarray):
        digest.update(f"{value.dtype.str}{value.shape}".encode())
        if value.dtype == object and {type(item) for item in value.flat} == {str}:
            # The same bytes as one by one, but at once.
            digest.update("".join(map(repr, value.flat)).encode())
        elif value.dtype == object:
            for item in value:
                _feed(digest, item)
        else:
            digest.update(np.ascontiguousarray(value).data)
    elif isinstance(value, dict):
        for key in value:
            digest.update(str(key).encode())
            _feed(digest, value[key])
    elif isinstance(value, (tuple, list)):
        digest.update(str(len(value)).encode())
        for item in value:
            _feed(digest, item)
    elif hasattr(value, "wkb"):
        digest.update(value.wkb)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        digest.update(fingerprint(value).encode())
    else:
        digest.update(repr(value).encode())


def expect(value: object, kind: type, name: str, made_by: str) -> None:
    """Raise `InputError` unless ``value`` is of the noun ``kind``; ``made_by`` says how one gets it."""
    if not isinstance(value, kind):
        wanted, got = (_with_article(one.__name__) for one in (kind, type(value)))
        raise InputError(f"{name} must be {wanted} ({made_by}), not {got}")


def _with_article(word: str) -> str:
    return f"{'an' if word[0].lower() in 'aeiou' else 'a'} {word}"
