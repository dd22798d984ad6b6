"""GraphML as OSMnx and networkx write it, read without either."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from access15.errors import InputError

_BOOLS: Final = {"True": True, "False": False, "true": True, "false": False}


@dataclass(slots=True)
class StreetGraph:
    """A directed graph with parallel edges, as it stands in a file.

    Attributes
    ----------
    graph : dict
        Attributes of the whole, ``crs`` among them.
    node : dict of node to attributes
    edge : list of (from, to, attributes)
    """

    graph: dict[str, Any] = field(default_factory=dict)
    node: dict[Any, dict[str, Any]] = field(default_factory=dict)
    edge: list[tuple[Any, Any, dict[str, Any]]] = field(default_factory=list)


def read_graphml(file: Path) -> StreetGraph:
    """Return the graph in a GraphML file; texts that are lists, numbers or truth values become those.

    Raises
    ------
    InputError
        If the file is damaged, cut off, undirected, or not GraphML.
    """
    names: dict[str, str] = {}
    out = StreetGraph()
    root = ""
    try:
        for event, item in ElementTree.iterparse(file, events=("start", "end")):
            tag = item.tag.rpartition("}")[2]
            if event == "start":
                root = root or tag
                if tag == "graph" and item.get("edgedefault") == "undirected":
                    raise InputError(f"{file} holds an undirected graph: save the directed one of OSMnx")
                continue
            if tag == "key":
                names[item.get("id", "")] = item.get("attr.name", item.get("id", ""))
            elif tag == "node":
                out.node[_id(item.get("id", ""))] = _data(item, names)
                item.clear()
            elif tag == "edge":
                ends = _id(item.get("source", "")), _id(item.get("target", ""))
                out.edge.append((*ends, _data(item, names)))
                item.clear()
            elif tag == "graph":
                out.graph = _data(item, names)
    except (ElementTree.ParseError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read to its end ({error}): save the graph again") from error
    if root != "graphml":
        raise InputError(f"{file} is not GraphML (it starts with {root!r}): save the graph with OSMnx")
    return out


def _data(item: ElementTree.Element, names: dict[str, str]) -> dict[str, Any]:
    found = {}
    for child in item:
        if child.tag.rpartition("}")[2] == "data":
            name = names.get(child.get("key", ""), "")
            found[name] = _value(child.text or "")
    return found


def _value(text: str) -> Any:
    """Return a list or truth value where the text is one, else the text."""
    if text in _BOOLS:
        return _BOOLS[text]
    if text[:1] == "[" and text[-1:] == "]":
        try:
            return ast.literal_eval(text)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return text
    return text


def _id(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text
