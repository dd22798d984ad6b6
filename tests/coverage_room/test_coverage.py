"""Coverage: people conserved in every row, figures checked by hand and by brute force."""

import warnings

import numpy as np
import pytest
import shapely

from access15.coverage import assign_areas, coverage
from access15.coverage.area_summary import sorted_quantiles
from access15.coverage.people import _check_people
from access15.errors import InputError, MismatchError
from access15.model import (
    Areas,
    Facilities,
    LinkedPoints,
    NearestTimes,
    Origin,
    Population,
    Status,
    TravelProfile,
)

UTM = "EPSG:32629"
WALK = TravelProfile("walk", "foot", 4.8)


def times_for(population, seconds, status=None, limit_s=np.inf):
    """Times made by hand: finite = reached, inf = unreachable unless told otherwise."""
    seconds = np.asarray(seconds, float)
    if status is None:
        status = np.where(np.isfinite(seconds), Status.REACHED, Status.UNREACHABLE)
    n = len(seconds)
    links = LinkedPoints(np.zeros(n, int), np.zeros(n), np.zeros(n), np.zeros(n))
    facilities = Facilities.of([0.0], [0.0], UTM)
    origin = Origin.of(facilities, facilities, population, WALK, "to")
    facility = np.where(np.isfinite(seconds), 0, -1)
    return NearestTimes(seconds, facility, status, links, links, limit_s, origin)


def squares(*corners, size=10.0, crs=UTM, ids=None):
    polygons = np.array([shapely.box(x, y, x + size, y + size) for x, y in corners], object)
    ids = ids or [chr(ord("A") + i) for i in range(len(corners))]
    return Areas(np.array(ids, object), np.array([f"Ward {i}" for i in ids], object), polygons, crs)


def test_every_figure_of_a_small_place_by_hand():
    # Powers of two: each sum tells exactly which cells it holds.
    people = 2.0 ** np.arange(7)
    population = Population.of([1, 2, 3, 11, 12, 13, 99], np.ones(7), people, UTM, groups={"65+": people / 4})
    status = [0, 0, 1, 0, 2, 3, 0]
    times = times_for(population, [300, 301, np.inf, 600, np.inf, np.inf, 900], status, limit_s=1200)
    result = coverage(times, population, (5, 10), squares((0, 0), (10, 0), (50, 0)))

    table = result.table.set_index(["minutes", "group", "area_id"])
    counts = ["people", "covered", "uncovered", "unreachable", "unlinked"]
    assert table.loc[(5, "all", "A"), counts].tolist() == [7, 1, 6, 0, 0]
    assert table.loc[(10, "all", "A"), counts].tolist() == [7, 3, 4, 0, 0]
    assert table.loc[(10, "all", "B"), counts].tolist() == [56, 8, 0, 16, 32]
    assert table.loc[(10, "65+", "B"), counts].tolist() == [14, 2, 0, 4, 8]
    assert table.loc[(5, "all", "C"), counts].tolist() == [0, 0, 0, 0, 0]
    assert np.isnan(table.loc[(5, "all", "C"), "rate"])
    assert table.loc[(10, "all", "(none)"), counts].tolist() == [64, 0, 64, 0, 0]
    assert result.rate(10) == pytest.approx(11 / 127)
    assert result.rate(5, "65+", "A") == pytest.approx(1 / 7)
    with pytest.raises(
        InputError,
        match=r"no figure for 10 min, group '0-6', area 'A': there are .*10.* the groups all, 65\+",
    ):
        result.rate(10, "0-6", "A")
    assert result.cell_area.tolist() == [0, 0, 0, 1, 1, 1, -1]
    assert list(result.table.columns) == [
        "points", "mode", "minutes", "group", "area_id", *counts, "rate",
    ]  # fmt: skip
    assert len(result.table) == 2 * 2 * 5
    assert set(result.table["points"]) == {"care"}
    assert set(result.table["mode"]) == {"walk"}


def test_a_time_equal_to_the_cutoff_is_covered():
    population = Population.of([0, 1], [0, 0], [3, 5], UTM)
    result = coverage(times_for(population, [900.0, 900.001]), population, 15)
    assert result.table["covered"].tolist() == [3]
    assert result.minutes == (15.0,)


def test_without_areas_there_is_one_row_a_cutoff_and_group():
    population = Population.of([0, 1], [0, 0], [3, 5], UTM)
    result = coverage(times_for(population, [100, np.inf]), population)
    assert result.table["area_id"].isna().all()
    assert result.table["minutes"].tolist() == [5, 10, 15]
    assert result.summary["people"].tolist() == [8]
    assert result.cell_area.tolist() == [-1, -1]


