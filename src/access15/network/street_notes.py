"""What is told of streets that were set aside, repaired or guessed while a network was built."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from access15.arguments import say
from access15.model import Note, StreetNetwork
from access15.network.conditions import SEASONS

CYCLEWAYS: Final = "cycleways closed to people on foot by a default"
UNLISTED: Final = "cycleways closed to people on foot, for no default of the country is known"
DATE: Final = "date"
SAME_FROM: Final = "streets are the same from"
SAME_UNTIL: Final = "streets are the same until"
"""Keys of a network's provenance where streets come or go by their dates: the day it was read for, and between which days nothing changes."""

SEASON: Final = "season"
SEASON_KM: Final = "km left out for the season"
"""Keys of a network's provenance: what it was read for, and the length of street that is not there then."""


def _not_there(season: str) -> str:
    return f"ways not there in every season ({season})"


_WORDS: Final[dict[str, tuple[str, str]]] = {
    "vertices missing from the file": (
        "vertices of streets have no position, for the file lacks their nodes: the streets are cut there",
        "个道路顶点没有坐标（文件缺少节点），道路在该处断开",
    ),
    "ways of a class the rules do not know": (
        "ways have a class of street the rules do not know and are not travelled",
        "条道路的等级不在规则内，不予通行",
    ),
    "ferries without a duration, timed by their length": (
        "short ferries have no duration: timed at 5 km/h by their length",
        "条短途渡轮没有航行时间，按 5 公里/小时估算",
    ),
    "ferries without a duration, too long to guess": (
        "ferries over 2 km have no duration and are not travelled",
        "条超过 2 公里的渡轮没有航行时间，不予通行",
    ),
    CYCLEWAYS: (
        f"cycleways do not say whether one may walk there and are closed on foot: name the country, {say('country', 'NL')}",
        "条自行车道未注明可否步行，默认不可步行，请注明国家（country）",
    ),
    UNLISTED: (
        "cycleways do not say whether one may walk there, and no default is known for the country: closed on foot",
        "条自行车道未注明可否步行，且该国默认规则未知，按不可步行处理",
    ),
    "ways that are gone or not yet open": (
        "ways are gone, not yet open or under construction by their tags",
        "条道路已废弃、未开通或在建",
    ),
    **{
        _not_there(season): (
            f"ways are not there in every season and left out (season: {season})",
            f"条道路并非全年可通行，已略去（季节：{season}）",
        )
        for season in SEASONS
    },
    "turn restrictions of some hours, which do not hold most of the day": (
        "turn restrictions hold for some hours only and are not applied",
        "条转弯限制仅在部分时段有效，不予采用",
    ),
    "nodes at 180° and -180° that are one place": (
        "nodes at 180° and -180° are one place and were joined",
        "个位于 180° 与 -180° 的同地节点已合并",
    ),
    "turn restrictions whose ways do not meet where they say": (
        "turn restrictions do not fit their streets and bind nobody",
        "条转弯限制与道路不符，不予采用",
    ),
    "turn restrictions that are incomplete": (
        "turn restrictions are incomplete and bind nobody",
        "条转弯限制不完整，不予采用",
    ),
    "turn restrictions that name a way that is no street here": (
        "turn restrictions name a way that is no street here and bind nobody",
        "条转弯限制所指道路不在路网中，不予采用",
    ),
    "turn restrictions of another kind": (
        "turn restrictions are of a kind that is not known and bind nobody",
        "条转弯限制的类型未知，不予采用",
    ),
    "ways of fewer than two nodes": (
        "ways have fewer than two nodes and are no streets",
        "条道路不足两个节点，不予采用",
    ),
    "members of squares that are no ways": (
        "members of squares are no ways and are left out",
        "个广场成员不是道路，已略去",
    ),
    "ways of squares missing from the file": (
        "ways round squares are missing from the file",
        "条广场边线在文件中缺失",
    ),
    "objects in an unusual order, sorted": (
        "file with ways before their nodes was sorted",
        "个文件的对象顺序异常，已重新排序",
    ),
    "objects in several versions, the newest taken": (
        "objects are there in several versions, the newest counts",
        "个对象有多个版本，采用最新版本",
    ),
    "objects deleted in the file": (
        "objects are marked as deleted and do not exist",
        "个对象已标记删除，视为不存在",
    ),
    "positions read from the ways": (
        "nodes are not in the file, their positions were read from the ways",
        "个节点不在文件中，坐标取自道路",
    ),
    "objects never uploaded, numbered anew": (
        "objects with negative ids (never uploaded) were numbered anew",
        "个编号为负（未上传）的对象已重新编号",
    ),
    "tunnels and bridges that lead to no other street, to stand at": (
        "tunnels and bridges lead to no other street: points may join them",
        "条隧道和桥梁不通往其他道路，允许在此连接",
    ),
    "squares drawn as polygons, walked round": (
        "squares drawn as polygons are walked round their outlines",
        "个以面表示的广场按轮廓绕行",
    ),
}
"""Counts of a network's provenance that can change a figure, and what they mean in English and Chinese."""


