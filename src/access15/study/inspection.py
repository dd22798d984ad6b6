"""What one file is: its kind, rows, columns as understood, tiers, people, what is set aside, and the TOML that changes it."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from access15.errors import Access15Error, InputError
from access15.model import notes_of, said_in
from access15.outputs import said, words
from access15.study.first_roles import role_title
from access15.study.first_study import (
    clinics_said,
    datum_medians,
    is_coarse,
    own_columns,
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
    "raster": "population",
    "group": "population",
    "areas": "areas",
    "streets": "network",
    "heights": "network",
    "water": "analysis",
}
_SHOWN = 3
"""Rows that are set aside shown of each kind."""


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
    from access15.sources import look_at, reading_once

    with reading_once():
        looks = [look for look in look_at(path) if layer is None or look.layer in (None, layer)]
        if not looks:
            raise InputError(f"{path} has no layer {layer!r}: leave --layer out to see them all")
        if len(looks) == 1 and looks[0].kind == "unknown" and not looks[0].rows:
            raise InputError(looks[0].why if str(path) in looks[0].why else f"{path}: {looks[0].why}")
        lines: list[Line] = []
        for look in looks:
            lines += _of(look, network, datum or look.datum, lang)
    titles = _CHINESE if lang == "zh" else {}
    return [(titles.get(what, what), text) for what, text in lines]


def _of(look: Look, network: Path | None, datum: str, lang: str) -> Iterator[Line]:
    yield "file", look.titled(lang)
    yield "taken for", f"{role_title(look.kind, lang)} ({look.said(lang)})"
    if look.rows:
        yield "rows", f"{look.rows:,}"
    yield from ((name, str(value)) for name, value in look.notes.items() if value and name != "notes")
    for note in notes_of(look.notes):
        yield "in doubt", note.line(lang)
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
        best, *told = _datum(look, network, lang)
        yield from told
        datum = datum or best[1]
    try:
        yield from _kinds(look, datum or "wgs84", lang)
    except Access15Error as error:
        yield "in doubt", str(error)
    if look.kind in _TABLES:
        yield "study.toml", _table(look, datum or "wgs84")
    elif look.kind == "unknown":
        yield (
            "study.toml",
            _say(
                lang,
                f'[facilities] path = {quoted(look.file.name)}; columns = {{ name = "…", lon = "…", lat = "…" }}, or [population] '
                f'path = {quoted(look.file.name)}; columns = {{ population = "…" }}',
                f'[facilities] path = {quoted(look.file.name)}; columns = {{ name = "…", lon = "…", lat = "…" }} 或 [population] '
                f'path = {quoted(look.file.name)}; columns = {{ population = "…" }}',
            ),
        )


def _say(lang: str, english: str, chinese: str) -> str:
    return chinese if lang == "zh" else english


def _kinds(look: Look, datum: str, lang: str) -> Iterator[Line]:
    if look.kind in ("clinics", "candidates"):
        yield from _clinics(look, datum, lang)
    elif look.kind == "people":
        yield from _people(look, datum, lang)
    elif look.kind == "raster":
        yield (
            "in doubt",
            _say(lang, "what follows holds if its cells count people", "以下内容仅在其为人口数时成立"),
        )
        yield from _people(look, datum, lang)
    elif look.kind == "areas":
        yield from _areas(look)
    elif look.kind == "streets":
        try:
            yield from _streets(look, lang)
        except InputError as error:  # An OSM file of clinics alone has no streets.
            if not look.osm:
                raise
            yield "in doubt", str(error)
        if look.osm:
            yield from _care_of(look, lang)


def _datum(look: Look, network: Path | None, lang: str) -> Iterator[Line]:
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
            _say(
                lang,
                f"{best} (median distance to the nearest street: {shown}): datum = {quoted(best)}",
                f"{best}（距最近道路的中位数：{shown}）：datum = {quoted(best)}",
            ),
        )
    else:
        yield (
            "datum",
            _say(
                lang,
                "in mainland China: name the streets with --network, they tell wgs84, gcj02 and bd09 apart",
                "位于中国大陆：请用 --network 给出道路，以区分 wgs84、gcj02 和 bd09",
            ),
        )


def _clinics(look: Look, datum: str, lang: str) -> Iterator[Line]:
    from access15.sources import facilities_from_osm, read_facilities

    if look.osm:
        yield from _clinics_found(facilities_from_osm(look.file), "service points", lang)
        return

    def read(keep: Mapping[str, Sequence[str]] | None) -> Facilities:
        return read_facilities(
            look.file, layer=look.layer, datum=datum, judge=look.kind == "clinics", keep=keep
        )

    found = read(None)
    yield from _clinics_found(found, "service points" if look.kind == "clinics" else "sites", lang)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # What would be left out then is not what is left out.
        yield from _remedies(look, found, read, lang)


def _clinics_found(found: Facilities, what: str, lang: str) -> Iterator[Line]:
    from access15.sources import short_reason

    yield what, clinics_said(found, lang)
    for name in ("capacity", "beds", "doctors", "floor_area_m2", "cost"):
        known = int(np.isfinite(getattr(found, name)).sum())
        if known:
            yield f"{name} known", f"{known:,} / {len(found):,}"
    shown: Counter[str] = Counter()
    for row, reason in found.set_aside:
        kind = short_reason(reason)
        shown[kind] += 1
        if shown[kind] <= _SHOWN:
            yield "set aside", f"{row}: {said_in(reason, lang)}"


def _remedies(
    look: Look, found: Facilities, read: Callable[[Mapping[str, Sequence[str]]], Facilities], lang: str
) -> Iterator[Line]:
    """Yield the line of a study that makes each kind of set-aside rows count, tried out; none where no line does."""
    from access15.sources import short_reason

    kinds = Counter(short_reason(reason) for _, reason in found.set_aside)
    for kind, count in kinds.most_common(6):
        for keep in _choices(look, found, kind):
            try:
                again = read(keep)
            except Access15Error:
                continue
            left = sum(short_reason(reason) == kind for _, reason in again.set_aside)
            if left < count and len(again) > len(found):
                named = ", ".join(
                    f"{quoted(key)} = [{', '.join(map(quoted, values))}]" for key, values in keep.items()
                )
                which = _say(
                    lang, f"counts {count - left} of {kind}", f"计入 {said_in(kind, lang)} {count - left} 处"
                )
                yield "to change it", f"[facilities] keep = {{ {named} }}  # {which}"
                break


def _choices(look: Look, found: Facilities, kind: str) -> Iterator[dict[str, list[str]]]:
    """Yield the choices that may make a kind of set-aside rows count: by its status column, its tier, or any column of types."""
    from access15.sources import short_reason

    hits = [re.search(r"\(column '(.+?)' says '(.*)'\)", reason) for _, reason in found.set_aside]
    kinds = [short_reason(reason) for _, reason in found.set_aside]
    pairs = [(hit[1], hit[2], one == kind) for hit, one in zip(hits, kinds, strict=True) if hit]
    others = {(column, text) for column, text, mine in pairs if not mine}
    for column in dict.fromkeys(column for column, _, mine in pairs if mine):
        yield {column: [text for text in _values(look, column) if (column, text) not in others]}
    tiers = list(dict.fromkeys(str(tier) for tier in found.tier if tier))
    yield {"tier": [*tiers, kind]}
    own = {
        hit[1]
        for _, reason in found.set_aside
        if (hit := re.match(rf"{re.escape(kind)} \(([^)=]+)\)", reason))
    }
    yield {"tier": [*tiers, *sorted(own)]}
    for column in (look.columns.get("tier"), "amenity", "healthcare"):
        if column is not None and len(_values(look, column)) <= 30:
            yield {column: _values(look, column)}


def _values(look: Look, column: str) -> list[str]:
    from access15.sources import column_values

    return column_values(look.file, column, look.layer)


def _people(look: Look, datum: str, lang: str) -> Iterator[Line]:
    from access15.sources import read_population

    if look.placeless:
        yield (
            "in doubt",
            _say(
                lang,
                'there are no positions: put the people onto polygons, [areas] path = "…" and [population] join = "code" or "name"',
                '没有坐标：请连接到多边形，[areas] path = "…"，[population] join = "code" 或 "name"',
            ),
        )
        return
    keep = dict([look.year]) if look.year else None
    own = own_columns(look) or None
    found = read_population(look.file, layer=look.layer, datum=datum, columns=own, keep=keep)
    yield "people", people_said(found, lang)
    if found.cell_size is not None:
        wide, tall = found.cell_size
        unit = _say(lang, "in units of its CRS", "（坐标参考系的单位）")
        yield "cell size", f"{wide:g} × {tall:g} {unit}"
    yield from _plausible(found, lang)
    if is_coarse(found):
        yield (
            "in doubt",
            _say(
                lang,
                'its polygons are large: say where people live, [population] spread = "buildings", "streets", a raster or "centre"',
                '多边形较大：请指定居住位置，[population] spread = "buildings"、"streets"、栅格或 "centre"',
            ),
        )


def _plausible(found: Population, lang: str) -> Iterator[Line]:
    """Say what does not look like numbers of people."""
    people = found.people
    median, most = f"{np.median(people):,.1f}", f"{people.max():,.1f}"
    yield "people per place", _say(lang, f"median {median}, most {most}", f"中位数 {median}，最大 {most}")
    if (
        len(people) > 20
        and people.max() <= 100
        and np.ptp(people) > 0
        and people.max() > 99
        and not (people % 1 == 0).all()
    ):
        yield (
            "in doubt",
            _say(
                lang,
                "all values are from 0 to 100, as per cent would be: check that they are people",
                "所有数值在 0–100 之间，疑为百分比：请核对是否为人口数",
            ),
        )
    same = Counter(people.tolist()).most_common(1)[0]
    if len(people) > 20 and same[1] > len(people) / 2:
        yield (
            "in doubt",
            _say(
                lang,
                f"{same[1]:,} of {len(people):,} places have the same {same[0]:g} people: check that they are people",
                f"{len(people):,} 个单元中有 {same[1]:,} 个同为 {same[0]:g} 人：请核对是否为人口数",
            ),
        )


def _areas(look: Look) -> Iterator[Line]:
    from access15.sources import read_areas

    columns = {key: look.columns[key] for key in ("id", "name") if key in look.columns}
    found = read_areas(look.file, layer=look.layer, **columns)
    names = ", ".join(str(name) for name in found.name[:8])
    yield "areas", f"{len(found):,}: {names}{' …' if len(found) > 8 else ''}"
    if found.provenance.get("repaired"):
        yield "repaired outlines", str(found.provenance["repaired"])


def _streets(look: Look, lang: str) -> Iterator[Line]:
    from access15.network import network_summary
    from access15.profiles import profile_title
    from access15.sources import read_network

    network = read_network(look.file, layer=look.layer)
    found = network_summary(network)
    total = found.lengths.iloc[-1]
    modes = ", ".join(
        f"{profile_title(name[3:], lang) if lang == 'zh' else name[3:]} {total[name]:,.1f}"
        for name in found.lengths.columns
        if name.startswith("km_")
    )
    yield (
        "streets",
        _say(lang, f"{total['km']:,.1f} km; open to {modes}", f"{total['km']:,.1f} km；可通行 {modes}"),
    )
    classes = found.lengths.iloc[:-1].head(8)
    word = words(lang)
    yield (
        "classes",
        ", ".join(
            f"{said(word, name) if lang == 'zh' else name} {km:,.1f} km"
            for name, km in zip(classes["highway"].tolist(), classes["km"].tolist(), strict=True)
        ),
    )
    for note in notes_of(network.provenance):
        yield "in doubt", note.line(lang)


def _care_of(look: Look, lang: str) -> Iterator[Line]:
    """Yield the service points that the tags of an OSM file give."""
    from access15.sources import facilities_from_osm

    try:
        yield from _clinics_found(facilities_from_osm(look.file), "service points", lang)
    except InputError as error:
        yield "service points", str(error)


def _table(look: Look, datum: str) -> str:
    """Return the table of a study that reads this file, on one line."""
    keys_of = {
        "heights": "elevation",
        "candidates": "candidates",
        "water": "water",
        "group": f"groups = {{ {quoted(look.columns.get('group', ''))}",
    }
    key = keys_of.get(look.kind, "path")
    file = f"[{quoted(look.file.name)}]" if key == "elevation" else quoted(look.file.name)
    file += " }" if look.kind == "group" else ""
    keys = [f"[{_TABLES[look.kind]}] {key} = {file}"]
    layer = "candidate_layer" if look.kind == "candidates" else "layer"
    keys += [f"{layer} = {quoted(look.layer)}"] if look.layer else []
    if look.kind in ("clinics", "candidates", "people") and look.shifted:
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
        column = own_columns(look).get("population")
        keys.append(f"columns = {{ population = {quoted(column or '…')} }}")
        if look.year:
            keys.append(f"keep = {{ {quoted(look.year[0])} = {quoted(look.year[1])} }}")
        if look.placeless:
            keys.append('join = "code"')
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
    "to change it": "如需计入",
    "separator": "分隔符",
    "capacity known": "服务能力已知",
    "beds known": "床位数已知",
    "doctors known": "医生数已知",
    "floor_area_m2 known": "建筑面积已知",
    "cost known": "成本已知",
    "decimal_mark": "小数点",
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
