"""Places from OSM that could house a service point: public buildings, reusable industrial buildings, elder care."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from access15.crs import WGS84
from access15.errors import InputError
from access15.model import Facilities
from access15.sources.osm_file import osm_file
from access15.sources.osm_points import id_key, osm_id_of
from access15.sources.table import Source, existing

if TYPE_CHECKING:
    import shapely

KINDS: Final = ("public building", "industrial building", "elder care")
"""Kinds of places, in the order in which an object that has tags of several is taken."""

_GONE: Final = ("demolished", "razed", "removed")


@dataclass(frozen=True, slots=True)
class _Place:
    id: str
    name: str
    kind: str
    shape: shapely.Geometry


@cache
def place_tags() -> Mapping[tuple[str, str], str]:
    """Return the kind of place each tag stands for: ``place_tags.csv``, which names the source of every row."""
    text = resources.files("access15.sources").joinpath("place_tags.csv").read_text("utf-8")
    return {(row["key"], row["value"]): row["kind"] for row in csv.DictReader(text.splitlines())}


def candidates_from_osm(path: Source, kinds: Sequence[str] = KINDS) -> Facilities:
    """Return the places of an OSM file that could house a service point, as candidate sites.

    Which tags count is a table, ``access15/sources/place_tags.csv``. An area stands on a point of its surface.
    A place on the ground of a larger one of the same kind is part of it.

    Parameters
    ----------
    path : path
        .osm.pbf, .osm, compressed or not.
    kinds : sequence of {"public building", "industrial building", "elder care"}

    Returns
    -------
    Facilities
        In EPSG:4326, label ``candidates``, ``kind`` as in ``kinds``; ids are ``n123``, ``w123``, ``r123``. In
        ``set_aside``: places on the ground of another, gone ones, and ways that are not closed in this file.

    Raises
    ------
    MissingFileError
        If the file does not exist.
    InputError
        If it is not an OSM file, a kind is not known, or no such place is in it.
    """
    wanted = _check_kinds(kinds)
    file = existing(path)
    found, aside = _read(file, wanted)
    if not found:
        raise InputError(
            f"{file} holds no {' and no '.join(wanted)}: name other kinds, junctions, a grid or a layer of points"
        )
    kept = _one_per_ground(found, aside)
    spots = [place.shape.representative_point() for place in kept]
    return Facilities.of(
        [p.x for p in spots],
        [p.y for p in spots],
        WGS84,
        ids=[place.id for place in kept],
        label="candidates",
        name=[place.name for place in kept],
        kind=[place.kind for place in kept],
        set_aside=tuple(aside),
        provenance={
            "source": file.name,
            "kinds": dict(Counter(place.kind for place in kept)),
            "set_aside": len(aside),
        },
    )


def _check_kinds(kinds: Sequence[str]) -> tuple[str, ...]:
    given = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    for kind in given:
        if kind not in KINDS:
            raise InputError(f"the kind of place {kind!r} is not known: use {', '.join(KINDS)}")
    if not given:
        raise InputError(f"kinds is empty: name at least one of {', '.join(KINDS)}")
    return given


def _read(path: Path, kinds: tuple[str, ...]) -> tuple[list[_Place], list[tuple[str, str]]]:
    """Return the places of some kinds in the order of the file, and ``(id, reason)`` of what has their tags but no place."""
    import osmium
    import shapely

    found: list[_Place] = []
    aside: dict[str, str] = {}
    wkb = osmium.geom.WKBFactory()
    wanted = osmium.filter.TagFilter(*[tag for tag, kind in place_tags().items() if kind in kinds])
    with osm_file(path) as file:
        for item in osmium.FileProcessor(file.path).with_areas(wanted).with_filter(wanted):
            tags = {tag.k: tag.v for tag in item.tags}
            kind = next(k for k in KINDS if k in kinds and _has(tags, k))
            name, osm_id = tags.get("name", "").strip(), osm_id_of(item)
            gone = next((key for key in _GONE if tags.get(key, "no") != "no"), "")
            if gone:
                aside[osm_id] = f"{kind}, {gone} by its tags"
            elif osm_id in file.centres:
                found.append(_Place(osm_id, name, kind, shapely.Point(*file.centres[osm_id])))
            elif item.is_node():
                spot = shapely.Point(item.location.lon, item.location.lat)
                found.append(_Place(osm_id, name, kind, spot))
            elif item.is_area():
                try:
                    found.append(_Place(osm_id, name, kind, shapely.from_wkb(wkb.create_multipolygon(item))))
                except RuntimeError:
                    aside[osm_id] = f"{kind}, its outline is broken"
            else:
                aside.setdefault(osm_id, f"{kind}, its outline is not closed in this file")
    placed = {place.id for place in found}
    return found, [(k, v) for k, v in aside.items() if k not in placed]


def _has(tags: Mapping[str, str], kind: str) -> bool:
    return any(tags.get(key) == value for (key, value), of in place_tags().items() if of == kind)


def _one_per_ground(found: list[_Place], aside: list[tuple[str, str]]) -> list[_Place]:
    """Return one place per ground, larger first, then in id order; the others go to ``aside``."""
    import shapely

    order = sorted(found, key=lambda place: (-place.shape.area, id_key(place.id)))
    spots = [place.shape.representative_point() for place in order]
    item, ground = shapely.STRtree([place.shape for place in order]).query(spots, predicate="within")
    host: dict[int, int] = {}
    for i, g in sorted(zip(item.tolist(), ground.tolist(), strict=True)):
        if g < i and order[g].kind == order[i].kind and g not in host:
            host.setdefault(i, g)
    aside += [
        (order[i].id, f"on the ground of another {order[i].kind}: {order[g].id}") for i, g in host.items()
    ]
    kept = [place for i, place in enumerate(order) if i not in host]
    return sorted(kept, key=lambda place: id_key(place.id))
