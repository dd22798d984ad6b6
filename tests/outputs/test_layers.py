import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from outputs_town import UTM, X0, Y0, linked

from access15 import outputs
from access15.errors import CRSError, InputError, MismatchError
from access15.model import Areas, Facilities, Population
from access15.outputs.layers._layer import Columns


@pytest.fixture(scope="module")
def walk(town):
    return town.times()


@pytest.fixture(scope="module")
def elder(town):
    return town.times(3.24, "walk-elder")


def cells(town, cases, **more):
    options = {"headline_case": next(iter(cases)), "minutes": 15, "crs": UTM, **more}
    return outputs.cells_layer(town.population, cases, town.facilities, **options)


def test_cells_have_the_promised_columns(town, walk, elder):
    frame = cells(town, {"walk": walk, "walk_elder": elder}, areas=town.areas, cell_area=town.cell_area())
    assert list(frame.columns) == [
        "cell_id", "people", "people_65plus", "people_0_6", "area_id", "snapped_m", "walk_s", "walk_facility",
        "walk_status", "walk_elder_s", "walk_elder_facility", "walk_elder_status", "status", "geometry",
    ]  # fmt: skip
    assert frame["cell_id"][7] == "0007"
    assert frame["people"].sum() == town.population.total
    assert (frame["status"] == frame["walk_status"]).all()
    assert frame.attrs["aliases"]["people_65plus"] == "people 65+"
    assert frame.attrs["aliases"]["walk_elder_s"] == "walk-elder s"


def test_cells_tell_the_four_states_and_never_inf(town, elder):
    frame = cells(town, {"walk_elder": elder})
    within = elder.seconds <= 900
    expected = np.where(within, "covered", "uncovered").astype(object)
    expected[:3], expected[3] = "unreachable", "unlinked"
    assert frame["status"].tolist() == expected.tolist()
    assert not np.isinf(frame["walk_elder_s"]).any()
    assert frame["walk_elder_s"].isna().tolist() == [True] * 4 + [False] * (len(frame) - 4)
    assert frame["walk_elder_facility"].isna().sum() == 4
    assert set(frame["walk_elder_facility"].dropna()) == {"c1", "002"}
    assert frame["area_id"].isna().all()


def test_cells_beyond_a_bounded_search_are_uncovered(town):
    frame = cells(town, {"walk": town.times(limit_s=900)})
    free = cells(town, {"walk": town.times()})
    assert frame["status"].tolist() == free["status"].tolist()
    assert frame["walk_s"].isna().sum() > free["walk_s"].isna().sum()
    with pytest.raises(MismatchError, match="stop at 15 min"):
        cells(town, {"walk": town.times(limit_s=900)}, minutes=20)


def test_raster_cells_are_squares_that_fill_the_ground(town, walk):
    frame = cells(town, {"walk": walk})
    assert (frame.geometry.area == 10_000).all()
    assert shapely.union_all(frame.geometry).area == pytest.approx(1700**2)
    far = cells(town, {"walk": walk}, crs="EPSG:4326")
    assert far.to_crs(UTM).geometry.area.to_numpy() == pytest.approx(np.full(len(far), 10_000), rel=1e-6)


def test_outlines_and_points(town, walk):
    p = town.population
    spots = Population.of(p.x, p.y, p.people, UTM, cell_id=p.cell_id)
    shapes = shapely.points(p.x, p.y)
    blocks = [s.buffer(40) for s in shapes[:-1]] + [shapely.MultiPolygon([shapes[-1].buffer(10)])]
    drawn = Population.of(p.x, p.y, p.people, UTM, cell_id=p.cell_id, outlines=np.array(blocks, object))
    for population, kind in ((spots, "Point"), (drawn, "MultiPolygon")):
        local = type(town)(town.network, population, town.facilities, town.areas)
        assert set(cells(local, {"walk": local.times()}).geom_type) == {kind}


