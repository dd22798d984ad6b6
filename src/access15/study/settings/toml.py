"""Reading a TOML table into a frozen dataclass, strictly: every key is known, every value has its type."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from access15.errors import InputError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the file, and the dotted name of the table or key."""

    file: Path
    name: str = ""

    def key(self, key: str) -> Place:
        """Return the place of a key of this table."""
        return Place(self.file, f"{self.name}.{key}" if self.name else key)

    def error(self, what: str) -> InputError:
        """Return an error whose message names this place."""
        table, _, key = self.name.rpartition(".")
        at = f", [{table}] {key}" if table else f", [{self.name}]" if self.name else ""
        return InputError(f"{self.file}{at}: {what}")


Reader = Callable[[Any, Place], Any]


def read_table(cls: type[T], raw: Any, place: Place) -> T:
    """Return dataclass ``cls`` filled from a TOML table.

    Parameters
    ----------
    cls : type
        A dataclass whose fields are ``Annotated[type, reader]``: the dataclass is the schema.
    raw : object
        The table as TOML gave it.
    place : Place
        Where it stands.

    Raises
    ------
    InputError
        For an unknown key (naming the nearest valid one), a missing key or a value of the wrong type.
    """
    if not isinstance(raw, Mapping):
        raise place.error(f"must be a table, not {raw!r}")
    readers = {name: get_args(hint)[1] for name, hint in get_type_hints(cls, include_extras=True).items()}
    for name in raw:
        if name not in readers:
            raise unknown_key(name, list(readers), place)
    for name in _required(cls):
        if name not in raw:
            table = f", [{place.name}]" if place.name else ""
            raise InputError(
                f"{place.file}{table}: the {'key' if table else 'table'} {name!r} is missing: add it"
            )
    values = {name: readers[name](value, place.key(name)) for name, value in raw.items()}
    try:
        return cls(**values)
    except InputError as error:
        raise place.error(str(error)) from error


def _required(cls: type[Any]) -> list[str]:
    missing = dataclasses.MISSING
    return [f.name for f in dataclasses.fields(cls) if f.default is missing and f.default_factory is missing]


def unknown_key(name: str, valid: list[str], place: Place) -> InputError:
    """Return the error for a key nobody reads, naming the nearest valid one and the table."""
    near = difflib.get_close_matches(name, valid, 1, cutoff=0.5)
    advice = f"did you mean {near[0]!r}?" if near else f"valid keys are {', '.join(valid)}"
    table = f"[{place.name}]" if place.name else "the top level"
    return InputError(f"{place.file}: unknown key {name!r} in {table}: {advice}")


def text(value: Any, place: Place) -> str:
    """Read a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise place.error(f"must be a text in quotes, not {value!r}")
    return value


def switch(value: Any, place: Place) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise place.error(f"must be true or false, not {value!r}")
    return value


def number(value: Any, place: Place) -> float:
    """Read a finite number of 0 or more."""
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not math.isfinite(value)
        or value < 0
    ):
        raise place.error(f"must be a number of 0 or more, not {value!r}")
    return float(value)


def whole(value: Any, place: Place) -> int:
    """Read a whole number of 1 or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise place.error(f"must be a whole number of 1 or more, not {value!r}")
    return value


def share(value: Any, place: Place) -> float:
    """Read a share above 0 and at most 1."""
    found = number(value, place)
    if not 0 < found <= 1:
        raise place.error(f"must be a share above 0 and at most 1 (0.9 is 90 %), not {value!r}")
    return found


def minutes(value: Any, place: Place) -> float:
    """Read one cut-off in minutes."""
    return minutes_list([value], place)[0]


def minutes_list(value: Any, place: Place) -> tuple[float, ...]:
    """Read cut-offs in minutes, one or a list."""
    from access15.units import check_minutes

    values = value if isinstance(value, list) else [value]
    if any(isinstance(item, bool) for item in values):
        raise place.error(f"must be numbers above 0, not {value!r}")
    try:
        return check_minutes(values, place.name.rpartition(".")[2])
    except InputError as error:
        raise InputError(f"{place.file}, [{place.name.rpartition('.')[0]}]: {error}") from error


def path(value: Any, place: Place) -> Path:
    """Read a path, relative to the folder of the file."""
    return place.file.parent / Path(text(value, place)).expanduser()


def mode(value: Any, place: Place) -> str:
    """Read the name of a travel profile, or the path of a profile file relative to the folder of the file."""
    from access15.profiles import mode_name

    named = text(value, place)
    try:
        return mode_name(str(path(named, place)) if named.lower().endswith(".toml") else named)
    except InputError as error:
        raise place.error(str(error)) from error


def one_of(*choices: str) -> Reader:
    """Return a reader for one of several words."""

    def read(value: Any, place: Place) -> str:
        if value not in choices:
            raise place.error(f"must be one of {', '.join(choices)}, not {value!r}")
        return str(value)

    return read


def list_of(reader: Reader) -> Reader:
    """Return a reader for a list (or a single value) without repeats."""

    def read(value: Any, place: Place) -> tuple[Any, ...]:
        items = tuple(reader(item, place) for item in (value if isinstance(value, list) else [value]))
        if not items:
            raise place.error("is empty: name at least one")
        if len(set(items)) < len(items):
            raise place.error(f"names one value twice: {value!r}")
        return items

    return read


def map_of(reader: Reader) -> Reader:
    """Return a reader for a table with free keys, every value read alike."""

    def read(value: Any, place: Place) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise place.error(f"must be a table, not {value!r}")
        return {str(name): reader(item, place.key(str(name))) for name, item in value.items()}

    return read


def table_of(cls: type[Any]) -> Reader:
    """Return a reader for a sub-table."""
    return lambda value, place: read_table(cls, value, place)


def tables_of(cls: type[Any]) -> Reader:
    """Return a reader for a list of sub-tables, ``[[name]]``."""

    def read(value: Any, place: Place) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise place.error(f"must be tables under [[{place.name}]], not {value!r}")
        return tuple(
            read_table(cls, item, Place(place.file, f"{place.name} {i}")) for i, item in enumerate(value, 1)
        )

    return read
