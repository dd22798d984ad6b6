"""What columns are called in the files planners send, in Chinese and in English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Aliases = Mapping[str, tuple[str, ...]]

FACILITY: Final[Aliases] = MappingProxyType(
    {
        "id": (
            "id", "facility_id", "机构代码", "医疗机构代码", "组织机构代码", "统一社会信用代码", "社会信用代码",
            "代码", "编码", "编号", "code", "osm_id",
        ),
        "name": ("name", "机构名称", "单位名称", "医疗机构名称", "名称", "医院名称", "facility_name", "facility"),
        "lon": ("lon", "经度", "东经", "lng", "long", "longitude", "x坐标", "x"),
        "lat": ("lat", "纬度", "北纬", "latitude", "y坐标", "y"),
        "tier": ("tier", "机构类型", "机构类别", "机构级别", "类型", "类别", "level", "type", "amenity"),
        "services": ("services", "服务项目", "诊疗科目", "科室", "specialities", "specialties"),
        "hours": ("hours", "开诊时间", "服务时间", "营业时间", "opening_hours"),
        "kind": ("kind", "候选类型", "资源类型"),
        "capacity": ("capacity", "服务能力", "可服务人口", "服务人口"),
        "beds": ("beds", "床位数", "实有床位", "实有床位数", "开放床位", "开放床位数", "编制床位", "编制床位数", "床位"),
        "doctors": (
            "doctors", "执业医师数", "执业(助理)医师", "执业(助理)医师数", "执业医师", "医师数", "医生数", "乡村医生数",
            "乡村医生", "村医数", "村医",
        ),
        "floor_area_m2": (
            "floor_area_m2", "floor_area", "业务用房面积", "业务用房建筑面积", "建筑面积", "房屋建筑面积",
        ),
        "cost": ("cost", "成本", "建设成本", "投资", "投资额", "总投资", "估算投资", "造价"),
        "town": ("town", "township", "所属乡镇", "乡镇(街道)", "所属乡镇(街道)", "乡镇名称", "乡镇", "街道"),
        "village": (
            "village", "行政村", "行政村(社区)", "所属行政村", "所在行政村", "所在村", "所属村", "村(居)委会", "村(社区)", "村名",
            "村委会", "administrative village",
        ),
    }
)  # fmt: skip

POPULATION: Final[Aliases] = MappingProxyType(
    {
        "id": ("id", "cell_id", "行政区划代码", "代码", "编码", "编号", "code"),
        "lon": FACILITY["lon"],
        "lat": FACILITY["lat"],
        "population": (
            "population", "people", "residents", "pop", "常住人口", "常住人口数", "人口数", "总人口", "人口",
        ),
        "town": FACILITY["town"],
        "village": FACILITY["village"],
        "village_code": (
            "village_code", "统计用区划代码", "统计用区划代码(12位)", "区划代码", "行政村代码", "村代码", "村级代码", "村(居)委会代码",
        ),
        "village_class": ("village_class", "城乡分类代码", "城乡分类", "城乡属性"),
    }
)  # fmt: skip

GROUPS: Final[Aliases] = MappingProxyType(
    {
        "60+": ("60+", "60plus", "60岁以上", "60岁及以上", "60岁及以上人口"),
        "65+": ("65+", "65plus", "65岁以上", "65岁及以上", "65岁及以上人口"),
        "0-6": ("0-6", "0_6", "0-6岁", "0至6岁", "0-6岁儿童"),
        "pregnant": ("pregnant", "孕产妇", "孕产妇数"),
    }
)

AREA: Final[Aliases] = MappingProxyType(
    {
        "id": ("id", "area_id", "code", "行政区划代码", "区划代码", "代码", "adcode", "编码"),
        "name": ("name", "area_name", "名称", "乡镇(街道)", "乡镇", "街道", "所属乡镇", "县(市、区)", "行政村", "地名"),
    }
)  # fmt: skip

TEN_THOUSAND: Final = ("万人", "万", "万平方米", "万m2")
"""Units that stand for 10,000 of what is counted."""

VILLAGE_DOCTORS: Final = ("village_doctors", "乡村医生数", "乡村医生", "村医数", "村医")

DATUM_PREFIXES: Final[Aliases] = MappingProxyType(
    {
        "wgs84": ("wgs84", "wgs"),
        "gcj02": ("gcj02", "gcj", "amap", "高德"),
        "bd09": ("bd09", "bd", "baidu", "百度"),
    }
)
"""How columns of one datum begin where a file holds several: ``BD_lon``, ``WGS_lon``."""

TOTAL_ROW: Final = re.compile(
    r"(合计|小计|总计|共计|总和|(grand |sub-?)?totals?)\s*(\W.*|\d.*)?", re.IGNORECASE | re.DOTALL
)
"""A cell that says that its row is a sum."""


def fold(text: str) -> str:
    """Return a header as it is compared: half-width, lower case, without spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower().lstrip("\ufeff")


def unit_of(header: str) -> str:
    """Return the unit in brackets at the end of a header: ``常住人口(万人)`` → ``万人``; empty without one."""
    found = re.search(r"[(\[]([^()\[\]]*)[)\]]$", fold(header))
    return found[1] if found else ""


def without_unit(header: str) -> str:
    """Return a folded header without a unit in brackets at its end."""
    return re.sub(r"[(\[][^()\[\]]*[)\]]$", "", fold(header))


def datum_named(header: str) -> str:
    """Return the datum that a header of a longitude or latitude names (``XGCJ``, ``bd_lon``, ``经度_gcj02``); empty without."""
    plain = fold(header)
    named = (d for d in DATUM_PREFIXES for axis in ("lon", "lat") if plain in datum_aliases(axis, d))
    return next(named, "")


def datum_aliases(axis: str, datum: str) -> tuple[str, ...]:
    """Return what a column of longitudes (``lon``) or latitudes (``lat``) in a datum is called: ``bd_lon``, ``经度_gcj02``, ``xgcj``."""
    letters = {"lon": "x", "lat": "y"}[axis]
    names = [name for name in FACILITY[axis] if len(name) > 1]
    out = [f"{mark}{sep}{name}" for mark in DATUM_PREFIXES[datum] for name in names for sep in ("_", "")]
    out += [f"{name}{sep}{mark}" for mark in DATUM_PREFIXES[datum] for name in names for sep in ("_", "")]
    out += [f"{letters}{sep}{mark}" for mark in DATUM_PREFIXES[datum] for sep in ("_", "")]
    out += [f"{mark}{sep}{letters}" for mark in DATUM_PREFIXES[datum] for sep in ("_", "")]
    return tuple(out)
