"""OpenStreetMap files as people have them, opened as the readers want them.

The readers of streets, service points, places and water go through nodes, ways and relations in this order, each id
once, every vertex a node of the file. What people have is looked over first (`access15.sources.osm_scan`); a file that
is not so is written anew beside the others that are temporary, and the copy is read:

- objects in another order, or in several versions: sorted, the newest version counts (OSM wiki, Elements: *version*);
- ``action="delete"`` (JOSM file format) or ``visible="false"`` (OSM API): the object does not exist;
- positions on the vertices instead of nodes (Overpass ``out geom``, PBF written by ``osmium add-locations-to-ways``);
- ``out center``: the centre stands for the object where a point is asked for (`OsmFile.centres`);
- negative ids (drawn in an editor and never uploaded): numbered anew.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from access15.errors import InputError
from access15.leftovers import passing_folder
from access15.sources.osm_scan import Scan, scan, unpacked

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

OSM_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2", ".osm.xml")
_KINDS = ("node", "way", "relation")


@dataclass(frozen=True, slots=True)
class OsmFile:
    """A file that osmium reads in one go.

    Attributes
    ----------
    path : str
        The file itself, or the copy written anew.
    centres : mapping of str to (lon, lat)
        Where ways and relations (``w1``, ``r2``) stand that came with their centre only.
    repaired : mapping of str to int
        What was set aside or mended on the way, counted.
    """

    path: str
    centres: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    repaired: Mapping[str, int] = field(default_factory=dict)


@contextmanager
def osm_file(
    file: Path, damaged: str = "cannot be read as an OSM file ({}): download it again"
) -> Iterator[OsmFile]:
    """Open an OSM file; errors of osmium inside the block become one of ours, ``damaged`` with its text.

    Raises
    ------
    InputError
        If the file is damaged or of another kind.
    """
    import osmium

    try:
        seen = scan(file)
        if seen.plain:
            yield OsmFile(str(file))
            return
        with passing_folder() as folder:
            yield _anew(file, seen, folder)
    except InputError:
        raise
    except (RuntimeError, OSError, ValueError, ElementTree.ParseError, osmium.InvalidLocationError) as error:
        text = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{file} {damaged.format(text)}") from error


def _anew(file: Path, seen: Scan, folder: Path) -> OsmFile:
    if seen.by_hand:
        return _rewritten(file, folder / "copy.osm.gz")
    if seen.located:
        return _with_nodes(file, folder / "copy.osm.pbf")
    return _sorted(file, seen, folder / "copy.osm.pbf")


def _sorted(file: Path, seen: Scan, to: Path) -> OsmFile:
    """Write nodes, ways and relations in order, the newest version of each."""
    import osmium

    every = osmium.MergeInputReader()
    every.add_file(str(file))
    if seen.history:
        with osmium.SimpleWriter(str(to)) as writer:
            every.apply(_Living(writer), simplify=True)
    else:
        handler = osmium.WriteHandler(str(to))
        every.apply(handler, simplify=True)
        handler.close()
    repaired = {"objects in an unusual order, sorted": 1} if not seen.in_order else {}
    if seen.several:
        repaired["objects in several versions, the newest taken"] = seen.several
    return OsmFile(str(to), repaired=repaired)


class _Living:
    """Writes what exists: the newest version of an object may be its deletion."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def _keep(self, item: Any) -> None:
        if item.visible:
            self._writer.add(item)

    node = way = relation = _keep


def _with_nodes(file: Path, to: Path) -> OsmFile:
    """Write a file whose ways carry the positions of their vertices with a node for each of them."""
    import osmium

    places: dict[int, tuple[float, float]] = {}
    known: set[int] = set()
    for item in osmium.FileProcessor(str(file), osmium.osm.NODE | osmium.osm.WAY):
        if item.is_node():
            known.add(item.id)
            continue
        for vertex in item.nodes:
            if vertex.location.valid():
                places[vertex.ref] = (vertex.lon, vertex.lat)
    with osmium.SimpleWriter(str(to)) as writer:
        for ref in sorted(places.keys() - known):
            writer.add_node(osmium.osm.mutable.Node(id=ref, location=places[ref]))
        for item in osmium.FileProcessor(str(file)):
            writer.add(item)
    return OsmFile(str(to), repaired={"positions read from the ways": len(places.keys() - known)})


@dataclass(slots=True)
class _Objects:
    """The objects of an XML file that exist, by kind and id, and what was found on the way."""

    kept: dict[str, dict[int, tuple[tuple[int, str], Element | None]]] = field(
        default_factory=lambda: {kind: {} for kind in _KINDS}
    )
    centres: dict[str, tuple[float, float]] = field(default_factory=dict)
    places: dict[tuple[str, str], int] = field(default_factory=dict)
    aside: Counter[str] = field(default_factory=Counter)
    fresh: int = 1
    fresh_of: dict[tuple[str, int], int] = field(default_factory=dict)

    def take(self, item: Element) -> None:
        """Keep an object, or that it is deleted, unless a newer version of it is there."""
        kind, number = item.tag, int(item.get("id", ""))
        version = int(item.get("version") or 0), item.get("timestamp", "")
        known = self.kept[kind].get(number)
        if known is not None:
            self.aside["objects in several versions, the newest taken"] += 1
        if known is None or version > known[0]:
            gone = item.get("action") == "delete" or item.get("visible") == "false"
            self.aside["objects deleted in the file"] += gone
            self.kept[kind][number] = version, None if gone else item


