"""What is said of a gap: what is missing, why, and which service fits; each with its words in English and Chinese."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Term(StrEnum):
    """A text that stands in a column, with what reports call it."""

    titles: tuple[str, str]

    def __new__(cls, text: str, english: str, chinese: str) -> Self:
        """Return the text with its words."""
        term = str.__new__(cls, text)
        term._value_ = text
        term.titles = (english, chinese)
        return term


class GapKind(Term):
    """What is missing: a facility near enough, capacity of one, or both (too far, and the nearest one is full)."""

    DISTANCE = "distance", "distance", "距离"
    CAPACITY = "capacity", "capacity", "服务能力"
    BOTH = "both", "both", "距离与服务能力"


class GapReason(Term):
    """Why people are not served; over land and behind water with a terrain only."""

    NO_ROAD = "no road", "no road", "无道路"
    ISLAND = "island", "island of streets", "孤立路段"
    DETOUR = "detour", "detour", "绕行"
    TOO_FAR = "too far", "too far", "距离过远"
    OVER_LAND = "over land", "a long walk over land", "野外步行过长"
    BEHIND_WATER = "behind water", "behind water or closed land", "水体或不可通行地阻隔"
    NEAREST_FULL = "nearest facility full", "nearest facility full", "最近机构已满负荷"


class GapService(Term):
    """Which form of service is recommended for a gap, in the order in which the rules are tried."""

    FIXED_CLINIC = "fixed clinic", "fixed clinic", "增设固定服务点"
    ENLARGEMENT = "enlargement", "enlargement", "增加建设规模"
    EXTENSION = "neighbour-village extension", "neighbour-village extension", "邻（联）村延伸服务"
    RESIDENT = "resident service", "resident service", "驻村服务"
    CIRCUIT = "mobile circuit", "mobile circuit", "巡回医疗"
