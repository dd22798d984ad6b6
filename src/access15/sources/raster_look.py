"""What a raster counts or measures, by its name and what it says of itself: people, heights, or something else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_OTHERS: Final = (
    (
        "density",
        "密度",
        re.compile(r"densit|dichte|kepadatan|per_?(sq_?)?km|(?<![a-z])pd(?![a-z])|密度", re.IGNORECASE),
    ),
    (
        "slope",
        "坡度",
        re.compile(r"slope|pente|pendiente|declive|hangneigung|lereng|gradient|坡度", re.IGNORECASE),
    ),
    (
        "land cover",
        "土地覆盖",
        re.compile(
            r"land_?-?(cover|use)|lulc|(?<![a-z])lc(?![a-z])|worldcover|corine|clc|occupation|uso_?do_?solo|bodenbedeck|"
            r"tutupan|ndvi|evi|built_?-?up|ghs_?built|built(?![a-z])|smod|impervious|urban|tree|forest|crops?(?![a-z])|shrub|grass(?!eot)|bare|"
            r"土地(利用|覆盖|覆被)|植被|建成区|不透水",
            re.IGNORECASE,
        ),
    ),
    (
        "water",
        "水体",
        re.compile(r"(?<![a-z])(water|gsw|ndwi|flood|wetland|eau|agua|wasser)|水体|水域|洪水", re.IGNORECASE),
    ),
    (
        "travel, light or climate",
        "出行、灯光或气候",
        re.compile(
            r"friction|travel_?time|accessib|cost|viirs|dmsp|ntl|night_?light|rain|precip|(?<![a-z])temp|aspect|hillshade|"
            r"distance|阻力|夜光|灯光|降水|降雨|气温|坡向|距离",
            re.IGNORECASE,
        ),
    ),
)
_HEIGHTS: Final = re.compile(
    r"(?<![a-z])(dem|dsm|dtm|mnt|mdt|mde|dgm|alt)(?![a-z])|srtm|elev|altitud|height|h[oö]hen|aster|gtopo|etopo|fabdem|merit|"
    r"copernicus_?dem|高程|海拔|terrain|topograph",
    re.IGNORECASE,
)
_PEOPLE: Final = re.compile(
    r"(?<![a-z])(ppp|pop|hrsl|gpw|ghspop|people|persons?|einw)(?![a-z])|popul|poblac|bev[oö]e?lk|einwohner|penduduk|habitant|"
    r"resident|worldpop|landscan|ghs_?pop|census|насел|人口|居民",
    re.IGNORECASE,
)
_GROUPS: Final = (
    (
        re.compile(
            r"(?<!\d)(60|65|70|80)[ _-]?(\+|plus|岁|up|over)|(?<![a-z])(?:p|age|pop|people|persons)_?(60|65|70|80)(?!\d)",
            re.IGNORECASE,
        ),
        None,
    ),
    (
        re.compile(
            r"(?:(?<![a-z])(?:p|age|ages|pop|people|children|kids)_?|^)0[ _-](?:to_)?6(?!\d)|under_?7|0[-_至到]?6岁",
            re.IGNORECASE,
        ),
        "0-6",
    ),
    (re.compile(r"pregnan|孕", re.IGNORECASE), "pregnant"),
)


def group_named(stem: str) -> str:
    """Return the group of people that the name of a file speaks of: ``65+``, ``0-6``, ``pregnant``; empty without."""
    for pattern, name in _GROUPS:
        found = pattern.search(stem)
        if found:
            return name or f"{next(part for part in found.groups() if part and part.isdigit())}+"
    return ""


def raster_kind(stem: str, says: Iterable[str] = ()) -> tuple[str, str, str, str]:
    """Return what a raster is: its kind, the group of people, and what it was taken for that by in English and Chinese.

    A raster is of people only where its name or what it says of itself says so: nothing in the numbers tells people
    from heights, slopes or shares of land.

    Parameters
    ----------
    stem : str
        Name of the file.
    says : iterable of str
        Its descriptions, units and tags.

    Returns
    -------
    kind : {"people", "group", "heights", "other", "raster"}
        ``other`` is known to be something else, ``raster`` may be anything.
    group : str
        Empty but for ``group``.
    en, zh : str
    """
    for text, en, zh in (
        (stem, "by its name", "依文件名"),
        (" ".join(says), "by its description", "依文件内说明"),
    ):
        if not text:
            continue
        # A raster of people in built-up land speaks of both: people win over land; density, slopes and heights over people.
        for what, chinese, pattern in _OTHERS[:2]:
            if pattern.search(text):
                return "other", "", f"a raster of {what}, {en}", f"{chinese}栅格（{zh}）"
        if _HEIGHTS.search(text):
            return "heights", "", f"a raster, heights {en}", f"高程栅格（{zh}）"
        group = group_named(text)
        if group:
            return "group", group, f"a raster of the group {group} {en}", f"{group} 人群栅格（{zh}）"
        if _PEOPLE.search(text):
            return "people", "", f"a raster of people, {en}", f"人口栅格（{zh}）"
        for what, chinese, pattern in _OTHERS[2:]:
            if pattern.search(text):
                return "other", "", f"a raster of {what}, {en}", f"{chinese}栅格（{zh}）"
    return (
        "raster",
        "",
        "a raster, and neither its name nor its description says that its cells count people",
        "栅格，文件名和说明均未表明其为人口数",
    )
