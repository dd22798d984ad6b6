"""Service points from OSM: nodes and areas, one point per facility."""

from __future__ import annotations

import datetime
import difflib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from access15.arguments import say
from access15.crs import WGS84, ground_lengths_m
from access15.errors import InputError
from access15.model import Facilities, Note, in_chinese, notes_of, tell, with_notes
from access15.sources.care_tags import (
    BUILDINGS,
    KEYS,
    PointSet,
    Verdict,
    judge,
    kept_anyway,
    same_name,
    services_of,
)
from access15.sources.care_words import fold_name
from access15.sources.choice import Choice, left_out, wanted
from access15.sources.doubles import SAME_PLACE_M
from access15.sources.osm_file import osm_file
from access15.sources.table import Source, existing
from access15.units import check_date

if TYPE_CHECKING:
    import shapely


@dataclass(slots=True)
class _Found:
    """One OSM object with health tags; ``name`` may come from a point on its site."""

    id: str
    tags: Mapping[str, str]
    verdict: Verdict
    shape: shapely.Geometry
    name: str = ""
    folded: str = ""
    guests: int = 0
    merged: list[str] = field(default_factory=list)

    @property
    def is_area(self) -> bool:
        return bool(self.shape.geom_type != "Point")


def facilities_from_osm(
    path: Source,
    points: str = "care",
    *,
    keep: Choice | None = None,
    drop: Choice | None = None,
    date: datetime.date | str | None = None,
) -> Facilities:
    """Return the service points of an OSM file.

    What counts is decided by `access15.sources.care_tags.judge`. An area stands on a point of its
    surface. Two objects are one facility, and the area (then the larger one) is kept, if

    - they have one name (accents, case and punctuation aside) and lie within 150 m of each other, or
    - one lies on the site of the other and has no name, or its name is part of the other's
      (or the other way round).

    An unnamed site takes the name of the only named point on it. An unnamed site that holds a named
    area, or several named points, is their ground and not a facility of its own. A hospital keeps its
    class through this step, so ``primary`` also leaves out the departments of hospitals.

    Parameters
    ----------
    path : path
        .osm.pbf, .osm, compressed or not.
    points : {"care", "primary"}
        ``primary`` leaves hospitals out.
    keep, drop : mapping of str to str or list of str, optional
        Tags and the values meant, ``{"operator:type": ["public"]}``; ``tier`` stands for the tier as understood. Objects
        must have all tags of ``keep`` and none of ``drop``. What is kept by the tag that speaks against it counts:
        ``keep={"amenity": ["clinic", "pharmacy"]}``.
    date : date or str, optional
        What has closed by then, or opens later, does not count; today unless named.

    Returns
    -------
    Facilities
        In EPSG:4326; ids are ``n123``, ``w123``, ``r123``. ``services`` are healthcare specialities and
        ``emergency``. Everything with health tags that is not a facility is in ``set_aside``.

    Raises
    ------
    MissingFileError
        If the file does not exist.
    InputError
        If it is not an OSM file, holds no service point, or a choice leaves none.
    """
    if points not in get_args(PointSet):
        raise InputError(f"the point set {points!r} is not known: use care, or primary (without hospitals)")
    file = existing(path)
    kept_by, dropped_by = wanted(keep, "keep"), wanted(drop, "drop")
    found, aside = _read(file, kept_by, check_date(date))
    out = left_out(kept_by, dropped_by, _cells(found, file.name), np.ones(len(found), bool), file.name)
    aside += [(found[row].id, reason) for row, reason in out.items()]
    found = [item for row, item in enumerate(found) if row not in out]
    kept = _one_per_site(found, aside)
    if points == "primary":
        aside += [(f.id, "a hospital (not in the point set primary)") for f in kept if f.verdict.hospital]
        kept = [f for f in kept if not f.verdict.hospital]
    if not kept:
        raise InputError(
            f"{file} holds no service point of the set {points!r} ({len(aside)} health objects set aside): "
            "check the extract, or give the facilities as a table"
        )
    found_here = _facilities(kept, aside, points, file.name)
    notes = with_notes(found_here.provenance, _notes(kept, aside))
    tell(notes_of(notes), file.name)
    return replace(found_here, provenance=notes)


def _cells(found: Sequence[_Found], source: str) -> Callable[[str], list[str]]:
    """Return what gives the values of a tag, one per object; ``tier`` is the tier as understood."""

    def cells(key: str) -> list[str]:
        if key == "tier":
            return [item.verdict.tier for item in found]
        there = sorted({k for item in found for k in item.tags})
        if key not in there:
            near = difflib.get_close_matches(key, there, n=1, cutoff=0.5)
            advice = f"did you mean {near[0]!r}? " if near else ""
            raise InputError(
                f"{source} has no service point with a tag {key!r}: {advice}The tags are {', '.join(there)}"
            )
        return [item.tags.get(key, "") for item in found]

    return cells


