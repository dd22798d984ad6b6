"""A first study from the files that somebody has: what each is, what is in doubt, and a study.toml that runs."""

from __future__ import annotations

import json
import os
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Floats
from access15.crs import WGS84, to_crs
from access15.errors import InputError, MissingFileError

if TYPE_CHECKING:
    from access15.model import Facilities, Population, StreetNetwork
    from access15.sources import Look

_MODES: Final = ("walk", "walk-elder", "drive")
_ROLES: Final = ("streets", "clinics", "people", "areas", "candidates")
_SIDE: Final = (
    ".dbf",
    ".shx",
    ".prj",
    ".cpg",
    ".qpj",
    ".qix",
    ".sbn",
    ".sbx",
    ".xml",
    ".qml",
    ".sld",
    ".toml",
    ".md",
    ".json",
    ".html",
    ".png",
    ".pdf",
    ".lock",
    ".gpkg-wal",
    ".gpkg-shm",
)
"""Files of a folder that belong to others, or are no data; said only where they are named."""
_CLEAR: Final = 0.6
"""A datum is taken where the median distance to the streets is at most this share of that of the next."""


@dataclass(slots=True)
class Draft:
    """A study as drafted.

    Attributes
    ----------
    text : str
        The study.toml.
    found : list of (role, str)
        What each file was taken for, a line each.
    doubts : list of str
        What the user should look at.
    """

    text: str = ""
    found: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def draft_study(files: Sequence[Path], out: Path, lang: str = "en") -> Draft:
    """Return a study of some files, in any order; folders stand for the files in them.

    Parameters
    ----------
    files : sequence of Path
    out : Path
        Where the study.toml will stand: paths in it are relative to its folder.
    lang : {"en", "zh"}
        Language of the comments.

    Raises
    ------
    MissingFileError, InputError
        If a file does not exist or is not understood, two files could be the same thing, or streets or people are
        missing. One sentence each.
    """
    made = Draft()
    roles, groups, heights = _roles(_looks(files, made), made)
    _needed(roles, files)
    network = streets_of(roles["streets"].file) if any(look.shifted for look in roles.values()) else None
    datums = {
        role: _datum(role, look, network, made, lang) for role, look in roles.items() if role != "streets"
    }
    _compare_places(roles, made, lang)
    body = _toml(roles, groups, heights, datums, out, made, lang)
    made.text = "\n".join([*_head(made, out, lang), *body]) + "\n"
    return made


def _head(made: Draft, out: Path, lang: str) -> list[str]:
    return [
        _say(
            lang,
            "# A first study, drafted by access15 init: change what is not right, then run",
            "# 由 access15 init 起草的研究文件：请核对修改后运行",
        ),
        f"#     access15 run {out.name}",
        *(f"# {_say(lang, 'in doubt', '存疑')}: {' '.join(doubt.split())}" for doubt in made.doubts),
        "",
    ]


def _looks(files: Sequence[Path], made: Draft) -> list[Look]:
    from access15.sources import look_at

    out: list[Look] = []
    for given in files:
        if not given.exists():
            raise MissingFileError(f"{given} does not exist: check the path")
        inside = (
            sorted(f for f in given.iterdir() if f.is_file() and not f.name.startswith("."))
            if given.is_dir()
            else [given]
        )
        named = not given.is_dir()
        inside = [
            f
            for f in inside
            if named or not f.name.lower().endswith(_SIDE) or f.name.lower().endswith(".geojson")
        ]
        if not inside:
            raise InputError(f"{given} holds no files of streets, clinics, people or areas: name the files")
        for file in inside:
            for look in look_at(file):
                if look.kind == "unknown" and named and look.layer is None:
                    raise InputError(f"{look.why}" if str(file) in look.why else f"{file}: {look.why}")
                if look.kind == "unknown":
                    made.doubts.append(f"{look.name}: left out, {look.why}")
                else:
                    out.append(look)
    return out


