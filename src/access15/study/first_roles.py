"""Which file plays which part of a first study, where several could, and what is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from access15.errors import InputError, MissingFileError

if TYPE_CHECKING:
    from access15.sources import Look

ROLES: Final = ("streets", "clinics", "people", "areas", "candidates")
"""The parts of a study that one file each plays."""

ROLES_ZH: Final = {
    "streets": "道路",
    "clinics": "医疗服务点",
    "people": "人口",
    "areas": "区域",
    "candidates": "候选点",
    "group": "人群",
    "heights": "高程",
    "water": "水体",
    "raster": "栅格（含义不明）",
    "outline": "轮廓",
    "other": "不读取",
    "unknown": "未识别",
}
"""The kinds of `access15.sources.look_at` in Chinese."""


def role_title(role: str, lang: str = "en") -> str:
    """Return the name of a kind of file, in English or Chinese."""
    return ROLES_ZH.get(role, role) if lang == "zh" else role


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
    ".tfw",
    ".ovr",
    ".csvt",
    ".toml",
    ".md",
    ".html",
    ".png",
    ".pdf",
    ".lock",
    ".gpkg-wal",
    ".gpkg-shm",
    ".ini",
    "thumbs.db",
)
"""Files of a folder that belong to others, or are no data; said only where they are named."""

Say = Callable[[str, str], str]
"""Returns the English or the Chinese of two texts."""


@dataclass(slots=True)
class Roles:
    """Which file plays which part.

    Attributes
    ----------
    of : dict of str to Look
        By the names of `ROLES`.
    rivals : dict of str to list of Look
        What could play a part too, and is left out.
    groups, heights, water : list of Look
    found : list of (role, str)
        What each file was taken for, a line each.
    doubts : list of str
        What the user should look at.
    """

    of: dict[str, Look] = field(default_factory=dict)
    rivals: dict[str, list[Look]] = field(default_factory=dict)
    groups: list[Look] = field(default_factory=list)
    heights: list[Look] = field(default_factory=list)
    water: list[Look] = field(default_factory=list)
    found: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def roles_of(files: Sequence[Path], named: Mapping[str, Path], say: Say) -> Roles:
    """Return which file plays which part; folders stand for the files in them.

    Parameters
    ----------
    files : sequence of Path
    named : mapping of str to Path
        Files whose part the user names.
    say : callable

    Raises
    ------
    MissingFileError, InputError
        If a file does not exist or is not understood, two files could as well be the same thing, or streets, people or
        clinics are missing. One sentence each.
    """
    made = Roles()
    looks = [*_named_looks(named), *_looks(files, named, made, say)]
    looks = _with_areas(_osm_files(looks))
    for role in ROLES:
        _choose(role, [look for look in looks if look.kind == role], named, made, say)
    made.groups = [look for look in looks if look.kind == "group"]
    made.heights = [look for look in looks if look.kind == "heights"]
    made.water = [look for look in looks if look.kind == "water"]
    for kind in ("group", "heights", "water"):
        made.found += [(kind, _line(look, say)) for look in looks if look.kind == kind]
    _leave_out(looks, made, say)
    _needed(made, looks, [*files, *named.values()])
    return made


def _line(look: Look, say: Say) -> str:
    return say(f"{look.name}: {look.why}", f"{look.titled('zh')}：{look.said('zh')}")


def _named_looks(named: Mapping[str, Path]) -> list[Look]:
    """Return the files whose part the user names, in that part whatever they look like."""
    from access15.sources import look_at

    out = []
    for role, file in named.items():
        looks = list(look_at(file))
        fitting = [look for look in looks if look.kind == role] or looks
        if len(fitting) > 1:
            layers = ", ".join(str(look.layer) for look in fitting)
            raise InputError(
                f"{file} has several layers that could be the {role} ({layers}): save one of them alone"
            )
        look = fitting[0]
        if look.kind == "unknown" and (look.rows == 0 or look.placeless):
            raise InputError(look.why if str(file) in look.why else f"{file}: {look.why}")
        columns = look.as_areas if role == "areas" else look.columns
        out.append(
            replace(look, kind=role, columns=columns, why=f"named with --{role}", why_zh=f"由 --{role} 指定")
        )
    return out


def _looks(files: Sequence[Path], named: Mapping[str, Path], made: Roles, say: Say) -> list[Look]:
    from access15.sources import look_at

    out: list[Look] = []
    seen = {file.resolve() for file in named.values()}
    for given in files:
        if not given.exists():
            raise MissingFileError(f"{given} does not exist: check the path")
        for file in _inside(given, made, say) if given.is_dir() else [given]:
            if file.resolve() in seen:
                continue
            seen.add(file.resolve())
            for look in look_at(file):
                if look.kind == "unknown" and not given.is_dir() and look.layer is None:
                    raise InputError(f"{look.why}" if str(file) in look.why else f"{file}: {look.why}")
                out.append(look)
    return out


def _inside(folder: Path, made: Roles, say: Say) -> list[Path]:
    """Return the files of a folder that may be data."""
    try:
        items = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(
            f"{folder} cannot be read ({(error.strerror or str(error)).lower()}): check who may read it"
        ) from error
    below = [item.name for item in items if item.is_dir() and not item.name.startswith(".")]
    if below:
        listed = ", ".join(below[:5]) + (" …" if len(below) > 5 else "")
        made.doubts.append(
            say(
                f"{folder.name}: folders in it are not looked into ({listed}): name them if they hold data",
                f"{folder.name}：其中的文件夹未查看（{listed}），若有数据请逐一列出",
            )
        )
    files = [
        item
        for item in items
        if item.is_file() and not item.name.startswith((".", "~$")) and not item.name.lower().endswith(_SIDE)
    ]
    files = [file for file in files if file.suffix.lower() != ".json" or _is_layer(file)]
    if not files:
        raise InputError(f"{folder} holds no files of streets, clinics, people or areas: name the files")
    return files


def _is_layer(file: Path) -> bool:
    with file.open("rb") as text:
        return b"FeatureCollection" in text.read(4096)


def _osm_files(looks: list[Look]) -> list[Look]:
    """Return the files, of several OSM files those without streets as clinics."""
    from access15.sources import osm_has_streets

    osm = [look for look in looks if look.kind == "streets" and look.osm]
    if len(osm) < 2:
        return looks
    without = [look for look in osm if not osm_has_streets(look.file)]
    if len(without) == len(osm):
        return looks
    why = "an OpenStreetMap file without streets", "不含道路的 OpenStreetMap 文件"
    return [
        replace(look, kind="clinics", why=why[0], why_zh=why[1]) if look in without else look
        for look in looks
    ]


def _with_areas(looks: list[Look]) -> list[Look]:
    """Return the files; polygons with people beside a finer source of people are the areas to report on."""
    people = [look for look in looks if look.kind == "people"]
    outlined = [look for look in people if look.as_areas]
    if len(people) - len(outlined) != 1 or not outlined:
        return looks
    why = "polygons with people, beside a finer file of people", "带人口的多边形，另有更细的人口文件"
    return [
        replace(look, kind="areas", why=why[0], why_zh=why[1], columns=look.as_areas)
        if look in outlined
        else look
        for look in looks
    ]


def _rank(role: str, look: Look) -> tuple[float, ...]:
    """Return how well a file plays a part; where two are equal only the user can tell."""
    if role == "streets":
        return (
            2.0 if look.osm else 1.0 if "class" in look.columns or look.file.suffix == ".graphml" else 0.0,
        )
    if role == "areas":
        return (float(look.rows),)
    return (0.0,)


def _choose(role: str, mine: list[Look], named: Mapping[str, Path], made: Roles, say: Say) -> None:
    if not mine:
        return
    if role in named:
        best, others = mine[0], mine[1:]
    else:
        ordered = sorted(mine, key=lambda look: _rank(role, look), reverse=True)
        best, others = ordered[0], ordered[1:]
        equal = [look for look in others if _rank(role, look) == _rank(role, best)]
        if equal and not (role == "areas" and all(look.box == best.box for look in equal)):
            raise InputError(
                f"{best.name} and {equal[0].name} could both be the {role} ({best.why}; {equal[0].why}): give one of them, or say "
                f"which with --{role} FILE"
            )
    made.of[role] = best
    made.rivals[role] = others
    made.found.append((role, _line(best, say)))
    for look in others:
        made.doubts.append(
            say(
                f"{look.name}: left out, {best.name} is taken for the {role} ({look.why}); to change it say --{role} {look.file.name}",
                f"{look.titled('zh')}：未采用，{ROLES_ZH[role]}取自 {best.titled('zh')}（{look.said('zh')}）；如需更换请用 --{role} {look.file.name}",
            )
        )


def _leave_out(looks: Iterable[Look], made: Roles, say: Say) -> None:
    for look in looks:
        why = look.why.removeprefix(f"{look.file} ").removeprefix(f"{look.file}: ")
        if look.kind == "raster":
            made.doubts.append(
                say(
                    f"{look.name}: left out, {why}; if they do say --people {look.file.name}",
                    f"{look.titled('zh')}：未采用，{look.said('zh')}；若是人口请用 --people {look.file.name}",
                )
            )
        elif look.kind in ("other", "outline", "unknown"):
            made.doubts.append(
                say(f"{look.name}: left out, {why}", f"{look.titled('zh')}：未采用，{look.said('zh')}")
            )


def _needed(made: Roles, looks: Iterable[Look], files: Iterable[Path]) -> None:
    roles, seen = made.of, ", ".join(dict.fromkeys(str(file) for file in files))
    if "streets" not in roles:
        raise InputError(
            f"there are no streets among {seen}: add an OpenStreetMap extract (.osm.pbf) or a layer of road lines"
        )
    if "people" not in roles:
        rasters = [look.name for look in looks if look.kind == "raster"]
        more = (
            f" ({', '.join(rasters[:3])} may be one, but neither names nor descriptions say so: if it is, say --people {rasters[0]})"
            if rasters
            else ""
        )
        raise InputError(
            f"there are no people among {seen}: add a raster of counts, or a table with places and a column such as "
            f"population{more}"
        )
    if "clinics" not in roles and not roles["streets"].osm:
        raise InputError(
            f"there are no clinics among {seen}: add a table or a layer of them, or an OpenStreetMap extract"
        )
    if roles["people"].placeless and "areas" not in roles:
        raise InputError(
            f"{roles['people'].name} has people but no positions: add columns lon and lat, or polygons with their codes or names"
        )
