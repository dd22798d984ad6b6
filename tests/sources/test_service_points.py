"""Which rows and objects are service points: status, keep and drop, doubles, multipoints, prices."""

import warnings

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from access15.crs import wgs84_to_gcj02
from access15.errors import InputError
from access15.sources.care_words import fold_name
from access15.sources.doubles import SAME_PLACE_M, doubles
from access15.sources.facilities import read_facilities
from access15.sources.osm_points import facilities_from_osm

METRE = 1 / 111_195  # degrees of latitude


def write(tmp_path, text, name="f.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def read(path, **options):
    """Return the facilities and the notes they came with."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = read_facilities(path, **options)
    return found, [str(one.message) for one in caught]


STATUS = "code,name,type,{},lat,lon\n001,A,Clinic,{},50,9\n002,B,Clinic,{},50,9.01\n003,C,Clinic,{},50,9.02\n004,D,Clinic,{},50,9.03\n"


@pytest.mark.parametrize(
    ("column", "words", "reasons"),
    [
        ("status", ("Functional", "Closed", "Under construction", "Suspended"), ("closed", "under construction", "suspended")),
        ("Operational_Status", ("operational", "non_operational", "planned", "closed"), ("closed", "planned", "closed")),
        ("运营状态", ("正常", "注销", "停业", "在建"), ("closed", "closed", "under construction")),
        ("机构状态", ("开业", "歇业", "暂停营业", "筹建"), ("closed", "suspended", "planned")),
        ("执业状态", ("执业", "吊销", "已注销", "未营业"), ("closed", "closed", "closed")),
        ("statut", ("Fonctionnel", "Fermé", "En construction", "Suspendu"), ("closed", "under construction", "suspended")),
        ("Estado", ("Activo", "Cerrado", "En construcción", "Inactivo"), ("closed", "under construction", "closed")),
        ("functional", ("yes", "no", "FALSE", "0"), ("closed", "closed", "closed")),
    ],
)  # fmt: skip
def test_what_does_not_work_is_set_aside_and_listed(tmp_path, column, words, reasons):
    found, notes = read(write(tmp_path, STATUS.format(column, *words)))
    assert list(found.id) == ["001"]
    for (row, why), reason, word in zip(found.set_aside, reasons, words[1:], strict=True):
        assert row in ("002", "003", "004")
        assert why == f"{reason} (column {column!r} says {word!r})"
    assert len(notes) == 1
    zh = found.provenance["notes"][0]["zh"]
    assert zh.startswith("行因停业、暂停或未开业而搁置（")
    assert "第 3、4、5 行" in zh
    assert not any(word in zh for word in ("closed", "planned", "suspended", "construction", "row"))
    assert "3 of 4 rows are set aside" in notes[0]
    assert "(rows 3, 4, 5)" in notes[0]


def test_an_unknown_status_counts_and_is_told(tmp_path):
    found, notes = read(write(tmp_path, STATUS.format("status", "Functional", "so-so", "so-so", "Closed")))
    assert list(found.id) == ["001", "002", "003"]
    assert any("2 of 4 rows count" in text and "'so-so' (2)" in text and "drop" in text for text in notes)
    assert found.provenance["notes"][0]["count"] == 2
    found, notes = read(write(tmp_path, STATUS.format("status", "public", "private", "NGO", "public")))
    assert len(found) == 4
    assert any("the column is not known: 'status' says 'public' (2)" in text for text in notes)


def test_a_closed_clinic_counts_where_it_is_kept_by_its_status(tmp_path):
    path = write(tmp_path, STATUS.format("status", "Functional", "Closed", "Planned", "Closed"))
    assert list(read(path, keep={"status": ["Functional", "closed"]})[0].id) == ["001", "002", "004"]
    with pytest.raises(InputError, match=r"no service point left|leaves nothing"):
        read(path, keep={"status": "Derelict"})


def test_hours_that_are_never_open(tmp_path):
    found, _ = read(
        write(
            tmp_path,
            'id,lon,lat,opening_hours\n1,9,50,off\n2,9.1,50,"Mo-Fr 08:00-12:00; PH off"\n3,9.2,50,\n',
        )
    )
    assert list(found.id) == ["2", "3"]


def test_a_place_is_not_judged_where_it_is_no_service_point(tmp_path):
    path = write(
        tmp_path, "id,name,status,lon,lat\n1,Old Dental Clinic,Closed,9,50\n2,Old Dental Clinic,Closed,9,50\n"
    )
    found, notes = read(path, judge=False)
    assert (len(found), notes) == (2, [])


TABLE = "id,name,type,owner,lon,lat\n1,A,Clinic,public,9,50\n2,B,Health Post,NGO;public,9.1,50\n3,C,Hospital,private,9.2,50\n4,D,,,9.3,50\n"


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({"keep": {"type": "clinic"}}, "1"),
        ({"keep": {"type": ["Clinic", "HEALTH POST"]}}, "12"),
        ({"keep": {"owner": ["public"]}}, "12"),
        ({"keep": {"Owner": ["public"], "type": ["Clinic", "Hospital"]}}, "1"),
        ({"drop": {"type": ["Hospital"]}}, "124"),
        ({"drop": {"owner": ["private", "NGO"]}}, "14"),
        ({"keep": {"tier": ["Hospital"]}}, "3"),
        ({"keep": {"id": [1, 2]}, "drop": {"id": ["2"]}}, "1"),
    ],
)
def test_keep_and_drop(tmp_path, options, ids):
    found, notes = read(write(tmp_path, TABLE), **options)
    assert "".join(found.id) == ids
    assert len(found) + len(found.set_aside) == 4
    assert any(f"{4 - len(ids)} of 4 rows are left out by keep and drop" in text for text in notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"keep": {"typ": ["Clinic"]}},
            "no column 'typ': did you mean 'type'. The columns are id, name, type",
        ),
        ({"drop": {"colour": "red"}}, "no column 'colour'"),
        (
            {"keep": {"type": ["Dispensary"]}},
            "keep 'type' leaves nothing: its values are 'Clinic', 'Health Post', 'Hospital'",
        ),
        ({"drop": {"id": ["1", "2", "3", "4"]}}, "drop 'id' leaves nothing"),
        ({"keep": {"type": []}}, "keep names no value for 'type'"),
        ({"keep": "type"}, "keep must name columns and values"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(tmp_path, options, message):
    with pytest.raises(InputError, match=message) as caught:
        read_facilities(write(tmp_path, TABLE), **options)
    assert "\n" not in str(caught.value)


def test_internal_rooms_and_dentists_count_where_they_are_kept(tmp_path):
    path = write(
        tmp_path,
        "id,name,lon,lat\n1,红星学院医务室,112,30\n2,桃花村卫生室,112.1,30\n3,康美口腔诊所,112.2,30\n",
    )
    assert list(read(path)[0].id) == ["2"]
    assert list(read(path, keep={"tier": ["医务室", "村卫生室"]})[0].id) == ["1", "2"]
    found, _ = read(path, keep={"name": ["康美口腔诊所"]})
    assert (list(found.id), list(found.tier)) == (["3"], ["a dentist"])


def test_doubles_are_merged_by_name_or_id_and_counted(tmp_path):
    rows = [
        "1,Saint Anne,9,50,,",
        f"2,SAINT-ANNE,9,{50 + 140 * METRE},12,",  # 140 m
        f"3,Saint Anne,9,{50 + 160 * METRE},,3",  # 160 m from the first
        "4,North,9.1,50,,",
        "4,,9.1,50,,7",  # the same id, no name
        "5,South,9.1,50,,",  # the same position, another name
    ]
    found, notes = read(write(tmp_path, "id,name,lon,lat,beds,doctors\n" + "\n".join(rows) + "\n"))
    assert list(found.id) == ["1", "3", "4", "5"]
    np.testing.assert_array_equal(found.beds, [12, np.nan, np.nan, np.nan])  # taken over from the double
    np.testing.assert_array_equal(found.doctors, [np.nan, 3, 7, np.nan])
    assert [why for _, why in found.set_aside] == [
        "the same facility as row 2: one name or id within 150 m",
        "the same facility as row 5: one name or id within 150 m",
    ]
    assert any("2 of 6 rows repeat an earlier one" in text for text in notes)
    assert any("1 of 6 rows stand exactly where an earlier one stands" in text for text in notes)


def test_one_id_for_two_places_is_refused(tmp_path):
    with pytest.raises(InputError, match="the id '1' in column 'id' stands in row 2 and row 3"):
        read_facilities(write(tmp_path, "id,name,lon,lat\n1,A,9,50\n1,A,9,51\n"))
    with pytest.raises(InputError, match="the id '1' in column 'id' stands in row 2 and row 3"):
        read_facilities(write(tmp_path, "id,name,lon,lat\n1,A,9,50\n1,B,9,50\n"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 6),
            st.integers(0, 6),
            st.sampled_from(["A", "a", "B", ""]),
            st.sampled_from(["1", "2", ""]),
        ),
        max_size=14,
    )
)
def test_doubles_are_those_of_a_slow_search(rows):
    lon = np.array([9 + 60 * x * METRE for x, *_ in rows], float)
    lat = np.array([60 * y * METRE for _, y, *_ in rows], float)
    name, ids = (np.array([*(row[k] for row in rows), None], object)[:-1] for k in (2, 3))
    free = np.array([i % 5 != 4 for i in range(len(rows))], bool)
    slow: dict[int, int] = {}
    for key in (name, ids):
        for b in range(len(rows)):
            for a in range(b):
                if a in slow or b in slow or not (free[a] and free[b]) or not key[b]:
                    continue
                one = fold_name(key[a]) == fold_name(key[b]) and (
                    not name[a] or not name[b] or fold_name(name[a]) == fold_name(name[b])
                )
                near = np.hypot((lon[a] - lon[b]) / METRE, (lat[a] - lat[b]) / METRE) <= SAME_PLACE_M
                if one and near:
                    slow[b] = a
    assert doubles(lon, lat, "EPSG:4326", name, ids, free) == slow


def test_points_of_a_multipoint_are_facilities(tmp_path):
    shapes = [
        shapely.MultiPoint([(9, 50), (9.1, 50)]),
        shapely.Point(9.2, 50),
        shapely.MultiPoint([(9.3, 50)]),
    ]
    frame = gpd.GeoDataFrame(
        {"id": ["m", "s", "t"], "name": ["M", "S", "T"], "beds": [3, 4, 5]}, geometry=shapes, crs="EPSG:4326"
    )
    frame.to_file(tmp_path / "f.gpkg")
    found, notes = read(tmp_path / "f.gpkg")
    assert list(found.id) == ["m/1", "m/2", "s", "t"]
    np.testing.assert_allclose(found.x, [9, 9.1, 9.2, 9.3])
    assert list(found.beds) == [3, 3, 4, 5]
    assert notes == ["f.gpkg: 1 multipoints count as 2 facilities, one per point (feature 1)"]
    frame["status"] = ["Closed", "open", "open"]
    frame.to_file(tmp_path / "g.gpkg")
    found, _ = read(tmp_path / "g.gpkg")
    assert (list(found.id), [row for row, _ in found.set_aside]) == (["s", "t"], ["m/1", "m/2"])
    frame.drop(columns=["id", "status"]).to_file(tmp_path / "h.gpkg")
    assert list(read(tmp_path / "h.gpkg")[0].id) == ["1/1", "1/2", "2", "3"]


def test_a_table_of_a_map_service(tmp_path):
    """Names beat the classes of the service; its price is no cost; its columns name their datum."""
    rows = [
        ("1", "梧桐里社区卫生服务中心", "医疗保健服务;综合医院;卫生院", ""),
        ("2", "红星村卫生室", "医疗保健服务;诊所;诊所", ""),
        ("3", "康美口腔诊所", "医疗保健服务;专科医院;口腔医院", "120"),
        ("4", "丽人诊所", "医疗保健服务;专科医院;整形美容", "900"),
        ("5", "桥头诊所", "医疗保健服务;诊所;诊所", "30"),
        ("6", "梧桐里社区卫生服务中心", "医疗保健服务;综合医院;卫生院", ""),
    ]
    lon, lat = [112.0, 112.1, 112.2, 112.3, 112.4, 112.0], [30.0] * 6
    gx, gy = wgs84_to_gcj02(lon, lat)
    lines = [
        f"{i},{n},{t},{x!r},{y!r},{c}"
        for (i, n, t, c), x, y in zip(rows, gx.tolist(), gy.tolist(), strict=True)
    ]
    for x_name, y_name in (
        ("XGCJ", "YGCJ"),
        ("经度_gcj02", "纬度_gcj02"),
        ("lng_gcj02", "lat_gcj02"),
        ("gcj_lon", "gcj_lat"),
    ):
        path = write(tmp_path, f"id,name,type,{x_name},{y_name},COST\n" + "\n".join(lines) + "\n")
        found, notes = read(path, datum="gcj02")
        assert list(found.id) == ["1", "2", "5"]
        assert list(found.tier) == ["社区卫生服务中心", "村卫生室", "诊所"]
        np.testing.assert_allclose(found.x, [112.0, 112.1, 112.4], atol=1e-7)
        assert np.isnan(found.cost).all()
        assert any("not read as the cost of building: 'COST' looks like a price" in text for text in notes)
        assert read(path, datum="gcj02", columns={"cost": "COST"})[0].cost[2] == 30
        with pytest.raises(InputError, match=r'datum = "gcj02" \(on the command line --datum'):
            read_facilities(path)


def test_the_cost_of_a_candidate_is_read(tmp_path):
    assert read(write(tmp_path, "id,lon,lat,kind,cost\n1,9,50,house,80\n"), judge=False)[0].cost[0] == 80


def osm(tmp_path, *tags):
    nodes = "".join(
        f'<node id="{i}" version="1" lat="50" lon="{9 + i / 10}">'
        + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in given.items())
        + "</node>"
        for i, given in enumerate(tags, 1)
    )
    return write(tmp_path, f'<osm version="0.6">{nodes}</osm>', "f.osm")


def read_osm(path, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = facilities_from_osm(path, **options)
    return found, [str(one.message) for one in caught]


OBJECTS = (
    {"amenity": "clinic", "operator:type": "public", "name": "A"},
    {"amenity": "doctors", "operator:type": "private"},
    {"amenity": "clinic", "operational_status": "closed"},
    {"amenity": "pharmacy"},
    {"disused:amenity": "clinic"},
    {"amenity": "clinic", "operational_status": "so-so"},
)


def test_keep_and_drop_of_osm_tags(tmp_path):
    path = osm(tmp_path, *OBJECTS)
    found, notes = read_osm(path)
    assert list(found.id) == ["n1", "n2", "n6"]
    assert any("3 of 6 objects with tags of health care are set aside" in text for text in notes)
    assert any("operational_status=so-so (1)" in text for text in notes)
    assert list(read_osm(path, keep={"operator:type": ["public"]})[0].id) == ["n1"]
    assert list(read_osm(path, drop={"operator:type": "private"})[0].id) == ["n1", "n6"]
    assert list(read_osm(path, keep={"tier": ["doctors"]})[0].id) == ["n2"]
    assert list(read_osm(path, keep={"amenity": ["clinic", "pharmacy"]})[0].id) == ["n1", "n4", "n6"]
    assert list(read_osm(path, keep={"operational_status": ["closed"]})[0].id) == ["n3"]
    for options, message in (
        (
            {"keep": {"operator_type": ["public"]}},
            "no service point with a tag 'operator_type': did you mean 'operator:type'",
        ),
        (
            {"keep": {"amenity": ["school"]}},
            "keep 'amenity' leaves nothing: its values are 'clinic', 'doctors'",
        ),
    ):
        with pytest.raises(InputError, match=message):
            read_osm(path, **options)


def test_a_layer_of_osm_tags_is_judged_by_them(tmp_path):
    rows = [
        *OBJECTS[:4],
        {"amenity": None, "healthcare": "yes"},
        {"amenity": "hospital", "name": "Poste de santé"},
    ]
    header = ["amenity", "healthcare", "operator:type", "operational_status", "name"]
    text = "lon,lat," + ",".join(header) + "\n"
    for i, row in enumerate(rows):
        text += f"{9 + i / 10},50," + ",".join(row.get(name) or "" for name in header) + "\n"
    found, _ = read(write(tmp_path, text))
    assert list(found.id) == ["1", "2", "6"]
    assert list(found.tier) == ["clinic", "doctors", "health post"]
