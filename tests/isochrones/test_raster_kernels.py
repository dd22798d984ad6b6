"""Pixels on streets and times at pixels, against plain twins."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from iso_twins import own_list, plain_late, plain_street_ms, random_town
from shapely.ops import substring

from access15._kernels.pieces import cut_lines, mark_boxes, reached_boxes
from access15._kernels.raster import BLOCK, INSIDE, MIXED, OUTSIDE, TILE, late_strip, places_ms
from access15.crs import to_crs
from access15.isochrones.lattice import Lattice
from access15.isochrones.pixel_joins import Joins
from access15.isochrones.pixels import Marks, Rules
from access15.isochrones.reach import FacilityReaches, Reach, Streets
from access15.isochrones.reached_edges import Pieces, cut, lengths, reached_pieces
from access15.network import Choices, link_points
from access15.profiles import DRIVE
from access15.search.ends import link_sites, search_graph
from access15.search.on_edges import Positions

LIMIT_MS = 240_000


def searched(seed, profile=DRIVE, way="to"):
    network, facilities = random_town(seed)
    graph = search_graph(network, profile, way)
    positions = Positions.of(link_sites(network, facilities, profile, way), graph, profile)
    x, y = to_crs(facilities.x, facilities.y, facilities.crs, network.crs)
    drawn = Streets.of(network, graph)
    return network, drawn, positions, x, y, Reach.together(drawn, positions, x, y, LIMIT_MS)


def linked(network, drawn, reach, rules):
    """The band of all marks, its linked pixels and the row of each of its tiles."""
    lattice = Lattice(Joins.of(Choices.of(network, DRIVE, "origin")), rules.pixel_m, rules.far_m)
    marks = Marks.of(reach.boxes(drawn, LIMIT_MS), rules)
    (band,) = marks.bands()
    found, rows = lattice.linked(band.tiles, rules.threads)
    found = [array[: rows.max() + 1] for array in found]
    tile_of = np.full(marks.tiles, -1, np.int32)
    tile_of[band.row, band.column] = rows
    return marks, band, found, tile_of


def by_tiles(found):
    """Edge, share and leg of the pixels as (tiles, TILE, TILE)."""
    edges, slot, share, leg_m, longest_m = found
    assert np.array_equal(longest_m, leg_m.max(axis=2))
    side = TILE // BLOCK
    return [
        array.reshape(-1, side, side, BLOCK, BLOCK).swapaxes(2, 3).reshape(-1, TILE, TILE)
        for array in (np.take_along_axis(edges, slot.astype(np.int64), axis=2), share, leg_m)
    ]


def lateness(drawn, reach, rules, marks, found, tile_of, pins=()):
    """The field of all strips, and what the blocks are."""
    field, kinds = np.empty(np.array(marks.marks.shape) * BLOCK), np.empty(marks.marks.shape, np.uint8)
    for strip in range(len(kinds)):
        late_strip(
            strip, marks.marks, marks.i0, marks.j0, tile_of, *found, reach.labels, drawn.edges,
            *reach.own.arrays, np.array(pins, np.int64).reshape(-1, 2), float(LIMIT_MS), rules.ms_per_m, rules.reach_m,
            rules.strip_m, rules.pixel_m * rules.ms_per_m, field[strip * BLOCK :][:BLOCK], kinds[strip],
        )  # fmt: skip
    return field, kinds


@pytest.mark.parametrize(("seed", "pixel_m"), [(0, 7.0), (1, 3.3), (2, 25.0)])
def test_a_pixel_is_linked_as_a_point_is(seed, pixel_m):
    network, drawn, _, _, _, reach = searched(seed)
    rules = Rules(pixel_m, 60.0, 750.0, 0.0, 2)
    _, band, found, tile_of = linked(network, drawn, reach, rules)
    far = rules.far_m
    alike = 0
    for (column, row), tile in list(zip(band.tiles, tile_of[band.row, band.column], strict=True))[:48]:
        i, j = column * TILE + np.arange(TILE), row * TILE + np.arange(TILE)
        x, y = (v.ravel() for v in np.meshgrid(i * pixel_m, j * pixel_m))
        points = link_points(network, x, y, network.crs, DRIVE, role="origin")
        near = points.leg_m < far - 1e-6
        edge, share, leg = (a[tile].ravel() for a in by_tiles(found))
        assert (edge[points.leg_m > far + 1e-6] == -1).all()
        assert np.allclose(leg[near], points.leg_m[near], atol=1e-4)
        assert np.array_equal(edge[near], points.edge[near])
        assert np.allclose(share[near], points.fraction[near], atol=1e-5)
        alike += near.sum()
    assert alike > 2000


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("way", ["to", "from"])
def test_times_on_streets_and_lateness_equal_the_twin(seed, way):
    network, drawn, positions, _, _, reach = searched(seed, DRIVE, way)
    own = own_list(positions, drawn.graph)
    rng = np.random.default_rng(seed)
    edge = np.r_[rng.integers(0, network.n_edges, 300), positions.edge].astype(np.int32)
    share = np.r_[rng.choice([0.0, 1.0, 0.3, 0.77], 300), positions.fraction]
    out = np.empty(len(edge))
    places_ms(edge, share, reach.labels, drawn.edges, *reach.own.arrays, out)
    plain = [plain_street_ms(e, s, reach.labels, drawn.edges, own) for e, s in zip(edge, share, strict=True)]
    assert np.allclose(out, plain)
    rules = Rules(20.0, 60.0, 750.0, 15.0 * (seed % 2), 1)
    marks, _, found, tile_of = linked(network, drawn, reach, rules)
    field, kinds = lateness(drawn, reach, rules, marks, found, tile_of)
    links = by_tiles(found)
    for j, i in zip(rng.integers(0, field.shape[0], 500), rng.integers(0, field.shape[1], 500), strict=True):
        tile = tile_of[j // TILE, i // TILE]
        at = (tile, j % TILE, i % TILE)
        e = links[0][at] if tile >= 0 else -1
        expected = plain_late(
            e, float(links[1][at]), float(links[2][at]), reach.labels, drawn.edges, own, LIMIT_MS,
            rules.ms_per_m, rules.reach_m, rules.strip_m, rules.pixel_m * rules.ms_per_m,
        )  # fmt: skip
        if marks.marks[j // BLOCK, i // BLOCK]:
            assert field[j, i] == pytest.approx(expected, abs=1e-6)
        else:
            assert field[j, i] > 0
            assert expected > 0
    blocks = (field <= 0).reshape(len(kinds), BLOCK, -1, BLOCK).swapaxes(1, 2).sum(axis=(2, 3))
    assert np.array_equal(kinds, np.select([blocks == 0, blocks == BLOCK**2], [OUTSIDE, INSIDE], MIXED))
    assert (np.bincount(kinds.ravel(), minlength=3) > 0).all()


def test_the_rim_of_the_marks_is_outside_and_pins_are_inside():
    network, drawn, _, _, _, reach = searched(5)
    rules = Rules(20.0, 60.0, 750.0, 15.0, 1)
    marks, _, found, tile_of = linked(network, drawn, reach, rules)
    field, _ = lateness(drawn, reach, rules, marks, found, tile_of)
    assert field.min() < 0
    assert min(field[0].min(), field[-1].min(), field[:, 0].min(), field[:, -1].min()) > 0
    outside = np.argwhere(field > 0)[[50, 51, -50]]
    pinned, kinds = lateness(
        drawn, reach, rules, marks, found, tile_of, outside + np.array((marks.j0, marks.i0)) * BLOCK
    )
    assert np.array_equal(np.argwhere(pinned != field), outside)
    assert (pinned[tuple(outside.T)] < 0).all()
    assert (kinds[tuple(outside.T // BLOCK)] == MIXED).all()


@pytest.mark.parametrize("seed", range(4))
def test_boxes_hold_every_reached_street(seed):
    network, drawn, _, _, _, reach = searched(seed)
    for limit in (30_000, 120_000, LIMIT_MS):
        coords, _ = cut(network, reached_pieces(drawn, reach, limit))
        boxes = reach.boxes(drawn, limit)
        held = [((boxes[:, :2] <= p + 1e-6) & (boxes[:, 2:] >= p - 1e-6)).all(axis=1).any() for p in coords]
        assert all(held)
    nothing = np.empty((1, 4))
    reached_boxes(np.array([0]), np.array([10]), 9, *drawn.shape, nothing)
    assert nothing[0, 0] > nothing[0, 2]


def test_marked_tiles_are_those_a_box_comes_near():
    rng = np.random.default_rng(3)
    low = rng.uniform(0, 900, (20, 2))
    boxes = np.hstack((low, low + rng.uniform(0, 90, (20, 2))))
    marks = np.zeros((12, 12), bool)
    mark_boxes(boxes, 25.0, 100.0, -1, -1, marks)
    for j in range(12):
        for i in range(12):
            tile = shapely.box((i - 1) * 100, (j - 1) * 100, i * 100, j * 100)
            near = shapely.box(*(boxes + np.array((-25, -25, 25, 25))).T).tolist()
            assert marks[j, i] == any(tile.intersects(box) for box in near)


def test_one_search_per_facility_equals_a_search_of_that_facility_alone():
    _, drawn, positions, x, y, _ = searched(7)
    space = FacilityReaches(drawn, positions, x, y, LIMIT_MS)
    for site in (*range(len(positions)), 0):
        alone = Positions(*(getattr(positions, n)[site : site + 1] for n in Positions.__dataclass_fields__))
        expected = Reach.together(drawn, alone, x, y, LIMIT_MS)
        reach = space.of(site)
        assert np.array_equal(reach.labels, expected.labels)
        assert np.array_equal(reach.nodes, expected.nodes)
        assert np.array_equal(reach.own.row, expected.own.row)
        assert np.array_equal(reach.own.ms, expected.own.ms)
        assert np.array_equal(reach.own.best, expected.own.best)
        assert np.array_equal(reach.site_boxes, expected.site_boxes)
        space.done(reach)


def test_pieces_are_cut_like_substrings():
    network, *_ = searched(8)
    rng = np.random.default_rng(8)
    edge = np.repeat(np.arange(network.n_edges, dtype=np.int32), 3)
    ends = np.sort(rng.choice([0.0, 0.2, 0.5, 0.500001, 0.9, 1.0], (len(edge), 2)), axis=1)
    keep = ends[:, 0] < ends[:, 1]
    edge, ends = edge[keep], ends[keep]
    coords, offsets = cut(network, Pieces(edge, ends[:, 0], ends[:, 1]))
    for k, (e, (begin, end)) in enumerate(zip(edge, ends, strict=True)):
        rows = slice(network.vertex_offset[e], network.vertex_offset[e + 1])
        line = shapely.LineString(np.column_stack((network.vertex_x[rows], network.vertex_y[rows])))
        if line.length == 0:
            continue
        piece = shapely.LineString(coords[offsets[k] : offsets[k + 1]])
        expected = substring(line, begin, end, normalized=True)
        assert piece.hausdorff_distance(expected) < 1e-6
        assert piece.length == pytest.approx((end - begin) * line.length, abs=1e-6)
    assert lengths(coords, offsets).shape == (len(edge),)
    nothing = np.empty(0, np.int32)
    cut_lines(
        nothing, np.empty(0), np.empty(0), network.vertex_offset, network.vertex_x, network.vertex_y,
        np.zeros(1, np.int64), np.empty((0, 2)),
    )  # fmt: skip
