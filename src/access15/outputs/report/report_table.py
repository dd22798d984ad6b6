"""One table of the report: what it holds, and what declares it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np

from access15.outputs.findings import Findings
from access15.outputs.words import Pair, Words, said, words

if TYPE_CHECKING:
    import pandas as pd

MOST_COLUMNS: Final = 6
"""Columns of a table on a page."""

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
    screen : tuple of int
        Columns that a page shows, at most six; the workbook has all.
    """

    key: str
    title: str
    note: str
    frame: pd.DataFrame
    kinds: tuple[Kind, ...]
    totals: int = 0
    screen: tuple[int, ...] = ()

    @property
    def shown_columns(self) -> tuple[int, ...]:
        """The columns of a page: those chosen, else the first six."""
        return (self.screen or tuple(range(len(self.kinds))))[:MOST_COLUMNS]


class Builder:
    """Columns of a table in order, each with its kind; a head that stands twice gets a number.

    Parameters
    ----------
    word : Words
        Words of one language; heads are keys of it.
    """

    def __init__(self, word: Words) -> None:
        self.word = word
        self.columns: dict[str, Any] = {}
        self.kinds: list[Kind] = []
        self.heads: list[str] = []
        self.chosen: set[int] = set()
        self.note, self.totals = "", 0

    def add(
        self, head: str, kind: Kind, values: Iterable[Any], *, on_page: bool = False, **parts: Any
    ) -> None:
        """Add a column; ``parts`` fill the places of its head, ``on_page`` puts it among those a page shows."""
        if kind not in get_args(Kind):
            raise ValueError(f"column {head!r}: {kind!r} is no kind of column")
        title = self.word[head].format(**parts)
        unique, again = title, 1
        while unique in self.columns:
            again += 1
            unique = f"{title} ({again})"
        self.columns[unique] = (
            [None if v is None or v == "" else str(v) for v in values]
            if kind == "text"
            else [_finite(v) for v in values]
        )
        if on_page:
            self.chosen.add(len(self.kinds))
        self.kinds.append(kind)
        self.heads.append(head)

    def say(self, head: str, values: Iterable[Any]) -> None:
        """Add a column of text, with the words for its values."""
        self.add(head, "text", [said(self.word, value) for value in values])

    def rows(self, columns: str, lines: Iterable[Sequence[Any]], **parts: Any) -> None:
        """Add columns, named as ``head:kind`` with spaces between, from their rows, of which there is at least one."""
        for column, values in zip(columns.split(), zip(*lines, strict=True), strict=True):
            head, _, kind = column.partition(":")
            self.add(head, kind, values, **parts)  # type: ignore[arg-type]

    def done(self, note: str = "", totals: int = 0) -> Builder:
        """Return the builder with the note below the table and the number of rows that are totals."""
        self.note, self.totals = note, totals
        return self

    def table(self, key: str, title: str, on_page: Sequence[str] = ()) -> Table:
        """Return the table; a page shows the columns with these heads, and those added as ``on_page``."""
        import pandas as pd

        frame = pd.DataFrame(
            {
                head: pd.Series(values, dtype=object if kind == "text" else float)
                for (head, values), kind in zip(self.columns.items(), self.kinds, strict=True)
            }
        )
        picked = (i for i, head in enumerate(self.heads) if head in on_page or i in self.chosen)
        return Table(key, title, self.note, frame, tuple(self.kinds), self.totals, tuple(picked))


def _finite(value: Any) -> float:
    number = float("nan") if value is None else float(value)
    return number if np.isfinite(number) else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class ReportTable:
    """A table that a report may hold, as its file in ``tables`` declares it.

    Attributes
    ----------
    id : str
        ``T1``, ``T5a``, … or a word; also its key, and the anchor on the page.
    title : pair of str
        English and Chinese; a number is put in front.
    about : str
        What it shows, and where it is left out: its row in the documentation.
    build : callable
        From the findings and the words of a language to its columns; None where the data for it were not computed.
    note : pair of str
        Below the table, with places that ``build`` fills.
    words : mapping of str to pair
        Words that no other table or page says.
    on_page : tuple of str
        Heads of the columns that a page shows, where there are more than six.
    """

    id: str
    title: Pair
    about: str
    build: Callable[[Findings, Words], Builder | None]
    note: Pair | None = None
    words: Mapping[str, Pair] = field(default_factory=dict)
    on_page: tuple[str, ...] = ()

    def heading(self, lang: str) -> str:
        """Return the title in one language, behind the number of the table."""
        title = self.title[lang == "zh"]
        return f"{self.id} {title}" if self.id[1:2].isdigit() else title

    def made(self, findings: Findings, lang: str = "en") -> Table | None:
        """Return the table in one language; None where the data for it were not computed."""
        own = {**self.words, "note": self.note} if self.note else self.words
        built = self.build(findings, words(lang, own))
        return None if built is None else built.table(self.id, self.heading(lang), self.on_page)