def season_facts(season: str, lost_m: Mapping[str, float]) -> dict[str, Any]:
    """Return what a network's provenance says of its season; ``lost_m`` is the length that was dropped for each reason."""
    lost = lost_m.get(_not_there(season), 0.0)
    named = {} if season == SEASONS[0] else {SEASON: season}
    return named | ({SEASON_KM: round(lost / 1000, 3)} if lost else {})


def date_facts(today: datetime.date, turns: Collection[datetime.date]) -> dict[str, str]:
    """Return what a network's provenance says of its day, where streets come or go: ``turns`` are the days on which they do."""
    past, later = [d for d in turns if d <= today], [d for d in turns if d > today]
    known = {SAME_FROM: max(past).isoformat()} if past else {}
    return known | ({DATE: today.isoformat(), SAME_UNTIL: min(later).isoformat()} if later else {})


def same_on(network: StreetNetwork, day: datetime.date) -> bool:
    """Return whether a network read for some day has the streets of another one."""
    first, end = network.provenance.get(SAME_FROM), network.provenance.get(SAME_UNTIL)
    return (first is None or str(first) <= day.isoformat()) and (end is None or day.isoformat() < str(end))


def season_of(network: StreetNetwork) -> tuple[str, float]:
    """Return the season a network was read for, and the kilometres of street that are not there then."""
    told = network.provenance
    return str(told.get(SEASON, SEASONS[0])), float(told.get(SEASON_KM, 0.0))


def street_notes(
    provenance: Mapping[str, Any], lost_m: Mapping[str, float], of_kept_m: Mapping[str, float], kept_m: float
) -> Iterator[Note]:
    """Yield a note per kind that was counted while streets were read.

    Parameters
    ----------
    provenance : mapping
    lost_m : mapping of str to float
        Length of what was dropped for each kind, metres.
    of_kept_m : mapping of str to float
        Length of what was kept and is touched by a kind, metres.
    kept_m : float
        Length of all streets kept, metres.
    """
    total_m, touched_m = kept_m + sum(lost_m.values()), {**lost_m, **of_kept_m}
    if SAME_UNTIL in provenance:
        yield Note(
            "day streets are read for",
            1,
            f"day decides which streets are there: they are read for {provenance[DATE]}, and from {provenance[SAME_UNTIL]} on others are "
            f"there; to keep figures as they are say {say('date', str(provenance[DATE]))}",
            f"个日期决定道路是否存在：按 {provenance[DATE]} 读取，自 {provenance[SAME_UNTIL]} 起有变化",
        )
    for group in (provenance, provenance.get("dropped", {}), provenance.get("set aside", {})):
        for kind, count in group.items():
            if kind not in _WORDS:
                continue
            en, zh = _WORDS[kind]
            if touched_m.get(kind):
                km = touched_m[kind] / 1000
                en, zh = f"{en} ({km:,.1f} km)", f"{zh}（共 {km:,.1f} 公里）"
                yield Note(kind, count, en, zh, touched_m[kind] / total_m, "street length")
            else:
                yield Note(kind, count, en, zh)
