"""Reading a TOML table into a frozen dataclass, strictly: every key is known, every value has its type."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from access15.errors import InputError
from access15.units import check_date

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class KeyPath:
    """Where a value stands: the file, and the dotted name of the table or key."""

    file: Path
    name: str = ""

    def key(self, key: str) -> KeyPath:
        """Return the path of a key of this table."""
        return KeyPath(self.file, f"{self.name}.{key}" if self.name else key)

    def error(self, what: str) -> InputError:
        """Return an error whose message names file, table and key."""
        table, _, key = self.name.rpartition(".")
        where = f", [{table}] {key}" if table else f", [{self.name}]" if self.name else ""
        return InputError(f"{self.file}{where}: {what}")


Reader = Callable[[Any, KeyPath], Any]


def read_table(cls: type[T], raw: Any, at: KeyPath) -> T:
    """Return dataclass ``cls`` filled from a TOML table.

    Parameters
    ----------
    cls : type
        A dataclass whose fields are ``Annotated[type, reader]``: the dataclass is the schema.
    raw : object
        The table as TOML gave it.
    at : KeyPath
        Where it stands.

    Raises
    ------
    InputError
        For an unknown key (naming the nearest valid one), a missing key or a value of the wrong type.
    """
    if not isinstance(raw, Mapping):
        raise at.error(f"must be a table, not {raw!r}")
    readers = {name: get_args(hint)[1] for name, hint in get_type_hints(cls, include_extras=True).items()}
    for name in raw:
        if name not in readers:
            raise unknown_key(name, list(readers), at)
    for name in _required(cls):
        if name not in raw:
            table = f", [{at.name}]" if at.name else ""
            raise InputError(
                f"{at.file}{table}: the {'key' if table else 'table'} {name!r} is missing: add it"
            )
    values = {name: readers[name](value, at.key(name)) for name, value in raw.items()}
    try:
        return cls(**values)
    except InputError as error:
        raise at.error(str(error)) from error


def _required(cls: type[Any]) -> list[str]:
    missing = dataclasses.MISSING
    return [f.name for f in dataclasses.fields(cls) if f.default is missing and f.default_factory is missing]


def unknown_key(name: str, valid: list[str], at: KeyPath) -> InputError:
    """Return the error for a key nobody reads, naming the nearest valid one and the table."""
    near = difflib.get_close_matches(name, valid, 1, cutoff=0.5)
    advice = f"did you mean {near[0]!r}?" if near else f"valid keys are {', '.join(valid)}"
    table = f"[{at.name}]" if at.name else "the top level"
    return InputError(f"{at.file}: unknown key {name!r} in {table}: {advice}")


def text(value: Any, at: KeyPath) -> str:
    """Read a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise at.error(f"must be a text in quotes, not {value!r}")
    return value


def word(value: Any, at: KeyPath) -> str:
    """Read a value of a column: a text, a whole number, true or false."""
    if isinstance(value, (bool, int)):
        return str(value)
    return text(value, at)


def switch(value: Any, at: KeyPath) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise at.error(f"must be true or false, not {value!r}")
    return value


def number(value: Any, at: KeyPath) -> float:
    """Read a finite number of 0 or more."""
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not math.isfinite(value)
        or value < 0
    ):
        raise at.error(f"must be a number of 0 or more, not {value!r}")
    return float(value)


def whole(value: Any, at: KeyPath) -> int:
    """Read a whole number of 1 or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise at.error(f"must be a whole number of 1 or more, not {value!r}")
    return value


def share(value: Any, at: KeyPath) -> float:
    """Read a share above 0 and at most 1."""
    found = number(value, at)
    if not 0 < found <= 1:
        raise at.error(f"must be a share above 0 and at most 1 (0.9 is 90 %), not {value!r}")
    return found


def day(value: Any, at: KeyPath) -> datetime.date:
    """Read a day, as TOML has it or as text: ``2026-12-01``."""
    try:
        return check_date(value if isinstance(value, (str, datetime.date)) else repr(value))
    except InputError as error:
        raise at.error(str(error).removeprefix("date ")) from error


def minutes(value: Any, at: KeyPath) -> float:
    """Read one cut-off in minutes."""
    return minutes_list([value], at)[0]


def minutes_list(value: Any, at: KeyPath) -> tuple[float, ...]:
    """Read cut-offs in minutes, one or a list."""
    from access15.units import check_minutes

    values = value if isinstance(value, list) else [value]
    if any(isinstance(item, bool) for item in values):
        raise at.error(f"must be numbers above 0, not {value!r}")
    try:
        return check_minutes(values, at.name.rpartition(".")[2])
    except InputError as error:
        raise InputError(f"{at.file}, [{at.name.rpartition('.')[0]}]: {error}") from error


def path(value: Any, at: KeyPath) -> Path:
    """Read a path, relative to the folder of the file."""
    return at.file.parent / Path(text(value, at)).expanduser()


def mode(value: Any, at: KeyPath) -> str:
    """Read the name of a travel profile, or the path of a profile file relative to the folder of the file."""
    from access15.profiles import mode_name

    named = text(value, at)
    try:
        return mode_name(str(path(named, at)) if named.lower().endswith(".toml") else named)
    except InputError as error:
        raise at.error(str(error)) from error


def one_of(*choices: str) -> Reader:
    """Return a reader for one of several words."""

    def read(value: Any, at: KeyPath) -> str:
        if value not in choices:
            raise at.error(f"must be one of {', '.join(choices)}, not {value!r}")
        return str(value)

    return read


def list_of(reader: Reader) -> Reader:
    """Return a reader for a list (or a single value) without repeats."""

    def read(value: Any, at: KeyPath) -> tuple[Any, ...]:
        items = tuple(reader(item, at) for item in (value if isinstance(value, list) else [value]))
        if not items:
            raise at.error("is empty: name at least one")
        if len(set(items)) < len(items):
            raise at.error(f"names one value twice: {value!r}")
        return items

    return read


def map_of(reader: Reader) -> Reader:
    """Return a reader for a table with free keys, every value read alike."""

    def read(value: Any, at: KeyPath) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise at.error(f"must be a table, not {value!r}")
        return {str(name): reader(item, at.key(str(name))) for name, item in value.items()}

    return read


def table_of(cls: type[Any]) -> Reader:
    """Return a reader for a sub-table."""
    return lambda value, at: read_table(cls, value, at)


def tables_of(cls: type[Any]) -> Reader:
    """Return a reader for a list of sub-tables, ``[[name]]``."""

    def read(value: Any, at: KeyPath) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise at.error(f"must be tables under [[{at.name}]], not {value!r}")
        return tuple(
            read_table(cls, item, KeyPath(at.file, f"{at.name} {i}")) for i, item in enumerate(value, 1)
        )

    return read
