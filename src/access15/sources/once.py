"""Files that are looked at and then read are taken apart once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

_kept: ContextVar[dict[Any, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Keep what files hold until the end: a file read again within is not opened again.

    For whoever looks at files before reading them; what stands in them must not be changed.
    """
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once(key: tuple[Any, ...], read: Callable[[], T]) -> T:
    """Return what ``read`` returns; within `reading_once` the answer to the same key is kept.

    Parameters
    ----------
    key : tuple
        What is read, and how.
    read : callable
    """
    kept = _kept.get()
    if kept is None:
        return read()
    if key not in kept:
        kept[key] = read()
    found: T = kept[key]
    return found
