"""Profile files: numbers replaced, each with its source."""

from __future__ import annotations

import numpy as np
import pytest

from access15.errors import InputError, MissingFileError
from access15.model import Access
from access15.network import edge_speeds_kph, explain_edge
from access15.network.tag_rules import CLASS_ACCESS
from access15.outputs import mode_name as mode_name_in_chinese
from access15.outputs.words import said, words
from access15.profiles import (
    DRIVE,
    PRESETS,
    WALK,
    WALK_SLOPE,
    mode_name,
    profile_by_name,
    profile_from_toml,
    profile_title,
)
from access15.profiles.files import HIGHWAY_CLASSES
from access15.profiles.presets import preset_file
from access15.testing import street_map

SURVEY = 'source = "county survey 2025"\n'


@pytest.fixture
def toml(tmp_path):
    def write(text, name="village.toml"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_a_file_replaces_some_numbers_and_keeps_the_rest(toml):
    profile = profile_from_toml(
        toml(
            'extends = "drive"\nname = "drive-hills"\n[class_kph]\ntrack = { kph = 9.5, source = "timed on 12 tracks" }\n'
            '[surface_cap_kph]\nmud = { kph = 8, source = "drivers" }\n'
        )
    )
    assert profile.name == "drive-hills"
    assert profile.mode == "motorcar"
    assert profile.class_kph == {**DRIVE.class_kph, "track": 9.5}
    assert profile.surface_cap_kph == {**DRIVE.surface_cap_kph, "mud": 8.0}
    assert profile.maxspeed_factor == DRIVE.maxspeed_factor
    assert profile.source_of("class_kph.track") == "timed on 12 tracks"
    assert profile.source_of("class_kph.primary") == "OSRM car profile of an older release"
    assert profile.source_of("maxspeed_factor") == DRIVE.source
    network = street_map("A-B", {"AB": {"highway": "track", "motor_vehicle": "yes"}}).network
    assert edge_speeds_kph(network, profile)[0].tolist() == [9.5]
    assert "class track 9.5 km/h (timed on 12 tracks)" in str(explain_edge(network, 0, profile))


def test_the_source_of_the_file_goes_for_its_numbers_only(toml):
    profile = profile_from_toml(
        toml(SURVEY + 'extends = "drive"\npeak_factor = 0.5\n[class_kph]\nprimary = 50\n')
    )
    assert profile.name == "village"
    assert profile.source_of("class_kph.primary") == "county survey 2025"
    assert profile.source_of("peak_factor") == "county survey 2025"
    assert profile.source_of("class_kph.secondary") == "OSRM car profile of an older release"
    assert profile.source_of("maxspeed_factor") == DRIVE.source


def test_on_foot_the_leg_follows_the_speed(toml):
    slow = profile_from_toml(toml(SURVEY + 'extends = "walk"\nspeed_kph = 3.6\n'))
    assert (slow.speed_kph, slow.off_network_kph) == (3.6, 3.6)
    own = profile_from_toml(
        toml(SURVEY + 'extends = "walk"\nspeed_kph = 3.6\noff_network_kph = 2\n', "own.toml")
    )
    assert (own.speed_kph, own.off_network_kph) == (3.6, 2)
    bike = profile_from_toml(toml(SURVEY + 'extends = "bike"\nspeed_kph = 12\n', "bike2.toml"))
    assert bike.off_network_kph == 4.8


def test_slope_and_steps_on_foot(toml):
    profile = profile_from_toml(toml(SURVEY + 'extends = "walk"\nslope = "tobler"\n[class_kph]\nsteps = 2\n'))
    assert profile.slope == "tobler"
    assert "Tobler 1993" in profile.source_of("slope")
    off = profile_from_toml(toml('extends = "walk-slope"\nslope = false\n', "off.toml"))
    assert off.slope is None
    assert WALK.slope is None
    assert WALK_SLOPE.slope == "tobler"
    free = profile_from_toml(toml('extends = "drive"\nmaxspeed_factor = false\n', "free.toml"))
    assert free.maxspeed_factor is None


def test_a_file_may_extend_a_file_and_stand_alone(toml):
    toml('mode = "bicycle"\nspeed_kph = { kph = 20, source = "cargo riders" }\n', "cargo.toml")
    profile = profile_from_toml(toml('extends = "cargo.toml"\ndirection = "from"\n', "courier.toml"))
    assert (profile.name, profile.mode, profile.speed_kph, profile.direction) == (
        "courier",
        "bicycle",
        20,
        "from",
    )
    assert profile.source_of("speed_kph") == "cargo riders"
    with pytest.raises(InputError, match="extends itself"):
        profile_from_toml(toml('extends = "loop.toml"\n', "loop.toml"))


def test_modes_may_be_files(toml):
    file = toml(SURVEY + 'extends = "walk"\nname = "walk-village"\nspeed_kph = 4.2\n')
    profile = profile_by_name(str(file))
    assert profile is profile_by_name(str(file))  # graphs are compiled once per profile object
    name = mode_name(str(file))
    assert name == "walk-village"
    assert profile_by_name(name) is profile
    assert profile_by_name(mode_name("Walk_Elder")) is PRESETS["walk-elder"]
    file.write_text(SURVEY + 'extends = "walk"\nname = "walk-village"\nspeed_kph = 4.0\n', encoding="utf-8")
    assert profile_by_name(str(file)).speed_kph == 4.0
    assert profile_by_name(name).speed_kph == 4.2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extends = "walk"\nspeed_khp = 4\n', "unknown key 'speed_khp': did you mean 'speed_kph'"),
        ('extends = "wlk"\n', "extends names no profile 'wlk': did you mean 'walk'"),
        ('extends = "none.toml"\n', r"profile file .*none\.toml does not exist"),
        ('extends = "walk"\nspeed_kph = 4\n', "speed_kph: where does 4 come from"),
        (SURVEY + 'extends = "walk"\nspeed_kph = "4"\n', "speed_kph must be a number, not '4'"),
        (SURVEY + 'extends = "walk"\nspeed_kph = true\n', "speed_kph must be a number, not True"),
        (SURVEY + 'extends = "walk"\nspeed_kph = -1\n', "speed_kph must be above 0"),
        (SURVEY + 'extends = "walk"\nspeed_kph = nan\n', "speed_kph must be above 0"),
        (SURVEY + 'extends = "walk"\nspeed_kph = { value = 4 }\n', "speed_kph: unknown key 'value'"),
        (SURVEY + 'extends = "walk"\nspeed_kph = { source = "x" }\n', "speed_kph: no kph"),
        (SURVEY + 'extends = "drive"\n[class_kph]\nresidental = 20\n', "unknown name 'residental': did you mean 'residential'"),
        (SURVEY + 'extends = "drive"\n[surface_cap_kph]\ngravle = 20\n', "unknown name 'gravle': did you mean 'gravel'"),
        (SURVEY + 'extends = "drive"\nclass_kph = 20\n', "class_kph must be a table"),
        (SURVEY + "speed_kph = 20\n", "mode is missing"),
        ('mode = "foot"\n', "speed_kph is missing"),
        (SURVEY + 'mode = "horse"\nspeed_kph = 9\n', "mode 'horse' is not one of"),
        ('extends = "drive"\nslope = "tobler"\n', "for people on foot"),
        ('extends = "walk"\nslope = "naismith"\n', 'slope must be "tobler"'),
        ('extends = "walk"\nname = "drive"\n', "the name 'drive' is a preset's"),
        ('extends = "walk"\nname = 3\n', "name must be a text"),
        ('extends = "walk"\ndirection = "up"\n', 'direction must be "to"'),
        ("extends = walk\n", "is not valid TOML"),
        ('extends = "walk"\ntitle = 3\n', "title must be a text"),
        ('extends = "walk"\ntitle = { en = "" }\n', "title must be a text"),
        ('extends = "walk"\ntitle = { fr = "marche" }\n', "title has the language 'fr': use en and zh"),
    ],
)  # fmt: skip
def test_refusals_name_file_and_remedy(toml, text, message):
    file = toml(text)
    with pytest.raises((InputError, MissingFileError), match=message) as refused:
        profile_from_toml(file)
    assert str(file) in str(refused.value) or "none.toml" in str(refused.value)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_file_of_a_preset_under_a_new_name_is_the_preset(toml, preset):
    text = preset_file(preset).read_text("utf-8")
    copied = profile_from_toml(toml(text, f"copied-{preset}.toml"))
    for key in ("mode", "speed_kph", "class_kph", "surface_cap_kph", "delay_s", "direction", "slope"):
        assert getattr(copied, key) == getattr(PRESETS[preset], key)
    assert profile_title(copied.name, "zh") == profile_title(preset, "zh")
    with pytest.raises(InputError, match=f"the name '{preset}' is a preset's"):
        profile_from_toml(toml(text, f"{preset}.toml"))


