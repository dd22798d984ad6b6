"""Which rows or objects a user keeps or drops by what stands in their columns or tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from access15.arrays import Bools
from access15.errors import InputError
from access15.sources.columns import fold

Choice = Mapping[str, str | Sequence[str]]
"""``{"type": ["clinic", "health post"]}``: a column, or a tag of OSM, and the values meant."""


def wanted(choice: Choice | None, option: str) -> dict[str, tuple[str, ...]]:
    """Return a choice as ``{column: folded values}``.

    Parameters
    ----------
    choice : mapping or None
    option : str
        ``keep`` or ``drop``, for messages.

    Raises
    ------
    InputError
        If it is no mapping, or a column names no value.
    """
    if choice is None:
        return {}
    if not isinstance(choice, Mapping):
        raise InputError(
            f'{option} must name columns and values, such as {{"type": ["clinic"]}}, not {choice!r}'
        )
    out: dict[str, tuple[str, ...]] = {}
    for column, values in choice.items():
        listed: Sequence[Any] = [values] if isinstance(values, (str, int, float)) else list(values)
        if not listed:
            raise InputError(f"{option} names no value for {column!r}: name at least one, or leave it out")
        out[str(column)] = tuple(fold(str(value)) for value in listed)
    return out


def fits(cell: str, values: tuple[str, ...]) -> bool:
    """Return whether a cell, or one part of a list in it (``a;b``), is one of some folded values."""
    plain = fold(cell)
    return plain in values or any(
        part in values for part in plain.replace("；", ";").replace("|", ";").split(";")
    )


def left_out(
    keep: Mapping[str, tuple[str, ...]],
    drop: Mapping[str, tuple[str, ...]],
    cells: Callable[[str], Sequence[str]],
    free: Bools,
    source: str,
) -> dict[int, str]:
    """Return the rows that a choice leaves out, with the reason.

    Parameters
    ----------
    keep, drop : mapping of str to tuple of str
        From `wanted`. A row must fit every column of ``keep`` and none of ``drop``.
    cells : callable
        Returns the texts of a column, or raises naming those there are.
    free : (n,) bool
        Rows not set aside for another reason.
    source : str
        For messages.

    Raises
    ------
    InputError
        If nothing is left.
    """
    out: dict[int, str] = {}
    for option, choice in (("keep", keep), ("drop", drop)):
        for column, values in choice.items():
            texts = cells(column)
            for row in np.flatnonzero(free).tolist():
                if row not in out and fits(texts[row], values) == (option == "drop"):
                    what = f"{column} is {texts[row]!r}" if texts[row] else f"{column} is empty"
                    out[row] = f"left out by {option}: {what}"
            if free.any() and len(out) == free.sum():
                seen = sorted({texts[row] for row in np.flatnonzero(free).tolist() if texts[row]})
                listed = ", ".join(map(repr, seen[:12])) + (" …" if len(seen) > 12 else "")
                raise InputError(
                    f"{source}: {option} {column!r} leaves nothing: its values are {listed or 'all empty'}"
                )
    return out
