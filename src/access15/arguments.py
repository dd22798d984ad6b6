"""What an argument of Python is called in ``study.toml`` and on the command line: one table for messages, and tests read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of the readers.

    Attributes
    ----------
    tables : tuple of str
        Tables of ``study.toml`` that have it, as ``table.key``.
    options : tuple of str
        What it is on the command line, the usual one first.
    """

    tables: tuple[str, ...]
    options: tuple[str, ...]


_POINTS = ("facilities", "population")

ARGUMENTS: Final[Mapping[str, Argument]] = MappingProxyType(
    {
        "crs": Argument(
            ("network.crs", "facilities.crs", "population.crs", "areas.crs", "siting.candidate_crs"),
            ("--facilities-crs", "--population-crs", "--area-crs", "--candidates-crs", "--crs"),
        ),
        "datum": Argument(
            ("network.datum", "facilities.datum", "population.datum", "areas.datum", "siting.datum"),
            ("--datum", "--population-datum", "--area-datum", "--candidates-datum"),
        ),
        "columns": Argument(
            ("facilities.columns", "population.columns", "network.columns", "siting.candidate_columns"),
            ("--facilities-column", "--population-column", "--candidates-column", "--column"),
        ),
        "layer": Argument(
            ("facilities.layer", "population.layer", "network.layer", "areas.layer"),
            ("--facilities-layer", "--population-layer", "--network-layer", "--area-layer", "--layer"),
        ),
        "keep": Argument(("facilities.keep", "population.keep"), ("--keep", "--population-keep")),
        "drop": Argument(("facilities.drop", "population.drop"), ("--drop", "--population-drop")),
        "decimal": Argument(("facilities.decimal", "population.decimal", "siting.decimal"), ("--decimal",)),
        "hidden": Argument(("facilities.hidden", "population.hidden", "siting.hidden"), ("--hidden",)),
        "accept_datum": Argument(("facilities.accept_datum", "population.accept_datum"), ("--accept-datum",)),
        "groups": Argument(("population.groups",), ("--group",)),
        "join": Argument(("population.join",), ("--population-join",)),
        "spread": Argument(("population.spread",), ("--population-spread",)),
        "areas": Argument(("areas.path",), ("--areas",)),
        "elevation": Argument(("network.elevation",), ("--elevation",)),
        "incomplete": Argument(("network.incomplete",), ("--incomplete",)),
        "season": Argument(("network.season",), ("--season",)),
        "country": Argument(("network.country",), ("--country",)),
        "cache": Argument(("network.cache",), ("--cache",)),
        "minutes": Argument(("analysis.minutes", "siting.minutes"), ("--minutes",)),
        "date": Argument(("analysis.date",), ("--date",)),
        "clip": Argument(("network.clip",), ()),
        "buffer_m": Argument(("network.buffer_m",), ()),
    }
)
"""Arguments that messages name."""

_OWN: Final = MappingProxyType(
    {
        ("network", "datum"): "--network-datum",
        ("network", "columns"): "--network-column",
        ("network", "layer"): "--network-layer",
        ("network", "crs"): "--network-crs",
        ("areas", "datum"): "--area-datum",
        ("areas", "crs"): "--area-crs",
        ("areas", "layer"): "--area-layer",
    }
)
"""Options of files that have only some of them."""


def say(argument: str, value: object = "…", of: str = "") -> str:
    """Return how a user gives an argument, in a study, on the command line, and in Python.

    Parameters
    ----------
    argument : str
        One of `ARGUMENTS`.
    value : str, bool, number or dict of str to str
        An example, or the right one.
    of : str, optional
        The file it is for, a table of ``study.toml``; all of them are meant without.

    Examples
    --------
    >>> say("datum", "bd09", "population")
    'datum = "bd09" (on the command line --population-datum; in Python datum="bd09")'
    """
    options = _options(argument, ARGUMENTS[argument], of)
    named = [f"on the command line {options}"] if options else []
    python = repr(value) if isinstance(value, (bool, dict)) else _toml(value)
    return f"{argument} = {_toml(value)} ({'; '.join([*named, f'in Python {argument}={python}'])})"


def _options(argument: str, known: Argument, of: str) -> str:
    own = _OWN.get((of, argument))
    if own is None and of:
        own = next((option for option in known.options if option.startswith(f"--{of}-")), None)
    if own is not None or len(known.options) <= 1:
        return own or "".join(known.options)
    rest = " …" if len(known.options) > 2 else ""
    return f"{', '.join(known.options[:2])}{rest}"


def _toml(value: object) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(str(k))} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) and value != "…" else str(value)


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "a").replace("-", "a").isalnum() else f'"{name}"'
