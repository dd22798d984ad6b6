"""Sphinx settings. The reference pages are written from the docstrings when the pages are built."""

from __future__ import annotations

import csv
import inspect
import io
from itertools import chain
from pathlib import Path
from typing import Any

import click

import access15
from access15.cli import main
from access15.modes import MODES
from access15.outputs.report.tables import TABLES
from access15.outputs.words.codes import codes
from access15.profiles import PRESETS, profile_title

project = "access15"
author = "The access15 contributors"
copyright = "The access15 contributors. Map data © OpenStreetMap contributors, ODbL"
version = release = access15.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
templates_path = ["_templates"]
exclude_patterns = ["_templates"]
default_role = "py:obj"
autodoc_typehints = "none"
autosummary_generate = True
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
smartquotes = False  # It would make one dash of the two in --out.
html_theme = "furo"
html_title = f"access15 {release}"
html_show_sourcelink = False
html_copy_source = False

HERE = Path(__file__).parent
# The names at the top, in the order in which a study uses their rooms.
TOP = {
    "Reading streets, service points, people and areas": ("sources",),
    "The nouns: what is handed from step to step": ("model",),
    "Ways of travelling": ("profiles",),
    "Times, coverage and fairness": ("travel_time", "coverage", "isochrones", "equity", "capacity"),
    "Gaps and sites": ("gaps", "siting", "whatif"),
    "Whole studies": ("study", "explorer"),
}
NAMESPACES = {
    "sources": "More to read",
    "model": "More nouns",
    "profiles": "More ways of travelling",
    "travel_time": "More travel times",
    "reach": "More of what lies within reach",
    "network": "Looking into streets",
    "capacity": "Supply and demand",
    "siting": "Candidates and proposed sites",
    "outreach": "Services that go to the people",
    "plot": "Maps and curves",
    "study": "Results of studies",
    "outputs": "Files",
    "testing": "Helpers for tests",
}
DOCUMENTED_BY_HAND = {"errors"}


def namespace_names() -> dict[str, list[str]]:
    """Return the documented names of every namespace: all of those made for planners, of a room those it gave the top."""
    found = {space: list(getattr(access15, space).__all__) for space in ("plot", "reach", "testing")}
    elsewhere = {*found["reach"], *(f"plot_{name}" for name in found["plot"])}
    for room, names in access15._OLDER.items():
        if left := [name for name in names if name not in elsewhere]:
            found[room] = left
    return found


def write_reference(*_: Any, folder: Path = HERE / "reference") -> None:
    """Write the pages of names and commands, and the tables of profiles, modes and the report."""
    names = namespace_names()
    missing = (set(access15._TOP) - set(chain(*TOP.values()))) | (set(names) - set(NAMESPACES))
    if missing - DOCUMENTED_BY_HAND:
        raise RuntimeError(f"docs/conf.py: add {', '.join(sorted(missing))}, the reference lacks them")
    folder.mkdir(exist_ok=True)
    for page in folder.glob("access15.*.rst"):  # Names may have gone since the last build.
        page.unlink()
    lines = [
        "Reference",
        "=========",
        "",
        "What ``import access15 as a15`` shows, then its namespaces: ``a15.plot``, ``a15.siting`` … Names of the namespaces",
        "that were at the top before, such as ``a15.frontier`` or ``a15.plot_coverage``, are found there as ever. The errors",
        "are on :doc:`their own page </errors>`.",
        "",
    ]
    for title, rooms in TOP.items():
        here = [name for room in rooms for name in access15._TOP[room] if not name.isupper()]
        lines += _section(title, [f"access15.{name}" for name in here])
        if "profiles" in rooms:
            lines += ["Profiles that come with the package:", "", ".. csv-table::", "   :file: profiles.csv"]
            lines += ["   :header-rows: 1", ""]
    for space, title in NAMESPACES.items():
        here = [name for name in sorted(names.get(space, ())) if not name.isupper()]
        lines += _section(f"a15.{space}: {title}", [f"access15.{space}.{name}" for name in here])
    _write(folder / "index.rst", lines)
    _write(folder / "cli.rst", command_lines())
    tables = {
        "profiles": _profile_rows(), "modes": _mode_rows(), "delays": _number_rows("delay_s", "seconds"),
        "class_speeds": _number_rows("class_kph", "km/h"), "surface_speeds": _number_rows("surface_cap_kph", "km/h"),
        "tables": _table_rows(), "values": _value_rows(),
    }  # fmt: skip
    for name, rows in tables.items():
        table = io.StringIO()
        csv.writer(table, lineterminator="\n").writerows(rows)
        _write(folder / f"{name}.csv", table.getvalue().splitlines())


