"""What is told of streets that were set aside, repaired or guessed while a network was built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from access15.model import Note

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "vertices missing from the file": (
        "vertices of streets have no position, for the file lacks their nodes: the streets are cut there",
        "个道路顶点没有坐标（文件缺少节点），道路在该处断开",
    ),
    "ways of a class the rules do not know": (
        "ways have a class of street the rules do not know and are not travelled",
        "条道路的等级不在规则内，不予通行",
    ),
    "ferries without a duration": (
        "ferries have no duration and are not travelled",
        "条渡轮没有航行时间，不予通行",
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
    "squares drawn as polygons, walked round": (
        "squares drawn as polygons are walked round their outlines",
        "个以面表示的广场按轮廓绕行",
    ),
}
"""Counts of a network's provenance that can change a figure, and what they mean in English and Chinese."""


def street_notes(provenance: Mapping[str, Any], share: Mapping[str, float]) -> Iterator[Note]:
    """Yield a note per kind that was counted while streets were read; ``share`` is the part of the street length."""
    for group in ("dropped", "set aside"):
        for kind, count in provenance.get(group, {}).items():
            if kind in _WORDS:
                en, zh = _WORDS[kind]
                if kind in share:
                    yield Note(kind, count, en, zh, share[kind], "street length")
                else:
                    yield Note(kind, count, en, zh)
