"""Administrative villages in tables of people: names below merged cells, statistical codes, census classes."""

from __future__ import annotations

import numpy as np
import pytest

from access15.coverage import village_care
from access15.errors import InputError
from access15.model import Facilities, Population, Villages
from access15.sources import read_population

CRS = "EPSG:32650"


def people(folder, header, *rows, **options):
    """A table of people along a line, 1 km apart."""
    path = folder / "people.csv"
    lines = [f"{header},lon,lat,常住人口"]
    lines += [f"{row},{117 + i / 100:.2f},30,{2**i}" for i, row in enumerate(rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return read_population(path, **options)


def found(population):
    """{id: (people, community)} of the villages."""
    inside = population.village >= 0
    sums = np.bincount(population.village[inside], population.people[inside], len(population.villages))
    return dict(
        zip(population.villages.id, zip(sums, population.villages.community, strict=True), strict=True)
    )


def test_blank_cells_below_a_name_belong_to_it(tmp_path):
    rows = "甲镇,杨村", ",", ",李村", "乙镇,杨村", ",", ","
    given = people(tmp_path, "乡镇(街道),行政村", *rows)
    assert found(given) == {
        "甲镇 杨村": (3, False),
        "甲镇 李村": (4, False),
        "乙镇 杨村": (56, False),  # the same name in another township is another village
    }
    assert [note["count"] for note in given.provenance["notes"]] == [3]


def test_a_new_township_begins_without_the_village_above(tmp_path):
    given = people(tmp_path, "乡镇,行政村", "甲镇,杨村", "乙镇,")
    assert given.village.tolist() == [0, -1]


@pytest.mark.parametrize(
    ("name", "community"),
    [
        ("杨村", False),
        ("杨村村民委员会", False),
        ("东门社区", True),
        ("东门居委会", True),
        ("东门社区居民委员会", True),
    ],
)
def test_names_tell_communities_from_villages(tmp_path, name, community):
    assert found(people(tmp_path, "行政村(社区)", name)) == {
        name.removesuffix("村民委员会").removesuffix("居委会").removesuffix("居民委员会"): (1, community)
    }


def test_codes_alone_make_villages(tmp_path):
    rows = "330102100001", "330102100201", "330102200399", "330102001003"
    given = people(tmp_path, "统计用区划代码", *rows)
    assert [c for _, c in found(given).values()] == [True, False, False, True]
    assert list(found(given)) == list(rows)


def test_the_census_class_decides_over_code_and_name(tmp_path):
    rows = "杨村,330102100201,111", "东门社区,330102100002,220", "李村,330102100203,", "桥社区,330102100004,"
    given = people(tmp_path, "行政村,统计用区划代码,城乡分类代码", *rows)
    assert [c for _, c in found(given).values()] == [True, False, False, True]


def test_codes_of_hamlets_are_no_codes_of_villages(tmp_path):
    """Two codes in one village are numbers of something smaller: the name decides."""
    rows = "杨村,330102100001", "杨村,330102100002"
    assert found(people(tmp_path, "行政村,编码", *rows)) == {"杨村": (3, False)}


def test_other_numbers_are_no_codes(tmp_path):
    assert people(tmp_path, "编码", "123456789999", "123456780000").villages is None
    assert people(tmp_path, "编码", "17", "18").villages is None


def test_a_class_that_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"row 2: '7' is no class of urban and rural: use 111, .*210, 220"):
        people(tmp_path, "行政村,城乡分类代码", "杨村,7")


def test_a_named_column_must_be_there(tmp_path):
    with pytest.raises(InputError, match="village column 'Dorf'"):
        people(tmp_path, "行政村", "杨村", columns={"village": "Dorf"})
    assert found(people(tmp_path, "Dorf", "A", columns={"village": "Dorf"})) == {"a": (1, False)}


def town_of_villages():
    """Three villages of two cells each, 1 km apart; the third has the name of the first, in another township."""
    villages = Villages(
        id=["a x", "a y", "b x"], name=["x", "y", "x"], town=["a", "a", "b"], community=[False, False, True]
    )
    return Population.of(
        np.arange(6) * 1000.0,
        np.zeros(6),
        2.0 ** np.arange(6),
        CRS,
        villages=villages,
        village=np.arange(6) // 2,
    )


def clinics(**columns):
    n = len(columns["x"])
    given = {"tier": ["村卫生室"] * n, "doctors": 2.0 ** np.arange(n)} | columns
    return Facilities.of(given.pop("x"), np.zeros(n), CRS, **given)


def test_a_clinic_counts_for_the_village_it_names_wherever_it_stands():
    sites = clinics(x=[0, 0, 0, 0], village=["y", "x村委会", "x", "z"], town=["a", "b", "", ""])
    care = village_care(town_of_villages(), sites, CRS)
    # x without a township may be either: the nearest place decides, as for a name that nobody knows.
    assert care.village.tolist() == [1, 2, 0, 0]
    assert care.by_place.tolist() == [False, False, True, True]
    assert care.doctors.tolist() == [12, 1, 2]
    assert care.people.tolist() == [3, 12, 48]


def test_a_clinic_far_from_any_place_is_in_no_village():
    care = village_care(town_of_villages(), clinics(x=[-999, -1001]), CRS)
    assert care.village.tolist() == [0, -1]


def test_only_village_clinics_have_village_doctors_and_unknown_is_not_none():
    sites = clinics(
        x=[0, 0, 2000, 4000],
        tier=["村卫生室", "乡镇卫生院", "中心村卫生室", "诊所"],
        doctors=[1, 9, np.nan, 3],
    )
    care = village_care(town_of_villages(), sites, CRS)
    assert care.clinics.tolist() == [1, 1, 0]
    np.testing.assert_array_equal(care.doctors, [1, np.nan, 0])


def test_the_area_of_a_village_is_that_of_most_of_its_people():
    care = village_care(town_of_villages(), clinics(x=[0]), CRS, np.array([0, 1, 1, -1, -1, -1]))
    assert care.area.tolist() == [1, -1, -1]


def test_people_without_villages_are_refused():
    alone = Population.of([0], [0], [1], CRS)
    with pytest.raises(
        InputError, match="names no villages: give its table a column of them, such as 行政村"
    ):
        village_care(alone, clinics(x=[0]), CRS)
    with pytest.raises(InputError, match="go together"):
        Population.of([0], [0], [1], CRS, village=[0])


def test_a_joint_clinic_counts_in_every_village_it_names():
    care = village_care(town_of_villages(), clinics(x=[9e6], village=["x、y"], town=["a"], doctors=[2]), CRS)
    assert care.clinics.tolist() == [1, 1, 0]
    assert care.doctors.tolist() == [2, 0, 0]
    assert care.joint == 1


def test_townships_in_the_upper_header_do_not_hide_the_lower_one():
    """A workbook of people may be read as places: its lower header row has the positions."""
    from pathlib import Path

    from access15.sources import read_facilities

    file = Path(__file__).parents[2] / "data" / "sample" / "county" / "population.xlsx"
    places = read_facilities(file, judge=False)
    assert len(places) == len(read_population(file))
    assert places.village[0] == "城镇社区"