def test_no_row_for_cells_in_no_area_when_all_lie_in_one():
    population = Population.of([1, 2], [1, 1], [1, 1], UTM)
    result = coverage(times_for(population, [1, 2]), population, 15, squares((0, 0)))
    assert result.table["area_id"].tolist() == ["A", None]


@pytest.mark.parametrize("seed", range(5))
def test_people_are_conserved_and_agree_with_a_slow_count(seed):
    rng = np.random.default_rng(seed)
    n = 400
    population = Population.of(
        rng.uniform(-5, 35, n), rng.uniform(-5, 15, n), rng.gamma(0.3, 9, n), UTM,
        groups={"65+": rng.random(n), "0-6": rng.random(n) * 1e6},
    )  # fmt: skip
    seconds = rng.uniform(0, 2000, n)
    status = rng.choice(4, n, p=[0.7, 0.1, 0.1, 0.1])
    seconds[status != Status.REACHED] = np.inf
    result = coverage(
        times_for(population, seconds, status), population, (5, 15, 30), squares((0, 0), (10, 0), (20, 0))
    )
    table = result.table
    parts = table[["covered", "uncovered", "unreachable", "unlinked"]].sum(axis=1)
    np.testing.assert_allclose(parts, table["people"], rtol=1e-9)
    ids = ["A", "B", "C", "(none)", None]
    for row in table.itertuples():
        area = ids.index(row.area_id)
        people = population.people if row.group == "all" else population.groups[row.group]
        here = np.ones(n, bool) if area == 4 else result.cell_area == (area if area < 3 else -1)
        assert row.covered == pytest.approx(people[here & (seconds <= row.minutes * 60)].sum())
        assert row.unlinked == pytest.approx(people[here & (status == Status.UNLINKED)].sum())
        assert row.rate == pytest.approx(row.covered / row.people)
    totals = table[table["area_id"].isna()]
    assert (totals[totals["group"] == "all"]["covered"].diff().dropna() >= 0).all()


def test_summary_means_are_over_people_reached_and_quantiles_over_all():
    population = Population.of([1, 2, 3, 11], np.ones(4), [10, 20, 50, 20], UTM)
    result = coverage(times_for(population, [60, 120, 300, np.inf]), population, 15, squares((0, 0), (10, 0)))
    a, b, total = result.summary.to_dict("records")
    assert a["mean_s"] == pytest.approx((600 + 2400 + 15000) / 80)
    assert (a["reached_share"], b["reached_share"], total["reached_share"]) == (1, 0, 0.8)
    assert np.isnan(b["mean_s"])
    assert (total["p50_s"], total["p80_s"]) == (300, 300)
    assert np.isnan([total["p90_s"], total["p95_s"], b["p50_s"]]).all()
    assert total["area_id"] is None
    assert a["name"] == "Ward A"


def test_quantiles_are_the_smallest_time_that_reaches_the_share():
    levels = np.array([0.1, 0.3, 0.5, 1.0])
    # Ten equal cells of 0.1 people: sums that are not exact in binary must not shift the answer.
    np.testing.assert_array_equal(sorted_quantiles(np.arange(10.0), np.full(10, 0.1), levels), [0, 2, 4, 9])
    np.testing.assert_array_equal(
        sorted_quantiles(np.array([5.0, 9.0]), np.array([0.0, 1.0]), levels), [9] * 4
    )
    assert np.isnan(sorted_quantiles(np.array([]), np.array([]), levels)).all()
    assert np.isnan(sorted_quantiles(np.array([1.0]), np.array([0.0]), levels)).all()


def test_quantiles_agree_with_repeating_every_person():
    rng = np.random.default_rng(3)
    seconds, people = rng.integers(0, 50, 60).astype(float), rng.integers(0, 9, 60)
    order = np.argsort(seconds)
    everyone = np.sort(np.repeat(seconds, people))
    for level in (0.05, 0.5, 0.8, 0.99):
        expected = everyone[int(np.ceil(level * len(everyone))) - 1]
        found = sorted_quantiles(seconds[order], people[order].astype(float), np.array([level]))
        assert found[0] == expected


