"""The notes of a study: those of its inputs, and of how people and service points were linked to streets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.model import LinkReason, Note, notes_of, worst_first
from access15.profiles import profile_title

if TYPE_CHECKING:
    from access15.arrays import Floats
    from access15.model import LinkedPoints, NearestTimes

FAR_M: Final = 200.0
"""People with a longer way than this to their street are counted in a note, metres."""

_REASONS: Final = {
    LinkReason.PAST_FRAGMENT: (
        "people join a street further off, for a nearer one leads nowhere",
        "人改连较远的道路（更近的道路不通往别处）",
    ),
    LinkReason.ACROSS_WATER: (
        "people have every street near enough across water and join none",
        "人附近的道路都在水的另一侧，未连接",
    ),
    LinkReason.ON_MOTORWAY: (
        "people join a motorway, for no other street is near enough",
        "人连到高速公路（附近没有其他道路）",
    ),
    LinkReason.ON_CLOSED_LAND: (
        "people live on land that is closed, such as water, and off every street: they have no time",
        "人位于不可通行的地面（如水面）且不在道路上，没有时间",
    ),
    LinkReason.OUTSIDE_TERRAIN: (
        "people live outside the terrain and off every street: they have no time",
        "人位于地形数据之外且不在道路上，没有时间",
    ),
}
"""What the reasons of links mean for people."""


def link_notes(mode: str, cells: LinkedPoints, people: Floats) -> Iterator[Note]:
    """Yield the notes on how the people of a mode join the streets."""
    total = float(people.sum())

    def note(kind: str, which: Any, en: str, zh: str) -> Note:
        count = float(people[which].sum())
        return Note(
            f"{mode}: {kind}",
            count,
            f"{en} ({mode})",
            f"{zh}（{profile_title(mode, 'zh')}）",
            count / total if total else 0.0,
            "people",
        )

    far = cells.linked & (cells.leg_m > FAR_M)
    yield note(
        "far from a street",
        far,
        f"people are more than {FAR_M:g} m from their street",
        f"人距所连道路超过 {FAR_M:g} 米",
    )
    nowhere = np.isin(cells.reason, (LinkReason.ON_CLOSED_LAND, LinkReason.OUTSIDE_TERRAIN))
    yield note(
        "unlinked", ~cells.placed & ~nowhere, "people have no street near enough", "人附近没有可连的道路"
    )
    for reason, (en, zh) in _REASONS.items():
        yield note(reason.name.lower(), cells.reason == reason, en, zh)


def site_note(mode: str, sites: LinkedPoints) -> Note:
    """Return how many service points are far from their street: the last part of the way may not be one to walk."""
    far = int((sites.linked & (sites.leg_m > FAR_M)).sum())
    return Note(
        f"{mode}: service points far from a street",
        far,
        f"service points are more than {FAR_M:g} m from their street, across whatever lies between ({mode})",
        f"个服务点距所连道路超过 {FAR_M:g} 米（{mode}）",
    )


def points_note(what: str, mode: str, points: LinkedPoints) -> Note:
    """Return how many origins or destinations of a table are far from their street."""
    far = int((points.linked & (points.leg_m > FAR_M)).sum())
    return Note(
        f"{mode}: {what} far from a street",
        far,
        f"of {len(points.linked):,} {what} are more than {FAR_M:g} m from their street, across whatever lies between ({mode})",
        f"个点距所连道路超过 {FAR_M:g} 米（{mode}）",
    )


def study_notes(
    read: Iterable[Mapping[str, Any]], times: Mapping[str, NearestTimes], people: Floats
) -> list[dict[str, Any]]:
    """Return all notes of a study as plain values, worst first, each with its source and its line.

    Parameters
    ----------
    read : iterable of mapping
        The provenance of what was read.
    times : mapping of str to NearestTimes
    people : (n,) float64
        Residents of the cells.
    """
    rows: list[tuple[str, Note]] = []
    for facts in read:
        rows += [(str(facts.get("source", "")), note) for note in notes_of(facts)]
    for mode, found in times.items():
        told = [*link_notes(mode, found.cells, people), site_note(mode, found.sites)]
        rows += [("", note) for note in told if note.count]
    source = {id(note): name for name, note in rows}
    return [
        {"source": source[id(note)], **asdict(note), "text": note.line(), "text_zh": note.line("zh")}
        for note in worst_first(note for _, note in rows)
    ]


def known_lines(notes: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the lines of some notes of `study_notes`, as they were told."""
    return {_told(note) for note in notes}


def with_scenario_notes(
    today: Iterable[Mapping[str, Any]], scenarios: Mapping[str, Iterable[Mapping[str, Any]]]
) -> list[dict[str, Any]]:
    """Return the notes of today and those that only a scenario has, worst first; the scenario stands in the source."""
    found = [dict(note) for note in today]
    said = known_lines(found)
    for name, notes in scenarios.items():
        new = [note for note in notes if _told(note) not in said]
        found += [
            {**note, "source": f"scenario {name!r}{', ' if note['source'] else ''}{note['source']}"}
            for note in new
        ]
    return sorted(found, key=lambda note: (-(note["share"] or 0.0), -note["count"]))


def _told(note: Mapping[str, Any]) -> str:
    return f"{note['source']}: {note['text']}" if note["source"] else str(note["text"])
