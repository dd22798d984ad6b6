"""Units and names shared by every layer: minutes, milliseconds, speeds, column slugs.

Travel times are computed in whole **milliseconds** (``uint32``, largest value 49.7 days). One edge
is off by at most half a millisecond, so a path of a thousand edges is off by at most half a second
and, as roundings cancel, typically by 10 ms. Whole numbers make ties exact: the answer does not
depend on node order or on the number of threads.
"""

from __future__ import annotations

import datetime
import itertools
import math
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from access15.arrays import Floats, UInt32s
from access15.errors import InputError

NOT_REACHED_MS: Final = 0xFFFFFFFF
"""Engine label of a node that was not reached (``uint32`` maximum)."""

MAX_MS: Final = 0x7FFFFFFF
"""Largest time of one edge or limit, 24.8 days: the sum of two still fits the label."""


ROUNDING_S: Final = 0.5
"""Most that roundings add up to on a trip of a thousand streets, half a millisecond each. A quarter of an hour
holds a thousand streets only where the mean one takes less than a second."""


def check_date(value: datetime.date | str | None, name: str = "date") -> datetime.date:
    """Return a day; today for None.

    Parameters
    ----------
    value : date or str, optional
        ``2026-12-01``.
    name : str
        For the message.

    Raises
    ------
    InputError
        If it is no day.
    """
    if value is None:
        return datetime.date.today()
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    try:
        return datetime.date.fromisoformat(str(value).strip())
    except ValueError:
        raise InputError(f"{name} must be a day such as 2026-12-01, not {str(value)[:40]!r}") from None


def check_minutes(minutes: float | Sequence[float], name: str = "minutes") -> tuple[float, ...]:
    """Return cut-offs in minutes as a sorted tuple of positive finite numbers.

    Parameters
    ----------
    minutes : float or sequence of float
        One cut-off or several, in minutes.
    name : str
        What the message calls the value.

    Raises
    ------
    InputError
        If there is none, or one is not a finite number above 0, or one stands twice.
    """
    if isinstance(minutes, (str, bytes)) or minutes is None:
        raise InputError(f"{name} must be numbers above 0, not {minutes!r}: use for example 5, 10, 15")
    values = [minutes] if isinstance(minutes, (int, float, np.number)) else list(minutes)
    if not values:
        raise InputError(f"{name} is empty: name at least one cut-off above 0, such as 15")
    for value in values:
        number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value <= 0:
            raise InputError(f"{name} must be numbers above 0, not {value!r}: use for example 5, 10, 15")
        if value > MAX_MS / 60_000:
            raise InputError(f"{name} of {value:g} is beyond 24 days: name a shorter time")
        if value * 60_000 < 1:
            raise InputError(f"{name} of {value:g} is less than a millisecond: name a longer time")
    numbers = sorted(float(value) for value in values)
    for first, second in itertools.pairwise(numbers):
        if first == second:
            raise InputError(f"{name} names {first:g} twice: name every cut-off once")
    return tuple(numbers)


def check_limit(minutes: float | Sequence[float]) -> float:
    """Return the one cut-off of a function that takes one, in minutes.

    Raises
    ------
    InputError
        If it is not one finite number above 0.
    """
    cutoffs = check_minutes(minutes)
    if len(cutoffs) > 1:
        raise InputError(f"minutes must be one number here, not {minutes!r}: call once for each")
    return cutoffs[0]


def thread_count(threads: int | None) -> int:
    """Return how many threads to use; all cores by default.

    Raises
    ------
    InputError
        If ``threads`` is not a whole number above 0.
    """
    if threads is None:
        return os.cpu_count() or 1
    if isinstance(threads, bool) or not isinstance(threads, (int, np.integer)) or threads < 1:
        raise InputError(
            f"threads must be a whole number above 0, not {threads!r}: leave it out for all cores"
        )
    return int(threads)


def minutes_to_ms(minutes: float) -> int:
    """Return a cut-off in whole milliseconds (15 → 900000)."""
    return round(minutes * 60_000)


def ms_to_seconds(time_ms: UInt32s) -> Floats:
    """Return engine times as seconds, ``inf`` where not reached."""
    seconds = time_ms / 1000.0
    seconds[time_ms == NOT_REACHED_MS] = np.inf
    return seconds


def minutes_label(minutes: float) -> str:
    """Return a cut-off as it stands in column names: 15 → ``15``, 7.5 → ``7_5``."""
    return f"{minutes:g}".replace(".", "_")


def slug(text: str) -> str:
    """Return a column-safe name ``[a-z0-9_]``: ``walk-elder`` → ``walk_elder``, ``65+`` → ``65plus``.

    Letters outside ASCII are written as their code points, so that two Chinese names stay different.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower().replace("+", "plus").replace("%", "pct")
    out = "".join(c if c.isascii() else f"u{ord(c):x}" for c in plain)
    out = re.sub(r"[^a-z0-9]+", "_", out).strip("_")
    if not out:
        raise InputError(f"the name {text!r} has no letter or digit: give it one")
    return out


def slugs(texts: Iterable[str]) -> dict[str, str]:
    """Return ``{text: slug}``.

    Raises
    ------
    InputError
        If two texts share one slug.
    """
    out: dict[str, str] = {}
    seen: dict[str, str] = {}
    for text in texts:
        name = slug(text)
        if name in seen and seen[name] != text:
            raise InputError(
                f"the names {seen[name]!r} and {text!r} both become the column name {name!r}: rename one"
            )
        seen[name] = text
        out[text] = name
    return out
