"""The house's own rules: they hold, and a planted fault of each kind is found."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "scripts" / "check_house.py"


def load():
    spec = importlib.util.spec_from_file_location("check_house", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["check_house"] = module
    spec.loader.exec_module(module)
    return module


HOUSE = load()

SOUND = {
    "__init__": "from access15.tower import Roof as Roof",
    "arrays": "import numpy.typing as npt\nFloats = npt.NDArray",
    "cellar/__init__": "from access15.cellar.wine import Wine\n__all__ = ['Wine']",
    "cellar/wine": "class Wine: ...\nclass Cork: ...",
    "cellar/shelf": "from access15.cellar.wine import Cork",
    "tower/__init__": "from access15.tower.roof import Roof\n__all__ = ['Roof']",
    "tower/roof": "from access15.arrays import Floats\nfrom access15.cellar import Wine\nclass Roof: ...",
    "_kernels/__init__": "",
    "_kernels/lift": "import numba",
    "tower/stairs": "def up():\n    from access15._kernels.lift import numba",
}


def build(tmp_path: Path, **planted: str):
    """Write a small house; ``planted`` adds lines to its files or makes new ones (``__`` is ``/``)."""
    files = dict(SOUND)
    for name, text in planted.items():
        key = name if name in files else name.replace("__", "/")
        files[key] = f"{files.get(key, '')}\n{text}\n"
    for name, text in files.items():
        path = tmp_path / "src" / "access15" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return HOUSE.read_house(tmp_path / "src" / "access15")


def shown(found) -> list[str]:
    return [f"{path.name}:{line}: {text}" for path, line, text in found]


def test_the_house_is_in_order():
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "the house is in order\n")


def test_a_sound_house_has_no_fault(tmp_path):
    house = build(tmp_path)
    assert shown(HOUSE.circles(house)) == []
    assert shown(HOUSE.past_doors(house)) == []
    assert shown(HOUSE.array_types(house)) == []
    assert shown(HOUSE.same_names(house, {})) == []
    assert shown(HOUSE.format_skips(house, 0)) == []


@pytest.mark.parametrize(
    "line",
    [
        "from access15.cellar.shelf import Cork",
        "from access15.cellar import shelf",
        "import access15.cellar.shelf",
        "from .shelf import Cork",
        "from . import shelf",
        "def later():\n    from access15.cellar.shelf import Cork",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from access15.cellar.shelf import Cork",
        "def later():\n    import_module('access15.cellar.shelf')",
        "def later():\n    importlib.import_module('access15.cellar.shelf')",
    ],
)
def test_a_circle_is_found_however_it_is_closed(tmp_path, line):
    house = build(tmp_path, cellar__wine=line)
    (fault,) = shown(HOUSE.circles(house))
    assert fault.startswith("shelf.py:1: a circle of files: cellar.shelf -> cellar.wine -> cellar.shelf")


def test_a_circle_over_a_list_of_files_is_found(tmp_path):
    by_name = "def every(names):\n    return [import_module(f'access15.cellar.{name}') for name in names]"
    house = build(tmp_path, cellar__order=by_name, cellar__wine="from access15.cellar.order import every")
    (fault,) = shown(HOUSE.circles(house))
    assert fault.startswith("order.py:3: a circle of files: cellar.order -> cellar.wine -> cellar.order")


def test_a_circle_over_doors_and_one_through_the_face_are_found(tmp_path):
    house = build(tmp_path, cellar__wine="from access15.tower import Roof")
    assert len(shown(HOUSE.circles(house))) == 1
    house = build(tmp_path / "face", cellar__wine="import access15")
    assert "access15" in shown(HOUSE.circles(house))[0]


def test_known_circles_must_go_from_the_list_when_they_are_gone(tmp_path):
    known = [{"cellar.wine", "cellar.shelf", "cellar"}]
    house = build(tmp_path, cellar__wine="from access15.cellar.shelf import Cork")
    assert shown(HOUSE.circles(house, known)) == []
    (fault,) = shown(HOUSE.circles(build(tmp_path / "sound"), known))
    assert fault.startswith("check_house.py:")
    assert "take the entry out" in fault


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("from access15.cellar.wine import Wine", "past the door of cellar"),
        ("from access15.cellar import wine", "does not export wine"),
        ("from access15.cellar import Cork", "does not export Cork"),
        ("import access15.cellar", "past the door of cellar"),
        ("def later():\n    from access15.cellar.wine import Wine", "past the door of cellar"),
        ("from ..cellar.wine import Wine", "past the door of cellar"),
    ],
)
def test_imports_past_a_door_are_found(tmp_path, line, says):
    (fault,) = shown(HOUSE.past_doors(build(tmp_path, tower__stairs=line)))
    assert says in fault
    assert fault.startswith("stairs.py:")


def test_the_face_goes_through_doors_too(tmp_path):
    (fault,) = shown(HOUSE.past_doors(build(tmp_path, __init__="from access15.cellar.wine import Cork")))
    assert fault.startswith("__init__.py:2: past the door of cellar")


@pytest.mark.parametrize(
    "line",
    [
        "import numpy.typing as npt",
        "from numpy import typing",
        "from numpy.typing import NDArray",
        "Ints = np.ndarray[int]",
        "Ints = numpy.ndarray[int]",
    ],
)
def test_array_types_elsewhere_are_found(tmp_path, line):
    (fault,) = shown(HOUSE.array_types(build(tmp_path, tower__stairs=line)))
    assert fault.startswith("stairs.py:")


def test_a_name_that_stands_twice_needs_a_reason(tmp_path):
    house = build(tmp_path, tower__wine="")
    (fault,) = shown(HOUSE.same_names(house, {}))
    assert "cellar.wine is named as tower.wine" in fault
    assert shown(HOUSE.same_names(house, {"wine": "red below, white above"})) == []
    (fault,) = shown(HOUSE.same_names(house, {"wine": "red below, white above", "roof": "two of them"}))
    assert "'roof' no longer stands in two folders" in fault
    assert shown(HOUSE.same_names(build(tmp_path / "kernel", _kernels__roof=""), {})) == []


def test_lines_kept_from_the_formatter_are_counted(tmp_path):
    house = build(tmp_path, cellar__shelf="x = 1  # fmt: skip\ny = 1  #fmt:skip", tower__stairs="# fmt: off")
    assert shown(HOUSE.format_skips(house, 3)) == []
    (fault,) = shown(HOUSE.format_skips(house, 2))
    assert "3 lines are kept from the formatter, at most 2 may be" in fault