def test_a_cell_on_a_border_belongs_to_the_lowest_row_without_a_warning():
    population = Population.of([10.0, 0.0, 20.0, 10.0], [5.0, 5.0, 10.0, 0.0], np.ones(4), UTM)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert assign_areas(population, squares((0, 0), (10, 0))).tolist() == [0, 0, 1, 0]
        assert assign_areas(population, squares((10, 0), (0, 0))).tolist() == [0, 1, 0, 0]


def test_overlapping_areas_give_the_lowest_row_and_are_counted():
    population = Population.of([2.0, 7.0, 12.0], [5.0] * 3, [1, 40, 2], UTM)
    with pytest.warns(
        UserWarning, match="1 cells with 40 people lie in more than one area .cell '2' in 'A' and 'B'"
    ):
        assert assign_areas(population, squares((0, 0), (5, 0))).tolist() == [0, 0, 1]


def test_cells_are_moved_to_the_crs_of_the_areas():
    population = Population.of([-8.61, -8.61], [41.15, 42.5], [1, 1], "EPSG:4326")
    areas = squares((532000, 4555000), size=2000.0)
    assert assign_areas(population, areas).tolist() == [0, -1]


def test_agrees_with_a_slow_search_on_touching_triangles():
    rng = np.random.default_rng(1)
    triangles = np.array(
        shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints(rng.integers(0, 9, (12, 2)))))
    )
    areas = Areas(
        np.array([str(i) for i in range(len(triangles))], object),
        np.full(len(triangles), "", object),
        triangles,
        UTM,
    )
    x, y = (a.ravel().astype(float) for a in np.meshgrid(np.arange(-1, 10, 0.5), np.arange(-1, 10, 0.5)))
    population = Population.of(x, y, np.ones(len(x)), UTM)
    slow = [
        next((i for i, t in enumerate(triangles) if t.intersects(shapely.Point(p))), -1)
        for p in zip(x, y, strict=True)
    ]
    assert assign_areas(population, areas).tolist() == slow


def test_no_cell_in_any_area_asks_for_the_crs():
    population = Population.of([500.0], [500.0], [1], UTM)
    with pytest.raises(InputError, match=r"no population cell lies in any of the 1 areas.*right CRS"):
        coverage(times_for(population, [1]), population, 15, squares((0, 0)))


def test_bad_input_is_refused_in_words():
    population = Population.of([1.0], [1.0], [1], UTM)
    times = times_for(population, [1], limit_s=600)
    with pytest.raises(MismatchError, match="population do not belong together"):
        coverage(times, Population.of([1.0], [1.0], [2], UTM), 5)
    with pytest.raises(MismatchError, match="stop at 10 min"):
        coverage(times, population, 15)
    with pytest.raises(InputError, match="above 0"):
        coverage(times, population, 0)
    with pytest.raises(InputError, match=r"id '\(none\)'"):
        coverage(times, population, 5, squares((0, 0), ids=["(none)"]))
    grouped = Population.of([1.0], [1.0], [1], UTM, groups={"all": [1]})
    with pytest.raises(InputError, match="group called 'all'"):
        coverage(times_for(grouped, [1]), grouped, 5)


def test_inconsistent_times_and_lost_people_are_never_reported_as_coverage():
    population = Population.of([1.0], [1.0], [1], UTM)
    with pytest.raises(AssertionError, match="inconsistent"):
        coverage(times_for(population, [1], [Status.UNREACHABLE]), population, 5)
    figures, people = np.array([[5.0, 2, 1, 1, 1], [3, 3, 0, 0, 0]]), np.array([5.0, 3.0])
    _check_people("all", figures, figures.sum(axis=0), people)
    with pytest.raises(AssertionError, match="not conserved for all"):
        _check_people("all", figures, figures.sum(axis=0), people * 1.00001)
    figures[1, 3] = 1e-6
    with pytest.raises(AssertionError, match="not conserved for all"):
        _check_people("all", figures, figures.sum(axis=0), people)


def test_an_empty_population_has_no_rate():
    population = Population.of([], [], [], UTM)
    result = coverage(times_for(population, []), population, 15, squares((0, 0)))
    assert result.table["people"].tolist() == [0, 0]
    assert np.isnan(result.rate(15))


def test_cells_so_close_to_a_cutoff_that_rounding_may_decide_are_counted():
    population = Population.of(np.zeros(4), np.zeros(4), [1, 2, 4, 8], UTM)
    times = times_for(population, [299.4, 299.6, 300.5, 900.0])
    assert coverage(times, population, (5, 10, 15)).rounding_cells == (2, 0, 1)
