"""Which columns of outlines hold the ids and names of areas, in the files that offices and data portals publish."""

from __future__ import annotations

import re
from typing import Final

from access15.sources import columns as words
from access15.sources.table import Table

_IDS: Final = (
    r"gid_?(\d)",
    r"adm(\d)_?pcode",
    r"admin(\d)_?pcode",
    r"shape_?id",
    r"pcode",
    r"ags(?:_0)?|ars(?:_0)?|rs",
    r"insee(?:_com)?|code_insee|cod(?:e)?_?(?:commune|com)",
    r"cd_?(?:mun|geocmu|distrito|setor)",
    r"kode_?(?:desa|kec|kab)?|kdppum|kdcpum",
    r"cod(?:igo)?_?(?:mun|ine|dane|prov|dist)?",
    r"nuts_?id|lau_?id",
    r"pac|xzqdm|zldwdm|县代码|乡代码|村代码|区县代码|区划码",
    r"osm_?id|relation_?id",
    r"geoid\d*",
    r"id_?(\d)",
    r"(?:object|f)id(?:_\d+)?|ogc_fid|gml_id|nr|no|kennung",
)
"""Headers of ids, the most telling first; a number in brackets is the level of division."""

_NAMES: Final = (
    r"name_?(\d)",
    r"adm(\d)_?(?:en|fr|es|pt|zh|name|[a-z]{2})",
    r"admin(\d)_?name(?:_[a-z]{2})?",
    r"shape_?name",
    r"gen",
    r"nom(?:_?(?:com|commune|dep|quartier|region))?|libelle|libgeo",
    r"nm_?(?:mun|distrito|bairro)",
    r"nome|nombre|nombre_?(?:mun|dist)|municipio|comuna|barrio|bairro|distrito",
    r"wadm(?:kd|kc|kk)|nama(?:_?(?:desa|kec|kab))?|kecamatan|desa|namobj",
    r"bezirk|stadtteil|gemeinde(?:name)?|ortsteil|bez_gem|kreis",
    r"xzqmc|zldwmc|县名|乡名|村名|乡镇名称?|县区|区县|镇名|街镇|社区",
    r"название|наименование|район",
    r"nuts_?name|lau_?name",
    r"name_?(?:en|fr|zh|local|1)?|label|title|ward|district|township|county|commune",
)
_DEEPEST: Final = 9


def area_columns(table: Table) -> dict[str, str]:
    """Return the columns of the ids and names of areas (``id``, ``name``), each filled and, for ids, different in every row.

    The columns that `access15.read_areas` finds itself come first, then those of GADM, geoBoundaries, the humanitarian
    data exchange and national maps, the deepest level of division first. Where only names tell areas apart they are
    the ids.

    Parameters
    ----------
    table : Table
    """
    usual = {f: c for f in ("id", "name") if (c := table.find(words.AREA[f])) is not None}
    names = [*([usual["name"]] if "name" in usual else []), *_like(table, _NAMES)]
    name = next((column for column in names if _filled(table, column)), None)
    ids = [*([usual["id"]] if "id" in usual else []), *_like(table, _IDS), *names]
    found = next((column for column in ids if _different(table, column)), None)
    if found is None:
        return {}
    return {"id": found, "name": name or found}


def _like(table: Table, patterns: tuple[str, ...]) -> list[str]:
    """Return the columns whose header fits one of some patterns, in their order; deeper levels before upper ones."""
    found = []
    for order, pattern in enumerate(patterns):
        for place, column in enumerate(table.header):
            hit = re.fullmatch(pattern, words.fold(column))
            if hit:
                level = int(hit[1]) if hit.re.groups and hit[1] else 0
                found.append((order, _DEEPEST - level, place, column))
    return [column for *_, column in sorted(found)]


def _filled(table: Table, column: str) -> bool:
    return all(str(text).strip() for text in table.text(column))


def _different(table: Table, column: str) -> bool:
    texts = [str(text).strip() for text in table.text(column)]
    return all(texts) and len(set(texts)) == len(texts)
