"""A prefecture from its own files: the study of the how-to runs as it stands there, and stops where it must."""

import os
import re
import shutil
from pathlib import Path

import pytest

import access15 as a15
from access15.errors import CRSError, InputError

PAGE = Path(__file__).parents[2] / "docs/how-to/office-files.md"


@pytest.fixture(scope="module")
def garze(tmp_path_factory):
    """The files of Garzê in a folder of their own."""
    data = os.environ.get("ACCESS15_DATA")
    if not data or not (Path(data) / "garze").is_dir():
        pytest.skip("ACCESS15_DATA does not name the folder of real data")
    folder = tmp_path_factory.mktemp("garze")
    for file in (Path(data) / "garze").iterdir():
        shutil.copyfile(file, folder / file.name)
    return folder


def study(folder, *changes):
    text = re.search(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[1]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "study.toml").write_text(text, "utf-8")
    return a15.Study.from_toml(folder / "study.toml")


def test_the_study_runs_from_the_files_as_they_are(garze):
    with pytest.warns(
        UserWarning, match="85 service points lie a median 2[0-9] m from the nearest street as bd09"
    ):
        result = study(garze).run(parts=())
    people = result.inputs.population
    assert people.total == pytest.approx(1_199_042, abs=1e-6)
    assert len(people) > 10_000
    covered = result.coverages["drive"].table
    rows = covered[(covered["group"] == "all") & (covered["minutes"] == 60) & covered["area_id"].notna()]
    assert len(rows) == 18
    # The seat of the prefecture has more of its people within an hour of a hospital than the most remote county.
    rate = dict(zip(rows["area_id"].astype(str), rows["rate"], strict=True))
    assert rate["513301"] > rate["513330"]


def test_a_wrong_datum_stops_it(garze):
    wrong = study(garze, ('datum = "bd09"', 'columns = { lon = "BD_lon", lat = "BD_lat" }'))
    with pytest.raises(CRSError, match=r'the streets speak for bd09.*datum = "bd09" under \[facilities\]'):
        wrong.run(parts=())


def test_people_of_whole_counties_stop_it_before_the_streets_are_searched(garze):
    with pytest.raises(
        InputError, match=r"100\.0% of the people are given for 18 polygons .*spread = \"buildings\""
    ):
        study(garze, ('spread = "streets"\n', "")).run(parts=())


def test_two_rows_for_a_county_stop_it(garze):
    with pytest.raises(InputError, match="keep one row for each area"):
        study(garze, ('keep = { year = "2019" }\n', "")).run(parts=())
