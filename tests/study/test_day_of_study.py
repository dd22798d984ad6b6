"""The day of a study decides what has ended or is not open yet; named, figures no longer change with the day."""

from __future__ import annotations

import datetime
import json
import warnings
from pathlib import Path

import pytest

import access15 as a15
from access15.errors import InputError
from access15.sources import facilities_from_osm, read_facilities, read_network
from access15.study.settings import read_settings
from access15.units import check_date
from town_files import write_town

OSM = """<osm version="0.6">
<node id="1" lat="0" lon="0"/><node id="2" lat="0" lon="0.01"/><node id="3" lat="0.01" lon="0.01"/><node id="4" lat="0.01" lon="0"/>
<node id="11" lat="0.0001" lon="0"><tag k="amenity" v="clinic"/><tag k="name" v="Old"/><tag k="end_date" v="2024"/></node>
<node id="12" lat="0.0001" lon="0.01"><tag k="amenity" v="clinic"/><tag k="name" v="New"/><tag k="opening_date" v="2030-05-01"/></node>
<node id="13" lat="0.0101" lon="0.01"><tag k="amenity" v="clinic"/><tag k="name" v="Always"/></node>
<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
<way id="2"><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/><tag k="opening_date" v="2030"/></way>
<way id="3"><nd ref="3"/><nd ref="4"/><tag k="highway" v="residential"/><tag k="end_date" v="2024-06"/></way>
</osm>"""


@pytest.fixture
def osm(tmp_path: Path) -> Path:
    file = tmp_path / "dated.osm"
    file.write_text(OSM, "utf-8")
    return file


@pytest.mark.parametrize(
    ("day", "ways", "names"),
    [
        ("2024-06-30", [1, 3], ["Always", "Old"]),
        ("2024-07-01", [1], ["Always", "Old"]),
        ("2024-12-31", [1], ["Always", "Old"]),
        ("2025-01-01", [1], ["Always"]),
        ("2029-12-31", [1], ["Always"]),
        ("2030-01-01", [1, 2], ["Always"]),
        ("2030-05-01", [1, 2], ["Always", "New"]),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_is_there_on_a_day(osm, day, ways, names):
    assert sorted(set(read_network(osm, date=day).way_id.tolist())) == ways
    assert sorted(facilities_from_osm(osm, date=day).name) == names


def test_a_day_that_decides_is_told_with_how_to_fix_it(osm):
    with pytest.warns(
        UserWarning, match=r'read for 2029-01-05, and from 2030-01-01 on .* date = "2029-01-05" .*--date'
    ):
        network = read_network(osm, date=datetime.date(2029, 1, 5))
    assert network.provenance["date"] == "2029-01-05"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = facilities_from_osm(osm, date="2029-01-05")
    assert dict(found.set_aside) == {
        "n11": "closed (end_date=2024, before 2029-01-05)",
        "n12": "planned (opening_date=2030-05-01, after 2029-01-05)",
    }


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_cache_knows_between_which_days_streets_are_the_same(osm, tmp_path):
    kept = tmp_path / "kept"

    def ways(day: str) -> tuple[int, list[str]]:
        found = read_network(osm, date=day, cache=kept)
        return len(set(found.way_id.tolist())), sorted(
            f"{f.name} {f.stat().st_mtime_ns}" for f in kept.iterdir()
        )

    one, first = ways("2024-07-01")
    assert one == 1
    assert ways("2029-12-31") == (1, first), (
        "no street comes or goes between these days: the kept network serves"
    )
    two, second = ways("2030-01-01")
    assert two == 2
    assert second != first
    assert ways("2024-06-30")[0] == 2


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_tags_of_osm_in_the_columns_of_a_table(tmp_path):
    file = tmp_path / "clinics.csv"
    file.write_text("id,lon,lat,amenity,end_date\na,1,1,clinic,2024\nb,2,2,clinic,\n", "utf-8")
    assert len(read_facilities(file, date="2024-12-31")) == 2
    assert len(read_facilities(file, date="2025-01-01")) == 1


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_study_names_its_day_and_run_json_has_it(tmp_path):
    town = write_town(tmp_path)
    plain = a15.Study.from_toml(town).run(parts=())
    assert plain.provenance()["date"] == datetime.date.today().isoformat()
    text = town.read_text("utf-8")
    for written in ("2025-03-01", '"2025-03-01"'):
        town.write_text(text.replace("[analysis]\n", f"[analysis]\ndate = {written}\n"), "utf-8")
        assert read_settings(town).analysis.day == datetime.date(2025, 3, 1)
    found = a15.Study.from_toml(town).run(parts=()).provenance()
    assert found["date"] == "2025-03-01"
    assert json.loads(json.dumps(found))["parameters"]["analysis"]["date"] == "2025-03-01"
    town.write_text(text.replace("[analysis]\n", '[analysis]\ndate = "soon"\n'), "utf-8")
    with pytest.raises(InputError, match=r"\[analysis\] date.*2026-12-01.*'soon'"):
        read_settings(town)


@pytest.mark.parametrize("value", ["2026-13-01", "yesterday", "01.12.2026", "", 2026])
def test_what_is_no_day(value):
    with pytest.raises(InputError, match="--date must be a day such as 2026-12-01"):
        check_date(value, "--date")
