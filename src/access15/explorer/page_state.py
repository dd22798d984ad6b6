"""What one page shows and does: a scenario that grows change by change, and the frames that follow it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from access15.arrays import Ints, UInt8s
from access15.crs import WGS84, to_crs
from access15.errors import InputError
from access15.explorer.frames import change, class_ends, classes_of, whole
from access15.explorer.questions import Snapshot
from access15.profiles import profile_title
from access15.study import (
    EVERYBODY,
    Count,
    LiveStudy,
    LiveTimes,
    Wanted,
    load_scenario,
    save_scenario,
    saved_scenarios,
    served,
)

MOST_CHANGES: Final = 500
LISTED_AREAS: Final = 60
"""Areas a frame tells of, the worst first; the files have all."""

_LONGEST_TEXT: Final = 200
_UNSEEN: Final = 15
"""A class that no cell has: what the page has not heard of."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the list of changes.

    Attributes
    ----------
    number : int
    kind : {"add", "move", "close", "open", "resize"}
    id : str
        Of the facility.
    wanted : Wanted
        What the facility is from here on.
    is_on : bool
        Whether it holds; one that was taken back stays in the list.
    gained, lost : float
        People it brings within the limit and people it takes out of it, after the changes before it.
    """

    number: int
    kind: str
    id: str
    wanted: Wanted
    is_on: bool = True
    gained: float = 0.0
    lost: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """What is looked at: who travels how, for how long."""

    mode: str
    minutes: float
    group: str


class PageState:
    """The state of one page; every method answers with messages for it.

    Parameters
    ----------
    live : LiveStudy
    """

    def __init__(self, live: LiveStudy) -> None:
        analysis = live.study.settings.analysis
        self.live = live
        self.case = Case(live.modes[0], analysis.headline_case.minutes, next(iter(live.groups)))
        self.changes: list[Change] = []
        self._undone: list[list[Change]] = []
        self._past: list[list[Change]] = []
        self._dragged: tuple[str, Wanted] | None = None
        self._times: dict[str, LiveTimes] = {}
        self._shown: UInt8s = np.full(len(live.inputs.population), _UNSEEN, np.uint8)
        self._shown_key: tuple[str, float] | None = None
        self._spots = self._places_of_cells()
        self._today = self._facilities_today()
        self._counted: tuple[Case, Count] | None = None

    @property
    def scenario(self) -> dict[str, Wanted]:
        """What differs from today, the facility in hand included."""
        out: dict[str, Wanted] = {}
        for made in self.changes:
            if made.is_on:
                out[made.id] = made.wanted
        if self._dragged is not None:
            out[self._dragged[0]] = self._dragged[1]
        return out

    @property
    def times(self) -> LiveTimes:
        """Times of the mode that is looked at."""
        if self.case.mode not in self._times:
            self._times[self.case.mode] = self.live.follow(self.case.mode)
        return self._times[self.case.mode]

    # What the page asks for. Each returns messages: bytes (frames) or mappings.

    def snapshot(self) -> Snapshot:
        """Return the scenario as it stands, for questions that take longer."""
        times, case = self.times, self.case
        times.follow(self.scenario)
        found = times.what_if.times
        return Snapshot(
            case.mode,
            case.minutes,
            case.group,
            found,
            times.what_if.facilities,
            found.within(case.minutes),
            self.live.groups[case.group],
        )

    def hello(self, _asked: Mapping[str, Any]) -> list[Any]:
        """Return what a page needs to begin with, and its first frame."""
        study, live = self.live.study, self.live
        self._shown[:] = _UNSEEN
        self._shown_key = None
        first = {
            "type": "hello",
            "name": study.name,
            "modes": [[mode, profile_title(mode, "en"), profile_title(mode, "zh")] for mode in live.modes],
            "groups": list(live.groups),
            "areas": live.part_names,
            "minutes": list(study.settings.analysis.minutes),
            "saved": saved_scenarios(study.file),
            "credit": str(live.inputs.network.provenance.get("attribution") or ""),
            "snap_m": study.settings.analysis.max_snap_m,
            "can_size": bool((live.inputs.facilities.capacity >= 0).any()),
        }
        return [first, *self.frame({}, sites=True)]

    def drag(self, asked: Mapping[str, Any]) -> list[Any]:
        """Follow a facility while it moves; nothing is kept until it is dropped."""
        name, lon, lat = self._known(asked), *_spot(asked)
        self._dragged = (name, replace(self._wanted(name), lon=lon, lat=lat))
        try:
            return self.frame(asked)
        except InputError:
            self._dragged = None
            raise

    def drop(self, asked: Mapping[str, Any]) -> list[Any]:
        """Keep a facility where it was dropped."""
        name, (lon, lat) = self._known(asked), _spot(asked)
        self._dragged = None
        last = self.changes[-1] if self.changes else None
        wanted = replace(self._wanted(name), lon=lon, lat=lat)
        if (
            last is not None
            and last.is_on
            and last.id == name
            and last.kind in ("add", "move")
            and asked.get("again")
        ):
            return self._keep(asked, [*self.changes[:-1], replace(last, wanted=wanted)])
        return self._made(asked, "move", name, wanted)

    def leave(self, asked: Mapping[str, Any]) -> list[Any]:
        """Let go of a facility where it stood before."""
        self._dragged = None
        return self.frame(asked, sites=True)

    def add(self, asked: Mapping[str, Any]) -> list[Any]:
        """Open a new facility."""
        lon, lat = _spot(asked)
        taken = {made.id for made in self.changes} | set(self._today)
        number = 1
        while f"new-{number}" in taken:
            number += 1
        return self._made(asked, "add", f"new-{number}", Wanted(lon, lat))

    def close(self, asked: Mapping[str, Any]) -> list[Any]:
        """Close a facility."""
        name = self._known(asked)
        return self._made(asked, "close", name, replace(self._wanted(name), is_open=False))

    def open(self, asked: Mapping[str, Any]) -> list[Any]:
        """Open a facility that was closed."""
        name = self._known(asked)
        return self._made(asked, "open", name, replace(self._wanted(name), is_open=True))

    def resize(self, asked: Mapping[str, Any]) -> list[Any]:
        """Give a facility another capacity."""
        name = self._known(asked)
        people = _number(asked, "capacity")
        if people < 0:
            raise InputError("a capacity is 0 or more people")
        return self._made(asked, "resize", name, replace(self._wanted(name), capacity=people))

    def undo(self, asked: Mapping[str, Any]) -> list[Any]:
        """Take the last step back."""
        if not self._past:
            raise InputError("there is nothing to undo")
        self._undone.append(self.changes)
        self.changes = self._past.pop()
        return self.frame(asked, sites=True, weigh=True)

    def redo(self, asked: Mapping[str, Any]) -> list[Any]:
        """Make the step again that was taken back last."""
        if not self._undone:
            raise InputError("there is nothing to redo")
        self._past.append(self.changes)
        self.changes = self._undone.pop()
        return self.frame(asked, sites=True, weigh=True)

    def toggle(self, asked: Mapping[str, Any]) -> list[Any]:
        """Take one change of the list back, or make it again."""
        number = asked.get("number")
        if not any(made.number == number for made in self.changes):
            raise InputError("there is no such change")
        changed = [replace(m, is_on=not m.is_on) if m.number == number else m for m in self.changes]
        return self._keep(asked, changed, weigh=True)

    def look(self, asked: Mapping[str, Any]) -> list[Any]:
        """Look at another case."""
        minutes, mode, group = _number(asked, "minutes"), str(asked.get("mode")), str(asked.get("group"))
        if mode not in self.live.modes:
            raise InputError(f"the study has no mode {mode[:_LONGEST_TEXT]!r}")
        if group not in self.live.groups:
            raise InputError(f"the study has no group {group[:_LONGEST_TEXT]!r}")
        if not 0 < minutes <= 240:
            raise InputError("minutes are above 0 and at most 240")
        self.case = Case(mode, minutes, group)
        return self.frame(asked, weigh=True)

    def hover(self, asked: Mapping[str, Any]) -> list[Any]:
        """Tell time, facility and people of the cell at a place."""
        lon, lat = _spot(asked)
        index, scale = self._spots
        apart, row = index.query([lon * scale, lat])
        if not apart <= _number(asked, "within"):
            return [{"type": "cell", "row": None}]
        seconds, near = float(self.times.seconds[row]), int(self.times.nearest[row])
        name = None if near < 0 else self.times.name_of[near]
        told = {
            "row": int(row),
            "lon": float(self.live.lon[row]),
            "lat": float(self.live.lat[row]),
            "minutes": None if not math.isfinite(seconds) else seconds / 60,
            "linked": bool(self.times.linked[row]),
            "people": float(self.live.groups[self.case.group][row]),
            "site": None if name is None else self._name(name),
        }
        return [{"type": "cell", **told}]

    def today(self, _asked: Mapping[str, Any]) -> list[Any]:
        """Return the classes of today, to be compared with."""
        return [whole({"type": "today"}, classes_of(self.times.today, self.case.minutes))]

    def save(self, asked: Mapping[str, Any]) -> list[Any]:
        """Keep the scenario beside the study."""
        study, name = self.live.study.file, str(asked.get("name", ""))[:_LONGEST_TEXT]
        path = save_scenario(
            study, name, self.scenario, self.live.inputs.facilities, overwrite=asked.get("overwrite") is True
        )
        return [{"type": "saved", "name": path.stem, "saved": saved_scenarios(study)}]

    def load(self, asked: Mapping[str, Any]) -> list[Any]:
        """Show a scenario that was kept; today where no name is given."""
        name = str(asked.get("name") or "")[:_LONGEST_TEXT]
        scenario = load_scenario(self.live.study.file, name) if name else {}
        return self._restored(asked, scenario)

    def restore(self, asked: Mapping[str, Any]) -> list[Any]:
        """Take over the changes that a page held while the server was away."""
        given = asked.get("changes")
        if not isinstance(given, list) or len(given) > MOST_CHANGES:
            raise InputError("these are no changes")
        changes = [_change_of(entry, number) for number, entry in enumerate(given, 1)]
        return self._keep(asked, changes, weigh=True)

    def frame(self, asked: Mapping[str, Any], *, sites: bool = False, weigh: bool = False) -> list[Any]:
        """Bring times and classes up to the scenario; return what changed.

        Parameters
        ----------
        asked : mapping
            What the page asked; its ``seq`` comes back.
        sites : bool
            Whether facilities and changes are told, too.
        weigh : bool
            Whether to weigh every change anew.
        """
        if weigh:
            self._weigh()
        times, case = self.times, self.case
        times.follow(self.scenario)
        rows, classes = self._reclassed(times)
        count = self.live.count(times.seconds, times.today, case.minutes, case.group)
        head = {"type": "frame", "seq": asked.get("seq"), **self._figures(count)}
        if sites or weigh:
            head |= {"sites": self._sites(), "changes": self._listed()}
        elif self._dragged is not None:
            here = served(times, self.live.groups[case.group], case.minutes)
            head["held"] = {**self._site(self._dragged[0]), "serves": here.get(self._dragged[0], 0.0)}
        if 3 * len(rows) > len(self._shown):
            return [whole(head, self._shown)]
        return [change(head, rows, classes)]

    def _reclassed(self, times: LiveTimes) -> tuple[Ints, UInt8s]:
        """Return the cells whose class is not what the page was told, and their classes now, which it is then."""
        key, rows = (self.case.mode, self.case.minutes), times.touched()
        if self._shown_key != key:
            # Another case: every cell may have another class.
            rows = np.arange(len(self._shown))
        self._shown_key = key
        classes = classes_of(times.seconds[rows], self.case.minutes)
        other = classes != self._shown[rows]
        rows, classes = rows[other], classes[other]
        self._shown[rows] = classes
        return rows, classes

    # How it is done.

    def _made(self, asked: Mapping[str, Any], kind: str, name: str, wanted: Wanted) -> list[Any]:
        if len(self.changes) >= MOST_CHANGES:
            raise InputError(f"there are {MOST_CHANGES} changes: save the scenario and begin a new one")
        number = max((made.number for made in self.changes), default=0) + 1
        return self._keep(asked, [*self.changes, Change(number, kind, name, wanted)])

    def _keep(self, asked: Mapping[str, Any], changes: list[Change], *, weigh: bool = False) -> list[Any]:
        """Make a list of changes the one that holds, unless it cannot be."""
        before, self.changes, self._dragged = self.changes, changes, None
        try:
            answer = self._answer(asked, weigh)
        except InputError:
            self.changes = before
            self.times.follow(self.scenario)
            raise
        self._past.append(before)
        del self._past[:-MOST_CHANGES]
        self._undone.clear()
        return answer

    def _answer(self, asked: Mapping[str, Any], weigh: bool) -> list[Any]:
        if not weigh and self.changes and self.changes[-1].is_on:
            self.changes = [*self.changes[:-1], self._weighed(self.changes[:-1], self.changes[-1])]
        return self.frame(asked, sites=True, weigh=weigh)

    def _weigh(self) -> None:
        for at, made in enumerate(self.changes):
            if made.is_on:
                self.changes[at : at + 1] = [self._weighed(self.changes[:at], made)]

    def _weighed(self, before: list[Change], made: Change) -> Change:
        """Return a change with the people it brings and takes after the changes before it."""
        earlier = {m.id: m.wanted for m in before if m.is_on}
        times, case = self.times, self.case
        times.follow(earlier)
        was = times.seconds.copy()
        times.follow({**earlier, made.id: made.wanted})
        count = self.live.count(times.seconds, was, case.minutes, case.group)
        return replace(made, gained=count.gained, lost=count.lost)

    def _restored(self, asked: Mapping[str, Any], scenario: Mapping[str, Wanted]) -> list[Any]:
        changes = []
        for number, (name, wanted) in enumerate(scenario.items(), 1):
            known = name in self._today
            kind = (
                "add" if not known else "close" if not wanted.is_open else "move" if wanted.spot else "resize"
            )
            changes.append(Change(number, kind, name, wanted))
        return self._keep(asked, changes, weigh=True)

    def _wanted(self, name: str) -> Wanted:
        return self.scenario.get(name, Wanted())

    def _known(self, asked: Mapping[str, Any]) -> str:
        name = str(asked.get("id"))
        if name not in self._today and not any(made.id == name for made in self.changes):
            raise InputError(f"there is no clinic {name[:_LONGEST_TEXT]!r}")
        return name

    def _figures(self, count: Count) -> dict[str, Any]:
        """Return the figures of a frame as the page shows them; what is not known is None."""
        target = self.live.target(self.case.mode, self.case.minutes) if self.case.group == EVERYBODY else None
        return {
            "case": {"mode": self.case.mode, "minutes": self.case.minutes, "group": self.case.group},
            "ends": class_ends(self.case.minutes),
            "rate": _known_number(count.rate),
            "total": count.total,
            "within": count.within,
            "today": count.today,
            "beyond": count.total - count.within,
            "gained": count.gained,
            "lost": count.lost,
            "mean": _known_number(count.mean_s / 60),
            "mean_today": _known_number(self._before().mean_s / 60),
            "target": target,
            "short": None if target is None else count.short_of(target),
            "areas": self._areas(count),
            "steps": [round(float(v), 1) for v in count.by_step],
            "steps_today": [round(float(v), 1) for v in self._before().by_step],
        }

    def _areas(self, count: Count) -> list[list[Any]]:
        """Return row, rate today and rate now of the areas where somebody lives, the lowest now first."""
        both = zip(self._before().rates.tolist(), count.rates.tolist(), strict=True)
        rates = [[row, before, now] for row, (before, now) in enumerate(both) if math.isfinite(now)]
        return sorted(rates, key=lambda entry: (entry[2], entry[0]))[:LISTED_AREAS]

    def _before(self) -> Count:
        """Return the figures of today in this case."""
        if self._counted is None or self._counted[0] != self.case:
            times, case = self.times, self.case
            self._counted = case, self.live.count(times.today, times.today, case.minutes, case.group)
        return self._counted[1]

    def _listed(self) -> list[dict[str, Any]]:
        return [
            {
                "number": m.number,
                "kind": m.kind,
                "id": m.id,
                "name": self._name(m.id),
                "on": m.is_on,
                "gained": m.gained,
                "lost": m.lost,
                "lon": m.wanted.lon,
                "lat": m.wanted.lat,
                "open": m.wanted.is_open,
                "capacity": m.wanted.capacity,
            }
            for m in self.changes
        ]

    def _sites(self) -> list[dict[str, Any]]:
        names = dict.fromkeys([*self._today, *(m.id for m in self.changes if m.is_on)])
        here = served(self.times, self.live.groups[self.case.group], self.case.minutes)
        return [{**self._site(name), "serves": here.get(name, 0.0)} for name in names]

    def _site(self, name: str) -> dict[str, Any]:
        """Return a facility as the page shows it: where, what, and how far from a street."""
        wanted, today = self._wanted(name), self._today.get(name)
        lon, lat = (
            wanted.spot or (today["lon"], today["lat"]) if today is not None else wanted.spot or (0.0, 0.0)
        )
        site = {
            "id": name,
            "name": self._name(name),
            "lon": lon,
            "lat": lat,
            "open": wanted.is_open,
            "new": today is None,
            "moved": today is not None and wanted.spot is not None,
            "tier": "" if today is None else today["tier"],
            "capacity": wanted.capacity
            if wanted.capacity is not None
            else None
            if today is None
            else today["capacity"],
        }
        if wanted.is_open:
            place = self.times.place_of(name)
            site["leg_m"] = None if place is None else _known_number(float(place.leg_m[0]))
            site["linked"] = None if place is None else bool(place.linked[0])
        return site

    def _name(self, facility: str) -> str:
        today = self._today.get(facility)
        return (today["name"] if today is not None and today["name"] else facility)[:_LONGEST_TEXT]

    def _facilities_today(self) -> dict[str, dict[str, Any]]:
        given = self.live.inputs.facilities
        lon, lat = to_crs(given.x, given.y, given.crs, WGS84)
        return {
            str(i): {
                "name": str(given.name[row]),
                "tier": str(given.tier[row]),
                "lon": float(lon[row]),
                "lat": float(lat[row]),
                "capacity": _known_number(float(given.capacity[row])),
            }
            for row, i in enumerate(given.id)
        }

    def _places_of_cells(self) -> tuple[Any, float]:
        """Return a tree of the cells' places, and what longitudes are shortened by there."""
        from scipy.spatial import cKDTree

        lon, lat = self.live.lon, self.live.lat
        scale = math.cos(math.radians(float(np.median(lat)))) if len(lat) else 1.0
        return cKDTree(np.column_stack([lon * scale, lat])), scale


def _spot(asked: Mapping[str, Any]) -> tuple[float, float]:
    lon, lat = _number(asked, "lon"), _number(asked, "lat")
    if abs(lon) > 180 or abs(lat) > 85:
        raise InputError("this is no place on the map")
    return lon, lat


def _number(asked: Mapping[str, Any], key: str) -> float:
    value = asked.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InputError(f"{key} must be a number")
    return float(value)


def _known_number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _change_of(entry: Any, number: int) -> Change:
    """Return a change that a page kept.

    Raises
    ------
    InputError
        If it is none.
    """
    kinds = ("add", "move", "close", "open", "resize")
    if not isinstance(entry, dict) or entry.get("kind") not in kinds:
        raise InputError("this is no change")
    placed = entry.get("lon") is not None
    lon, lat = _spot(entry) if placed else (None, None)
    size = None if entry.get("capacity") is None else _number(entry, "capacity")
    wanted = Wanted(lon, lat, entry.get("open") is not False, size)
    return Change(
        number, entry["kind"], str(entry.get("id"))[:_LONGEST_TEXT], wanted, entry.get("on") is not False
    )
