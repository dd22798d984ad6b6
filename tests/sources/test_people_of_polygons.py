"""People of polygons: joined, spread and grouped, and not one is lost or made on the way."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

import access15 as a15
from access15.errors import InputError
from access15.model import Areas, Population
from access15.sources import read_buildings, read_population, spread_people
from access15.sources.bands import add_up, bands_of
from access15.sources.people_spread import shared
from access15.sources.plausible import area_factors, implausible
from access15.testing import street_map

UTM = "EPSG:32632"


def squares(n=4, size=1000.0):
    x0 = 500_000 + np.arange(n) * size
    return shapely.box(x0, 5_500_000, x0 + size, 5_500_000 + size)


def areas(n=4):
    return Areas(
        id=np.array([f"50{i}" for i in range(n)], object), name=np.array([f"County {chr(65 + i)}" for i in range(n)], object),
        polygons=squares(n), crs=UTM,
    )  # fmt: skip


# --- joins -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "on"),
    [
        (["500", "501", "502", "503"], "code"),
        ([500, 501, 502, 503], "code"),
        ([500.0, 501.0, 502.0, 503.0], "code"),
        (["County A", "county b", "ＣountyC", "County D "], "name"),
    ],
)
@pytest.mark.parametrize("given_on", [True, False])
def test_a_table_is_put_onto_polygons(keys, on, given_on):
    frame = pd.DataFrame({on: keys, "population": [1, 2, 4, 8]})
    people = read_population(frame, join=areas(), on=on if given_on else None)
    assert people.people.tolist() == [1, 2, 4, 8]
    assert all(
        o.covers(shapely.Point(x, y)) for o, x, y in zip(people.outlines, people.x, people.y, strict=True)
    )
    assert people.crs == UTM


def test_rows_and_areas_without_the_other_are_listed_with_close_names():
    frame = pd.DataFrame({"name": ["County A", "Cuonty B", "Sea", "合计"], "population": [60, 30, 10, 100]})
    with pytest.warns(UserWarning, match="is no area|have no row") as said:
        people = read_population(frame, join=areas())
    told = " ".join(str(w.message) for w in said)
    assert people.total == 60
    assert "40.0% of the people: 40 people are in 2 rows whose 'name' is no area" in told
    assert "'Cuonty B' (did you mean 'County B'?), 'Sea'" in told
    assert "3 areas have no row" in told
    assert people.provenance["rows_without_area"] == ["Cuonty B", "Sea"]


def test_joins_that_cannot_be():
    with pytest.raises(InputError, match="no row of column"):
        read_population(pd.DataFrame({"name": ["X"], "population": [1]}), join=areas())
    with pytest.raises(InputError, match="rows 1, 3: keep one row for each area"):
        read_population(pd.DataFrame({"code": ["500", "501", "500"], "population": [1, 2, 3]}), join=areas())
    with pytest.raises(InputError, match="no column to join on 'town'"):
        read_population(pd.DataFrame({"code": ["500"], "population": [1]}), join=areas(), on="town")


# --- bands of age ----------------------------------------------------------------------------------------

CHINESE = [f"{a}-{a + 4}岁" for a in range(0, 70, 5)] + ["70岁及以上"]
WORLDPOP = [f"{s}_{a}" for s in "fm" for a in (0, 1, *range(5, 85, 5))]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_groups_are_sums_of_bands(data):
    header = data.draw(
        st.sampled_from([CHINESE, WORLDPOP, [f"男{c}" for c in CHINESE] + [f"女{c}" for c in CHINESE]])
    )
    bands = bands_of(header)
    assert len(bands) == len(header)
    low = data.draw(st.integers(0, 69))
    high = data.draw(st.one_of(st.just(np.inf), st.integers(low + 1, 70)))
    group = add_up(bands, low, high)
    # Every year of age counts once, with one person a year in every band.
    years = {b.column: (b.high if np.isfinite(b.high) else 100) - b.low for b in bands}
    sexes = 1 if header is CHINESE else 2
    if group is None:
        assert np.isinf(high)
        assert low > 69
        return
    total = sum(share * years[column] for column, share in group.shares.items())
    assert total == pytest.approx(((100 if np.isinf(high) else high) - low) * sexes)
    cut = {b.column for b in bands if b.low < low < b.high or b.low < high < b.high}
    assert (group.estimated != "") == bool(cut & set(group.shares))


def test_bands_become_groups_and_estimates_are_labelled():
    frame = pd.DataFrame(
        {c: [10.0, 20.0] for c in CHINESE}
        | {"id": ["A", "B"], "lon": [7.4, 7.5], "lat": 43.7, "常住人口": [150, 300]}
    )
    with pytest.warns(UserWarning, match=r"group is estimated, 0-6: .*0\.4 of '5-9岁'"):
        people = read_population(frame)
    assert people.groups["65+"].tolist() == [20, 40]
    assert people.groups["60+"].tolist() == [30, 60]
    assert people.groups["0-6"].tolist() == [14, 28]
    assert people.provenance["groups_estimated"] == {"0-6": "0.4 of '5-9岁'"}
    assert read_population(frame, groups={"55+": "55+"}).groups["55+"].tolist() == [40, 80]


def test_a_column_of_the_group_itself_is_taken():
    frame = pd.DataFrame(
        {
            "id": ["A"],
            "lon": [7.4],
            "lat": [43.7],
            "常住人口": [100],
            "其中：65岁及以上": [17],
            "60-64岁": [3],
        }
    )
    people = read_population(frame)
    assert people.groups["65+"].tolist() == [17]
    assert people.groups["60+"].tolist() == [20]


# --- spreading -------------------------------------------------------------------------------------------


@given(
    st.floats(0, 1e7), st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=40),
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_shares_add_up_to_the_total(total, weights):
    got = shared(total, np.array(weights))
    assert (got >= 0).all()
    assert got.sum() == pytest.approx(total, abs=1e-9, rel=1e-15)
    assert np.abs(got - np.array(weights) / sum(weights) * total).max() < 2 / 16 + 1e-6 * max(total, 1)


def buildings(seed=1, n=60):
    rng = np.random.default_rng(seed)
    x, y = 500_000 + rng.uniform(0, 3000, n), 5_500_000 + rng.uniform(0, 1000, n)
    side = rng.uniform(5, 20, n)
    frame = gpd.GeoDataFrame(geometry=shapely.box(x, y, x + side, y + side), crs=UTM)
    frame["levels"] = np.where(rng.random(n) < 0.5, np.nan, rng.integers(1, 9, n))
    return frame


def polygons_with_people(people=(1000.0, 7.25, 333.3, 12.0)):
    shapes = squares(len(people))
    spot = shapely.point_on_surface(shapes)
    people = np.array(people)
    return Population.of(
        shapely.get_x(spot), shapely.get_y(spot), people, UTM, outlines=shapes, groups={"65+": people / 8, "0-6": people * 0.07}
    )  # fmt: skip


def onto_of(kind, tmp_path):
    if kind == "buildings":
        return buildings()
    if kind == "layer":
        buildings().to_crs("EPSG:4326").to_file(tmp_path / "b.gpkg")
        return tmp_path / "b.gpkg"
    if kind == "raster":
        values = np.random.default_rng(2).integers(0, 101, (20, 60)).astype("float32")
        with rasterio.open(
            tmp_path / "built.tif", "w", driver="GTiff", width=60, height=20, count=1, dtype="float32", crs=UTM,
            transform=from_origin(500_000, 5_501_000, 50, 50),
        ) as out:  # fmt: skip
            out.write(values, 1)
        return tmp_path / "built.tif"
    drawn = street_map("A" + "-" * 28 + "B", scale_m=100)
    network = drawn.network
    import dataclasses

    return dataclasses.replace(
        network, node_x=network.node_x + 500_050 - network.node_x.min(), node_y=network.node_y * 0 + 5_500_500,
        vertex_x=network.vertex_x + 500_050 - network.vertex_x.min(), vertex_y=network.vertex_y * 0 + 5_500_500, crs=UTM,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["buildings", "layer", "raster", "streets"])
def test_every_polygon_keeps_its_people_whatever_they_are_spread_over(kind, tmp_path):
    source = polygons_with_people()
    with pytest.warns(UserWarning, match="12 people stay at a point of their polygon, 1 of 4 polygons"):
        found = spread_people(source, onto_of(kind, tmp_path))
    assert len(found) > 4
    x, y = a15.crs.to_crs(found.x, found.y, found.crs, UTM)
    inside = np.argmax(shapely.contains_xy(source.outlines[:, None], x, y), axis=0)
    for i, total in enumerate(source.people):
        assert found.people[inside == i].sum() == pytest.approx(total, abs=1e-9)
        for name, counts in source.groups.items():
            assert found.groups[name][inside == i].sum() == pytest.approx(counts[i], abs=1e-9)
    assert (found.groups["65+"] <= found.people + 1e-9).all()
    assert found.provenance["polygons without a place"] == ["4"]


def test_footprint_times_levels_decides():
    frame = gpd.GeoDataFrame(
        {"levels": [1.0, 3.0, np.nan]},
        geometry=shapely.box(500_100 + np.array([0, 100, 200]), 5_500_100, 500_110 + np.array([0, 100, 200]), 5_500_110), crs=UTM,
    )  # fmt: skip
    with pytest.warns(UserWarning, match="2 have levels"):
        found = spread_people(polygons_with_people((96.0,)), frame)
    assert found.people.tolist() == [16, 48, 32]


def test_one_total_for_all_areas_and_one_for_each():
    with pytest.warns(UserWarning, match="spread over"):
        assert spread_people(areas(), buildings(), total=900).total == 900
    with pytest.warns(UserWarning, match="spread over"):
        assert spread_people(areas(), buildings(), total=[1, 2, 4, 8]).total == 15
    with pytest.raises(InputError, match="give total="):
        spread_people(areas(), buildings())
    with pytest.raises(InputError, match="2 numbers for 4 areas"):
        spread_people(areas(), buildings(), total=[1, 2])
    frame = gpd.GeoDataFrame({"people": [1, 2, 4, 8]}, geometry=squares(), crs=UTM)
    with pytest.warns(UserWarning, match="spread over"):
        assert spread_people(frame, buildings(), total="people").total == 15


def test_what_cannot_be_spread():
    with pytest.raises(InputError, match="no outlines"):
        spread_people(Population.of([0], [0], [1], UTM), buildings())
    far = buildings().set_geometry(buildings().translate(50_000, 0))
    with pytest.raises(InputError, match="none of the 60 places"):
        spread_people(polygons_with_people(), far)
    with pytest.raises(InputError, match="onto= must be"):
        spread_people(polygons_with_people(), 3)


def test_buildings_of_an_osm_file_by_rule(tmp_path):
    square = "".join(
        f'<node id="{10 * k + i}" lat="{50 + 0.001 * k + dy}" lon="{9 + dx}"/>'
        for k in range(6) for i, (dx, dy) in enumerate([(0, 0), (0.0002, 0), (0.0002, 0.0002), (0, 0.0002)])
    )  # fmt: skip
    tags = [
        {"building": "house", "building:levels": "2;3"}, {"building": "yes"}, {"building": "yes", "shop": "yes"},
        {"building": "garage"}, {"building": "yes", "layer": "-1"}, {"building": "apartments"},
    ]  # fmt: skip
    ways = "".join(
        f'<way id="{k + 1}">' + "".join(f'<nd ref="{10 * k + i}"/>' for i in (0, 1, 2, 3, 0))
        + "".join(f'<tag k="{a}" v="{b}"/>' for a, b in t.items()) + "</way>"
        for k, t in enumerate(tags)
    )  # fmt: skip
    file = tmp_path / "t.osm"
    file.write_text(f'<osm version="0.6">{square}{ways}</osm>')
    found = read_buildings(file)
    assert found["id"].tolist() == ["w1", "w2", "w6"]
    assert found["levels"].fillna(0).tolist() == [3, 0, 0]
    assert (found.attrs["counts"]["tagged"], found.attrs["counts"]["assumed"]) == (2, 1)


# --- plausibility ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.r_[np.linspace(0.5, 99, 90), [100.0] * 20], "per cent"),
        (np.linspace(0.01, 1, 100), "shares"),
        (np.repeat([1.0, 2, 5, 7], 30), "classes"),
        (np.r_[np.full(80, 33.3), np.linspace(1, 400, 40)], "made up"),
        (np.r_[np.linspace(1, 400, 100)], ""),
    ],
)
def test_values_that_do_not_look_like_people(values, words):
    people = Population.of(np.arange(len(values)), np.zeros(len(values)), values, UTM)
    said = implausible(people)
    assert bool(said) == bool(words)
    assert words in " ".join(note.line() for note in said)


def test_densities_and_totals():
    people = polygons_with_people((300_000.0, 10.0))
    assert "more than 200,000 people per km²" in implausible(people)[0].line()
    assert "a factor of 0.5" in implausible(polygons_with_people((100.0,)), total=200)[0].line()
    assert "per km² of the areas" in implausible(Population.of([0], [0], [1e6], UTM), areas())[0].line()


def test_people_read_are_compared_with_official_numbers_of_every_area():
    (note,) = area_factors(
        polygons_with_people((100.0, 50.0, 20.0, 10.0)), areas(), np.array([100, 100, 20, np.nan])
    )
    assert "County A 1.00, County B 0.50, County C 1.00; beyond 0.7 to 1.4: County B" in note.line()
    assert note.share == pytest.approx(50 / 180)


def test_reading_can_spread_at_once(tmp_path):
    frame = pd.DataFrame({"code": ["500", "501", "502"], "population": [1, 2, 4]})
    with pytest.warns(UserWarning, match="are spread over|no row"):
        found = read_population(frame, join=areas(), on="code", spread=buildings())
    assert found.total == 7
    assert len(found) > 3
    with pytest.warns(UserWarning, match="no row"):
        assert len(read_population(frame, join=areas(), spread="centre")) == 3
    with (
        pytest.warns(UserWarning, match="no row"),
        pytest.raises(InputError, match=r"does not say which.*town\.osm\.pbf"),
    ):
        read_population(frame, join=areas(), spread="buildings")