def test_cells_refuse_what_does_not_belong_together(town, walk):
    p = town.population
    other = Population.of(p.x, p.y, p.people + 1, UTM)
    with pytest.raises(MismatchError, match="population do not belong together"):
        outputs.cells_layer(other, {"walk": walk}, town.facilities, headline_case="walk", minutes=15, crs=UTM)
    with pytest.raises(MismatchError, match="facilities do not belong together"):
        cells(type(town)(town.network, p, town.candidates(), town.areas), {"walk": walk})
    with pytest.raises(InputError, match="headline case 'fly' is not one of walk"):
        cells(town, {"walk": walk}, headline_case="fly")
    with pytest.raises(InputError, match="areas were given without"):
        cells(town, {"walk": walk}, areas=town.areas)
    with pytest.raises(InputError, match="no case was given"):
        outputs.cells_layer(p, {}, town.facilities, headline_case="walk", minutes=15, crs=UTM)
    with pytest.raises(CRSError, match="not a CRS that PROJ knows"):
        cells(town, {"walk": walk}, crs="EPSG:999999")


def test_two_names_of_one_slug_are_an_error(town, walk, elder):
    with pytest.raises(InputError, match=r"'walk elder' and 'walk-elder' both become.*'walk_elder'"):
        cells(town, {"walk elder": walk, "walk-elder": elder})
    p = town.population
    twins = Population.of(p.x, p.y, p.people, UTM, groups={"65+": p.people, "65plus": p.people})
    local = type(town)(town.network, twins, town.facilities, town.areas)
    with pytest.raises(InputError, match="'65\\+' and '65plus'"):
        cells(local, {"walk": local.times()})


def test_two_columns_of_one_name_are_an_error():
    columns = Columns(outputs.LAYERS["cells"])
    columns.add("status", [1])
    with pytest.raises(InputError, match="layer 'cells' would have two columns 'status'"):
        columns.add("status", [1])


def test_facilities_share_out_the_people_covered(town, walk, elder):
    cases = {"walk": walk, "walk_elder": elder}
    frame = outputs.facilities_layer(town.facilities, cases, town.population, (15, 7.5), UTM)
    assert list(frame.columns)[:7] == [
        "facility_id",
        "name",
        "tier",
        "services",
        "capacity",
        "snapped_m",
        "status",
    ]
    assert {"people_walk_7_5", "people_walk_15", "people_walk_elder_15"} <= set(frame.columns)
    assert frame.attrs["aliases"]["people_walk_7_5"] == "people walk 7.5"
    for case, times in cases.items():
        for minutes, label in ((7.5, "7_5"), (15, "15")):
            covered = town.population.people[times.seconds <= minutes * 60].sum()
            assert frame[f"people_{case}_{label}"].sum() == pytest.approx(covered, rel=1e-12)
    assert frame["facility_id"].tolist() == ["c1", "002"]
    assert frame["name"][0] == "East"
    assert pd.isna(frame["name"][1])
    assert pd.isna(frame["capacity"][1])
    assert list(frame.columns)[-6:-1] == ["points", "beds", "doctors", "floor_area_m2", "capacity_limit"]
    assert frame["beds"].tolist()[0] == 0
    assert pd.isna(frame["beds"][1])
    assert frame["doctors"].isna().all()


def test_facilities_of_two_sets_stand_once(town, walk):
    f = town.facilities
    clinics = Facilities.of([f.x[1], X0 + 1000], [f.y[1], Y0], UTM, ids=["002", "n9"], label="clinic")
    local = type(town)(town.network, town.population, clinics, town.areas)
    cases, sets = (
        {"care_walk": walk, "clinic_walk": local.times(label="clinic")},
        {"care_walk": f, "clinic_walk": clinics},
    )
    frame = outputs.facilities_layer(sets, cases, town.population, 15, UTM)
    assert frame["facility_id"].tolist() == ["c1", "002", "n9"]
    assert frame["points"].tolist() == ["care", "care; clinic", "clinic"]
    assert frame["people_care_walk_15"].isna().tolist() == [False, False, True]
    assert frame["people_clinic_walk_15"].isna().tolist() == [True, False, False]
    moved = Facilities.of([X0], [Y0], UTM, ids=["002"], label="clinic")
    local = type(town)(town.network, town.population, moved, town.areas)
    with pytest.raises(InputError, match="'002' stands at two places in the sets 'care' and 'clinic'"):
        outputs.facilities_layer(
            {"a": f, "b": moved}, {"a": walk, "b": local.times()}, town.population, 15, UTM
        )


