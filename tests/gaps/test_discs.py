"""The ground under many discs, against shapely, which merges them one by one."""

import numpy as np
import pytest
import shapely

from access15.gaps import discs
from access15.gaps.discs import CORNERS, merged_discs

RADIUS_M = 50.0


def compare(x, y, group):
    """Check every group against the union of its discs, one by one."""
    order = np.argsort(group, kind="stable")
    x, y, group = x[order], y[order], group[order]
    ends = np.flatnonzero(np.append(np.diff(group) > 0, True)) + 1
    found = merged_discs(x, y, ends, RADIUS_M)
    assert shapely.is_valid(found).all()
    one = shapely.buffer(shapely.points(x, y), RADIUS_M, quad_segs=CORNERS // 4)
    for shape, parts in zip(found, np.split(one, ends[:-1]), strict=True):
        assert shapely.area(shapely.symmetric_difference(shapely.union_all(parts), shape)) < 1e-6


@pytest.mark.parametrize(("side_m", "groups"), [(400, 1), (1500, 5), (4000, 40), (3000, 400), (20000, 3)])
def test_random_points(side_m, groups):
    rng = np.random.default_rng(side_m)
    x, y = rng.uniform(0, side_m, (2, 1200))
    compare(x + 5e5, y + 5e6, rng.integers(0, groups, 1200))


@pytest.mark.parametrize("turned", [0.0, 0.3])
@pytest.mark.parametrize("step_m", [100, 99.999999999, 70.710678, 95.1, 50, 30, 1])
def test_points_of_a_raster(step_m, turned):
    """Discs that touch, three and four rims through one place, corners on corners."""
    rng = np.random.default_rng(int(step_m))
    cell = rng.choice(1600, 600, replace=False)
    x, y = (cell % 40) * step_m, (cell // 40) * step_m
    x, y = x * np.cos(turned) - y * np.sin(turned), x * np.sin(turned) + y * np.cos(turned)
    compare(x + 5e5, y + 1e6, rng.integers(0, 12, 600))


@pytest.mark.parametrize("shift_m", [0, 1e-12, 1e-9, 1e-6, 1e-3, 0.1])
def test_points_on_nearly_one_place(shift_m):
    rng = np.random.default_rng(7)
    x, y = rng.uniform(0, 2000, (2, 500))
    more = rng.normal(0, shift_m, (2, 500))
    compare(np.append(x, x + more[0]), np.append(y, y + more[1]), rng.integers(0, 9, 1000))


def test_a_ring_of_discs_keeps_its_hole():
    angle = np.arange(40) * 2 * np.pi / 40
    (ring,) = merged_discs(400 * np.cos(angle), 400 * np.sin(angle), np.array([40]), RADIUS_M)
    assert ring.geom_type == "Polygon"
    assert len(ring.interiors) == 1


def test_what_rounding_spoils_is_merged_by_shapely(monkeypatch):
    """A group whose rings do not close is not returned as it is."""
    x, y = np.array([0.0, 60, 5000, 5060]), np.zeros(4)
    expected = merged_discs(x, y, np.array([2, 4]), RADIUS_M)
    from access15._kernels import discs as kernels

    real = kernels.next_arcs

    def broken(arc_ptr, left, met, following):
        real(arc_ptr, left, met, following)
        following[0] = -1

    monkeypatch.setattr(kernels, "next_arcs", broken)
    found = discs.merged_discs(x, y, np.array([2, 4]), RADIUS_M)
    assert (
        shapely.equals(found, expected).all()
        or shapely.area(shapely.symmetric_difference(found, expected)).max() < 1e-6
    )