def _notes(kept: Sequence[_Found], aside: Sequence[tuple[str, str]]) -> Iterator[Note]:
    """Yield the notes on what is set aside, and on status words that are not known."""
    kinds = Counter(_kind(reason).split(" (")[0] for _, reason in aside)
    listed = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    listed_zh = "、".join(f"{in_chinese(kind)} {count}" for kind, count in kinds.most_common())
    yield Note(
        "objects of health care set aside",
        len(aside),
        f"of {len(aside) + len(kept)} objects with tags of health care are set aside: {listed}",
        f"个带医疗标签的对象未计入（{listed_zh}）",
    )
    unknown = Counter(item.verdict.unknown for item in kept if item.verdict.unknown)
    words = ", ".join(f"{word} ({count})" for word, count in unknown.most_common(5))
    yield Note(
        "status tags not understood",
        sum(unknown.values()),
        f"service points count although their status is not understood: {words}; leave some out: {say('drop', {'operational_status': '…'})}",
        f"个医疗服务点的状态无法识别，已计入（{words}）",
    )


def _facilities(kept: list[_Found], aside: list[tuple[str, str]], points: str, source: str) -> Facilities:
    kept = sorted(kept, key=lambda f: id_key(f.id))
    spots = [f.shape.representative_point() for f in kept]
    aside = sorted(aside, key=lambda item: id_key(item[0]))
    return Facilities.of(
        [p.x for p in spots],
        [p.y for p in spots],
        WGS84,
        ids=[f.id for f in kept],
        label=points,
        name=[f.name for f in kept],
        tier=[f.verdict.tier for f in kept],
        services=[services_of(f.tags) for f in kept],
        hours=[f.tags.get("opening_hours", "") for f in kept],
        set_aside=tuple(aside),
        provenance={
            "source": source,
            "points": points,
            "nodes": sum(f.id.startswith("n") for f in kept),
            "areas": sum(f.is_area for f in kept),
            "unnamed": sum(not f.name for f in kept),
            "set_aside": len(aside),
            "set_aside_reasons": dict(Counter(_kind(reason) for _, reason in aside).most_common()),
            "merged": {f.id: f.merged for f in kept if f.merged},
        },
    )


def _kind(reason: str) -> str:
    return reason.split(": ")[0]


def id_key(osm_id: str) -> tuple[int, int]:
    """Return what ids sort by: nodes, ways, relations, each by number."""
    return "nwr".index(osm_id[0]), int(osm_id[1:])


def _read(
    path: Path, keep: Mapping[str, tuple[str, ...]], day: datetime.date
) -> tuple[list[_Found], list[tuple[str, str]]]:
    """Return the objects that count and ``(id, reason)`` of the others."""
    import osmium
    import shapely

    found: dict[str, _Found] = {}
    aside: dict[str, str] = {}
    shapeless: dict[str, str] = {}
    wkb = osmium.geom.WKBFactory()
    with osm_file(path) as file:
        # Only relations that may count are assembled; the other objects are judged by their tags alone.
        care = osmium.filter.KeyFilter("amenity", "healthcare")
        keys = (*KEYS, "building") if "building" in keep else KEYS
        objects = osmium.FileProcessor(file.path).with_areas(care).with_filter(osmium.filter.KeyFilter(*keys))
        for item in objects:
            tags = {tag.k: tag.v for tag in item.tags}
            verdict = judge(tags, day)
            if verdict is None:
                continue
            osm_id = osm_id_of(item)
            verdict = kept_anyway(tags, verdict, keep)
            if not verdict.counts:
                aside[osm_id] = verdict.reason
            elif osm_id in file.centres:
                found[osm_id] = _new(osm_id, tags, verdict, shapely.Point(*file.centres[osm_id]))
            elif item.is_node():
                if item.location.valid():
                    found[osm_id] = _new(
                        osm_id, tags, verdict, shapely.Point(item.location.lon, item.location.lat)
                    )
            elif item.is_area():
                try:
                    shape = shapely.from_wkb(wkb.create_multipolygon(item))
                except RuntimeError:
                    continue
                found[osm_id] = _new(osm_id, tags, verdict, shape)
            else:
                shapeless[osm_id] = "its outline is not closed in this file"
        # Buildings are many and looked at for these tags alone: picked out of the file, not one by one.
        houses = osmium.FileProcessor(file.path).with_filter(osmium.filter.TagFilter(*BUILDINGS))
        for item in houses:
            verdict = judge({tag.k: tag.v for tag in item.tags}, day)
            osm_id = osm_id_of(item)
            if verdict is not None and not verdict.counts and osm_id not in found:
                aside.setdefault(osm_id, verdict.reason)
    aside |= {k: v for k, v in shapeless.items() if k not in found}
    return list(found.values()), list(aside.items())