def test_areas_conserve_people_and_keep_the_rest_apart(town, walk, elder):
    coverages = {"walk": town.coverage(walk), "walk_elder": town.coverage(elder)}
    frame = outputs.areas_layer(town.areas, coverages, town.population, UTM)
    assert frame["area_id"].tolist() == ["001", "002", "003", "(none)"]
    assert frame["people"].sum() == pytest.approx(town.population.total, rel=1e-12)
    for case in coverages:
        for minutes in (5, 10, 15):
            parts = [
                f"covered_{case}_{minutes}",
                f"uncovered_{case}_{minutes}",
                f"unreachable_{case}",
                f"unlinked_{case}",
            ]
            assert frame[parts].sum(axis=1).to_numpy() == pytest.approx(frame["people"].to_numpy(), rel=1e-9)
            assert frame[f"covered_{case}_{minutes}"].sum() == pytest.approx(
                coverages[case]
                .table.query("area_id.isna() and group == 'all' and minutes == @minutes")["covered"]
                .sum()
            )
    empty = frame[frame["area_id"] == "003"].iloc[0]
    assert empty["people"] == 0
    assert np.isnan(empty["rate_walk_15"])
    assert np.isnan(empty["mean_walk_s"])
    assert frame.geometry.isna().tolist() == [False, False, False, True]
    assert {"mean_walk_elder_s", "p90_walk_elder_s", "rate_walk_elder_5"} <= set(frame.columns)


def test_without_areas_there_is_one_row(town, walk):
    frame = outputs.areas_layer(None, {"walk": town.coverage(walk, areas=False)}, town.population, UTM)
    assert frame["area_id"].tolist() == ["(all)"]
    assert frame["people"][0] == pytest.approx(town.population.total)
    assert frame["covered_walk_15"][0] == pytest.approx(town.population.people[walk.seconds <= 900].sum())
    assert frame["mean_walk_s"][0] > 0
    assert frame.geometry.area[0] == pytest.approx(1700**2)


def test_no_none_row_where_every_cell_has_an_area(town, walk):
    whole = Areas(
        np.array(["1"], object),
        np.array(["all"], object),
        np.array([shapely.box(X0, Y0, X0 + 1e4, Y0 + 1e4)], object),
        UTM,
    )
    local = type(town)(town.network, town.population, town.facilities, whole)
    frame = outputs.areas_layer(whole, {"walk": local.coverage(local.times())}, town.population, UTM)
    assert frame["area_id"].tolist() == ["1"]


def test_areas_refuse_a_coverage_that_does_not_add_up(town, walk):
    coverage = town.coverage(walk)
    coverage.table.loc[coverage.table["area_id"] == "001", "covered"] += 1
    with pytest.raises(AssertionError, match="areas, walk 5, row 1: covered"):
        outputs.areas_layer(town.areas, {"walk": coverage}, town.population, UTM)
    with pytest.raises(AssertionError, match="coverage, row"):
        outputs.coverage_layer({"walk": coverage})


def test_areas_refuse_other_areas(town, walk):
    few = Areas(town.areas.id[:1], town.areas.name[:1], town.areas.polygons[:1], UTM)
    with pytest.raises(InputError, match="computed with other areas"):
        outputs.areas_layer(few, {"walk": town.coverage(walk)}, town.population, UTM)


def test_the_figures_of_record_stand_once(town, walk, elder):
    coverages = {"walk": town.coverage(walk), "walk_elder": town.coverage(elder)}
    frame = outputs.coverage_layer(coverages)
    assert list(frame.columns) == [
        "points", "mode", "minutes", "group", "area_id", "people", "covered", "uncovered", "unreachable", "unlinked", "rate",
    ]  # fmt: skip
    assert len(frame) == 2 * 3 * 3 * 5
    with pytest.raises(InputError, match="two cases hold the figure of 'care', 'walk', 5 min"):
        outputs.coverage_layer({"a": coverages["walk"], "b": coverages["walk"]})


