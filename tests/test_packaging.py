"""What a user gets with the package: light import, public names, one version, files in the wheel."""

import ast
import importlib
import importlib.metadata
import inspect
import re
import subprocess
import sys
import tomllib
import types
from pathlib import Path

import pytest

import access15

ROOT = Path(__file__).parents[1]
PACKAGE = Path(access15.__file__).parent


CONTRACT = """
AMBULANCE Access15Error Areas BIKE Catchments Comparison Coverage CriticalStreets DRIVE DRIVE_PEAK EBIKE
Equity Facilities FloatingCatchment Gaps KNearest LinkedPoints NearestTimes OutreachRules Population
ReachSurface SitingPlan StreetNetwork Study StudyResult TravelProfile TravelTimes WALK WALK_ELDER
WALK_ELDER_SLOPE WALK_SLOPE WhatIf alternatives candidates_from_osm capacity_from_supply catchments
compare coverage critical_streets equity explain_edge facilities_from_osm filter_candidates find_gaps
floating_catchment fragile_coverage frontier grid_candidates isochrones iter_travel_times
junction_candidates k_nearest locate nearest_times nearest_times_by network_summary plan_outreach
plot_change plot_coverage plot_frontier plot_gaps plot_isochrones plot_plan profile_by_name
profile_from_toml reach_surface reached_edges read_areas read_facilities read_network read_network_place
read_population read_water robustness sample settlements_beyond settlements_from_osm time_surface to_osmnx
travel_times write_table write_time_raster
"""
"""Names that planners type after ``a15.``: more may come, none may go."""