def _roles(looks: Iterable[Look], made: Draft) -> tuple[dict[str, Look], list[Look], list[Look]]:
    """Return the file of each role, the rasters of groups and those of heights."""
    looks = list(looks)
    people = [look for look in looks if look.kind == "people"]
    tables = [look for look in people if not look.why.startswith("polygons")]
    if len(people) == 2 and len(tables) == 1:
        # Polygons with people beside a finer source of people are the areas to report on.
        looks = [_as_areas(look) if look in people and look not in tables else look for look in looks]
    looks = _outlines(looks, made)
    roles: dict[str, Look] = {}
    for role in _ROLES:
        mine = [look for look in looks if look.kind == role]
        if len(mine) > 1:
            raise InputError(
                f"{mine[0].name} and {mine[1].name} could both be the {role} ({mine[0].why}; {mine[1].why}): give one of them"
            )
        if mine:
            roles[role] = mine[0]
            made.found.append((role, f"{mine[0].name}: {mine[0].why}"))
    groups = [look for look in looks if look.kind == "group"]
    heights = [look for look in looks if look.kind == "heights"]
    made.found += [("group", f"{look.name}: {look.why}") for look in groups]
    made.found += [("heights", f"{look.name}: {look.why}") for look in heights]
    return roles, groups, heights


def _outlines(looks: Sequence[Look], made: Draft) -> list[Look]:
    """Return the files with outlines that have names as areas where people without positions need some, else without."""
    needed = any(look.kind == "people" and look.placeless for look in looks) and not any(
        look.kind == "areas" for look in looks
    )
    out = []
    for look in looks:
        if look.kind != "outline":
            out.append(look)
        elif needed and "name" in look.columns:
            name = look.columns["name"]
            why = f"polygons with names in column {name!r}, for people without positions"
            out.append(replace(look, kind="areas", why=why, columns={"id": name, "name": name}))
        else:
            made.doubts.append(f"{look.name}: left out, {look.why}")
    return out


def _as_areas(look: Look) -> Look:
    return replace(
        look, kind="areas", why="polygons with people, beside a finer file of people", columns=look.as_areas
    )


def _needed(roles: Mapping[str, Look], files: Sequence[Path]) -> None:
    seen = ", ".join(str(file) for file in files)
    if "streets" not in roles:
        raise InputError(
            f"there are no streets among {seen}: add an OpenStreetMap extract (.osm.pbf) or a layer of road lines"
        )
    if "people" not in roles:
        raise InputError(
            f"there are no people among {seen}: add a raster of counts, or a table with places and a column such as population"
        )
    if "clinics" not in roles and not roles["streets"].osm:
        raise InputError(
            f"there are no clinics among {seen}: add a table or a layer of them, or an OpenStreetMap extract"
        )
    if roles["people"].placeless and "areas" not in roles:
        raise InputError(
            f"{roles['people'].name} has people but no positions: add columns lon and lat, or polygons with their codes or names"
        )


def streets_of(file: Path) -> StreetNetwork:
    """Return the streets of a file; of a file of several layers those of the layer of lines.

    Parameters
    ----------
    file : Path

    Raises
    ------
    InputError
        If no layer, or more than one, holds streets.
    """
    from access15.sources import look_at, read_network

    layers = [look.layer for look in look_at(file) if look.kind == "streets"]
    if len(layers) != 1:
        raise InputError(f"{file} must hold one layer of streets to tell the datum by, not {len(layers)}")
    return read_network(file, layer=layers[0])


