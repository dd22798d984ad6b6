"""Profile files: any number of a profile replaced, each with its source.

.. code-block:: toml

    name = "walk-village"
    title = { en = "walk in the hills", zh = "山区步行" }    # in tables and on maps; or one text; else the name
    extends = "walk"                  # a preset, or another profile file
    source = "county survey 2025"     # of every number below that names no source of its own
    speed_kph = 4.2
    slope = "tobler"
    stand_on = ["bridge"]             # where houses stand on bridges; tunnel, motorway, ferry

    [class_kph]
    steps = 2.0
    track = { kph = 3.6, source = "timed on 12 tracks, 2025" }

    [access]
    cycleway = "yes"                  # open (or "no": closed) unless a tag of the street says otherwise

    [delay_s]
    traffic_signals = { s = 20, source = "timed at 8 crossings, 2025" }

    [off_road_kph]                    # on foot over land, with a terrain; 0 = closed
    wetland = 0
"""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from access15.errors import InputError, MissingFileError
from access15.model import (
    DELAYS,
    LAND_CLASSES,
    SMOOTHNESS,
    TOBLER_SOURCE,
    TRACKTYPES,
    UNCLASSIFIED,
    TravelProfile,
)
from access15.modes import CLASS_ACCESS, MODES
from access15.profiles.presets import ORDER, preset_file

HIGHWAY_CLASSES: Final = (*(name for name, allowed in CLASS_ACCESS.items() if allowed), "ferry")
"""Classes a network can have: OSM highway values that somebody may travel on, and ferries."""

SURFACES: Final = (
    "paved", "asphalt", "chipseal", "concrete", "concrete:lanes", "concrete:plates", "paving_stones", "sett",
    "cobblestone", "unhewn_cobblestone", "metal", "wood", "unpaved", "compacted", "fine_gravel", "gravel", "rock", "rocky",
    "pebblestone", "ground", "dirt", "earth", "grass", "grass_paver", "mud", "sand", "woodchips", "snow", "ice", "salt", "laterite",
    "clay", "stone", "bricks",
)  # fmt: skip
"""Surfaces the OSM wiki documents; others are accepted unless they look like a misspelt one."""

_NUMBERS: Final = {
    "speed_kph": "kph",
    "off_network_kph": "kph",
    "maxspeed_factor": "factor",
    "peak_factor": "factor",
    "start_s": "s",
}
_TABLES: Final = {
    "class_kph": HIGHWAY_CLASSES,
    "surface_cap_kph": SURFACES,
    "tracktype_cap_kph": TRACKTYPES[1:],
    "smoothness_cap_kph": SMOOTHNESS[1:],
    "delay_s": DELAYS,
    "off_road_kph": (*LAND_CLASSES, UNCLASSIFIED),
}
_OPEN_TABLES: Final = ("surface_cap_kph", "off_road_kph")
_TEXTS: Final = ("name", "extends", "mode", "direction", "slope", "source", "rides")
_KEYS: Final = (*_TEXTS, "title", *_NUMBERS, *_TABLES, "stand_on", "access")
_OFF: Final = ("slope", "maxspeed_factor", "delay_s")

PRESETS: Final[dict[str, TravelProfile]] = {}
"""The profiles that come with the package, by name."""
_TITLES: Final[dict[str, Mapping[str, str]]] = {}
_LANGUAGES: Final = ("en", "zh")


def profile_from_toml(path: str | Path) -> TravelProfile:
    """Return the profile a TOML file describes.

    Keys are those of `TravelProfile`, and ``extends``: the preset or profile file to start from (without
    it, ``mode`` and ``speed_kph`` are needed). A number may stand alone or as ``{ kph = 3.6, source = "…" }``
    (``factor`` instead of ``kph`` for the factors, ``s`` for delays). Every number needs a source, its own or the file's.
    ``slope = false``, ``maxspeed_factor = false`` and ``delay_s = false`` switch off. On foot the off-network leg follows
    ``speed_kph`` unless ``off_network_kph`` is given.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    TravelProfile
        Called by ``name``, or by the file's name without ``.toml``. The same content gives the same object.

    Raises
    ------
    MissingFileError
        If the file, or the one it extends, does not exist.
    InputError
        If the file is no TOML, has an unknown key (the nearest is named), a value of the wrong kind, or a
        number without source.
    """
    return _profile(Path(path), ())


