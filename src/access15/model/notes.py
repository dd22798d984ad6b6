"""Notes: what was set aside, repaired, guessed or looks implausible, one counted line per kind.

Whoever reads or computes makes a `Note` for each kind of thing that can change a figure and keeps them in the
``provenance`` of its noun (`with_notes`). The same notes are then told everywhere: `tell` says them as Python warnings
(which the commands print on stderr), a study keeps those of all its nouns as ``notes`` in ``run.json``, and the report's
table of caveats lists them.

.. code-block:: python

    lost = Note("ferries without a duration", 3, share=0.02, of="street length",
                en="ferries without a duration are not travelled", zh="没有航行时间的渡轮不予通行")
    network = replace(network, provenance=with_notes(network.provenance, [lost]))
    tell(notes_of(network.provenance), network.provenance["source"])
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

WORTH_FIRST: Final = 0.01
"""Share of the people or of the street length from which a note says its per cent, and comes first."""

NOTES: Final = "notes"
"""The key of ``provenance`` under which a noun keeps its notes."""

Of = Literal["people", "street length", "land", ""]
_OF_ZH: Final = {"people": "人口", "street length": "道路长度", "land": "土地面积", "": ""}


@dataclass(frozen=True, slots=True)
class Note:
    """One kind of thing that was set aside, repaired, guessed or looks implausible.

    Attributes
    ----------
    kind : str
        What it is about; two notes of one noun have two kinds.
    count : float
        How many things, or people.
    en, zh : str
        What was done with them, to follow the count: ``"ferries without a duration are not travelled"``.
    share : float
        Part of ``of`` that it touches, 0 to 1; None where that is not known.
    of : {"people", "street length", "land", ""}
    """

    kind: str
    count: float
    en: str
    zh: str
    share: float | None = None
    of: Of = ""

    def line(self, lang: str = "en") -> str:
        """Return the note as one line; from `WORTH_FIRST` on it begins with the per cent."""
        counted = f"{self.count:,.0f} {self.en}" if lang == "en" else f"{self.zh}：{self.count:,.0f}"
        if (self.share or 0.0) < WORTH_FIRST or not self.of:
            return counted
        return (
            f"{self.share:.1%} of the {self.of}: {counted}"
            if lang == "en"
            else f"{_OF_ZH[self.of]}的 {self.share:.1%}：{counted}"
        )


def worst_first(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return notes by the share they touch, largest first; then those without one, by their count."""
    return tuple(sorted(notes, key=lambda note: (-(note.share or 0.0), -note.count)))


def with_notes(provenance: Mapping[str, Any], notes: Iterable[Note]) -> dict[str, Any]:
    """Return a provenance that holds some notes more, in place of those of the same kinds; those of nothing are left out."""
    fresh = {note.kind: note for note in notes}
    kept = [note for note in notes_of(provenance) if note.kind not in fresh]
    found = worst_first([*kept, *(note for note in fresh.values() if note.count)])
    out = {key: value for key, value in provenance.items() if key != NOTES}
    return out | {NOTES: [asdict(note) for note in found]} if found else out


def notes_of(provenance: Mapping[str, Any]) -> tuple[Note, ...]:
    """Return the notes a provenance holds, worst first."""
    return tuple(Note(**note) for note in provenance.get(NOTES, ()))


def tell(notes: Iterable[Note], source: str = "") -> None:
    """Say notes as warnings, worst first: notebooks show them, the commands print them on stderr.

    A warning points at the line that asked: a user's, or a command's, which shows only warnings of access15.

    Parameters
    ----------
    source : str
        What they are about, such as a file's name; stands in front.
    """
    for note in worst_first(notes):
        warnings.warn(
            f"{source}: {note.line()}" if source else note.line(), UserWarning, stacklevel=_depth_of_caller()
        )


def _depth_of_caller() -> int:
    """Return how many frames above `tell` who asked stands, as `warnings.warn` counts: a line of a user, or a command."""
    frame, depth = sys._getframe(1), 1
    while frame.f_back is not None:
        room = [*frame.f_globals.get("__name__", "").split("."), ""]
        if room[0] != "access15" or room[1] == "cli":
            break
        frame, depth = frame.f_back, depth + 1
    return depth