def _rewritten(file: Path, to: Path) -> OsmFile:
    """Write an XML file anew: what exists, with a node for every vertex and positive ids."""
    found = _Objects()
    with unpacked(file) as text:
        depth = 0
        for event, item in ElementTree.iterparse(text, ("start", "end")):
            depth += 1 if event == "start" else -1
            if event == "end" and item.tag in _KINDS and depth <= 2:
                found.take(item)
    numbers = [abs(n) for kind in _KINDS for n in found.kept[kind]]
    refs = [abs(int(nd.get("ref", "0"))) for way in _living(found, "way") for nd in way.iter("nd")]
    found.fresh = max([0, *numbers, *refs]) + 1
    for way in _living(found, "way"):
        _locate(way, found)
        _centre(way, "w", found)
    for relation in _living(found, "relation"):
        _members(relation, found)
        _centre(relation, "r", found)
    _positive(found)
    with gzip.open(to, "wb", compresslevel=1) as out:
        out.write(b"<?xml version='1.0' encoding='UTF-8'?>\n<osm version='0.6'>\n")
        for kind in _KINDS:
            for item in sorted(_living(found, kind), key=lambda one: int(one.get("id", "0"))):
                item.tail = "\n"
                out.write(ElementTree.tostring(item))
        out.write(b"</osm>\n")
    return OsmFile(str(to), found.centres, {what: count for what, count in found.aside.items() if count})


def _living(found: _Objects, kind: str) -> list[Element]:
    return [item for _, item in found.kept[kind].values() if item is not None]


def _node_at(lat: str, lon: str, ref: int | None, found: _Objects) -> int:
    """Return the id of a node at a position that stands on a vertex; one place is one node."""
    number = ref if ref is not None else found.places.get((lat, lon))
    if number is None:
        number = found.places[(lat, lon)] = found.fresh
        found.fresh += 1
    if number not in found.kept["node"]:
        node = ElementTree.Element("node", {"id": str(number), "lat": lat, "lon": lon})
        found.kept["node"][number] = (0, ""), node
        found.aside["positions read from the ways"] += 1
    return number


def _locate(way: Element, found: _Objects) -> None:
    """Give the vertices of a way that carry their position a node each; those without a position stay."""
    for nd in way.findall("nd"):
        lat, lon, ref = nd.get("lat"), nd.get("lon"), nd.get("ref")
        if lat is not None and lon is not None:
            nd.attrib = {"ref": str(_node_at(lat, lon, None if ref is None else int(ref), found))}
            if ref is not None:
                found.places.setdefault((lat, lon), int(ref))
        elif ref is None:
            way.remove(nd)


def _centre(item: Element, letter: str, found: _Objects) -> None:
    """Note the centre of an object and take it out: osmium knows no such element."""
    centre = item.find("center")
    if centre is not None:
        found.centres[f"{letter}{item.get('id')}"] = (
            float(centre.get("lon", "")),
            float(centre.get("lat", "")),
        )
    for name in ("center", "bounds"):
        for extra in item.findall(name):
            item.remove(extra)


def _members(relation: Element, found: _Objects) -> None:
    """Make ways of the outlines that ``out geom`` writes into the members of a relation."""
    for member in relation.findall("member"):
        vertices = member.findall("nd")
        kind, number = member.get("type", ""), int(member.get("ref", "0"))
        if vertices and number not in found.kept["way"]:
            way = ElementTree.Element("way", {"id": str(number)})
            way.extend(vertices)
            _locate(way, found)
            found.kept["way"][number] = (0, ""), way
        elif kind == "node" and member.get("lat") and member.get("lon"):
            _node_at(member.get("lat", ""), member.get("lon", ""), number, found)
        for nd in vertices:
            member.remove(nd)
        member.attrib = {key: member.get(key, "") for key in ("type", "ref", "role")}


def _positive(found: _Objects) -> None:
    """Number anew what has a negative id."""
    for kind in _KINDS:
        for number in sorted(n for n in found.kept[kind] if n < 0):
            found.fresh_of[kind, number] = found.fresh
            found.fresh += 1
    if not found.fresh_of:
        return
    found.aside["objects never uploaded, numbered anew"] = len(found.fresh_of)
    for kind in _KINDS:
        for item in _living(found, kind):
            _renumber(item, "id", kind, found)
            for nd in item.findall("nd"):
                _renumber(nd, "ref", "node", found)
            for member in item.findall("member"):
                _renumber(member, "ref", member.get("type", ""), found)


def _renumber(item: Element, key: str, kind: str, found: _Objects) -> None:
    number = int(item.get(key, "0"))
    if number < 0:
        item.set(key, str(found.fresh_of.get((kind, number), found.fresh)))