def _profile(file: Path, chain: tuple[Path, ...]) -> TravelProfile:
    here = file.resolve()
    if here in chain:
        raise InputError(f"{file} extends itself: name a preset or another profile file")
    given = _read(file)
    _check_keys(file, given)
    base = _base(file, given, (*chain, here))
    text = repr(sorted(given.items(), key=lambda item: item[0]))
    profile = _known(_Content(str(file), file.stem, text, base, given))
    if "title" in given:
        _TITLES[profile.name] = _titles(given["title"])
    return profile


def _titles(given: str | Mapping[str, str]) -> Mapping[str, str]:
    """Return a title by language; one text stands for all."""
    return dict.fromkeys(_LANGUAGES, given) if isinstance(given, str) else given


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise MissingFileError(f"the profile file {file} does not exist: check its name and folder")
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{file} is not valid TOML ({error}): correct it, in UTF-8") from error
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}): check its permissions") from error


@dataclasses.dataclass(frozen=True)
class _Content:
    """What a profile file says; two of equal content give one profile object, so that graphs are kept."""

    file: str = dataclasses.field(compare=False)
    stem: str
    text: str
    base: TravelProfile | None
    given: Mapping[str, Any] = dataclasses.field(compare=False)


@lru_cache(maxsize=256)
def _known(content: _Content) -> TravelProfile:
    return _build(content)


def _check_keys(file: Path, given: Mapping[str, Any]) -> None:
    for key in given:
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, 1, cutoff=0.5)
            advice = f"did you mean {near[0]!r}?" if near else f"valid keys are {', '.join(_KEYS)}"
            raise InputError(f"{file}: unknown key {key!r}: {advice}")
    for key in _TEXTS:
        value = given.get(key, "x")
        if (not isinstance(value, str) or not value.strip()) and not (key in _OFF and value is False):
            raise InputError(f"{file}: {key} must be a text in quotes, not {value!r}")
    _check_title(file, given.get("title", "x"))
    kinds = given.get("stand_on", [])
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise InputError(f'{file}: stand_on must be a list, such as ["bridge"], not {kinds!r}')
    for table, names in (*_TABLES.items(), ("access", HIGHWAY_CLASSES)):
        rows = given.get(table, {})
        if rows is False and table in _OFF:
            continue
        if not isinstance(rows, Mapping):
            raise InputError(f"{file}: {table} must be a table, such as [{table}], not {rows!r}")
        for name in rows:
            near = difflib.get_close_matches(name, names, 1, cutoff=0.8)
            if name not in names and (near or table not in _OPEN_TABLES):
                raise InputError(
                    f"{file}, [{table}]: unknown name {name!r}: "
                    + (f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(names)}")
                )


def _check_title(file: Path, title: Any) -> None:
    texts = [title] if isinstance(title, str) else list(title.values()) if isinstance(title, Mapping) else []
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        raise InputError(
            f'{file}: title must be a text in quotes, or {{ en = "…", zh = "…" }}, not {title!r}'
        )
    if isinstance(title, Mapping) and (unknown := sorted(set(title) - set(_LANGUAGES))):
        raise InputError(f"{file}: title has the language {unknown[0]!r}: use {' and '.join(_LANGUAGES)}")


def _base(file: Path, given: Mapping[str, Any], chain: tuple[Path, ...]) -> TravelProfile | None:
    """Return the profile a file starts from."""
    parent = given.get("extends")
    if parent is None:
        for key in ("mode", "speed_kph"):
            if key not in given:
                raise InputError(
                    f'{file}: {key} is missing: add it, or start from a preset with extends = "walk"'
                )
        return None
    if parent.lower().endswith(".toml"):
        return _profile(file.parent / parent, chain)
    wanted = parent.strip().lower().replace("_", "-")
    if wanted not in PRESETS:
        near = difflib.get_close_matches(wanted, PRESETS, 1)
        advice = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(PRESETS)}"
        raise InputError(f"{file}: extends names no profile {parent!r}: {advice}")
    return PRESETS[wanted]


