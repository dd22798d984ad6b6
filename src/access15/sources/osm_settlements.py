"""Settlements from OSM: the places with a name that people live in."""

from __future__ import annotations

from typing import Final

from access15.crs import WGS84
from access15.errors import InputError
from access15.model import Facilities
from access15.sources.osm_file import osm_file
from access15.sources.osm_points import id_key, osm_id_of
from access15.sources.table import Source, existing

PLACES: Final = ("city", "town", "village", "hamlet", "isolated_dwelling")
"""Values of ``place`` that count, https://wiki.openstreetmap.org/wiki/Key:place; quarters of cities do not."""


def settlements_from_osm(path: Source) -> Facilities:
    """Return the settlements of an OSM file: nodes with ``place`` = city, town, village, hamlet or isolated_dwelling.

    Parameters
    ----------
    path : path
        .osm.pbf, .osm, compressed or not.

    Returns
    -------
    Facilities
        Points in EPSG:4326 with ids ``n123``, names, and the value of ``place`` as ``kind``; label ``settlements``.

    Raises
    ------
    MissingFileError
        If the file does not exist.
    InputError
        If it is not an OSM file, or holds no settlement.
    """
    import osmium

    file = existing(path)
    wanted = osmium.filter.TagFilter(*[("place", value) for value in PLACES])
    found: list[tuple[str, str, str, float, float]] = []
    with osm_file(file) as opened:
        for item in osmium.FileProcessor(opened.path, osmium.osm.NODE).with_filter(wanted):
            place, name = item.tags["place"], item.tags.get("name", "").strip()
            found.append((osm_id_of(item), name, place, item.location.lon, item.location.lat))
    if not found:
        raise InputError(f"{file} holds no settlement (place = {', '.join(PLACES)}): give them as a table")
    ids, names, kinds, lon, lat = zip(*sorted(found, key=lambda row: id_key(row[0])), strict=True)
    return Facilities.of(
        lon,
        lat,
        WGS84,
        ids=ids,
        name=names,
        kind=kinds,
        label="settlements",
        provenance={"source": file.name, "settlements": len(ids)},
    )