def test_a_title_is_what_tables_and_maps_call_a_profile(toml):
    assert profile_title("walk-unheard-of", "zh") == "walk-unheard-of"
    profile_from_toml(
        toml('extends = "walk"\nname = "walk-hills"\ntitle = { en = "hills", zh = "山区步行" }\n')
    )
    assert (profile_title("walk-hills"), profile_title("walk-hills", "zh")) == ("hills", "山区步行")
    assert said(words("zh"), "walk-hills") == mode_name_in_chinese("walk-hills") == "山区步行"
    profile_from_toml(toml('extends = "walk"\nname = "walk-dunes"\ntitle = "沙地步行"\n'))
    assert profile_title("walk-dunes") == profile_title("walk-dunes", "zh") == "沙地步行"


def test_a_missing_file_and_an_unknown_name():
    with pytest.raises(MissingFileError, match=r"nowhere\.toml does not exist"):
        profile_by_name("nowhere.toml")
    with pytest.raises(InputError, match=r"did you mean 'walk-slope'.*or the path of a profile file"):
        profile_by_name("walk-slop")


def test_classes_are_those_a_network_can_have():
    assert set(HIGHWAY_CLASSES) == {name for name, allowed in CLASS_ACCESS.items() if allowed} | {"ferry"}
    assert Access.NONE not in {CLASS_ACCESS[name] for name in HIGHWAY_CLASSES if name != "ferry"}


def test_every_number_of_every_preset_has_a_source():
    for profile in PRESETS.values():
        places = ["speed_kph", "off_network_kph"]
        places += [f"class_kph.{name}" for name in profile.class_kph]
        places += [f"surface_cap_kph.{name}" for name in profile.surface_cap_kph]
        assert all(profile.source_of(place) for place in places), profile.name
        assert np.isfinite(list(profile.class_kph.values())).all()