def test_isochrones_lie_large_below_small():
    rings = gpd.GeoDataFrame(
        {"facility_id": [None, None], "mode": ["walk", "walk"], "minutes": [5, 10]},
        geometry=[shapely.Point(0, 0).buffer(1), shapely.MultiPolygon([shapely.Point(0, 0).buffer(2)])],
        crs=UTM,
    )
    drive = rings.assign(mode="drive").to_crs("EPSG:3857")
    frame = outputs.isochrones_layer([rings, drive], UTM)
    assert frame["mode"].tolist() == ["walk", "walk", "drive", "drive"]
    assert frame["minutes"].tolist() == [10, 5, 10, 5]
    assert set(frame.geom_type) == {"MultiPolygon"}
    assert frame.geometry[2].area == pytest.approx(frame.geometry[0].area, rel=1e-3)
    assert frame["facility_id"].isna().all()
    assert list(outputs.isochrones_layer(rings, UTM).columns) == [
        "facility_id",
        "mode",
        "minutes",
        "geometry",
    ]
    assert len(outputs.isochrones_layer([], UTM)) == 0
    with pytest.raises(CRSError, match="isochrones have no CRS"):
        outputs.isochrones_layer(rings.set_crs(None, allow_override=True), UTM)


GAP_COLUMNS = [
    "gap_id", "rank", "mode", "minutes", "people", "people_65plus", "area_id", "nearest_facility", "median_s", "max_s",
    "kind", "reason", "priority", "recommendation", "geometry",
]  # fmt: skip


def test_gaps_keep_rank_and_have_no_inf(town, walk, elder):
    frame = outputs.gaps_layer(town.gaps(walk), UTM)
    assert list(frame.columns) == GAP_COLUMNS
    assert frame["median_s"].isna().tolist() == [True, False]
    assert frame["nearest_facility"].isna().tolist() == [True, False]
    both = outputs.gaps_layer([town.gaps(walk), town.gaps(elder)], UTM)
    assert both["gap_id"].tolist() == ["walk-15-g1", "walk-15-g2", "walk-elder-15-g1", "walk-elder-15-g2"]
    assert both["rank"].tolist() == [1, 2, 1, 2]


def test_no_gaps_still_have_columns(town, walk):
    frame = outputs.gaps_layer(town.gaps(walk, 0), UTM)
    assert list(frame.columns) == GAP_COLUMNS
    assert len(frame) == 0
    bare = outputs.gaps_layer([], UTM)
    assert [c for c in GAP_COLUMNS if c != "people_65plus"] == list(bare.columns)


def test_plans_carry_their_proof(town, walk):
    frame = outputs.plans_layer({"five": town.plan(walk), "free": town.plan(walk, float("nan"))})
    assert frame.columns.tolist()[:9] == [
        "plan_id",
        "model",
        "mode",
        "minutes",
        "p",
        "status",
        "objective",
        "bound",
        "gap",
    ]
    assert frame["minutes"].isna().tolist() == [False, True]
    assert frame["notes"][0] == "12 people no candidate can reach"
    assert len(outputs.plans_layer({})) == 0


def test_sites_stand_on_their_candidates(town, walk):
    frame = outputs.sites_layer({"five": town.plan(walk)}, town.candidates(), UTM)
    assert list(frame.columns) == [
        "plan_id", "rank", "candidate_id", "source", "gain", "cumulative_people", "cumulative_rate", "geometry",
    ]  # fmt: skip
    assert frame.geometry.x.tolist() == [X0 + 1250, X0 + 1550]
    with pytest.raises(InputError, match="'five' chose from other candidates"):
        outputs.sites_layer({"five": town.plan(walk)}, town.facilities, UTM)
    with pytest.raises(InputError, match="no candidates were given for the plan 'five'"):
        outputs.sites_layer({"five": town.plan(walk)}, {}, UTM)
    assert len(outputs.sites_layer({}, {}, UTM)) == 0


def test_provenance_is_flat_text(walk):
    facts = {
        "network": {"ways": np.int64(3), "dropped": {}, "ok": True}, "aside": (("n1", "药店"), ("n2", 2.5)),
        "none": None, "points": linked(1).reason, "profile": walk.profile,
    }  # fmt: skip
    frame = outputs.provenance_layer(facts)
    found = dict(zip(frame["key"], frame["value"], strict=True))
    assert found["network.ways"] == "3"
    assert found["network.ok"] == "true"
    assert found["network.dropped"] == ""
    assert found["aside"] == '[["n1", "药店"], ["n2", 2.5]]'
    assert found["none"] == ""
    assert found["points"] == "[0]"
    assert found["profile.name"] == "walk"
    assert found["profile.speed_kph"] == "4.8"
    with pytest.raises(InputError, match=r"'a\.b' twice"):
        outputs.provenance_layer({"a": {"b": 1}, "a.b": 2})