def _datum(role: str, look: Look, network: StreetNetwork | None, made: Draft, lang: str) -> str:
    """Return the datum of a file: what its columns say, else what the streets say; empty where nothing is to be said."""
    if not look.shifted or network is None:
        return look.datum if look.datum not in ("", "wgs84") else ""
    lon, lat = raw_places(look)
    medians = datum_medians(network, lon, lat)
    if not medians:
        made.doubts.append(
            _say(
                lang,
                f"{look.name}: no street is near, its datum cannot be told: set datum",
                f"{look.name}：附近没有道路，无法判断坐标系，请设置 datum",
            )
        )
        return look.datum or "wgs84"
    best, second = sorted(medians, key=lambda name: medians[name])[:2]
    shown = ", ".join(f"{name} {metres:,.0f} m" for name, metres in medians.items())
    if look.datum:
        if best != look.datum and medians[best] <= _CLEAR * medians[look.datum]:
            made.doubts.append(
                _say(
                    lang,
                    f"{look.name}: its columns say {look.datum}, but the streets speak for {best} ({shown} from the nearest street)",
                    f"{look.name}：列名为 {look.datum}，但道路更符合 {best}（距最近道路 {shown}）",
                )
            )
        return look.datum
    if medians[best] <= _CLEAR * medians[second]:
        made.found.append(
            (
                role,
                _say(
                    lang,
                    f"{look.name}: the positions are in {best}, its median distance to the streets is smallest ({shown})",
                    f"{look.name}：坐标系为 {best}，距最近道路的中位数最小（{shown}）",
                ),
            )
        )
        return best
    made.doubts.append(
        _say(
            lang,
            f"{look.name}: the streets do not tell its datum ({shown} from the nearest street): set datum",
            f"{look.name}：无法由道路判断坐标系（距最近道路 {shown}），请设置 datum",
        )
    )
    return "wgs84"


def raw_places(look: Look) -> tuple[Floats, Floats]:
    """Return the degrees of a file as they stand in it."""
    from access15.sources import read_facilities

    columns = {axis: look.columns[axis] for axis in ("lon", "lat") if axis in look.columns}
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # What is left out is told when the file is read for good.
        points = read_facilities(look.file, layer=look.layer, columns=columns, judge=False)
    return to_crs(points.x, points.y, points.crs, WGS84)


def datum_medians(network: StreetNetwork, lon: Floats, lat: Floats) -> dict[str, float]:
    """Return the median distance of points to the nearest street, in metres, if they are in each datum; empty far from streets.

    Parameters
    ----------
    network : StreetNetwork
    lon, lat : (n,) float64
        Degrees as they stand in the file.
    """
    from access15.network import datum_evidence

    found = datum_evidence(network, lon, lat, "wgs84")
    return {} if found is None else dict(found.median_m)


def _say(lang: str, english: str, chinese: str) -> str:
    return chinese if lang == "zh" else english


def _toml(
    roles: Mapping[str, Look],
    groups: Sequence[Look],
    heights: Sequence[Look],
    datums: Mapping[str, str],
    out: Path,
    made: Draft,
    lang: str,
) -> list[str]:
    streets, clinics, people, areas = (roles.get(role) for role in _ROLES[:4])
    assert streets is not None
    assert people is not None
    lines = [
        "[study]",
        f"name = {quoted(streets.file.name.split('.')[0])}",
        'out = "results"',
        "",
        "[network]",
        *_file(streets, out, lang),
        *([f"elevation = [{', '.join(path_in_toml(h.file, out) for h in heights)}]"] if heights else []),
        "",
        "[facilities]",
        *_clinics(clinics, datums.get("clinics", ""), out, made, lang),
        "",
        "[population]",
        *_people(people, roles, datums.get("people", ""), groups, out, made, lang),
    ]
    if areas is not None:
        lines += [
            "",
            "[areas]",
            *_file(areas, out, lang),
            *(
                f"{key} = {quoted(areas.columns[key])}"
                for key in ("id", "name", "flags")
                if key in areas.columns
            ),
        ]
    lines += [
        "",
        *_analysis(lang),
        *_siting(roles.get("candidates"), datums.get("candidates", ""), out, lang),
    ]
    return [" ".join(line.split("\n")) for line in lines]


def _file(look: Look, out: Path, lang: str) -> list[str]:
    lines = [f"path = {path_in_toml(look.file, out)}  # {look.why}"]
    if look.layer:
        lines.append(f"layer = {quoted(look.layer)}")
    if look.columns and look.kind != "areas":
        said = ", ".join(f"{name}: {column}" for name, column in look.columns.items())
        lines.append(f"# {_say(lang, 'columns as understood', '识别的列')}: {' '.join(said.split())}")
    return lines


def _datum_line(datum: str, lang: str) -> list[str]:
    if not datum:
        return []
    words = _say(
        lang, "or wgs84, gcj02 (Amap, Tencent), bd09 (Baidu)", "或 wgs84、gcj02（高德、腾讯）、bd09（百度）"
    )
    return [f'datum = "{datum}"  # {words}']


