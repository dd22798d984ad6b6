"""The house's own rules, read from the source: no circles of files, no import past a room's door, and more.

``python scripts/check_house.py`` prints one line per fault, with file and line, and exits 1 if there is any. It
reads the files and imports none of them. `docs/architecture.md` says what a room and its door are.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "access15"

KNOWN_CIRCLES: list[set[str]] = []
"""Circles that still stand. An entry that no circle lies in any more is a fault: take it out."""

NO_DOOR = {
    "_kernels": "a kernel imports numba when it is imported, so callers name the one file they run",
}
"""Rooms whose files are imported one by one, and why."""

NAMED_AFTER = {
    "_kernels": "a kernel is named as the file that runs it",
    "cli": "a command is named as what it runs",
    "outputs.layers": "a layer's file is named as the layer",
    "outputs.maps": "a map is named as what it draws",
    "outputs.report.tables": "a table's file is named as the table",
    "siting.models": "a model's file is named as the model",
    "study.settings": "settings are named as their table of study.toml",
}
"""Folders whose files may be named as files elsewhere, and why."""

SAME_NAME = {
    "areas": "read in sources, given cells in coverage",
    "candidates": "made in siting, asked for by a study",
    "critical": "the noun in model, found in coverage",
    "matrix": "computed in travel_time, written by a study",
    "new_roads": "read in sources, joined in travel_time",
    "osmnx_graph": "read in sources, given back in outputs",
    "plan": "sites in siting, circuits in outreach",
    "reach": "a namespace at the top, what isochrones are drawn from",
    "supply": "the noun in model, counted in capacity",
    "terrain": "the noun in model, read in sources",
    "water": "read in sources, cut from isochrones",
}
"""Names that stand in several rooms because one thing passes through them, and how."""

EVERY = "*"
"""In place of a name: a file imports those of its folder by their names in a list."""

MOST_FORMAT_SKIPS = 32
"""Lines that the formatter leaves alone, in all of the source: tables of data and the longest kernels."""


@dataclass(frozen=True)
class Source:
    """One file: its dotted name below the package, where it is, and what it imports."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        """The folder right below the package; empty for the files beside the rooms."""
        return self.name.partition(".")[0] if "." in self.name or self.is_door else ""

    @property
    def is_door(self) -> bool:
        """Whether this is the file that says what a folder exports."""
        return self.path.name == "__init__.py"

    def imports(self) -> Iterator[tuple[int, str, str]]:
        """Yield ``(line, module, name)`` of imports from the package, wherever they stand; no name: the module."""
        folder = self.name.split(".") if self.is_door else self.name.split(".")[:-1]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name.partition(".")[0] == PACKAGE:
                        yield node.lineno, alias.name.partition(".")[2], ""
            elif isinstance(node, ast.ImportFrom):
                module = node.module or ""
                if node.level:
                    above = folder[: len(folder) - node.level + 1]
                    module = ".".join([PACKAGE, *filter(None, above), *filter(None, [module])])
                if module.partition(".")[0] == PACKAGE:
                    for alias in node.names:
                        yield node.lineno, module.partition(".")[2], alias.name
            elif _called(node) == "import_module" and isinstance(node, ast.Call) and node.args:
                what = node.args[0]
                if isinstance(what, ast.JoinedStr) and folder:
                    yield node.lineno, ".".join(folder), EVERY
                    continue
                text = what.value if isinstance(what, ast.Constant) else None
                if isinstance(text, str) and text.partition(".")[0] == PACKAGE:
                    yield node.lineno, text.partition(".")[2], ""


def read_house(package: Path) -> dict[str, Source]:
    """Return the files of the package by dotted name; a folder's door has the name of the folder."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Source(name, path, ast.parse(path.read_text("utf-8"), str(path)))
    return found


def circles(house: dict[str, Source], known: Sequence[set[str]] = ()) -> Iterator[tuple[Path, int, str]]:
    """Yield files that import each other in a circle, in functions and for types alike.

    A circle inside a known set is passed by; a known set without a circle is a fault of its own.
    """
    edges: dict[str, dict[str, int]] = {name: {} for name in house}
    for name, source in house.items():
        for line, module, attribute in source.imports():
            if attribute == EVERY:
                beside = (other for other in house if other.rpartition(".")[0] == module and other != name)
                edges[name] |= dict.fromkeys(beside, line) | edges[name]
                continue
            inner = f"{module}.{attribute}".lstrip(".")
            target = inner if attribute and inner in house else module
            if target in house and target != name:
                edges[name].setdefault(target, line)
    standing = set()
    for group in _tied(edges):
        listed = [i for i, files in enumerate(known) if group <= files]
        standing |= set(listed)
        if not listed:
            way = _shortest_circle(edges, group)
            text = " -> ".join(_shown(name) for name in way)
            yield house[way[0]].path, edges[way[0]][way[1]], f"a circle of files: {text}"
    for i, files in enumerate(known):
        if i not in standing:
            yield (
                Path(__file__),
                _line_of("KNOWN_CIRCLES"),
                f"no circle is left among {', '.join(sorted(files))}: take the entry out",
            )


