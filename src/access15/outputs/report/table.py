"""One table of the report: its heads, its columns, and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "count", "rate", "minutes", "points", "signed", "number", "gini", "degrees"]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table of the report.

    Attributes
    ----------
    key : str
        ``T1``, ``T2``, … or ``caveats``.
    title, note : str
        In the language of the report.
    frame : DataFrame
        Heads in the language of the report; numbers as numbers (rates as shares, times in minutes),
        missing as None or NaN, texts as text.
    kinds : tuple of str
        What each column holds: ``text``, ``count`` (people), ``rate``, ``minutes``, ``points`` (percentage
        points), ``signed`` (a change in people), ``number``, ``gini`` (three decimals), ``degrees``.
    totals : int
        Rows at the end that are totals.
    """

    key: str
    title: str
    note: str
    frame: pd.DataFrame
    kinds: tuple[Kind, ...]
    totals: int = 0


class Builder:
    """Columns of a table in order, each with its kind; a head that stands twice gets a number."""

    def __init__(self) -> None:
        self.columns: dict[str, Any] = {}
        self.kinds: list[Kind] = []

    def add(self, head: str, kind: Kind, values: Sequence[Any]) -> None:
        """Add a column."""
        unique, again = head, 1
        while unique in self.columns:
            again += 1
            unique = f"{head} ({again})"
        self.columns[unique] = (
            [None if v is None or v == "" else str(v) for v in values]
            if kind == "text"
            else [_finite(v) for v in values]
        )
        self.kinds.append(kind)

    def table(self, key: str, title: str, note: str, totals: int = 0) -> Table:
        """Return the table."""
        import pandas as pd

        frame = pd.DataFrame(
            {
                head: pd.Series(values, dtype=object if kind == "text" else float)
                for (head, values), kind in zip(self.columns.items(), self.kinds, strict=True)
            }
        )
        return Table(key, title, note, frame, tuple(self.kinds), totals)


def _finite(value: Any) -> float:
    number = float("nan") if value is None else float(value)
    return number if np.isfinite(number) else float("nan")
