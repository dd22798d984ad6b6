"""Contours of any field, against squares cut one by one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from access15._kernels.contour import contour_strips, most_crossings, rings
from access15._kernels.raster import BLOCK, BLOCKS, END, PIXELS, TILE
from access15.isochrones.contours import multipolygons

LIMIT_MS = 1000.0
NEVER = 0xFFFFFFFF


def drawn(field, marks=None, bands=1):
    """The contour of a field of whole tiles: legs to one street that is reached at once make the pixels."""
    rows, columns = field.shape[0] // TILE, field.shape[1] // TILE
    side = TILE // BLOCK
    legs = (field + LIMIT_MS).reshape(rows, side, BLOCK, columns, side, BLOCK).transpose(0, 3, 1, 4, 2, 5)
    legs = np.ascontiguousarray(legs.reshape(-1, BLOCKS, PIXELS), np.float32)
    tile_of = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    blocks = rows * side, columns * side
    edges = np.full(legs.shape, END, np.int32)
    edges[:, :, 0] = 0
    linked = edges, np.zeros(legs.shape, np.uint8), np.zeros(legs.shape, np.float32), legs, legs.max(axis=2)
    streets = np.zeros(1, np.uint32), np.array([[0, 0, 0, 0, 0, 0]], np.uint32)
    own = np.array([-1], np.int32), np.zeros(1, np.int64), np.zeros((2, 0)), np.zeros((2, 0))
    work = (
        np.full((BLOCK + 1, field.shape[1]), 1.0), np.zeros((2, blocks[1]), np.uint8), np.empty(field.shape[1], np.int64)
    )  # fmt: skip
    room, n = most_crossings(blocks[1]), 0
    found = np.empty((room, 2)), np.empty(room, np.int32), np.empty(room, np.int32)
    marks = np.ones(blocks, bool) if marks is None else marks
    for band in np.array_split(np.arange(blocks[0]), bands):
        strip = band[0]
        while strip <= band[-1]:
            n, strip = contour_strips(
                strip, band[-1] + 1, marks, 0, 0, tile_of, *linked, *streets, *own, np.empty((0, 2), np.int64),
                LIMIT_MS, 1.0, 1e9, 0.0, 100.0, *work, *found, n,
            )  # fmt: skip
            found = tuple(
                np.concatenate((part[:n], np.empty((room, *part.shape[1:]), part.dtype))) for part in found
            )
    return multipolygons([rings(*found, n, 1.0, 4)])[0]


def plain(field):
    """The union of all squares, each cut where its sides cross 0."""
    cut = []
    corners = np.array(((0, 0), (1, 0), (1, 1), (0, 1)))
    for j, i in np.argwhere(np.ones(np.array(field.shape) - 1)):
        values = [field[j + b, i + a] for a, b in corners]
        inside = [value <= 0 for value in values]
        around, halves = [], []
        for k in range(4):
            here, there = values[k], values[(k + 1) % 4]
            if inside[k]:
                around.append(corners[k])
            if inside[k] != inside[(k + 1) % 4]:
                around.append(corners[k] + here / (here - there) * (corners[(k + 1) % 4] - corners[k]))
        if sum(inside) == 2 and inside[0] == inside[2] and sum(values) > 0:
            first = (
                0 if inside[0] else 1
            )  # Around: crossing, corner, crossing of one part, then of the other.
            halves = [np.roll(around, 1 - first, axis=0)[part] for part in (slice(0, 3), slice(3, 6))]
        cut += [
            shapely.Polygon(np.array(part) + np.array((i, j)))
            for part in halves or [around] * (len(around) > 2)
        ]
    return shapely.union_all(shapely.set_precision(np.array(cut, object), 1e-7))


def random_field(seed, grain, size=(TILE, 2 * TILE)):
    """Values of ± 1 to ± 100, as `late_strip` makes them, outside at the rim."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(-100, 100, (-(-size[0] // grain), -(-size[1] // grain)))
    field = np.kron(coarse, np.ones((grain, grain)))[: size[0], : size[1]] + rng.uniform(-30, 30, size)
    field[[0, -1]] = field[:, [0, -1]] = 100
    field = np.clip(field, -100, 100)
    return np.where(field > 0, np.maximum(field, 1), np.minimum(field, -1)).astype(np.float32).astype(float)


@pytest.mark.parametrize("grain", [1, 3, 12])
def test_a_contour_is_the_union_of_cut_squares(grain):
    field = random_field(grain, grain)
    found, expected = drawn(field), plain(field)
    assert found.is_valid
    assert found.area == pytest.approx(expected.area, rel=1e-6)
    assert found.symmetric_difference(expected).area < 1e-3 * expected.area
    assert len(found.geoms) == len(shapely.get_parts(expected))
    assert shapely.get_num_interior_rings(shapely.get_parts(found)).sum() == sum(
        shapely.get_num_interior_rings(shapely.get_parts(expected))
    )


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("grain", [1, 2, 6, 40])
def test_contours_are_valid_and_hold_their_pixels(seed, grain):
    field = random_field(seed, grain, (2 * TILE, 2 * TILE))
    found = drawn(field)
    assert found.is_valid
    assert all(part.exterior.is_ccw for part in found.geoms)
    assert not any(ring.is_ccw for part in found.geoms for ring in part.interiors)
    y, x = (v.ravel() for v in np.indices(field.shape))
    assert np.array_equal(shapely.contains_xy(found, x, y), (field <= 0).ravel())
    assert drawn(field, bands=5).equals_exact(found)


def test_contours_of_falling_fields_are_nested():
    rng = np.random.default_rng(1)
    small = random_field(1, 2)
    large = small - rng.uniform(0, 40, small.shape)
    large[[0, -1]] = large[:, [0, -1]] = 100
    large = np.where(large > 0, np.maximum(large, 1), np.clip(large, -100, -1))
    assert drawn(large).covers(drawn(small))


def test_holes_in_islands_in_holes_belong_to_their_own_polygon():
    j, i = np.indices((128, 128)) - 64
    field = np.where(np.maximum(abs(i), abs(j)) // 10 % 2 == 1, -50.0, 50.0)
    field[np.maximum(abs(i), abs(j)) > 58] = 100
    found = drawn(field)
    assert [len(part.interiors) for part in found.geoms] == [1, 1, 1]
    assert found.is_valid
    assert drawn(np.full((TILE, TILE), 100.0)).is_empty


def test_blocks_without_a_mark_are_outside():
    field = np.full((64, 64), -100.0)
    marks = np.zeros((64 // BLOCK,) * 2, bool)
    marks[2:4, 3] = True
    found = drawn(field, marks)
    # Half-way from the last pixels inside to the first outside; corners are cut.
    assert found.bounds == (23.5, 15.5, 32 - 0.5, 32 - 0.5)
    assert found.area == pytest.approx(8 * 16 - 4 * 0.125)
