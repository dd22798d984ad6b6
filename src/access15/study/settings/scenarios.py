"""``[[scenarios]]`` of a study: what is otherwise than today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from access15.errors import InputError
from access15.network import SEASONS
from access15.study.settings import toml as t


def _spot(value: Any, at: t.KeyPath) -> tuple[float, float]:
    """Read ``[longitude, latitude]``."""
    numbers = (
        [v for v in value if isinstance(v, (int, float)) and not isinstance(v, bool)]
        if isinstance(value, list)
        else []
    )
    if len(numbers) != 2 or len(value) != 2 or abs(numbers[0]) > 180 or abs(numbers[1]) > 90:
        raise at.error(f"must be [longitude, latitude] in degrees, not {value!r}")
    return float(numbers[0]), float(numbers[1])


@dataclass(frozen=True, slots=True)
class Scenario:
    """One of ``[[scenarios]]``. What is not named stays as it is.

    Facilities: ``add`` is a file of new ones (``datum`` is that file's), ``remove`` lists ids that close, ``move``
    gives ids a new place (``{ "12" = [longitude, latitude] }``), ``place`` is new ones in the same form, ``capacity`` a new capacity. ``roads`` is a layer of
    new roads, with ``road_columns`` and ``road_layer`` as ``columns`` and ``layer`` of ``[network]``. ``estates`` is a
    file of planned estates (people, opening year; ``estates_datum`` is that file's); with ``year`` those that open later are left out.
    ``population`` is a projected population, read as ``[population]`` is, with ``groups`` of its own where named.
    ``season`` reads the streets of the study for another season.
    """

    name: Annotated[str, t.text]
    add: Annotated[Path | None, t.path] = None
    datum: Annotated[str, t.one_of("wgs84", "gcj02", "bd09")] = "wgs84"
    remove: Annotated[tuple[str, ...], t.list_of(t.text)] = ()
    move: Annotated[Mapping[str, tuple[float, float]] | None, t.map_of(_spot)] = None
    place: Annotated[Mapping[str, tuple[float, float]] | None, t.map_of(_spot)] = None
    capacity: Annotated[Mapping[str, float] | None, t.map_of(t.number)] = None
    roads: Annotated[Path | None, t.path] = None
    road_columns: Annotated[Mapping[str, str] | None, t.map_of(t.text)] = None
    road_layer: Annotated[str | None, t.text] = None
    estates: Annotated[Path | None, t.path] = None
    estates_datum: Annotated[str, t.one_of("wgs84", "gcj02", "bd09")] = "wgs84"
    year: Annotated[int | None, t.whole] = None
    population: Annotated[Path | None, t.path] = None
    groups: Annotated[Mapping[str, str] | None, t.map_of(t.text)] = None
    season: Annotated[str | None, t.one_of(*SEASONS)] = None

    def __post_init__(self) -> None:
        needs = {
            "roads": ("road_columns", "road_layer"),
            "estates": ("year",),
            "population": ("groups",),
        }
        for what, parts in needs.items():
            for part in parts:
                if getattr(self, what) is None and getattr(self, part) is not None:
                    raise InputError(f"{part} is for {what}: name {what} too, or leave {part} out")
        twice = set(self.remove) & ({*(self.move or ())} | {*(self.capacity or ())})
        if twice:
            raise InputError(
                f"facility {sorted(twice)[0]!r} is removed and also moved or enlarged: name it once"
            )

    def files(self) -> dict[str, Path]:
        """Return the files it reads by the role they play."""
        parts = {"add": self.add, "roads": self.roads, "estates": self.estates, "population": self.population}
        return {f"scenario {self.name}, {part}": path for part, path in parts.items() if path is not None}

    def changes(self) -> dict[str, Any]:
        """Return what it names, by key."""
        named = (
            "add",
            "remove",
            "move",
            "place",
            "capacity",
            "roads",
            "estates",
            "year",
            "population",
            "season",
        )
        return {key: getattr(self, key) for key in named if getattr(self, key)}