def run_python(code: str) -> str:
    """Run code in a new interpreter and return what it prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_import_is_light() -> None:
    code = (
        "import sys, access15; print(sorted({m.partition('.')[0] for m in sys.modules} & set(sys.argv[1:])))"
    )
    heavy = ["numpy", "pandas", "geopandas", "shapely", "scipy", "numba", "rasterio", "osmium", "matplotlib"]
    assert run_python(f"import sys; sys.argv[1:] = {heavy}; {code}") == "[]"


def test_no_name_of_the_contract_is_lost() -> None:
    assert set(CONTRACT.split()) <= set(access15._ROOM_OF)
    for name in CONTRACT.split():
        assert getattr(access15, name) is not None


def test_the_face_is_small_and_names_its_namespaces() -> None:
    names = set(access15.__all__) - set(access15._NAMESPACES)
    assert 30 <= len(names) <= 40
    assert names < set(access15._ROOM_OF)
    assert set(dir(access15)) == {*access15.__all__, "__version__"}
    star: dict[str, object] = {}
    exec("from access15 import *", star)
    assert set(star) - {"__builtins__"} == set(access15.__all__)


@pytest.mark.parametrize("name", access15._NAMESPACES)
def test_a_namespace_is_found_and_has_what_it_exports(name: str) -> None:
    space = getattr(access15, name)
    assert isinstance(space, types.ModuleType)
    assert (inspect.getdoc(space) or "").strip()
    for exported in getattr(space, "__all__", []):
        assert getattr(space, exported) is not None
    assert run_python(f"import access15 as a15; print(a15.{name}.__name__)") == f"access15.{name}"


@pytest.mark.parametrize("name", [name for names in access15._OLDER.values() for name in names])
def test_every_older_name_is_found_in_a_namespace_too(name: str) -> None:
    thing = getattr(access15, name)
    places = [(space, name) for space in access15._NAMESPACES]
    places += [("plot", name.removeprefix("plot_"))] if name.startswith("plot_") else []
    assert any(getattr(getattr(access15, space), short, None) is thing for space, short in places)


@pytest.mark.parametrize("name", access15._ROOM_OF)
def test_public_name_resolves_and_is_documented(name: str) -> None:
    thing = getattr(access15, name)
    assert not isinstance(thing, types.ModuleType)
    assert (inspect.getdoc(thing) or "").strip(), f"access15.{name} has no docstring"


@pytest.mark.parametrize("name", [name for name in access15._ROOM_OF if name.islower()])
def test_public_function_names_every_parameter_in_its_docstring(name: str) -> None:
    thing = getattr(access15, name)
    assert inspect.isfunction(thing)
    signature = inspect.signature(thing)
    doc = inspect.getdoc(thing) or ""
    _, _, section = doc.partition("Parameters\n----------\n")
    section = re.split(r"\n\n\w+\n-+\n", section)[0]
    heads = [line.partition(" :")[0] for line in section.splitlines() if line and not line.startswith(" ")]
    documented = set(re.findall(r"\w+", " ".join(heads)))
    missing = [name for name in signature.parameters if name not in documented]
    assert not missing, f"access15.{name}: the docstring does not name {missing}"
    assert "Returns\n-------" in doc or doc.startswith("Return "), f"access15.{name}: no Returns section"
    untyped = [p.name for p in signature.parameters.values() if p.annotation is p.empty]
    assert not untyped, f"access15.{name}: no type for {untyped}"
    assert signature.return_annotation is not signature.empty


def test_lazy_names_are_the_names_type_checkers_see() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If))
    seen = {
        alias.asname: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    rooms = {name: f"access15.{room}" for name, room in access15._ROOM_OF.items()}
    assert seen == rooms | dict.fromkeys(access15._NAMESPACES, "access15")


@pytest.mark.parametrize("verb", ["coverage", "isochrones"])
@pytest.mark.parametrize("first", ["import access15.{0}", "from access15.{0} import {0}", "access15.{0}"])
def test_a_verb_stays_a_function_when_its_room_is_imported(verb: str, first: str) -> None:
    code = f"import access15, importlib; {first.format(verb)}; importlib.import_module('access15.{verb}'); "
    assert run_python(code + f"print(type(access15.{verb}).__name__)") == "function"


def test_unknown_name_says_so() -> None:
    with pytest.raises(AttributeError, match="'access15' has no attribute 'isochrone'"):
        access15.isochrone  # noqa: B018


def test_one_version_everywhere() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert access15.__version__ == declared
    assert re.search(rf"^version: \"?{re.escape(declared)}\"?$", (ROOT / "CITATION.cff").read_text(), re.M)
    assert re.search(rf"^## .*{re.escape(declared)}", (ROOT / "CHANGELOG.md").read_text(), re.M)


def test_pins_cover_what_is_declared_and_name_no_index() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [r for group in project["optional-dependencies"].values() for r in group]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", pin) for pin in pins)
    pinned = {_canonical(pin.partition("==")[0]) for pin in pins}
    assert len(pinned) == len(pins)
    for requirement in [*project["dependencies"], *extras]:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        assert name is not None
        assert _canonical(name[0]) in pinned, f"{requirement} has no pin in constraints.txt"


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_imported_package_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    names = ("notebook", "outreach", "word", "explorer")
    used = [*project["dependencies"], *(one for name in names for one in extras[name])]
    declared = {_canonical(re.match(r"[\w.-]+", r)[0]) for r in used}  # type: ignore[index]
    distributions = importlib.metadata.packages_distributions()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for top in {n.partition(".")[0] for n in names} - set(sys.stdlib_module_names) - {"access15"}:
                owners = {_canonical(d) for d in distributions.get(top, [])}
                assert owners & declared, (
                    f"{file.name}:{node.lineno} imports {top}, which pyproject.toml does not declare"
                )


def test_every_room_imports_alone() -> None:
    rooms = sorted(p.name for p in PACKAGE.iterdir() if (p / "__init__.py").is_file())
    code = "import importlib, sys; [importlib.import_module(f'access15.{r}') for r in sys.argv[1:]]"
    for room in rooms:
        run_python(f"import sys; sys.argv[1:] = [{room!r}]; {code}")


def test_the_package_is_typed_and_finds_its_sample() -> None:
    assert (PACKAGE / "py.typed").is_file()
    assert (ROOT / "data" / "sample" / "monaco" / "study.toml").is_file()
