"""A first study from the files that somebody has: what each is, what is in doubt, and a study.toml that runs."""

from __future__ import annotations

import json
import os
import re
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Floats
from access15.crs import WGS84, to_crs
from access15.errors import Access15Error, InputError
from access15.model import said_in
from access15.study.first_roles import Roles, roles_of

if TYPE_CHECKING:
    from access15.model import Facilities, Population, StreetNetwork
    from access15.sources import Look

_MODES: Final = ("walk", "walk-elder", "drive")
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


def draft_study(
    files: Sequence[Path], out: Path, lang: str = "en", named: Mapping[str, Path] | None = None
) -> Draft:
    """Return a study of some files, in any order; folders stand for the files in them.

    Parameters
    ----------
    files : sequence of Path
    out : Path
        Where the study.toml will stand: paths in it are relative to its folder.
    lang : {"en", "zh"}
        Language of the comments.
    named : mapping of str to Path, optional
        Files whose part the user names: ``streets``, ``clinics``, ``people``, ``areas``, ``candidates``.

    Raises
    ------
    MissingFileError, InputError
        If a file does not exist or is not understood, two files could be the same thing, or streets, people or clinics
        are missing. One sentence each.
    """
    from access15.sources import reading_once

    with reading_once():
        roles = roles_of(files, named or {}, lambda en, zh: _say(lang, en, zh))
        made = Draft(found=roles.found, doubts=roles.doubts)
        asked = {role: look for role, look in roles.of.items() if role in ("clinics", "people", "candidates")}
        streets = roles.of["streets"]
        network = _network(streets) if any(look.shifted for look in asked.values()) else None
        datums = {role: _datum(role, look, network, made, lang) for role, look in asked.items()}
        _compare_places(roles.of, made, lang)
        body = _toml(roles, datums, out, made, lang)
    made.text = "\n".join([*_head(made, out, lang), *map(_one_line, body)]) + "\n"
    return made


def _network(streets: Look) -> StreetNetwork:
    from access15.sources import read_network

    return read_network(streets.file, layer=streets.layer)


