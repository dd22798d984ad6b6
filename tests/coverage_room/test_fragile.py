"""People whose answer flips around the cut-off, against a count cell by cell."""

import numpy as np
import pytest
import shapely

from access15.coverage import coverage, fragile_coverage
from access15.errors import InputError, MismatchError
from access15.model import Areas, LinkedPoints, NearestTimes, Origin, Population, Status, TravelProfile

UTM = "EPSG:32629"
WALK = TravelProfile("walk", "foot", 4.8)


def town(seconds, people, limit_s=np.inf, **groups):
    n = len(seconds)
    population = Population.of(
        np.arange(n), np.zeros(n), people, UTM, groups={k.replace("plus", "+"): v for k, v in groups.items()}
    )
    links = LinkedPoints(np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n))
    origin = Origin.of(population, population, population, WALK, "to")
    status = np.where(np.isfinite(seconds), Status.REACHED, Status.UNREACHABLE)
    facility = np.where(np.isfinite(seconds), 0, -1)
    return population, NearestTimes(np.array(seconds, float), facility, status, links, links, limit_s, origin)


def test_both_ends_of_the_margin():
    #          13:00 sure, 13:00.001 lost, 15:00 lost, 15:00.001 won, 17:00 won, 17:00.001 and never: out
    seconds = [780, 780.001, 900, 900.001, 1020, 1020.001, np.inf]
    population, times = town(seconds, [1, 2, 4, 8, 16, 32, 64], old=[0, 1, 1, 0, 3, 0, 0])
    table = fragile_coverage(times, population)
    assert table.drop(columns="share").to_numpy().tolist() == [
        ["all", None, 127, 6, 24, 30],
        ["old", None, 5, 2, 3, 5],
    ]
    assert table["share"].tolist() == [30 / 127, 1.0]
    covered = coverage(times, population, (13, 15, 17)).table.query("group == 'all'")["covered"].tolist()
    assert [covered[1] - covered[0], covered[2] - covered[1]] == [6, 24]


@pytest.mark.parametrize("seed", range(5))
def test_areas_add_up(seed):
    rng = np.random.default_rng(seed)
    population, times = town(rng.integers(0, 1500, 60), rng.integers(0, 50, 60), old=rng.integers(0, 9, 60))
    boxes = [shapely.box(-0.5, -1, 19.5, 1), shapely.box(19.5, -1, 40.5, 1), shapely.box(900, 0, 901, 1)]
    areas = Areas(np.array(list("abc")), np.array(list("ABC")), np.array(boxes, object), UTM)
    table = fragile_coverage(times, population, 10, 3, areas)
    assert table["area_id"].tolist() == ["a", "b", "c", "(none)", None] * 2
    for group in ("all", "old"):
        of = table[table["group"] == group]
        for column in ("people", "lost", "won", "fragile"):
            assert of[column].iloc[:-1].sum() == pytest.approx(of[column].iloc[-1])
    flips = (times.seconds > 420) & (times.seconds <= 780)
    assert table["fragile"].iloc[4] == population.people[flips].sum()
    assert np.isnan(table["share"].iloc[2])


def test_bad_values():
    population, times = town([60, 60], [1, 1], limit_s=960)
    for minutes, margin in [(15, 15), (15, 20), ((5, 10), 2)]:
        with pytest.raises(InputError, match="one cut-off and one smaller margin"):
            fragile_coverage(times, population, minutes, margin)
    with pytest.raises(InputError, match="margin must be numbers above 0"):
        fragile_coverage(times, population, 15, 0)
    with pytest.raises(MismatchError, match="stop at 16 min"):
        fragile_coverage(times, population)