def _section(title: str, names: list[str]) -> list[str]:
    rows = [f"   {name}" for name in names]
    return [
        title,
        "-" * len(title),
        "",
        ".. autosummary::",
        "   :toctree: .",
        "   :nosignatures:",
        "",
        *rows,
        "",
    ]


def command_lines() -> list[str]:
    """Return a page with every command and its options, in the words of its own help."""
    group = click.Context(main, info_name="access15")
    lines = [
        "Commands",
        "========",
        "",
        "Options of every command: ``--debug`` shows the traceback of an error, ``--help`` the command's help.",
        "A command exits with 0 (done), 1 (a check failed, a target is missed or out of reach) or 2",
        "(bad input or usage; nothing is written).",
        "",
    ]
    for name in main.list_commands(group):
        command = main.get_command(group, name)
        assert command is not None
        ctx = click.Context(command, info_name=name, parent=group)
        usage = command.get_usage(ctx).removeprefix("Usage: ").split()
        lines += [f"access15 {name}", "-" * len(f"access15 {name}"), "", f".. program:: access15 {name}", ""]
        lines += [
            "::",
            "",
            f"   {' '.join(usage)}",
            "",
            *inspect.cleandoc(command.help or "").splitlines(),
            "",
        ]
        for param in command.params:
            record = param.get_help_record(ctx)
            if record is not None and record[1] and param.name not in ("help", "debug"):
                lines += [f".. option:: {record[0]}", "", f"   {record[1]}", ""]
    return lines


def _profile_rows() -> list[list[str]]:
    rows = [["constant", "name", "中文", "travels as", "speed, km/h", "direction", "source"]]
    for name, profile in PRESETS.items():
        speed = "by class" if profile.class_kph else f"{profile.speed_kph:g}"
        constant = name.upper().replace("-", "_")
        title = profile_title(name, "zh")
        rows.append([constant, name, title, profile.mode, speed, profile.direction, profile.source])
    return rows


def _number_rows(table: str, unit: str) -> list[list[str]]:
    """Return the rows of a table of numbers: those that a preset does not have from the one it extends."""
    rows = [["profile", "", unit, "source"]]
    told: set[tuple[str, str, str]] = set()
    for name, profile in PRESETS.items():
        for key, number in getattr(profile, table).items():
            row = (key, f"{number:g}", profile.source_of(f"{table}.{key}"))
            if row not in told:
                rows.append([name, *row])
                told.add(row)
    return rows


def _mode_rows() -> list[list[str]]:
    rows = [["mode", "English", "中文", "access keys", "pixel, m", "turn restrictions"]]
    for name, mode in MODES.items():
        keys, turns = " < ".join(mode.access_keys), "yes" if mode.turn_rules else "no"
        rows.append([name, *mode.words, keys, f"{mode.pixel_m:g}", turns])
    return rows


def _table_rows() -> list[list[str]]:
    head = ["table", "in Chinese", "what it shows"]
    return [head, *([table.heading("en"), table.heading("zh"), table.about] for table in TABLES)]


def _value_rows() -> list[list[str]]:
    return [["value", "English", "中文"], *([value, *pair] for value, pair in codes().items())]


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def setup(app: Any) -> None:
    """Write the reference pages before Sphinx looks for them."""
    app.connect("config-inited", write_reference)
