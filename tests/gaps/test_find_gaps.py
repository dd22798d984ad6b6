"""Gaps: everybody who is not covered stands in exactly one, with figures checked by hand."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from access15.errors import InputError, MismatchError
from access15.gaps.find import find_gaps
from access15.gaps.reasons import Responses
from access15.gaps.shapes import gap_polygons
from access15.model import (
    Access,
    Areas,
    Facilities,
    LinkedPoints,
    NearestTimes,
    Origin,
    Population,
    Status,
    TravelProfile,
)  # fmt: skip
from access15.testing import straight_streets
from access15.travel_time import nearest_times

UTM = "EPSG:32629"
WALK = TravelProfile("walk", "foot", 4.8)
COLUMNS = [
    "gap_id", "rank", "mode", "minutes", "people", "people_65plus", "area_id", "nearest_facility", "median_s",
    "max_s", "kind", "reason", "priority", "recommendation", "place", "cluster_id", "centre_x", "centre_y", "serve_s",
    "geometry",
]  # fmt: skip


def street_network():
    """A street of 10 km along y = 0, an island street along y = 200 from x = 3000, then north."""
    x = np.array([*np.arange(11) * 1000.0, 3000, 4000, 4000])
    y = np.array([*np.zeros(11), 200, 200, 500])
    start, end = np.array([*range(10), 11, 12]), np.array([*range(1, 11), 12, 13])
    foot = int(Access.FOOT)
    return straight_streets(x, y, start, end, forward=foot, backward=foot, crs=UTM)


NETWORK = street_network()
CARE = Facilities.of([0.0, 9000.0], [0.0, 0.0], UTM, ids=["west", "east"])

# x, y, people, 65+, edge, seconds, facility, status
CELLS = [
    (500, 0, 100, 10, 0, 375, 0, Status.REACHED),
    (1300, 0, 200, 40, 1, 975, 0, Status.REACHED),
    (1600, 0, 100, 0, 1, 1200, 0, Status.REACHED),
    (1900, 0, 100, 20, 1, 1425, 0, Status.REACHED),
    (5000, 0, 900, 100, 5, 3000, 1, Status.REACHED),
    (3200, 200, 50, 0, 10, np.inf, -1, Status.UNREACHABLE),
    (3400, 200, 30, 0, 10, np.inf, -1, Status.UNREACHABLE),
    (500, 20000, 5, 0, -1, np.inf, -1, Status.UNLINKED),
    (500, 20400, 6, 0, -1, np.inf, -1, Status.UNLINKED),
    (500, 21000, 7, 0, -1, np.inf, -1, Status.UNLINKED),
]


def place(cells=CELLS, network=NETWORK, facilities=CARE, **more):
    x, y, people, old, edge, seconds, facility, status = (np.array(c) for c in zip(*cells, strict=True))
    more.setdefault("groups", {"65+": old.astype(float)})
    population = Population.of(x, y, people, UTM, **more)
    n = len(x)
    fraction = np.clip((x - network.node_x[network.edge_from[edge]]) / 1000, 0, 1)
    links = LinkedPoints(edge, fraction, np.zeros(n), (edge < 0).astype(int))
    k = len(facilities)
    sites = LinkedPoints(np.zeros(k), np.zeros(k), np.zeros(k), np.zeros(k))
    origin = Origin.of(network, facilities, population, WALK, "to")
    return population, NearestTimes(seconds, facility, status, links, sites, np.inf, origin)


def test_every_figure_of_a_small_place_by_hand():
    population, times = place()
    areas = Areas(
        np.array(["001", "002"], object), np.array(["West", "East"], object),
        np.array([shapely.box(-1, -1, 1601, 1), shapely.box(1602, -1, 9000, 1)], object), UTM,
    )  # fmt: skip
    gaps = find_gaps(NETWORK, CARE, population, times, 15, areas)
    t = gaps.table
    assert list(t.columns) == COLUMNS
    assert t["gap_id"].tolist() == ["g1", "g2", "g3", "g4", "g5"]
    assert t["rank"].tolist() == [1, 2, 3, 4, 5]
    assert t["people"].tolist() == [900, 400, 80, 11, 7]
    assert t["people_65plus"].tolist() == [100, 60, 0, 0, 0]
    assert gaps.cell_gap.tolist() == [-1, 1, 1, 1, 0, 2, 2, 3, 3, 4]
    assert t["area_id"].tolist() == ["002", "001", None, None, None]
    assert t["nearest_facility"].tolist() == ["east", "west", None, None, None]
    assert t["median_s"].tolist()[:2] == [3000, 975]
    assert t["max_s"].tolist()[:2] == [3000, 1425]
    assert t[["median_s", "max_s"]].iloc[2:].isna().all(axis=None)
    assert set(t["kind"]) == {"distance"}
    assert t["reason"].tolist() == ["too far", "too far", "island", "no road", "no road"]
    late = (200 + 20) * (975 / 900 - 1) + 100 * (1200 / 900 - 1) + (100 + 10) * (1425 / 900 - 1)
    assert t["priority"].tolist() == pytest.approx([950, late, 80, 11, 7])
    assert t["recommendation"].tolist() == [
        "resident service", "neighbour-village extension", "mobile circuit", "mobile circuit", "mobile circuit",
    ]  # fmt: skip
    assert t["place"].tolist() == ["East", "West", None, None, None]
    assert t["cluster_id"].tolist() == ["c1", "c2", "c3", "c4", "c5"]
    assert t["centre_x"].tolist() == [5000, 1300, 3200, 500, 500]  # 1300 and 1600 cost the same
    assert t["serve_s"].tolist() == [0, 450, 150, 300, 0]
    assert t.crs == UTM
    assert set(t["mode"]) == {"walk"}
    assert repr(gaps) == "<Gaps walk 15 min: 5 clusters, 1,398 people>"


def test_routed_times_give_the_same_gaps():
    population, by_hand = place()
    routed = nearest_times(NETWORK, CARE, population, WALK)
    expected = find_gaps(NETWORK, CARE, population, by_hand)
    found = find_gaps(NETWORK, CARE, population, routed)
    assert found.cell_gap.tolist() == expected.cell_gap.tolist()
    assert found.table.drop(columns="geometry").equals(expected.table.drop(columns="geometry"))


def test_a_one_way_street_counts_both_ways_between_neighbours():
    closed = np.zeros(NETWORK.n_edges)
    for ways in ({"access_backward": closed}, {"access_forward": closed}):
        network = replace(NETWORK, **ways)
        population, times = place(network=network)
        assert find_gaps(network, CARE, population, times).table["people"].tolist() == [900, 400, 80, 11, 7]


@pytest.mark.parametrize("minutes", [5, 10, 16, 20, 60])
def test_gaps_hold_everybody_who_is_not_covered(minutes):
    population, times = place()
    gaps = find_gaps(NETWORK, CARE, population, times, minutes)
    uncovered = ~times.within(minutes)
    assert gaps.table["people"].sum() == pytest.approx(population.people[uncovered].sum(), rel=1e-12)
    assert (gaps.cell_gap >= 0).tolist() == uncovered.tolist()
    for row, people in enumerate(gaps.table["people"]):
        assert population.people[gaps.cell_gap == row].sum() == people


def test_a_wider_cluster_limit_joins_more():
    population, times = place()
    whole = {"serve_minutes": np.inf}
    counts = [
        len(find_gaps(NETWORK, CARE, population, times, cluster_minutes=m, **whole)) for m in (3, 3.75, 40)
    ]
    assert counts == [7, 5, 4]  # 300 m apart on the street; then the far village 3,100 m on
    cut = find_gaps(NETWORK, CARE, population, times, cluster_minutes=40).table
    assert cut["people"].tolist() == [900, 400, 80, 11, 7]
    assert cut["cluster_id"].tolist() == ["c1", "c1", "c2", "c3", "c4"]
    wide = find_gaps(NETWORK, CARE, population, times, off_street_m=600)
    assert wide.table["people"].tolist() == [900, 400, 80, 18]


def test_equal_gaps_are_ranked_by_their_first_cell():
    cells = [(x, 0, 10, 0, x // 1000, 2000, 0, Status.REACHED) for x in (9500, 2500, 5500)]
    population, times = place(cells)
    assert find_gaps(NETWORK, CARE, population, times).cell_gap.tolist() == [0, 1, 2]


def test_a_facility_behind_a_barrier_is_a_detour():
    cells = [(500, 150, 10, 0, 10, 4000, 0, Status.REACHED), (700, 0, 10, 0, 0, 4000, 0, Status.REACHED)]
    population, times = place(cells)
    # Twice 522 m in a straight line is 13 min on foot, twice 700 m is more than 15.
    found = find_gaps(NETWORK, CARE, population, times, cluster_minutes=0)
    assert found.table["reason"].tolist() == ["detour", "too far"]
    looser = find_gaps(NETWORK, CARE, population, times, cluster_minutes=0, detour_ratio=1.5)
    assert looser.table["reason"].tolist() == ["detour", "detour"]


def test_a_long_way_to_the_street_is_no_road():
    population, times = place([(5000, 0, 10, 0, 5, 5000, 0, Status.REACHED)])
    times = with_legs(times, np.array([1300.0]))
    assert find_gaps(NETWORK, CARE, population, times).table["reason"].tolist() == ["no road"]


def with_legs(times, leg_m):
    links = LinkedPoints(times.cells.edge, times.cells.fraction, leg_m, np.zeros(len(times)))
    return NearestTimes(
        times.seconds, times.facility, times.status, links, times.sites, times.limit_s, times.origin
    )


def test_ways_to_the_street_count_between_cells_only_door_to_door():
    cells = [(x, 0, 10, 0, x // 1000, 5000, 0, Status.REACHED) for x in (5100, 5300, 5900)]
    population, times = place(cells)
    far = with_legs(times, np.array([100.0, 100, 100]))
    # 200 m and 600 m of street between neighbours; 400 m and 800 m with the ways to it. 5 min are 400 m.
    assert find_gaps(NETWORK, CARE, population, far).cell_gap.tolist() == [0, 0, 1]
    both = find_gaps(NETWORK, CARE, population, far, door_to_door=True)
    assert both.cell_gap.tolist() == [0, 0, 1]
    further = with_legs(times, np.array([101.0, 100, 100]))
    assert find_gaps(NETWORK, CARE, population, further).cell_gap.tolist() == [0, 0, 1]
    assert find_gaps(NETWORK, CARE, population, further, door_to_door=True).cell_gap.tolist() == [0, 1, 2]


def test_cells_far_from_the_street_form_gaps_of_their_own():
    cells = [(5100, y, 10 + y, 0, 5, 5000, 0, Status.REACHED) for y in (0, 1100, 1300, 1700, 2300)]
    population, times = place(cells)
    gaps = find_gaps(NETWORK, CARE, population, with_legs(times, population.y))
    # 15 min are 1,200 m: two cells hang on the street, two neighbours 400 m apart do not, the last is alone.
    assert gaps.cell_gap.tolist() == [2, 2, 0, 0, 1]
    assert gaps.table["reason"].tolist() == ["no road", "no road", "too far"]


def test_times_that_stop_at_the_cutoff_count_as_not_reached():
    population, times = place()
    far = times.seconds > 900
    status = np.where(far & (times.status == Status.REACHED), Status.BEYOND_LIMIT, times.status)
    bounded = NearestTimes(
        np.where(far, np.inf, times.seconds), np.where(far, -1, times.facility), status, times.cells,
        times.sites, 900, times.origin,
    )  # fmt: skip
    table = find_gaps(NETWORK, CARE, population, bounded).table
    assert table["people"].tolist() == [900, 400, 80, 11, 7]
    assert table["priority"].tolist() == pytest.approx([950, 430, 80, 11, 7])
    assert table["reason"].tolist()[:2] == ["too far", "too far"]


def test_weights_of_groups():
    population, times = place()

    def priority(**weights):
        return find_gaps(NETWORK, CARE, population, times, group_weights=weights).table["priority"][0]

    assert priority() == 900
    assert priority(**{"65+": 1}) == 900
    assert priority(**{"65+": 3}) == 1100
    with pytest.raises(InputError, match=r"names '0-6'.*it has: 65\+"):
        priority(**{"0-6": 1.5})
    with pytest.raises(InputError, match="0 or more, not -1"):
        priority(**{"65+": -1})


def test_flagged_areas_weigh_more():
    population, times = place()
    polygons = [shapely.box(-1, -1, 1601, 1), shapely.box(1602, -1, 9000, 1)]
    flags = {"rural": [True, True], "remote": [False, True]}
    areas = Areas(np.array(["w", "e"]), np.array(["W", "E"]), np.array(polygons, object), UTM, flags=flags)

    def priorities(factors=None, given=areas):
        table = find_gaps(NETWORK, CARE, population, times, areas=given, area_factors=factors).table
        return table["priority"].tolist()

    plain = priorities(None, replace(areas, flags={}))
    west = (200 + 20) * (975 / 900 - 1) + 100 * (1200 / 900 - 1)
    east_of_second = (100 + 10) * (1425 / 900 - 1)
    assert priorities() == pytest.approx([1.25 * plain[0], 1.25 * plain[1], *plain[2:]])
    factors = {"rural": 1.5, "remote": 3}
    assert priorities(factors) == pytest.approx([3 * 950, 1.5 * west + 3 * east_of_second, *plain[2:]])
    assert priorities({}) == plain
    with pytest.raises(InputError, match=r"names 'urban village'.*they have: rural, remote"):
        priorities({"urban village": 2})
    with pytest.raises(InputError, match="factor of 'rural' areas must be a number of 0 or more"):
        priorities({"rural": -1})
    with pytest.raises(InputError, match="area flag 'rural' has shape"):
        replace(areas, flags={"rural": [True]})


def test_small_gaps_are_left_out_only_when_asked_and_counted():
    population, times = place()
    with pytest.warns(UserWarning, match="2 gaps with fewer than 20 people each, 18 people in all"):
        gaps = find_gaps(NETWORK, CARE, population, times, min_people=20)
    assert gaps.table["people"].tolist() == [900, 400, 80]
    assert gaps.table.attrs["left_out"] == {"gaps": 2, "people": 18}
    assert gaps.cell_gap.tolist() == [-1, 1, 1, 1, 0, 2, 2, -1, -1, -1]


def test_cells_without_people_neither_form_nor_join_gaps():
    cells = [c if c[0] != 1600 else (*c[:2], 0, 0, *c[4:]) for c in CELLS]
    population, times = place(cells)
    gaps = find_gaps(NETWORK, CARE, population, times)
    assert gaps.table["people"].tolist()[:3] == [900, 200, 100]
    assert gaps.cell_gap[2] == -1


def test_no_gaps_is_an_empty_table_with_every_column():
    population, times = place(CELLS[:1])
    gaps = find_gaps(NETWORK, CARE, population, times)
    assert len(gaps) == 0
    assert list(gaps.table.columns) == COLUMNS
    assert gaps.table.crs == UTM
    assert gaps.cell_gap.tolist() == [-1]
    assert "0 clusters, 0 people" in repr(gaps)


def test_each_form_of_service_has_its_threshold():
    rules = Responses.of(15, 1000, 300, None)
    people = np.array([1000, 999, 999, 300, 299, 5000])
    median_s = np.array([1e6, 1800, 1801, np.nan, np.nan, np.nan])
    assert rules.recommend(people, median_s, ["distance"] * 6) == [
        "fixed clinic", "neighbour-village extension", "resident service", "resident service", "mobile circuit",
        "fixed clinic",
    ]  # fmt: skip
    assert rules.recommend(people[:3], median_s[:3], ["capacity", "capacity", "both"]) == [
        "fixed clinic", "enlargement", "resident service",
    ]  # fmt: skip
    far = Responses.of(15, 1000, 300, 60).recommend(np.array([10.0]), np.array([3600.0]), ["distance"])
    assert far[0].startswith("neigh")


def test_points_become_discs_and_overlapping_discs_merge():
    population = Population.of([0, 60, 500], [0, 0, 0], [1, 1, 1], UTM)
    one, other = gap_polygons(population, np.arange(3), np.array([0, 0, 1]), 2, UTM)
    assert one.geom_type == "Polygon"
    assert one.bounds == pytest.approx((-50, -50, 110, 50))
    assert other.area == pytest.approx(np.pi * 2500, rel=0.02)


def test_raster_squares_tile_without_seams():
    x, y = (v.ravel() for v in np.meshgrid(np.arange(30) * 0.1 + 0.7, np.arange(20) * 0.1 + 0.3))
    population = Population.of(x, y, np.ones(600), UTM, cell_size=(0.1, 0.1))
    (shape,) = gap_polygons(population, np.arange(600), np.zeros(600, int), 1, UTM)
    assert (shape.geom_type, len(shape.interiors)) == ("Polygon", 0)
    assert shape.area == pytest.approx(6.0)


def test_raster_squares_are_moved_to_the_metric_crs():
    step = 1 / 1200
    population = Population.of([-8.6, -8.6 + step], [41.1, 41.1], [1, 1], "EPSG:4326", cell_size=(step, step))
    (shape,) = gap_polygons(population, np.arange(2), np.zeros(2, int), 1, UTM)
    assert shape.geom_type == "Polygon"
    assert shape.area == pytest.approx(2 * 69.9 * 92.5, rel=0.01)


def test_raster_squares_off_the_lattice_or_given_twice_still_merge():
    for x in ([0, 7, 14], [0, 0, 10]):
        population = Population.of(x, [0, 0, 0], [1, 1, 1], UTM, cell_size=(10, 10))
        (shape,) = gap_polygons(population, np.arange(3), np.zeros(3, int), 1, UTM)
        assert shape.bounds == (-5, -5, max(x) + 5, 5)
        assert shape.area == shape.envelope.area


def test_squares_that_touch_at_a_corner_are_a_valid_shape():
    population = Population.of([0, 10, 20], [0, 10, 0], [1, 1, 1], UTM, cell_size=(10, 10))
    (shape,) = gap_polygons(population, np.arange(3), np.zeros(3, int), 1, UTM)
    assert shape.is_valid
    assert shape.area == 300


def test_outlines_are_used_where_there_are_any():
    outlines = np.array([shapely.box(0, 0, 10, 10), shapely.Point(100, 100)], object)
    population = Population.of([5, 100], [5, 100], [1, 1], UTM, outlines=outlines)
    square, disc = gap_polygons(population, np.arange(2), np.arange(2), 2, UTM)
    assert square.area == 100
    assert disc.area == pytest.approx(np.pi * 2500, rel=0.02)


def test_bad_input_is_refused_in_words():
    population, times = place()
    with pytest.raises(MismatchError, match="population do not belong together"):
        find_gaps(NETWORK, CARE, Population.of([1.0], [1.0], [2], UTM), times)
    with pytest.raises(MismatchError, match="facilities do not belong together"):
        find_gaps(NETWORK, Facilities.of([1.0], [0.0], UTM), population, times)
    for bad, words in [
        ({"minutes": 0}, "minutes must be numbers above 0"),
        ({"minutes": (5, 10)}, "one cut-off, not 2"),
        ({"cluster_minutes": -1}, "cluster_minutes must be a number of 0 or more"),
        ({"min_people": np.nan}, "min_people must be a number"),
        ({"detour_ratio": 0.5}, "detour_ratio must be a number of 1 or more"),
        ({"fixed_clinic_people": 100}, "below resident_people"),
        ({"extension_minutes": 0}, "extension_minutes must be a number above 0"),
    ]:
        with pytest.raises(InputError, match=words):
            find_gaps(NETWORK, CARE, population, times, **bad)


def test_neighbours_are_farther_apart_the_longer_the_cut_off():
    """A third of the cut-off along the streets and off them, never under 5 minutes and 500 m."""
    population, times = place()
    whole = {"serve_minutes": np.inf}
    for minutes in (3, 15, 30, 60):
        third = max(5, minutes / 3)
        off_m = max(500, third / 60 * WALK.off_network_kph * 1000)
        found = find_gaps(NETWORK, CARE, population, times, minutes, **whole)
        said = find_gaps(
            NETWORK, CARE, population, times, minutes, cluster_minutes=third, off_street_m=off_m, **whole
        )
        assert found.cell_gap.tolist() == said.cell_gap.tolist()
    at_15 = find_gaps(NETWORK, CARE, population, times, 15, **whole).cell_gap
    assert at_15[7] == at_15[8] != at_15[9]  # 400 m and 600 m apart, off the streets
    at_60 = find_gaps(NETWORK, CARE, population, times, 60, **whole).cell_gap
    assert at_60[7] == at_60[8] == at_60[9]