def _clinics(look: Look | None, datum: str, out: Path, made: Draft, lang: str) -> list[str]:
    if look is None:
        made.doubts.append(
            _say(
                lang,
                "no file of clinics: they are taken from the tags of the streets' file",
                "没有医疗机构文件：采用道路文件中的 OSM 标签",
            )
        )
        return [
            "osm = true  # " + _say(lang, "from the tags of the streets' file", "取自道路文件的标签"),
            'points = "care"',
        ]
    from access15.sources import read_facilities

    columns = {axis: look.columns[axis] for axis in ("lon", "lat") if datum and axis in look.columns}
    found = read_facilities(look.file, layer=look.layer, datum=datum or "wgs84", columns=columns)
    tiers = Counter(str(tier) for tier in found.tier if tier)
    told = clinics_said(found, lang)
    made.found.append(("clinics", f"{look.name}: {told}"))
    lines = [*_file(look, out, lang), *_datum_line(datum, lang), f"# {told}"]
    if tiers:
        lines.append(f"# keep = {{ tier = [{', '.join(map(quoted, tiers))}] }}")
    return lines


def clinics_said(found: Facilities, lang: str = "en") -> str:
    """Return in one line how many clinics count, of which tiers, and how many are set aside for what."""
    tiers = Counter(str(tier) or _say(lang, "no tier", "无类别") for tier in found.tier)
    named = ", ".join(f"{tier} {count}" for tier, count in tiers.most_common(12))
    text = _say(lang, f"{len(found)} count: {named}", f"计入 {len(found)} 处：{named}")
    if found.set_aside:
        from access15.sources import short_reason

        reasons = Counter(short_reason(reason) for _, reason in found.set_aside)
        why = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common(8))
        text += _say(
            lang, f"; {len(found.set_aside)} set aside: {why}", f"；搁置 {len(found.set_aside)} 处：{why}"
        )
    return text


def _groups(groups: Sequence[Look], people: Look) -> list[str]:
    if not groups:
        return []
    named = ", ".join(
        f"{quoted(g.columns['group'])} = {quoted(_relative(g.file, people.file))}" for g in groups
    )
    return [f"groups = {{ {named} }}"]


def _people(
    look: Look,
    roles: Mapping[str, Look],
    datum: str,
    groups: Sequence[Look],
    out: Path,
    made: Draft,
    lang: str,
) -> list[str]:
    lines = [*_file(look, out, lang), *_datum_line(datum, lang), *_groups(groups, look)]
    if look.year is not None:
        column, newest = look.year
        lines.append(
            f"keep = {{ {quoted(column)} = {quoted(newest)} }}  # "
            + _say(lang, "the newest of its years", "最新年份")
        )
        made.doubts.append(
            _say(
                lang,
                f"{look.name}: rows for several years in column {column!r}, {newest} is kept",
                f"{look.name}：{column} 列有多个年份，采用 {newest}",
            )
        )
    found, on = _people_read(look, roles.get("areas"), datum, groups)
    if on:
        lines.append(
            f'join = "{on}"  # ' + _say(lang, "onto the polygons of [areas]", "连接到 [areas] 的多边形")
        )
    if _is_coarse(found):
        spread = "buildings" if roles["streets"].osm else "streets"
        lines.append(
            f'spread = "{spread}"  # '
            + _say(lang, "or streets, a raster, centre", "或 streets、栅格、centre")
        )
        made.doubts.append(
            _say(
                lang,
                f"{look.name}: its polygons are large, people are spread over {spread}: say where they live with spread",
                f"{look.name}：多边形较大，人口按 {spread} 分布，请用 spread 指定",
            )
        )
    told = people_said(found, lang)
    made.found.append(("people", f"{look.name}: {told}"))
    return [*lines, f"# {told}"]


