"""Bytes for the page, read back slowly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access15.explorer.base_map import cells, ground
from access15.explorer.frames import change, classes_of, nibbles, packed_lines, varints, whole, zigzag
from explorer_page import opened
from explorer_page import varints as read


def back(value):
    return -(value + 1) // 2 if value % 2 else value // 2


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**62)))
def test_numbers_come_back(values):
    assert read(varints(np.array(values, np.int64))) == values


@settings(deadline=None)
@given(st.lists(st.integers(-(2**40), 2**40)))
def test_signed_numbers_come_back(values):
    assert [back(v) for v in read(varints(zigzag(np.array(values, np.int64))))] == values


@settings(deadline=None)
@given(st.lists(st.integers(0, 15)))
def test_classes_come_back(values):
    halves = [half for byte in nibbles(np.array(values, np.uint8)) for half in (byte >> 4, byte & 15)]
    assert halves[: len(values)] == values
    assert len(halves) - len(values) in (0, 1)


@settings(deadline=None)
@given(st.sets(st.integers(0, 10**6)))
def test_a_frame_names_the_rows_that_changed(rows):
    rows = np.array(sorted(rows), np.int64)
    head, (gaps, codes) = opened(change({"type": "frame"}, rows, (rows % 7).astype(np.uint8)))
    assert head["type"] == "frame"
    assert np.cumsum(read(gaps)).tolist() == rows.tolist()
    assert [half for byte in codes for half in (byte >> 4, byte & 15)][: len(rows)] == (rows % 7).tolist()
    assert opened(whole({}, np.zeros(3, np.uint8)))[0]["all"] is True


@pytest.mark.parametrize("minutes", [1.0, 7.0, 7.5, 10.0, 15.0, 29.0, 33.3])
def test_a_class_is_within_the_limit_if_and_only_if_its_time_is(minutes):
    limit = round(minutes * 60_000) / 1000
    seconds = np.array(
        [0.0, limit / 3, limit - 0.001, limit, limit + 0.001, 2 * limit, 4 * limit, 4 * limit + 1, np.inf]
    )
    found = classes_of(seconds, minutes)
    assert ((found <= 2) == (seconds <= limit)).all()
    assert (np.diff(found.astype(int)) >= 0).all()
    assert found[-1] == 6


def test_lines_come_back():
    lines = [np.array([[7.4, 43.7], [7.41, 43.72]]), np.array([[-1.0, -2.0], [0.0, 0.0], [1.5, 2.5]])]
    counts, steps = packed_lines(lines, 1e5)
    assert read(counts) == [2, 3]
    xy = np.cumsum(np.reshape([back(v) for v in read(steps)], (-1, 2)), axis=0) / 1e5
    np.testing.assert_allclose(xy, np.concatenate(lines), atol=1e-9)
    assert packed_lines([], 1e5) == (b"", b"")


def test_every_cell_is_told_where_it_is(live):
    head, (x, y, people) = opened(cells(live))
    assert (head["kind"], head["n"]) == ("dots", len(live.inputs.population))
    np.testing.assert_allclose(np.cumsum([back(v) for v in read(x)]) / 1e6, live.lon, atol=1e-6)
    np.testing.assert_allclose(np.cumsum([back(v) for v in read(y)]) / 1e6, live.lat, atol=1e-6)
    np.testing.assert_allclose(np.array(read(people)) / 10, live.inputs.population.people, atol=0.051)


@pytest.mark.parametrize(
    ("crs", "kind", "side"),
    [("EPSG:4326", "degrees", 0.001), ("EPSG:32632", "plane", 100.0), ("EPSG:32632", "plane", None)],
)
def test_many_cells_are_pixels_and_none_of_more_people_is_hidden(live, crs, kind, side):
    from dataclasses import replace

    from access15.crs import to_crs
    from access15.model import Population

    wide = 160
    step = side or 100.0
    x, y = (v.ravel() for v in np.meshgrid(np.arange(wide) * step, np.arange(wide)[::-1] * step))
    x, y = (x + 7, y + 43) if kind == "degrees" else (x + 500_000, y + 4_800_000)
    people = np.random.default_rng(1).gamma(1, 9, len(x))
    population = replace(Population.of(x, y, people, crs), cell_size=None if side is None else (side, side))
    lon, lat = to_crs(x, y, crs, "EPSG:4326")
    many = replace(live, inputs=replace(live.inputs, population=population), lon=lon, lat=lat)
    head, (steps, gaps) = opened(cells(many))
    assert (head["kind"], head["n"]) == (kind, len(x))
    pixel = np.cumsum([back(v) for v in read(steps)])
    assert 0 <= pixel.min() <= pixel.max() < head["width"] * head["height"]
    hidden = np.cumsum(read(gaps)).astype(int)
    assert head["hidden"] == len(hidden)
    shown = np.setdiff1d(np.arange(len(x)), hidden)
    assert len(np.unique(pixel[shown])) == len(shown)
    best = dict(zip(pixel[shown], shown, strict=True))
    assert all(people[best[pixel[row]]] >= people[row] for row in hidden)
    if kind == "degrees":
        assert not len(hidden)
        column, row = pixel % head["width"], pixel // head["width"]
        np.testing.assert_allclose(head["box"][0] + column * head["step"][0], lon, atol=1e-9)
        np.testing.assert_allclose(head["box"][3] - row * head["step"][1], lat, atol=1e-9)
    else:
        assert len(hidden) < 0.2 * len(x)


def test_the_ground_has_areas_streets_and_names(live):
    head, parts = opened(ground(live))
    sizes = {name: len(read(parts[2 * at])) for at, name in enumerate(head["sets"])}
    assert sizes["areas"] >= len(live.inputs.areas)
    assert sizes["main"] > 50
    assert sizes["other"] > 500
    assert sizes["main"] + sizes["other"] + head["left_out"] == int(
        (np.diff(live.inputs.network.vertex_offset) >= 2).sum()
    )
    assert [label[0] for label in head["labels"]] == [str(name) for name in live.inputs.areas.name]
