"""Every mode and every preset has all that a user meets: words in both languages, sources, a row in pages and tables."""

from __future__ import annotations

import csv
import dataclasses
import importlib.util
import re
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import access15 as a15
from access15.errors import InputError
from access15.isochrones.polygons import PIXEL_M
from access15.modes import ACCESS_KEYS, EVERYBODY, MODES, ONEWAY_KEYS, Access, TravelMode, access_of
from access15.outputs import mode_name as chinese_name
from access15.outputs.words.codes import codes
from access15.profiles import PRESETS, profile_title
from access15.profiles import files as profile_files
from access15.profiles.presets import ORDER

ROOT = Path(__file__).parents[2]
PACKAGE = Path(a15.__file__).parent
CONFORMANCE = list(csv.DictReader((ROOT / "tests/network/tag_conformance.csv").open(encoding="utf-8")))
HAN = re.compile(r"[\u4e00-\u9fff]")


def pages() -> Any:
    """Return docs/conf.py, which writes the tables of the pages."""
    spec = importlib.util.spec_from_file_location("docs_conf", ROOT / "docs" / "conf.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def missing_of_mode(name: str, mode: TravelMode) -> list[str]:
    """Return what a mode lacks."""
    rows = {row[0]: row for row in pages()._mode_rows()}
    presets = {preset for preset, profile in PRESETS.items() if profile.mode == name}
    tables = {row["mode"] for row in CONFORMANCE if row["forward_kph"] != "-"}
    has = {
        "English words": bool(mode.words[0].strip()) and not HAN.search(mode.words[0]),
        "Chinese words": bool(HAN.search(mode.words[1])),
        "a pixel size": mode.pixel_m > 0 and PIXEL_M.get(name) == mode.pixel_m,
        "access keys": mode.access_keys[:1] == ("access",) and set(mode.access_keys) <= set(ACCESS_KEYS),
        "one-way keys": set(mode.oneway_keys) <= set(ONEWAY_KEYS),
        "classes": bool(mode.classes),
        "a row in the pages": name in rows and mode.words[1] in rows[name],
        "a preset": bool(presets),
        "rows in the conformance table": bool(presets & tables),
    }
    return [what for what, there in has.items() if not there]


def missing_of_preset(name: str, profile: a15.TravelProfile) -> list[str]:
    """Return what a preset lacks."""
    places = [key for key in ("speed_kph", "off_network_kph", "maxspeed_factor") if getattr(profile, key)]
    places += [f"{table}.{row}" for table in profile_files._TABLES for row in getattr(profile, table)]
    places += ["peak_factor"] * (profile.peak_factor != 1) + ["slope"] * (profile.slope is not None)
    constant = name.upper().replace("-", "_")
    english, chinese = profile_title(name), profile_title(name, "zh")
    listed = {row[1] for row in pages()._profile_rows()}
    has = {
        "its name": profile.name == name,
        "an English title": english != name or name == "ambulance",
        "a Chinese title": bool(HAN.search(chinese)),
        "the report's words": codes().get(name) == (english, chinese) != (name, name),
        "a Chinese title of layers": chinese_name(name) == chinese,
        "a row in the pages": name in listed,
        "a constant": getattr(a15, constant, None) is profile
        and getattr(a15.profiles, constant, None) is profile,
        "a file": (PACKAGE / "profiles" / "presets" / f"{name}.toml").is_file(),
        **{f"a source of {place}": bool(profile.source_of(place).strip()) for place in places},
    }
    return [what for what, there in has.items() if not there]


@pytest.mark.parametrize("name", MODES)
def test_a_mode_has_everything(name: str) -> None:
    assert missing_of_mode(name, MODES[name]) == []
    assert access_of(name) == Access[name.upper()]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_has_everything(name: str) -> None:
    assert missing_of_preset(name, PRESETS[name]) == []


def test_a_planted_mode_without_words_is_found() -> None:
    bare = dataclasses.replace(MODES["foot"], words=("on a horse", ""), pixel_m=0.0, access_keys=("horse",))
    assert missing_of_mode("horse", bare) == [
        "Chinese words", "a pixel size", "access keys", "a row in the pages", "a preset", "rows in the conformance table",
    ]  # fmt: skip


def test_a_planted_preset_without_words_and_sources_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    horse = dataclasses.replace(PRESETS["bike"], name="horse", source="", class_kph=MappingProxyType({}))
    monkeypatch.setitem(PRESETS, "horse", horse)
    found = missing_of_preset("horse", horse)
    assert {"an English title", "a Chinese title", "the report's words", "a file"} <= set(found)
    assert {"a source of speed_kph", "a source of off_network_kph"} <= set(found)


def test_every_file_is_listed_and_every_name_has_a_file() -> None:
    helpers = {"__init__", "quantities", "registry", "travel_mode"}
    files = {file.stem for file in (PACKAGE / "modes").glob("*.py")} - helpers
    assert files == set(MODES) == {bit.name.lower() for bit in Access if bit.name}
    assert [int(access_of(name)) for name in MODES] == [1 << i for i in range(len(MODES))]
    assert int(EVERYBODY) < 256, "permissions are kept in one byte"
    presets = {file.stem for file in (PACKAGE / "profiles" / "presets").glob("*.toml")}
    assert presets == set(ORDER)
    assert tuple(PRESETS) == ORDER


def test_every_language_but_two_is_refused() -> None:
    with pytest.raises(InputError, match="language 'fr' is not known"):
        profile_title("walk", "fr")
    assert profile_title("walk-village", "zh") == "walk-village"


def test_names_that_are_no_preset_are_no_constants() -> None:
    for module in (a15, a15.profiles):
        with pytest.raises(AttributeError, match="HOVERCRAFT"):
            module.HOVERCRAFT  # noqa: B018
        with pytest.raises(AttributeError, match="walk_elder"):
            module.walk_elder  # noqa: B018