def _build(content: _Content) -> TravelProfile:
    given, base, file = content.given, content.base, content.file
    name = given.get("name", content.stem)
    if name in PRESETS:
        raise InputError(
            f'{file}: the name {name!r} is a preset\'s: give the profile its own, such as name = "{name}-2"'
        )
    values: dict[str, Any] = {}
    sources: dict[str, str] = dict(_sources(base))
    for key in _NUMBERS:
        if key in given:
            values[key] = (
                None if key in _OFF and given[key] is False else _number(content, key, given[key], sources)
            )
    for key in _TABLES:
        if given.get(key) is False:
            values[key] = {}
            continue
        rows = {
            row: _number(content, f"{key}.{row}", value, sources) for row, value in given.get(key, {}).items()
        }
        values[key] = {**(getattr(base, key) if base else {}), **rows}
    words = {True: "yes", False: "no"}
    own = {name: words.get(word, word) for name, word in given.get("access", {}).items()}
    values["access"] = {**(base.access if base else {}), **own}
    for key in ("mode", "direction", "slope", "rides"):
        if key in given:
            values[key] = given[key] or None
    if "stand_on" in given:
        values["stand_on"] = tuple(given["stand_on"])
    if values.get("slope"):
        sources["slope"] = TOBLER_SOURCE
    _own_pace(base, given, values, sources)
    values |= {"name": name, "sources": sources, "source": given.get("source", base.source if base else "")}
    try:
        return dataclasses.replace(base, **values) if base else TravelProfile(**values)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error


def _own_pace(
    base: TravelProfile | None, given: Mapping[str, Any], values: dict[str, Any], sources: dict[str, str]
) -> None:
    """Let people on foot and in wheelchairs do the off-network leg at their own speed, unless the file or its base says otherwise."""
    mode = MODES.get(given.get("mode", base.mode if base else ""))
    on_foot = mode is not None and mode.pedestrian
    same = base is None or base.off_network_kph == base.speed_kph
    if on_foot and same and "speed_kph" in given and "off_network_kph" not in given:
        values["off_network_kph"] = values["speed_kph"]
        sources["off_network_kph"] = sources["speed_kph"]


def _sources(base: TravelProfile | None) -> dict[str, str]:
    """Return the source of every number of a profile by its place."""
    if base is None:
        return {}
    places = [
        key for key in _NUMBERS if getattr(base, key) is not None and (key != "start_s" or base.start_s)
    ]
    places += [f"{table}.{row}" for table in _TABLES for row in getattr(base, table)]
    return {**base.sources, **{place: base.source_of(place) for place in places}}


def _number(content: _Content, place: str, value: Any, sources: dict[str, str]) -> float:
    """Read a number, alone or with its source, and note the source."""
    unit = "s" if place.startswith("delay_s.") else _NUMBERS.get(place, "kph")
    source = content.given.get("source", "")
    if isinstance(value, Mapping):
        unknown = sorted(set(value) - {unit, "source"})
        if unknown or unit not in value:
            what = f"unknown key {unknown[0]!r}" if unknown else f"no {unit}"
            raise InputError(f'{content.file}, {place}: {what}: write {{ {unit} = 4.2, source = "…" }}')
        source, value = value.get("source", source), value[unit]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(f"{content.file}, {place} must be a number, not {value!r}")
    if not isinstance(source, str) or not source.strip():
        raise InputError(
            f'{content.file}, {place}: where does {value:g} come from? Add source = "…" to it or to the file'
        )
    sources[place] = source
    return float(value)


def profile_title(name: str, lang: str = "en") -> str:
    """Return what a profile is called in tables and on maps; its name where it has no title.

    Parameters
    ----------
    name : str
        Such as ``"walk-elder"``.
    lang : {"en", "zh"}

    Raises
    ------
    InputError
        If the language is another.
    """
    if lang not in _LANGUAGES:
        raise InputError(f"language {lang!r} is not known: use en or zh")
    return _TITLES.get(name, {}).get(lang, name)


def titled_profiles() -> tuple[str, ...]:
    """Return the names of all profiles that have a title: the presets, and the files read so far that give one."""
    return tuple(_TITLES)


def _read_presets() -> None:
    for name in ORDER:
        file = preset_file(name)
        given = _read(file)
        _TITLES[name] = _titles(given["title"])
        _check_keys(file, given)
        base = _base(file, given, ())
        profile = _build(_Content(str(file), name, "", base, given))
        PRESETS[name] = dataclasses.replace(profile, sources=_own_sources(profile, given, base))


def _own_sources(
    profile: TravelProfile, given: Mapping[str, Any], base: TravelProfile | None
) -> dict[str, str]:
    """Return the sources of the numbers that have their own; the others are from the preset's ``source``."""
    own = [f"{table}.{row}" for table in _TABLES for row in given.get(table) or ()]
    own += [key for key in (*_NUMBERS, "slope") if isinstance(given.get(key), (Mapping, str))]
    return {**(base.sources if base else {}), **{place: profile.sources[place] for place in own}}


_read_presets()