def _people_read(
    look: Look, areas: Look | None, datum: str, groups: Sequence[Look]
) -> tuple[Population, str]:
    """Return the people, and by what a table without positions is joined to the areas; empty where it has positions."""
    from access15.sources import read_areas, read_population

    named: dict[str, str | os.PathLike[str]] = {g.columns["group"]: g.file for g in groups}
    how: dict[str, Any] = {"layer": look.layer, "groups": named or None, "datum": datum or "wgs84"}
    if look.year is not None:
        how["keep"] = dict([look.year])
    if not look.placeless:
        return read_population(look.file, **how), ""
    assert areas is not None
    columns = {key: areas.columns[key] for key in ("id", "name") if key in areas.columns}
    polygons = read_areas(areas.file, layer=areas.layer, **columns)
    try:
        return read_population(look.file, join=polygons, on="code", **how), "code"
    except InputError:
        return read_population(look.file, join=polygons, on="name", **how), "name"


def _is_coarse(found: Population) -> bool:
    """Return whether more than one in a hundred lives in a polygon too large to stand for a place."""
    from access15.sources import cell_areas_km2
    from access15.study.placing import coarse_side_m
    from access15.study.settings import Analysis

    areas = None if found.outlines is None else cell_areas_km2(found)
    if areas is None:
        return False
    large = np.sqrt(areas) * 1000 > coarse_side_m(Analysis(modes=_MODES))
    return float(found.people[large].sum()) > 0.01 * found.total


def people_said(found: Population, lang: str = "en") -> str:
    """Return in one line how many people there are, in how many cells, and of which groups."""
    groups = "".join(f", {name} {people.sum():,.0f}" for name, people in found.groups.items())
    return _say(
        lang,
        f"{found.total:,.0f} people in {len(found):,} places{groups}",
        f"{len(found):,} 个单元共 {found.total:,.0f} 人{groups}",
    )


def _analysis(lang: str) -> list[str]:
    return [
        "[analysis]",
        f"modes = [{', '.join(map(quoted, _MODES))}]  # "
        + _say(lang, "also bike, ebike, drive-peak, ambulance", "另有 bike、ebike、drive-peak、ambulance"),
        "minutes = [5, 10, 15]",
        'headline = { mode = "walk", minutes = 15 }',
        'gaps = { mode = "walk", minutes = 15 }',
    ]


def _siting(look: Look | None, datum: str, out: Path, lang: str) -> list[str]:
    if look is not None:
        chosen = [
            f"candidates = {path_in_toml(look.file, out)}  # {look.why}",
            *([f'datum = "{datum}"'] if datum else []),
        ]
        return ["", "[siting]", *chosen, "p = 3  # " + _say(lang, "how many new sites", "新增数量")]
    return [
        "",
        "# [siting]  # " + _say(lang, "where new service points should go", "新增服务点选址"),
        '# candidates = "junctions"',
        "# p = 3",
        "",
        "# [targets]",
        "# walk_15 = 0.90",
    ]


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)


def path_in_toml(file: Path, out: Path) -> str:
    """Return the path of a file as a study at ``out`` writes it."""
    return quoted(_relative(file, out))


def _relative(file: Path, other: Path) -> str:
    """Return the path of a file from the folder of another, with ``/``; the whole path where it is on another drive."""
    try:
        found = os.path.relpath(file.resolve(), other.parent.resolve())
    except ValueError:
        found = str(file.resolve())
    return found.replace(os.sep, "/")


def _compare_places(roles: Mapping[str, Look], made: Draft, lang: str) -> None:
    """Doubt files whose places do not meet those of the people."""
    people = roles["people"]
    for role, look in roles.items():
        if look is people or look.box is None or people.box is None:
            continue
        west, south = max(look.box[0], people.box[0]), max(look.box[1], people.box[1])
        east, north = min(look.box[2], people.box[2]), min(look.box[3], people.box[3])
        if west > east or south > north:
            made.doubts.append(
                _say(
                    lang,
                    f"{look.name} ({role}) and {people.name} (people) are of different places",
                    f"{look.name} 与 {people.name} 不在同一地区",
                )
            )


def write_draft(made: Draft, path: Path) -> None:
    """Write a study, whole or not at all, after asking whether it can be read.

    Parameters
    ----------
    made : Draft
    path : Path
    """
    from access15.outputs import replacing
    from access15.study.settings import read_settings

    with replacing(path) as temporary:
        Path(temporary).write_text(made.text, encoding="utf-8")
        read_settings(Path(temporary))
