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
            "facility_code", "code_etablissement", "codigo", "código", "cnes", "kode", "kode_faskes", "kennung",
            "identifiant", "код",
        ),
        "name": (
            "name", "机构名称", "单位名称", "医疗机构名称", "名称", "医院名称", "facility_name", "facility",
            "nom", "nom_structure", "nom_etablissement", "établissement", "etablissement", "structure", "nombre",
            "establecimiento", "institución", "institucion", "nome", "nome_fantasia", "no_fantasia",
            "estabelecimento", "unidade", "bezeichnung", "einrichtung", "nama", "nama_faskes", "faskes", "название",
            "наименование", "наименование организации",
        ),
        "lon": (
            "lon", "经度", "东经", "lng", "long", "longitude", "x坐标", "x",
            "longitud", "länge", "laenge", "längengrad", "laengengrad", "geo_lon", "bujur", "долгота",
        ),
        "lat": (
            "lat", "纬度", "北纬", "latitude", "y坐标", "y",
            "latitud", "breite", "breitengrad", "geo_lat", "lintang", "широта",
        ),
        "tier": (
            "tier", "机构类型", "机构类别", "机构级别", "类型", "类别", "level", "type", "amenity",
            "facility_type", "facility type", "type_structure", "type_etablissement", "catégorie",
            "categorie", "tipo", "tipo_establecimiento", "tipo_unidade", "categoría", "categoria", "typ", "art",
            "jenis", "jenis_faskes", "тип",
        ),
        "services": (
            "services", "服务项目", "诊疗科目", "科室", "specialities", "specialties",
            "servicios", "serviços", "servicos", "prestations", "leistungen", "fachgebiete", "layanan",
        ),
        "hours": (
            "hours", "开诊时间", "服务时间", "营业时间", "opening_hours",
            "horaires", "horario", "horários", "horarios", "öffnungszeiten", "oeffnungszeiten", "jam_buka",
            "часы работы",
        ),
        "kind": ("kind", "候选类型", "资源类型"),
        "capacity": (
            "capacity", "服务能力", "可服务人口", "服务人口",
            "capacité", "capacite", "capacidad", "capacidade", "kapazität", "kapazitaet", "kapasitas",
        ),
        "beds": (
            "beds", "床位数", "实有床位", "实有床位数", "开放床位", "开放床位数", "编制床位", "编制床位数", "床位",
            "lits", "nombre_lits", "nb_lits", "camas", "leitos", "betten", "bettenzahl", "tempat_tidur", "койки",
        ),
        "doctors": (
            "doctors", "执业医师数", "执业(助理)医师", "执业(助理)医师数", "执业医师", "医师数", "医生数", "乡村医生数",
            "乡村医生", "村医数", "村医",
            "physicians", "médecins", "medecins", "médicos", "medicos", "ärzte", "aerzte", "dokter", "врачи",
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
            "population_total", "total_population", "pop_total", "total_pop", "pop_tot", "poptot", "totpop",
            "tot_pop", "population_totale", "pop_totale", "habitants", "nombre_habitants", "nb_habitants",
            "habitantes", "población", "poblacion", "población_total", "poblacion_total", "população", "populacao",
            "população_total", "populacao_total", "moradores", "einwohner", "einwohnerzahl", "bevölkerung",
            "bevoelkerung", "penduduk", "jumlah_penduduk", "popolazione", "население", "численность населения",
            "inhabitants",
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

BESIDE: Final = ("town", "village", "village_code", "village_class")
"""Fields that do not tell a header: the upper one of two rows may name them alone."""

AREA: Final[Aliases] = MappingProxyType(
    {
        "id": ("id", "area_id", "code", "行政区划代码", "区划代码", "代码", "adcode", "编码"),
        "name": ("name", "area_name", "名称", "乡镇(街道)", "乡镇", "街道", "所属乡镇", "县(市、区)", "行政村", "地名"),
    }
)  # fmt: skip

_MANY: Final = (
    (1e2, "百人 百"),
    (
        1e3,
        "千人 千 千平方米 thousand thousands '000 ’000 000 000s 1000 1000s k tausend tsd tsd. milliers miles milhares ribu",
    ),
    (1e4, "万人 万 万平方米 万m2 万㎡"),
    (1e5, "十万人 十万"),
    (1e6, "百万人 百万 million millions mio mio. millionen millones milhoes milhões juta"),
    (1e8, "亿人 亿"),
)
SCALES: Final[Mapping[str, float]] = MappingProxyType(
    {word: scale for scale, unit_words in _MANY for word in unit_words.split()}
)
"""Units that stand for many of what is counted."""

_ONES: Final = frozenset(
    [
        "人",
        "名",
        "口",
        "个",
        "张",
        "位",
        "m2",
        "㎡",
        "平方米",
        "person",
        "persons",
        "people",
        "residents",
        "inhabitants",
        "beds",
        "number",
        "count",
        "n",
        "nb",
        "hab",
        "hab.",
        "habitants",
        "habitantes",
        "einwohner",
        "personen",
        "orang",
        "jiwa",
    ]
)

_NO_COUNT: Final = re.compile(
    r"[%％‰/]|per(?!son|cell|row|pixel)|占比|比例|率|每|密度|density|^户$|户数|households?$|^hh$|index|指数|km2|km²|平方公里|^亩$|公顷|^ha$|ft2|sqft|英尺"
)
"""Units that say that a column is no count of people, beds or square metres."""


class UnitError(ValueError):
    """A unit that says that a column holds no count."""


def scale_of(unit: str) -> float:
    """Return how many ones a unit stands for; 1 for one that is not known.

    Parameters
    ----------
    unit : str
        What stands in brackets in a header, folded: ``万人``, ``inthousands``, ``单位:千人``, ``万人,2020``.

    Raises
    ------
    UnitError
        If it says that the column holds a rate, or something else than a count.
    """
    parts = [re.sub(r"^(in|单位[::]?|unit[::]?|×|x)", "", part) for part in re.split(r"[,,;;、]", unit)]
    found = {SCALES[part] for part in parts if part in SCALES}
    if "1,000" in unit or "1,000s" in unit:
        found = {1e3}
    if len(found) > 1 or (not found and any(_NO_COUNT.search(part) for part in parts if part not in _ONES)):
        raise UnitError(unit)
    return found.pop() if found else 1.0


_SAID: Final = re.compile(
    r"单位\s*[::]\s*([^\s))\]】]+)|\b(?:unit|units)\s*:\s*([\w' ]+)|\bin (thousands|millions)\b|[((]([百千万亿]+人)[))]"
)


def units_said(text: str) -> str:
    """Return the unit that a title names (``单位：万人``, ``in thousands``, ``…统计表（千人）``), folded; empty without one of people."""
    found = _SAID.search(unicodedata.normalize("NFKC", text).lower())
    if found is None:
        return ""
    said = fold(next(group for group in found.groups() if group))
    people = [
        part for part in re.split(r"[,,;;、/]", said) if part in SCALES or part in ("人", "persons", "people")
    ]
    return ",".join(dict.fromkeys(people))


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
