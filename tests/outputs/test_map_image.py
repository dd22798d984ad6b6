import warnings

import numpy as np
import pytest
import shapely
from outputs_town import UTM, X0

from access15 import outputs
from access15.errors import InputError, MismatchError
from access15.model import Areas, Facilities, Population
from access15.outputs import plot_coverage
from access15.outputs.maps import fonts as _fonts
from access15.outputs.maps import sheet as _sheet
from access15.outputs.palette import SITE, UNREACHABLE, class_colors


def pixels(path):
    from matplotlib import image

    return np.round(image.imread(path)[..., :3] * 255).astype(int)


def count(picture, rgb):
    return int((np.abs(picture - np.array(rgb)) <= 2).all(axis=-1).sum())


def draw(path, town, times, **more):
    options = {"minutes": 15, "title": "Town", "crs": UTM, "date": "2026-01-31", "dpi": 60, **more}
    plot_coverage(times, town.population, facilities=town.facilities, path=path, **options)
    return path


@pytest.fixture
def plain(town):
    """The town without Chinese names, which not every machine can draw."""
    areas = Areas(town.areas.id, np.array(["Harbour", "Hill", ""], object), town.areas.polygons, UTM)
    return type(town)(town.network, town.population, town.facilities, areas)


def test_cells_are_painted_in_proportion(tmp_path, town):
    times = town.times(3.24, "walk-elder")
    picture = pixels(draw(tmp_path / "m.png", town, times))
    seconds, colors = times.seconds, class_colors((5, 10, 15), 15)
    kinds = [
        seconds <= 300,
        (seconds > 300) & (seconds <= 600),
        (seconds > 600) & (seconds <= 900),
        np.isfinite(seconds) & (seconds > 900),
    ]
    cells = np.array([kind.sum() for kind in kinds])
    painted = np.array([count(picture, rgb) for rgb in colors])
    assert painted / painted.sum() == pytest.approx(cells / cells.sum(), abs=0.03)
    assert count(picture, UNREACHABLE) / painted.sum() == pytest.approx(3 / cells.sum(), abs=0.01)


def test_everything_at_once(tmp_path, plain):
    walk = plain.times()
    sites = outputs.sites_layer({"five": plain.plan(walk)}, plain.candidates(), UTM)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = draw(
            tmp_path / "new" / "m.png",
            plain,
            walk,
            network=plain.network,
            areas=plain.areas,
            gaps=plain.gaps(walk),
            sites=sites,
        )
    bare = pixels(draw(tmp_path / "bare.png", plain, walk))
    full = pixels(path)
    assert full.shape == bare.shape
    assert count(full, SITE) > 30  # the pins
    assert (full != bare).any(axis=-1).mean() > 0.01
    assert [p.name for p in path.parent.iterdir()] == ["m.png"]


def test_the_same_input_gives_the_same_file(tmp_path, plain):
    first, second = (draw(tmp_path / f"{i}.png", plain, plain.times(), network=plain.network) for i in (1, 2))
    assert first.read_bytes() == second.read_bytes()


def test_pyplot_is_left_alone(tmp_path, plain):
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-c", "import sys, access15.outputs; print(sorted({'pandas', 'geopandas', 'shapely', 'matplotlib', 'pyogrio', 'scipy'} & set(sys.modules)))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "[]\n"
    import matplotlib

    before = dict(matplotlib.rcParams)
    draw(tmp_path / "m.png", plain, plain.times())
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("outlines", [True, False])
def test_points_and_outlines(tmp_path, plain, outlines):
    p = plain.population
    shapes = np.array(
        [
            shapely.Point(x, y).buffer(45).difference(shapely.Point(x, y).buffer(20))
            for x, y in zip(p.x, p.y, strict=True)
        ],
        object,
    )
    population = Population.of(
        p.x, p.y, p.people, UTM, cell_id=p.cell_id, outlines=shapes if outlines else None
    )
    local = type(plain)(plain.network, population, plain.facilities, plain.areas)
    picture = pixels(draw(tmp_path / "m.png", local, local.times(), network=plain.network))
    assert count(picture, class_colors((5, 10, 15), 15)[0]) > 100


def test_one_cell_and_a_geographic_crs(tmp_path):
    from outputs_town import Town, street_grid

    population = Population.of([7.4, 7.4, 7.4, 7.4, 7.42], [43.7] * 5, [1, 1, 1, 1, 5.0], "EPSG:4326")
    town = Town(street_grid(3), population, Facilities.of([7.4], [43.7], "EPSG:4326"), None)
    assert draw(tmp_path / "m.png", town, town.times(), crs="EPSG:4326").stat().st_size > 5000


def test_nobody_lives_there(tmp_path, town):
    p = town.population
    population = Population.of(p.x, p.y, np.zeros(len(p)), UTM)
    local = type(town)(town.network, population, town.facilities, town.areas)
    assert draw(tmp_path / "m.png", local, local.times()).exists()


def test_chinese_without_a_font_falls_back_and_says_so(tmp_path, town, monkeypatch):
    monkeypatch.setattr(_fonts, "_CHINESE", ("No Such Font",))
    with pytest.warns(UserWarning, match="no Chinese font is installed") as caught:
        draw(tmp_path / "m.png", town, town.times(), areas=town.areas, title="鼓楼", lang="zh")
    assert len(caught) == 1


def test_bad_calls(tmp_path, town):
    times = town.times()
    with pytest.raises(InputError, match=r"m\.jpg does not end in \.png, \.pdf, \.svg"):
        draw(tmp_path / "m.jpg", town, times)
    with pytest.raises(InputError, match="language 'fr'"):
        draw(tmp_path / "m.png", town, times, lang="fr")
    with pytest.raises(InputError, match="minutes must be numbers above 0"):
        draw(tmp_path / "m.png", town, times, minutes=0)
    with pytest.raises(MismatchError, match="facilities do not belong together"):
        draw(
            tmp_path / "m.png",
            type(town)(town.network, town.population, town.candidates(), town.areas),
            times,
        )
    nobody = Population.of(np.empty(0), np.empty(0), np.empty(0), UTM)
    with pytest.raises(InputError, match="no populated cell"):
        draw(tmp_path / "m.png", type(town)(town.network, nobody, town.facilities, town.areas), times)
    assert list(tmp_path.iterdir()) == []


def test_scale_bar_is_round_and_on_the_ground():
    assert [_sheet.round_length(m) for m in (1, 4.9, 5, 999, 1000, 26_000)] == [1, 2, 5, 500, 1000, 20_000]
    box = (X0, 4_843_000.0, X0 + 1000, 4_844_000.0)
    assert _sheet.ground_factor(box, UTM) == pytest.approx(1.0, abs=1e-3)
    mercator = (800_000.0, 5_400_000.0, 810_000.0, 5_410_000.0)  # 43.6° N: a metre there is 0.72 m
    assert _sheet.ground_factor(mercator, "EPSG:3857") == pytest.approx(np.cos(np.radians(43.6)), abs=0.01)


def test_colours_differ():
    for classes, headline in (
        ((5, 10, 15), 15),
        ((5, 10, 15), 10),
        ((15,), 15),
        ((5, 10, 15, 20, 30), 15),
        ((10,), 5),
    ):
        colors = class_colors(classes, headline)
        assert len(set(colors)) == len(classes) + 1