def past_doors(house: dict[str, Source]) -> Iterator[tuple[Path, int, str]]:
    """Yield imports of another room that do not go through its door by a name that the door exports."""
    rooms = {source.room for source in house.values()} - {""}
    exported = {room: set(_exports(house[room].tree)) for room in rooms if room in house}
    for source in house.values():
        for line, module, name in source.imports():
            room = module.partition(".")[0]
            if room not in rooms or room == source.room or room in NO_DOOR:
                continue
            if module != room or not name:
                yield source.path, line, f"past the door of {room}: write 'from {PACKAGE}.{room} import name'"
            elif name not in exported.get(room, ()):
                yield source.path, line, f"the door of {room} does not export {name}"


def array_types(house: dict[str, Source]) -> Iterator[tuple[Path, int, str]]:
    """Yield uses of numpy's array types outside the one file that names them."""
    for source in house.values():
        if source.name == "arrays":
            continue
        for node in ast.walk(source.tree):
            if (
                (isinstance(node, ast.Import) and any(alias.name == "numpy.typing" for alias in node.names))
                or (
                    isinstance(node, ast.ImportFrom)
                    and (
                        node.module == "numpy.typing"
                        or (node.module == "numpy" and any(alias.name == "typing" for alias in node.names))
                    )
                )
                or (
                    isinstance(node, ast.Subscript)
                    and ast.unparse(node.value) in ("np.ndarray", "numpy.ndarray")
                )
            ):
                yield source.path, node.lineno, f"take the type of the array from {PACKAGE}.arrays"


def same_names(house: dict[str, Source], allowed: Mapping[str, str]) -> Iterator[tuple[Path, int, str]]:
    """Yield files that are named as a file of another folder without a reason, and reasons without such files."""
    at: dict[str, list[Source]] = defaultdict(list)
    for source in house.values():
        folder, _, stem = source.name.rpartition(".")
        if not source.is_door and not any(_inside(folder, exempt) for exempt in NAMED_AFTER):
            at[stem].append(source)
    for stem, sources in sorted(at.items()):
        if len(sources) > 1 and stem not in allowed:
            others = ", ".join(source.name for source in sources[1:])
            yield sources[0].path, 1, f"{sources[0].name} is named as {others}: say which is which, or why"
    for stem in sorted(allowed):
        if len(at[stem]) < 2:
            yield (
                Path(__file__),
                _line_of("SAME_NAME"),
                f"{stem!r} no longer stands in two folders: take the entry out",
            )


def format_skips(house: dict[str, Source], most: int) -> Iterator[tuple[Path, int, str]]:
    """Yield one fault if more lines than ``most`` are kept from the formatter."""
    found = [
        (source.path, number)
        for source in house.values()
        for number, line in enumerate(source.path.read_text("utf-8").splitlines(), 1)
        if re.search(r"#\s*fmt:\s*(skip|off)", line)
    ]
    if len(found) > most:
        path, line = found[-1]
        yield path, line, f"{len(found)} lines are kept from the formatter, at most {most} may be"


def faults(package: Path) -> list[str]:
    """Return one line per fault of a package."""
    house = read_house(package)
    found = [
        *circles(house, KNOWN_CIRCLES),
        *past_doors(house),
        *array_types(house),
        *same_names(house, SAME_NAME),
        *format_skips(house, MOST_FORMAT_SKIPS),
    ]
    root = package.parent.parent
    return [f"{_relative(path, root)}:{line}: {text}" for path, line, text in found]


def _tied(edges: dict[str, dict[str, int]]) -> list[set[str]]:
    """Return the sets of files of which each reaches each other: what is reached, and reaches, among many."""
    reached = {name: _reached(edges, name) for name in edges}
    found: list[set[str]] = []
    done: set[str] = set()
    for name in edges:
        if name in done or name not in reached[name]:
            continue
        group = {other for other in reached[name] if name in reached[other]}
        done |= group
        found.append(group)
    return found


def _reached(edges: dict[str, dict[str, int]], start: str) -> set[str]:
    met: set[str] = set()
    todo = [start]
    while todo:
        for name in edges[todo.pop()]:
            if name not in met:
                met.add(name)
                todo.append(name)
    return met


def _shortest_circle(edges: dict[str, dict[str, int]], group: set[str]) -> list[str]:
    """Return the files of a shortest circle through the first file of a set, that file at both ends."""
    first = min(group)
    came_from: dict[str, str] = {}
    todo = [first]
    for name in todo:
        for target in edges[name]:
            if target == first:
                way = [first, name]
                while way[-1] != first:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if target in group and target not in came_from:
                came_from[target] = name
                todo.append(target)
    raise AssertionError(f"{first} is in no circle")


def _exports(tree: ast.Module) -> list[str]:
    """Return the names of ``__all__``."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]:
            return list(ast.literal_eval(node.value))
    return []


def _called(node: ast.AST) -> str:
    """Return the last part of the name of what is called."""
    return ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""


def _inside(folder: str, other: str) -> bool:
    return folder == other or folder.startswith(f"{other}.")


def _shown(name: str) -> str:
    return name or PACKAGE


def _line_of(name: str) -> int:
    lines = Path(__file__).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(name))


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


if __name__ == "__main__":
    lines = faults(Path(__file__).parents[1] / "src" / PACKAGE)
    print("\n".join(lines) or "the house is in order")
    sys.exit(bool(lines))
