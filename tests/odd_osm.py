"""OSM files that nobody would draw: any tags on any object, in any order, with what is missing, doubled or deleted."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from access15.network import RELEVANT_KEYS

VALUES = [
    "yes", "no", "private", "destination", "-1", "1", "reversible", "alternating", "residential", "motorway", "footway", "cycleway",
    "pedestrian", "steps", "ferry", "shuttle_train", "platform", "pier", "elevator", "construction", "track", "path", "grade3", "bad",
    "impassable", "gravel", "50", "30 mph", "DE:urban", "none", "walk", "60;80", "1,5", "00:10", "PT5M", "1h 15m", "45 min", "-5",
    "winter", "wet_season", "no @ (Nov-Mar)", "yes @ (06:00-22:00)", "no @ (", "@", "2031-05", "2031-13-99", "building_passage",
    "traffic_signals", "gate", "bollard", "kerb", "hospital", "clinic", "pharmacy", "no_left_turn", "only_straight_on", "no_", "only_",
    "multipolygon", "restriction", "route", "river", "water", "coastline", "10%", "up", "1e999", "nan", "inf", "0", "-0",
]  # fmt: skip
SOUP = [
    "", " ", ";", ";;;", "\u00a0", "\u202e\u200b\ufeff", "ｙｅｓ", "０５：３０", "５０", "是", "\U0001f6b2" * 9, "e\u0301" * 40, "\ufffd", "=", "@@;@",
    "(" * 200, "9" * 200, "x" * 200, "yes;no;" * 30, "١٢:٣٤", "½", "∞", "--", "00:00:00:00", "P" + "T" * 60, "1h" * 80, "ſ", "İ",
]  # fmt: skip
KEYS = [
    *sorted(RELEVANT_KEYS), "barrier", "crossing", "kerb", "restriction", "restriction:conditional", "except", "day_on", "hour_on", "day_off",
    "hour_off", "natural", "waterway", "healthcare", "name", "opening_hours", "direction", "locked", "bollard", "tunnel", "bridge", "incline",
    "width", "sac_scale", "wheelchair", "disused:amenity", "place", "building",
]  # fmt: skip
FRAME = "<?xml version='1.0' encoding='UTF-8'?>\n<osm version='0.6'>{}</osm>"


def _tags(rng: random.Random, *, street: bool = False) -> str:
    given = (
        {"highway": rng.choice(["residential", "primary", "footway", "cycleway", "service"])}
        if street
        else {}
    )
    for _ in range(rng.choice([0, 1, 2, 4, 8, 20])):
        key = rng.choice(KEYS) if rng.random() < 0.95 else rng.choice(SOUP)
        given[key] = rng.choice(VALUES) if rng.random() < 0.75 else rng.choice(SOUP)
        if rng.random() < 0.1:
            given[key] += rng.choice([";", " ", "|"]) + rng.choice(VALUES + SOUP)
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in given.items())


def _state(rng: random.Random, *, rude: bool) -> str:
    known = [""] * 20 + ["version='2'", "visible='false'", "action='delete'"]
    return rng.choice([*known, "version='x'", "timestamp='soon'"] if rude else known)


def odd_map(rng: random.Random) -> str:
    """Return a map of some blocks as OSM XML."""
    side = rng.choice([2, 3, 6])
    rude = rng.random() < 0.03
    west = rng.choice([9.0, 9.0, 9.0, -179.9995, 179.9995, 0.0])
    south = rng.choice([50.0, 50.0, 50.0, -33.0, 89.9])
    objects = []
    for k in range(side * side):
        lat, lon = south + 0.001 * (k // side), west + 0.001 * (k % side)
        if rng.random() < 0.02:
            lat, lon = rng.choice([(lat, 400.0), (-91.0, lon), (0.0, 0.0), (lat, 180.0), (lat, -180.0)])
        tags = _tags(rng) if rng.random() < 0.3 else ""
        objects.append(
            f"<node id='{k + 1}' lat='{lat:.7f}' lon='{lon:.7f}' {_state(rng, rude=rude)}>{tags}</node>"
        )
    last = side * side
    for k in range(3 * side):
        start = rng.randint(1, last)
        refs = [start]
        for _ in range(rng.choice([0, 1, 1, 2, 5])):
            refs.append(max(1, min(last, refs[-1] + rng.choice([1, -1, side, -side]))))
        if rng.random() < 0.2:
            refs.append(start)
        if rng.random() < 0.05:
            refs.insert(0, last + 50)
        inside = "".join(f"<nd ref='{ref}'/>" for ref in refs)
        objects.append(
            f"<way id='{k + 1}' {_state(rng, rude=rude)}>{inside}{_tags(rng, street=rng.random() < 0.8)}</way>"
        )
    for k in range(rng.choice([0, 1, 4])):
        members = "".join(
            f"<member type='{rng.choice(['node', 'way', 'relation'])}' ref='{rng.randint(1, 4 * side)}' role={quoteattr(rng.choice(['from', 'via', 'to', '', 'outer', 'inner', *SOUP[:6]]))}/>"
            for _ in range(rng.choice([0, 3, 3, 6]))
        )
        kind = f"<tag k='type' v='{rng.choice(['restriction', 'multipolygon', 'route', 'boundary'])}'/>"
        objects.append(
            f"<relation id='{k + 1}' {_state(rng, rude=rude)}>{members}{kind}{_tags(rng)}</relation>"
        )
    if rng.random() < 0.2:
        rng.shuffle(objects)
    objects += rng.sample(objects, rng.choice([0, 0, 0, 2]))
    return FRAME.format("\n".join(objects))


def mixed(texts: Sequence[str], rng: random.Random) -> str:
    """Return the objects of two whole maps in one file, some with each other's tags."""
    first, second = rng.choice(texts), rng.choice(texts)
    found = [
        re.findall(r"<(?:node|way|relation)\b(?:[^>]*/>|.*?</(?:node|way|relation)>)", text, re.S)
        for text in (first, second)
    ]
    objects = [item for one in found for item in one]
    tags = re.findall(r"<tag\b[^>]*/>", first + second) or [""]
    objects = [
        re.sub(r"<tag\b[^>]*/>", lambda _: rng.choice(tags), item) if rng.random() < 0.3 else item
        for item in objects
    ]
    if rng.random() < 0.5:
        rng.shuffle(objects)
    return FRAME.format("\n".join(objects))


def odd_file(folder: Path, seed: int, texts: Sequence[str] = ()) -> Path:
    """Write the file of a seed: the same seed makes the same file; ``texts`` are whole maps to mix."""
    rng = random.Random(seed)
    text = mixed(texts, rng) if texts and rng.random() < 0.4 else odd_map(rng)
    data = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.08:
        data = data[: rng.randrange(len(data))]
    if rng.random() < 0.03:
        data = data.replace(b"yes", b"yes" * 2000, 1)
    if rng.random() < 0.06:
        at = rng.randrange(len(data))
        data = data[:at] + bytes(rng.randrange(256) for _ in range(rng.choice([1, 5, 60]))) + data[at:]
    name = rng.choice(["odd.osm"] * 6 + ["odd.osm.gz", "packed.osm.gz", "odd.osm.pbf", "odd.osm.bz2"])
    file = folder / f"{seed}-{name}"
    file.write_bytes(gzip.compress(data) if name == "packed.osm.gz" else data)
    return file