def _one_line(text: str) -> str:
    """Return a line of TOML whose comments hold nothing that TOML forbids there."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)


def _head(made: Draft, out: Path, lang: str) -> list[str]:
    return [
        _say(
            lang,
            "# A first study, drafted by access15 init: change what is not right, then run",
            "# 由 access15 init 起草的研究文件：请核对修改后运行",
        ),
        f"#     access15 run {out.name}",
        *(_one_line(f"# {_say(lang, 'in doubt', '存疑')}: {doubt}") for doubt in made.doubts),
        "",
    ]


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
    roles: Roles,
    datums: Mapping[str, str],
    out: Path,
    made: Draft,
    lang: str,
) -> list[str]:
    streets, people, areas = roles.of["streets"], roles.of["people"], roles.of.get("areas")
    lines = [
        "[study]",
        f"name = {quoted(streets.file.name.split('.')[0])}",
        'out = "results"',
        "",
        "[network]",
        *_file(streets, out, lang, roles.rivals["streets"]),
        *(
            [f"elevation = [{', '.join(path_in_toml(h.file, out) for h in roles.heights)}]"]
            if roles.heights
            else []
        ),
        "",
        "[facilities]",
        *_clinics(roles, datums.get("clinics", ""), out, made, lang),
        "",
        "[population]",
        *_people(people, roles, datums.get("people", ""), out, made, lang),
    ]
    if areas is not None:
        lines += [
            "",
            "[areas]",
            *_file(areas, out, lang, roles.rivals["areas"]),
            *(
                f"{key} = {quoted(areas.columns[key])}"
                for key in ("id", "name", "flags")
                if key in areas.columns
            ),
        ]
    lines += [
        "",
        *_analysis(roles.water, out, lang),
        *_siting(roles.of.get("candidates"), datums.get("candidates", ""), out, lang),
    ]
    return lines


def _file(look: Look, out: Path, lang: str, rivals: Sequence[Look] = ()) -> list[str]:
    lines = [f"path = {path_in_toml(look.file, out)}  # {look.said(lang)}"]
    for other in rivals:
        layer = f"; layer = {quoted(other.layer)}" if other.layer else ""
        lines.append(
            f"# {_say(lang, 'or', '或')}: path = {path_in_toml(other.file, out)}{layer}  # {other.said(lang)}"
        )
    if look.layer:
        lines.append(f"layer = {quoted(look.layer)}")
    if look.columns and look.kind != "areas":
        said = ", ".join(f"{name}: {column}" for name, column in look.columns.items())
        lines.append(f"# {_say(lang, 'columns as understood', '识别的列')}: {said}")
    return lines


def _datum_line(datum: str, lang: str) -> list[str]:
    if not datum:
        return []
    words = _say(
        lang, "or wgs84, gcj02 (Amap, Tencent), bd09 (Baidu)", "或 wgs84、gcj02（高德、腾讯）、bd09（百度）"
    )
    return [f'datum = "{datum}"  # {words}']


def _missing(made: Draft, name: str, error: Access15Error, lang: str) -> list[str]:
    """Return the comment on what a file lacks to be read, which the user is told too."""
    text = str(error) if name in str(error) else f"{name}: {error}"
    made.doubts.append(_say(lang, f"missing: {text}", f"缺少（原文）：{text}"))
    return [f"# {_say(lang, 'missing', '缺少（原文）')}: {text}"]


def _clinics(roles: Roles, datum: str, out: Path, made: Draft, lang: str) -> list[str]:
    from access15.sources import facilities_from_osm, read_facilities

    look = roles.of.get("clinics")
    if look is None or look.osm:
        own = look is not None
        look = look or roles.of["streets"]
        try:
            found = facilities_from_osm(look.file)
        except InputError as error:
            raise InputError(
                f"there are no clinics: {look.file} is read for them, for no other file has some, but {str(error).removeprefix(f'{look.file} ')}"
            ) from error
        if not own:
            made.doubts.append(
                _say(
                    lang,
                    "no file of clinics: they are taken from the tags of the streets' file",
                    "没有医疗机构文件：采用道路文件中的 OSM 标签",
                )
            )
        lines = [f"path = {path_in_toml(look.file, out)}"] if own else []
        source = _say(lang, "from the tags of the OSM file", "取自 OSM 文件的标签")
        lines += [f"osm = true  # {source}", 'points = "care"']
    else:
        lines = [*_file(look, out, lang, roles.rivals["clinics"]), *_datum_line(datum, lang)]
        try:
            found = read_facilities(look.file, layer=look.layer, datum=datum or "wgs84")
        except Access15Error as error:
            return [*lines, *_missing(made, look.name, error, lang)]
    tiers = Counter(str(tier) for tier in found.tier if tier)
    told = clinics_said(found, lang)
    made.found.append(("clinics", _say(lang, f"{look.name}: {told}", f"{look.titled('zh')}：{told}")))
    lines.append(f"# {told}")
    if tiers:
        lines.append(f"# keep = {{ tier = [{', '.join(map(quoted, tiers))}] }}")
    return lines


def _tier(tier: str, lang: str) -> str:
    """Return the word for a tier; in Chinese with the word of the file, which ``keep`` takes."""
    own = said_in(tier or "no tier", lang)
    return own if own == tier or not tier else f"{own}（{tier}）"


def clinics_said(found: Facilities, lang: str = "en") -> str:
    """Return in one line how many clinics count, of which tiers, and how many are set aside for what."""
    tiers = Counter(_tier(str(tier), lang) for tier in found.tier)
    named = ", ".join(f"{tier} {count}" for tier, count in tiers.most_common(12))
    text = _say(lang, f"{len(found)} count: {named}", f"计入 {len(found)} 处：{named}")
    if found.set_aside:
        from access15.sources import short_reason

        reasons = Counter(short_reason(reason) for _, reason in found.set_aside)
        why = ", ".join(f"{said_in(reason, lang)} {count}" for reason, count in reasons.most_common(8))
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


def _people(look: Look, roles: Roles, datum: str, out: Path, made: Draft, lang: str) -> list[str]:
    lines = [
        *_file(look, out, lang, roles.rivals["people"]),
        *_datum_line(datum, lang),
        *_groups(roles.groups, look),
    ]
    own = own_columns(look)
    if own:
        named = ", ".join(f"{key} = {quoted(column)}" for key, column in own.items())
        lines.append(f"columns = {{ {named} }}")
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
    try:
        found, on = _people_read(look, roles.of.get("areas"), datum, roles.groups)
    except Access15Error as error:
        return [*lines, *_missing(made, look.name, error, lang)]
    if on:
        lines.append(
            f'join = "{on}"  # ' + _say(lang, "onto the polygons of [areas]", "连接到 [areas] 的多边形")
        )
    if is_coarse(found):
        spread = "buildings" if roles.of["streets"].osm else "streets"
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
    made.found.append(("people", _say(lang, f"{look.name}: {told}", f"{look.titled('zh')}：{told}")))
    return [*lines, f"# {told}"]


def _people_read(
    look: Look, areas: Look | None, datum: str, groups: Sequence[Look]
) -> tuple[Population, str]:
    """Return the people, and by what a table without positions is joined to the areas; empty where it has positions."""
    from access15.sources import read_areas, read_population

    named: dict[str, str | os.PathLike[str]] = {g.columns["group"]: g.file for g in groups}
    how: dict[str, Any] = {
        "layer": look.layer,
        "groups": named or None,
        "datum": datum or "wgs84",
        "columns": own_columns(look) or None,
    }
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


def own_columns(look: Look) -> dict[str, str]:
    """Return the column of people where it has to be named, for it is none of the usual names."""
    from access15.sources import usual_people

    column = look.columns.get("population", "")
    return {"population": column} if column and not usual_people(column) else {}


def is_coarse(found: Population) -> bool:
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


def _analysis(water: Sequence[Look], out: Path, lang: str) -> list[str]:
    which = _say(lang, "not crossed on foot in isochrones", "等时圈中步行不可穿越")
    return [
        "[analysis]",
        f"modes = [{', '.join(map(quoted, _MODES))}]  # "
        + _say(lang, "also bike, ebike, drive-peak, ambulance", "另有 bike、ebike、drive-peak、ambulance"),
        "minutes = [5, 10, 15]",
        'headline = { mode = "walk", minutes = 15 }',
        'gaps = { mode = "walk", minutes = 15 }',
        *(
            f"{'' if k == 0 else '# '}water = {path_in_toml(look.file, out)}  # {which}"
            for k, look in enumerate(water)
        ),
    ]


def _siting(look: Look | None, datum: str, out: Path, lang: str) -> list[str]:
    if look is not None:
        chosen = [
            f"candidates = {path_in_toml(look.file, out)}  # {look.said(lang)}",
            *([f"candidate_layer = {quoted(look.layer)}"] if look.layer else []),
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
    """Return a text as TOML writes it.

    Raises
    ------
    InputError
        If it is the name of a file that no text can hold.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(f"{text!a} is a name that is not UTF-8: rename the file") from error
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


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
                    f"{look.titled('zh')} 与 {people.titled('zh')} 不在同一地区",
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
