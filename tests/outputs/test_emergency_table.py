"""Tables T9 and T9a: the way to the next tier, and when an ambulance is there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from access15 import AMBULANCE, WhatIf, isochrones, k_nearest, nearest_times, travel_times
from access15.crs import to_crs
from access15.errors import InputError
from access15.model import Facilities
from access15.outputs.report import report_tables
from access15.study import Study
from access15.study.referral import level_of
from access15.study.settings import Emergency
from access15.study.stations import own_points
from access15.testing import street_map
from town_files import place, write_town


def with_tiers(folder, tiers, more="", modes='"walk"'):
    """Service points at columns 0, 10, 30 of the southern street, 1 and 2 km apart."""
    study = write_town(folder)
    lines = ["id,name,tier,lon,lat"]
    for i, (column, tier) in enumerate(zip((0, 10, 30), tiers, strict=True)):
        lon, lat = place(column, 0)
        lines.append(f"{i},Point {i},{tier},{lon},{lat}")
    (folder / "clinics.csv").write_text("\n".join(lines) + "\n", "utf-8")
    text = study.read_text("utf-8").replace('"walk", "walk-elder"', f'{modes}, "walk-elder"')
    study.write_text(f"{text}\n{more}", "utf-8")
    return Study.from_toml(study)


def tables(study, lang="en"):
    return report_tables(study.run(parts=("referral",)).findings(), lang)


def test_every_tier_refers_to_the_next_one(tmp_path):
    study = with_tiers(tmp_path, ("村卫生室", "乡镇卫生院", "县医院"), '[emergency]\nreferral_mode = "walk"')
    frame = tables(study)["T9"].frame
    assert frame.iloc[:, 0].tolist() == ["0", "1"]  # the hospital refers to nobody
    assert frame.iloc[:, 3].tolist() == ["Point 1", "Point 2"]
    assert frame.iloc[:, 5].tolist() == pytest.approx([1000 / 80, 2000 / 80], rel=0.01)


def test_a_tier_that_is_missing_is_passed_over(tmp_path):
    study = with_tiers(tmp_path, ("诊所", "", "医院"), '[emergency]\nreferral_mode = "walk"')
    table = tables(study, "zh")["T9"]
    assert table.frame.iloc[:, 5].tolist() == pytest.approx([3000 / 80], rel=0.01)
    assert "1 个类型不明" in table.note


def test_one_tier_has_no_table(tmp_path):
    assert not {"T9", "T9a"} & set(tables(with_tiers(tmp_path, ("诊所", "诊所", ""))))


def test_levels_of_chinese_and_english_tiers():
    first = ("村卫生室", "中心村卫生室", "社区卫生服务站", "village clinic", "doctors")
    second = ("卫生院", "中心卫生院", "卫生院分院", "社区卫生服务中心", "社区卫生服务分中心", "health centre")
    assert [level_of(t) for t in first] == [1] * 5
    assert [level_of(t) for t in second] == [2] * 6
    assert [level_of(t) for t in ("县医院", "hospital", "", "pharmacy")] == [3, 3, 0, 0]


def test_dispatch_comes_before_the_ambulance(tmp_path):
    emergency = '[emergency]\nstations = "all"\ndispatch_minutes = 7'
    result = with_tiers(tmp_path, ("", "", ""), emergency, '"walk", "ambulance"').run(parts=())
    tables = report_tables(result.findings())
    given, people = result.inputs, result.inputs.population.people
    # The way alone, by the preset, which knows no dispatch.
    way_min = nearest_times(given.network, given.facilities, given.population, AMBULANCE).seconds / 60
    order = np.argsort(way_min)
    share = np.cumsum(people[order]) / people.sum()
    by_hand = [way_min[order][np.searchsorted(share, s)] + 7 for s in (0.5, 0.9)]
    total = tables["T9a"].frame.iloc[-1]
    assert total.iloc[4:6].tolist() == pytest.approx(by_hand)
    assert total.iloc[6] == people[way_min + 7 > 15].sum() == 7  # those who live 20 km off
    assert tables["T9a"].frame.iloc[:-1, 6].sum() == 7
    assert "7 min until it leaves" in tables["T9a"].note
    # T1 counts the dispatch, too: one figure, whichever table is read.
    column = "ambulance, 15 min: covered"
    assert tables["T1"].frame[column].iloc[-1] == people[way_min + 7 <= 15].sum()


def test_ambulances_start_from_the_stations_that_are_named(tmp_path):
    tiers, modes = ("村卫生室", "乡镇卫生院", "县医院"), '"walk", "ambulance"'
    for given, ids in (
        ('"卫生院"', ["1"]),  # a word that means the tier
        ('["乡镇卫生院", "县医院"]', ["1", "2"]),
        ('"all"', ["0", "1", "2"]),
    ):
        result = with_tiers(tmp_path, tiers, f"[emergency]\nstations = {given}", modes).run(parts=())
        found = result.inputs.points_of("ambulance")
        assert found.id.tolist() == ids
        assert result.inputs.points_of("walk") is result.inputs.facilities
        alone = nearest_times(result.inputs.network, found, result.inputs.population, AMBULANCE)
        np.testing.assert_allclose(result.times["ambulance"].seconds, alone.seconds + 180)


def test_a_file_of_stations_is_not_mixed_with_the_service_points(tmp_path):
    study = with_tiers(
        tmp_path, ("", "", ""), '[emergency]\nstations = "stations.csv"', '"walk", "ambulance"'
    )
    lon, lat = place(20, 0)
    (tmp_path / "stations.csv").write_text(f"id,name,lon,lat\nS1,急救站,{lon},{lat}\n", "utf-8")
    result = study.run(parts=("isochrones", "gaps"))
    assert result.inputs.points_of("ambulance").id.tolist() == ["S1"]
    layers = result.layers()
    assert set(layers["cells"]["ambulance_facility"].dropna()) == {"S1"}
    assert sorted(layers["facilities"]["facility_id"]) == ["0", "1", "2", "S1"]
    assert "ambulance stations" in layers["provenance"].to_string()
    for lang in ("en", "zh"):
        assert "急救站" in report_tables(result.findings(), lang)["T9a"].note
    for ending in ("html", "png"):
        (result.report if ending == "html" else result.map)(tmp_path / f"out.{ending}")


@pytest.mark.parametrize("services", ["急救", "妇幼;急救", "Emergency", "急救、住院"])
def test_the_service_of_a_point_makes_it_a_station(services):
    sites = Facilities.of([0, 1], [0, 1], "EPSG:32650", services=["住院", services], ids=["a", "b"])
    assert own_points(("walk", "ambulance"), Emergency(), sites)["ambulance"].id.tolist() == ["b"]
    assert own_points(("walk", "drive"), Emergency(), sites) == {}


@pytest.mark.parametrize(
    ("stations", "says"),
    [
        (None, "nothing says where ambulances start.*there are '村卫生室'"),
        (("急诊站",), r"\[emergency\] stations names '急诊站', which is no tier and no service"),
        (("村卫生所", "县医院"), "'县医院'"),
    ],
)
def test_ambulances_without_stations_are_refused(stations, says):
    sites = Facilities.of([0], [0], "EPSG:32650", tier=["村卫生室"])
    with pytest.raises(InputError, match=says):
        own_points(("ambulance",), Emergency(stations=stations), sites)


def test_an_empty_list_of_stations_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"\[emergency\] stations: is empty: name at least one"):
        with_tiers(tmp_path, ("", "", ""), "[emergency]\nstations = []")


def test_a_start_counts_in_every_time_alike():
    drawn = street_map(
        """
        A--B--C--D
    """,
        scale_m=500,
    )
    late = replace(AMBULANCE, name="late", start_s=90.0)
    sites, people = drawn.facilities("A"), drawn.population({"A": 1, "B": 2, "C": 4, "D": 8})
    given = drawn.network, sites, people
    plain, later = nearest_times(*given, AMBULANCE), nearest_times(*given, late)
    np.testing.assert_allclose(later.seconds, plain.seconds + 90)
    matrix = travel_times(*given, late)
    np.testing.assert_array_equal(np.sort(matrix.time_ms), np.sort(np.rint(later.seconds * 1000)))
    np.testing.assert_array_equal(k_nearest(*given, late, k=1).seconds[:, 0], later.seconds)
    far = float(plain.seconds[2]) / 60  # C is just inside without the start, and out with it
    shapes = [isochrones(drawn.network, sites, p, far, pixel_m=5).geometry.iloc[0] for p in (AMBULANCE, late)]
    spots = shapely.points(*to_crs(people.x, people.y, people.crs, drawn.network.crs))
    assert [shape.buffer(8).contains(spots[2]) for shape in shapes] == [True, False]
    what_if = WhatIf(drawn.network, sites, people, profile=late, minutes=far)
    assert what_if.covered == people.people[later.within(far)].sum()


def test_a_start_is_a_time():
    with pytest.raises(InputError, match="start_s must be 0 to 3600 seconds, not -1"):
        replace(AMBULANCE, start_s=-1)


def test_a_dispatch_below_nothing_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"dispatch_minutes: must be a number of 0 or more"):
        with_tiers(tmp_path, ("", "", ""), "[emergency]\ndispatch_minutes = -1")


def test_the_summary_names_the_points_in_the_language(tmp_path):
    study = with_tiers(
        tmp_path, ("急救站", "", ""), '[emergency]\nstations = ["急救站"]', '"walk", "ambulance"'
    )
    result = study.run(parts=())
    assert "ambulance stations" in result.summary()
    chinese = result.summary("zh")
    assert "急救站点" in chinese
    assert "全部医疗服务点" in chinese
    assert "ambulance" not in chinese
