"""The reference names everything there is: public names, commands, keys of a study, errors."""

from __future__ import annotations

import csv
import dataclasses
import importlib
import importlib.util
import inspect
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints

import pytest

import access15
from access15 import errors
from access15.cli._group import COMMANDS, main
from access15.gaps import find_gaps
from access15.outputs.report.tables import TABLES
from access15.outputs.words.codes import codes
from access15.outreach import OutreachRules
from access15.study.settings import GapRules, Settings

DOCS = Path(__file__).parents[2] / "docs"


def pages_writer() -> ModuleType:
    """Return docs/conf.py: it writes the reference and needs no Sphinx to be imported."""
    spec = importlib.util.spec_from_file_location("docs_conf", DOCS / "conf.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    pages_writer().write_reference(folder=folder)
    return folder


def test_every_public_name_stands_in_the_reference(reference: Path) -> None:
    index = (reference / "index.rst").read_text("utf-8")
    constants = (reference / "profiles.csv").read_text("utf-8")
    for name, room in access15._ROOM_OF.items():
        if name.isupper():
            assert re.search(rf"(?m)^{name},", constants), name
        elif name in access15._TOP.get(room, ()):
            if name != "Access15Error":  # Errors have a page of their own.
                assert f"   access15.{name}\n" in index, name
        else:
            where = re.findall(r"(?m)^   access15\.(\w+)\.(\w+)$", index)
            thing = getattr(access15, name)
            assert any(getattr(getattr(access15, space), short) is thing for space, short in where), name


def test_every_namespace_stands_in_the_reference(reference: Path) -> None:
    index = (reference / "index.rst").read_text("utf-8")
    told = set(re.findall(r"(?m)^a15\.(\w+): .+\n-+\n", index))
    # Gaps has one verb, at the top; errors have a page of their own.
    assert told == set(access15._NAMESPACES) - {"errors", "gaps"}
    for space in ("plot", "reach", "testing"):
        for name in getattr(access15, space).__all__:
            assert f"   access15.{space}.{name}\n" in index


def test_every_command_and_option_stands_in_the_reference(reference: Path) -> None:
    page = (reference / "cli.rst").read_text("utf-8")
    for name in COMMANDS:
        _, _, section = page.partition(f".. program:: access15 {name}\n")
        section = section.partition(".. program::")[0]
        command = main.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        for param in command.params:
            if param.param_type_name == "option" and param.name not in ("help", "debug"):
                assert re.search(rf"(?m)^\.\. option:: {param.opts[0]}\b", section), (name, param.opts)


def test_every_error_has_a_remedy() -> None:
    page = (DOCS / "errors.md").read_text("utf-8")
    leaves = [n for n, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == errors.__name__]
    for name in set(leaves) - {"Access15Error"}:
        assert re.search(rf"(?m)^\| `{name}` \| .+ \| .+ \| [\u4e00-\u9fff].+ \|$", page), name


def test_every_table_of_the_report_has_a_row(reference: Path) -> None:
    assert "../reference/tables.csv" in (DOCS / "how-to" / "report.md").read_text("utf-8")
    rows = list(csv.reader((reference / "tables.csv").read_text("utf-8").splitlines()))[1:]
    assert [row[:2] for row in rows] == [[table.heading("en"), table.heading("zh")] for table in TABLES]
    assert all(len(row[2]) > 20 for row in rows)


def test_every_value_of_a_column_has_a_row(reference: Path) -> None:
    assert "reference/values.csv" in (DOCS / "coverage-geopackage.md").read_text("utf-8")
    rows = list(csv.reader((reference / "values.csv").read_text("utf-8").splitlines()))[1:]
    assert {row[0]: tuple(row[1:]) for row in rows} == codes()


def key_tables() -> dict[str, dict[str, str]]:
    """Return {table: {key: default}} as docs/study-toml.md has them."""
    page = (DOCS / "study-toml.md").read_text("utf-8")
    sections = re.split(r"(?m)^## \[+([\w.]+)\]+$", page)
    rows = {
        name: dict(re.findall(r"(?m)^\| `(\w+)` \| (.+?) \|", text))
        for name, text in zip(sections[1::2], sections[2::2], strict=True)
    }
    return rows


def schemas() -> dict[str, Any]:
    """Return {table: dataclass} of a study."""
    found: dict[str, Any] = {}
    for name, hint in get_type_hints(Settings).items():
        parts = [hint, *get_args(hint)]
        found[name] = next((part for part in parts if dataclasses.is_dataclass(part)), None)
    found["analysis.gaps"] = GapRules
    return found


def default_of(table: str, field: dataclasses.Field[Any]) -> Any:
    """Return what holds when a key is left out, also where the room below decides."""
    if table == "analysis.gaps" and field.default is None:
        return inspect.signature(find_gaps).parameters[field.name].default
    rules = {f.name: f.default for f in dataclasses.fields(OutreachRules)}
    return rules.get(field.name, field.default) if table == "outreach" else field.default


def test_every_key_of_a_study_is_described() -> None:
    assert set(key_tables()) == set(schemas())


@pytest.mark.parametrize("table", [name for name, cls in schemas().items() if cls is not None])
def test_keys_and_defaults(table: str) -> None:
    described = key_tables()[table]
    fields = {field.name: field for field in dataclasses.fields(schemas()[table])}
    assert list(described) == list(fields)
    for name, text in described.items():
        default = default_of(table, fields[name])
        required = default is dataclasses.MISSING
        assert (text == "needed") == required, name
        if isinstance(default, bool):
            assert text == str(default).lower(), name
        elif isinstance(default, str):
            assert text == default, name
        elif isinstance(default, (int, float)) or (isinstance(default, tuple) and text.startswith("[")):
            written = tomllib.loads(f"value = {text}")["value"]
            assert (tuple(written) if isinstance(default, tuple) else written) == default, name


def resolves(name: str) -> bool:
    """Whether a dotted name is a module, or what a module has; ``access15.coverage`` is a room and a function."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part, None)
        return found is not None
    return False


def test_every_name_that_a_text_points_to_is_there():
    root = DOCS.parent
    texts = [*(root / "src").rglob("*.py"), *DOCS.rglob("*.md"), root / "README.md"]
    named = {
        (file, name)
        for file in texts
        for name in re.findall(r"`(access15(?:\.\w+)+)`", file.read_text("utf-8"))
    }
    assert len(named) > 50
    assert sorted({f"{file.name}: {name}" for file, name in named if not resolves(name)}) == []
    assert not resolves("access15.siting.find_nothing")
