"""Commands that read the same file take the same options, and messages name arguments with their key and option."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from access15.arguments import ARGUMENTS, say
from access15.cli import _options
from access15.cli._group import COMMANDS, main
from access15.study.settings import Settings

SOURCE = Path(__file__).parents[2] / "src" / "access15"
ROOMS = (
    "sources",
    "study",
    "model",
    "network",
    "search",
    "capacity",
    "gaps",
    "siting",
    "cli",
    "profiles",
    "coverage",
)


def commands() -> dict[str, click.Command]:
    return {name: main.get_command(click.Context(main), name) for name in COMMANDS}


def options(command: click.Command) -> dict[str, click.Option]:
    return {name: one for one in command.params if isinstance(one, click.Option) for name in one.opts}


def first_words(name: str) -> set[str]:
    """Return the options by which a command takes a file."""
    return {"area": {"--areas"}, "points": {"--origins"}}.get(name, {f"--{name}"})


def missing_options(found: dict[str, dict[str, click.Option]]) -> list[str]:
    """Return what commands that take a file lack of its options, or say in other words than the others."""
    out, seen = [], {}
    for command, there in found.items():
        if "--network" not in there or not there["--network"].required:
            continue  # What is looked at, and not read for a study.
        for name, file in _options.FILES.items():
            if not first_words(name) <= set(there):
                continue
            wanted = [f"--{k}" if k in file.plain else f"--{name}-{k}" for k in file.kinds]
            wanted += ["--decimal", "--hidden", "--accept-datum"] if name in ("facilities", "points") else []
            for word in wanted:
                if word not in there:
                    out.append(f"{command} lacks {word}")
                    continue
                said = there[word].help
                known = seen.setdefault((name, word), said)
                if said != known:
                    out.append(f"{command} {word} says {said!r}, another command {known!r}")
    return out


def test_commands_that_take_a_file_take_its_options():
    found = {name: options(command) for name, command in commands().items()}
    with_files = {name for name, there in found.items() if "--network" in there}
    assert {"coverage", "gaps", "site", "isochrones", "matrix"} <= with_files
    assert missing_options(found) == []
    planted = {"coverage": {k: v for k, v in found["coverage"].items() if k != "--population-layer"}}
    assert missing_options(planted) == ["coverage lacks --population-layer"]


def test_keys_of_a_study_about_files_are_options():
    """What [facilities] and [population] say of a file, the command line can say too."""
    told = set(options(commands()["coverage"]))
    for table, name in (("facilities", "facilities"), ("population", "population"), ("areas", "area")):
        keys = {f.name for f in dataclasses.fields(_table(table))}
        for kind in _options.KINDS:
            key = "columns" if kind == "column" else kind
            if key in keys:
                assert {f"--{kind}", f"--{name}-{kind}"} & told, (table, key)


def _table(name: str) -> type:
    import typing

    hints = typing.get_type_hints(Settings)
    kinds = [kind for kind in (hints[name], *typing.get_args(hints[name])) if dataclasses.is_dataclass(kind)]
    return kinds[0]


def test_the_table_of_arguments_names_keys_and_options_that_exist():
    known = set().union(*(options(command) for command in commands().values()))
    for name, one in ARGUMENTS.items():
        for place in one.tables:
            table, key = place.split(".")
            assert key in {f.name for f in dataclasses.fields(_table(table))}, (name, place)
        assert set(one.options) <= known, name
        assert f"{name} = " in say(name)
        assert f"in Python {name}=" in say(name)
        assert not one.options or one.options[0] in say(name)


IN_PYTHON = re.compile(r"(?<![-\w.{&?])(" + "|".join(ARGUMENTS) + r")=(?!=)")
"""An argument as Python writes it."""

PYTHON_ONLY = {
    ("capacity/floating.py", "minutes"): "catchments are asked for in Python",
    ("gaps/shortage.py", "minutes"): "gaps that lack capacity are asked for in Python",
    ("siting/ask.py", "minutes"): "the matrix of candidates is given in Python",
    ("model/interactive.py", "areas"): "a map in a notebook",
    ("search/streets_on_land.py", "crs"): "terrain is read by a study in the CRS of its streets",
    ("sources/population.py", "spread"): "in a study the words mean its own streets and buildings",
    ("search/datum_check.py", "datum"): "names table and option of the file at hand",
}
"""Texts that no file and no setting can cause, or that name key and option themselves, with the reason."""


def by_hand(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and argument of every text raised or told that writes an argument as Python does, without `say`."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            for found in IN_PYTHON.finditer(node.value):
                yield node.lineno, found[1]


def named_by_hand() -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        for file in sorted((SOURCE / room).rglob("*.py")):
            for _, argument in by_hand(ast.parse(file.read_text("utf-8"))):
                yield file.relative_to(SOURCE).as_posix(), argument


def test_texts_name_arguments_through_the_table():
    found = set(named_by_hand())
    assert found - set(PYTHON_ONLY) == set()
    assert set(PYTHON_ONLY) - found == set(), "these texts are gone: take them off the list"


AS_TOML = re.compile(r"(?<![-\w])(" + "|".join(ARGUMENTS) + r") = ?(?:[\"{\[…]|true|false|$)")
"""An argument as a study writes it."""

OWN_TABLE = {"study/settings/file.py", "study/first_study.py", "study/inspection.py", "study/placing.py"}
"""Files about studies alone, whose texts stand after the name of their table."""


def without_option(tree: ast.Module) -> Iterator[str]:
    """Yield the argument of every text that is raised or told, names it as a study does, and names no option."""
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        if not (
            isinstance(called, ast.Name) and (called.id in ("Note", "note") or called.id.endswith("Error"))
        ):
            continue
        text = "".join(
            part.value
            for part in ast.walk(node)
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
        found = AS_TOML.search(text)
        if found and "--" not in text and "say(" not in ast.unparse(node):
            yield found[1]


def test_texts_that_name_a_key_name_the_option_too():
    for room in ROOMS:
        for file in sorted((SOURCE / room).rglob("*.py")):
            name = file.relative_to(SOURCE).as_posix()
            if name not in OWN_TABLE:
                assert list(without_option(ast.parse(file.read_text("utf-8")))) == [], name
    planted = "raise InputError(f'{file} has two years: keep = {{ year = 2019 }}')"
    assert list(without_option(ast.parse(planted))) == ["keep"]


@pytest.mark.parametrize(
    "planted",
    [
        "raise CRSError(f\"{file} has no CRS: pass crs='EPSG:4326'\")",
        "note('say decimal=, such as a comma')",
        "text = 'use datum=' + name",
    ],
)
def test_a_planted_text_is_found(planted):
    assert list(by_hand(ast.parse(planted)))


def test_the_command_line_says_what_a_study_says(run, town):
    """Columns, layers and rows of candidates, people and streets."""
    folder = town.parent
    out = folder / "o.gpkg"
    given = ["--network", folder / "streets.osm", "--facilities", folder / "clinics.csv"]
    people = folder / "people.csv"
    lines = people.read_text("utf-8-sig").splitlines()
    (folder / "years.csv").write_text(
        "\n".join([f"{lines[0]},year", *(f"{line},{2019 + k % 2}" for k, line in enumerate(lines[1:]))]),
        "utf-8",
    )
    words = ["--population", folder / "years.csv", "--population-keep", "year=2019", "--minutes", "10"]
    done = run("coverage", *given, *words, "--out", out)
    assert done.exit_code == 0, done.output
    assert "left out by keep and drop of 'year'" in done.stderr
    ends = ["--origins", people, "--destinations", folder / "clinics.csv", "--origins-keep"]
    first = lines[1].split(",")[0]
    done = run("matrix", *given[:2], *ends, f"{lines[0].split(',')[0]}={first}", "--out", folder / "t.csv")
    assert done.exit_code == 0, done.output
    rows = (folder / "t.csv").read_text("utf-8").splitlines()[1:]
    assert {row.split(",")[0] for row in rows} == {first}