def _new(osm_id: str, tags: Mapping[str, str], verdict: Verdict, shape: Any) -> _Found:
    name = tags.get("name", "").strip()
    return _Found(osm_id, tags, verdict, shape, name, fold_name(name))


def osm_id_of(item: Any) -> str:
    """Return the id of an OSM object as text: ``n123``, ``w123``, ``r123``; that of an area is its way's or relation's."""
    if item.is_area():
        return f"{'w' if item.from_way() else 'r'}{item.orig_id()}"
    return f"{item.type_str()}{item.id}"


def _one_per_site(found: list[_Found], aside: list[tuple[str, str]]) -> list[_Found]:
    """Return one object per facility; the others go to ``aside`` with the one they belong to.

    Objects are taken in a fixed order (named areas, unnamed areas, named points, unnamed points; larger
    first) and each joins a kept one or is kept, so everything joined is within 150 m of what stands for it.
    """
    import shapely

    order = sorted(found, key=lambda f: (not f.is_area, not f.folded, -f.shape.area, id_key(f.id)))
    tree = shapely.STRtree([f.shape for f in order])
    kept: set[int] = set()
    grounds = _grounds(order, tree)
    for i, item in enumerate(order):
        if i in grounds:
            aside.append((item.id, f"unnamed ground of another facility: {grounds[i]}"))
            continue
        host = next((k for k in _near(tree, item) if k in kept and _is_one(order[k], item)), None)
        if host is None:
            kept.add(i)
            continue
        aside.append((item.id, f"the same facility as another object: {order[host].id}"))
        order[host].merged.append(item.id)
        if not order[host].folded and item.folded:
            order[host].name, order[host].folded = item.name, item.folded
    return [order[i] for i in sorted(kept)]


def _grounds(order: list[_Found], tree: shapely.STRtree) -> dict[int, str]:
    """Return unnamed areas that only hold named facilities: ``{row: ids on it}``."""
    out: dict[int, str] = {}
    for i, site in enumerate(order):
        if not site.is_area or site.folded:
            continue
        inside = [order[k] for k in _near(tree, site) if k != i and order[k].folded and _on(site, order[k])]
        names = {f.folded for f in inside}
        if any(f.is_area for f in inside) or len(names) > 1:
            out[i] = ", ".join(sorted((f.id for f in inside), key=id_key))
    return out


def _near(tree: shapely.STRtree, item: _Found) -> list[int]:
    """Return the rows whose box is within 150 m of an object's box, in rising order."""
    import shapely

    west, south, east, north = item.shape.bounds
    dx, dy = _degrees_per_metre(max(abs(south), abs(north)))
    reach = SAME_PLACE_M * 1.01
    box = shapely.box(west - reach * dx, south - reach * dy, east + reach * dx, north + reach * dy)
    return sorted(int(k) for k in tree.query(box))


def _degrees_per_metre(lat: float) -> tuple[float, float]:
    lat = min(abs(lat), 89.0)
    east = ground_lengths_m(np.array([0.0, 1e-3]), np.array([lat, lat]))[0]
    north = ground_lengths_m(np.array([0.0, 0.0]), np.array([lat, lat + 1e-3]))[0]
    return 1e-3 / float(east), 1e-3 / float(north)


def _distance_m(first: _Found, second: _Found) -> float:
    """Return the distance of two nearby shapes in metres, 0 if they touch."""
    import shapely

    dx, dy = _degrees_per_metre(first.shape.representative_point().y)
    scale = np.array([dx, dy])
    a, b = (shapely.transform(f.shape, lambda c: c / scale) for f in (first, second))
    return float(a.distance(b))


def _on(site: _Found, item: _Found) -> bool:
    return bool(site.is_area and site.shape.covers(item.shape.representative_point()))


def _is_one(host: _Found, item: _Found) -> bool:
    if _on(host, item) or _on(item, host):
        # A second, different name on an unnamed site is a ground, handled before.
        return not host.folded or not item.folded or same_name(host.folded, item.folded, same_site=True)
    return same_name(host.folded, item.folded) and _distance_m(host, item) <= SAME_PLACE_M
