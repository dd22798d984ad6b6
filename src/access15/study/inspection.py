"""What one file is: its kind, rows, columns as understood, tiers, people, what is set aside, and the TOML that changes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from access15.errors import Access15Error, InputError
from access15.study.first_study import (
    clinics_said,
    datum_medians,
    people_said,
    quoted,
    raw_places,
    streets_of,
)

if TYPE_CHECKING:
    from access15.model import Facilities, Population
    from access15.sources import Look

Line = tuple[str, str]

_TABLES = {
    "clinics": "facilities",
    "candidates": "siting",
    "people": "population",
    "areas": "areas",
    "streets": "network",
    "heights": "network",
}


def inspect_file(
    path: Path,
    *,
    layer: str | None = None,
    network: Path | None = None,
    datum: str | None = None,
    lang: str = "en",
) -> list[Line]:
    """Return what a file is, as lines of what and text, layer by layer.

    Parameters
    ----------
    path : Path
    layer : str, optional
        Only this layer.
    network : Path, optional
        Streets, which tell the datum of points in mainland China.
    datum : {"wgs84", "gcj02", "bd09"}, optional
        Datum to read the positions in; what the columns say unless named.
    lang : {"en", "zh"}
        Language of the lines.

    Raises
    ------
    MissingFileError, InputError
        If there is no such file, or it is not understood.
    """
    from access15.sources import look_at

    looks = [look for look in look_at(path) if layer is None or look.layer in (None, layer)]
    if not looks:
        raise InputError(f"{path} has no layer {layer!r}: leave --layer out to see them all")
    if len(looks) == 1 and looks[0].kind == "unknown":
        raise InputError(looks[0].why if str(path) in looks[0].why else f"{path}: {looks[0].why}")
    lines: list[Line] = []
    for look in looks:
        lines += _of(look, network, datum or look.datum)
    words = _CHINESE if lang == "zh" else {}
    return [(words.get(what, what), text) for what, text in lines]


def _of(look: Look, network: Path | None, datum: str) -> Iterator[Line]:
    yield "file", look.name
    yield "taken for", f"{look.kind} ({look.why})"
    if look.kind == "unknown":
        return
    if look.rows:
        yield "rows", f"{look.rows:,}"
    yield from ((name, str(value)) for name, value in look.notes.items() if value)
    if look.columns:
        yield (
            "columns as understood",
            ", ".join(f"{name} = {column}" for name, column in look.columns.items()),
        )
    if look.unread:
        yield "columns not read", ", ".join(look.unread)
    if look.box is not None:
        yield "from, to", "{:.4f} {:.4f}, {:.4f} {:.4f}".format(*look.box)
    if look.shifted:
        best, *told = _datum(look, network)
        yield from told
        datum = datum or best[1]
    try:
        yield from _kinds(look, datum or "wgs84")
    except Access15Error as error:
        yield "in doubt", str(error)
    if look.kind in _TABLES:
        yield "study.toml", _table(look, datum or "wgs84")


def _kinds(look: Look, datum: str) -> Iterator[Line]:
    if look.kind in ("clinics", "candidates"):
        yield from _clinics(look, datum)
    elif look.kind == "people":
        yield from _people(look, datum)
    elif look.kind == "areas":
        yield from _areas(look)
    elif look.kind == "streets":
        yield from _streets(look)


def _datum(look: Look, network: Path | None) -> Iterator[Line]:
    """Yield the datum to read the positions in, then what to say of it."""
    medians = {} if network is None else datum_medians(streets_of(network), *raw_places(look))
    best = min(medians, key=lambda name: medians[name], default=look.datum)
    yield "best", best
    if look.datum:
        yield "datum by its columns", look.datum
    if medians:
        shown = ", ".join(f"{name} {metres:,.0f} m" for name, metres in medians.items())
        yield (
            "datum by the streets",
            f"{best} (median distance to the nearest street: {shown}): datum = {quoted(best)}",
        )
    else:
        yield (
            "datum",
            "in mainland China: name the streets with --network, they tell wgs84, gcj02 and bd09 apart",
        )


def _clinics(look: Look, datum: str) -> Iterator[Line]:
    from access15.sources import read_facilities

    axes = {axis: look.columns[axis] for axis in ("lon", "lat") if look.datum and axis in look.columns}
    found = read_facilities(
        look.file, layer=look.layer, datum=datum, columns=axes, judge=look.kind == "clinics"
    )
    yield from _clinics_found(found, "service points" if look.kind == "clinics" else "sites")


def _clinics_found(found: Facilities, what: str = "service points") -> Iterator[Line]:
    yield what, clinics_said(found)
    for name in ("capacity", "beds", "doctors", "floor_area_m2", "cost"):
        known = int(np.isfinite(getattr(found, name)).sum())
        if known:
            yield f"{name} known", f"{known:,} of {len(found):,}"
    shown: Counter[str] = Counter()
    from access15.sources import short_reason

    for row, reason in found.set_aside:
        kind = short_reason(reason)
        shown[kind] += 1
        if shown[kind] <= 3:
            yield "set aside", f"{row}: {reason}"


def _people(look: Look, datum: str) -> Iterator[Line]:
    from access15.sources import read_population

    found = read_population(look.file, layer=look.layer, datum=datum)
    yield "people", people_said(found)
    if found.cell_size is not None:
        yield "cell size", "{:g} × {:g} in units of its CRS".format(*found.cell_size)
    yield from _plausible(found)


def _plausible(found: Population) -> Iterator[Line]:
    """Say what does not look like numbers of people."""
    people = found.people
    yield "people per place", f"median {np.median(people):,.1f}, most {people.max():,.1f}"
    if (
        len(people) > 20
        and people.max() <= 100
        and np.ptp(people) > 0
        and people.max() > 99
        and not (people % 1 == 0).all()
    ):
        yield "in doubt", "all values are from 0 to 100, as per cent would be: check that they are people"
    same = Counter(people.tolist()).most_common(1)[0]
    if len(people) > 20 and same[1] > len(people) / 2:
        yield (
            "in doubt",
            f"{same[1]:,} of {len(people):,} places have the same {same[0]:g} people: check that they are people",
        )


def _areas(look: Look) -> Iterator[Line]:
    from access15.sources import read_areas

    found = read_areas(look.file, layer=look.layer)
    names = ", ".join(str(name) for name in found.name[:8])
    yield "areas", f"{len(found):,}: {names}{' …' if len(found) > 8 else ''}"
    if found.provenance.get("repaired"):
        yield "repaired outlines", str(found.provenance["repaired"])


def _streets(look: Look) -> Iterator[Line]:
    from access15.network import network_summary
    from access15.sources import facilities_from_osm, read_network

    found = network_summary(read_network(look.file, layer=look.layer))
    total = found.lengths.iloc[-1]
    modes = ", ".join(
        f"{name[3:]} {total[name]:,.1f}" for name in found.lengths.columns if name.startswith("km_")
    )
    yield "streets", f"{total['km']:,.1f} km; open to {modes}"
    classes = found.lengths.iloc[:-1].head(8)
    yield "classes", ", ".join(f"{row.highway} {row.km:,.1f} km" for row in classes.itertuples())
    for name, value in found.notes.items():
        if isinstance(value, int) and value and ("dropped" in name or "closed" in name or "repaired" in name):
            yield name, f"{value:,}"
    if look.osm:
        try:
            yield from _clinics_found(facilities_from_osm(look.file))
        except InputError as error:
            yield "service points", str(error)


def _table(look: Look, datum: str) -> str:
    """Return the table of a study that reads this file, on one line."""
    key = {"heights": "elevation", "candidates": "candidates"}.get(look.kind, "path")
    file = f"[{quoted(look.file.name)}]" if key == "elevation" else quoted(look.file.name)
    keys = [f"[{_TABLES[look.kind]}] {key} = {file}"]
    keys += [f"layer = {quoted(look.layer)}"] if look.layer else []
    if look.kind in ("clinics", "candidates") and look.shifted:
        keys.append(f'datum = "{datum}"')
    if look.kind == "clinics":
        keys += ['columns = { name = "…" }', 'keep = { tier = ["…"] }', 'drop = { name = ["…"] }']
    elif look.kind == "areas":
        keys += [
            f"{field} = {quoted(look.columns[field])}"
            for field in ("id", "name", "flags")
            if field in look.columns
        ]
    elif look.kind == "people" and look.columns:
        keys.append('columns = { population = "…" }')
    return "; ".join(keys)


_CHINESE: Mapping[str, str] = {
    "file": "文件",
    "taken for": "识别为",
    "rows": "行数",
    "columns as understood": "识别的列",
    "columns not read": "未读取的列",
    "from, to": "范围",
    "datum": "坐标系",
    "datum by its columns": "列名所示坐标系",
    "datum by the streets": "由道路判断的坐标系",
    "service points": "医疗服务点",
    "set aside": "搁置",
    "people": "人口",
    "people per place": "每单元人口",
    "in doubt": "存疑",
    "areas": "区域",
    "streets": "道路",
    "classes": "道路等级",
    "cell size": "格网尺寸",
    "encoding": "编码",
    "layer": "图层",
    "sheet": "工作表",
    "values": "数值",
    "cells": "格数",
    "bands": "波段",
    "repaired outlines": "修复的边界",
    "sites": "候选点",
    "decimal_comma": "小数逗号",
    "header_row": "表头行",
    "CRS": "坐标参考系",
}
