"""What kind of institution a tier is, in Chinese and English words: hospital, centre, station, village clinic."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final


class CareTier(StrEnum):
    """Kinds of institutions.

    The county hospital leads, the township health centre is the hub, the village clinic the base; in towns the community health
    centre and its stations (Xinhua on primary care, 2025-09-11).
    """

    HOSPITAL = "hospital"
    SPECIAL = "special institution"
    TOWNSHIP_BRANCH = "township branch"
    TOWNSHIP_CENTRE = "township health centre"
    COMMUNITY_SUBCENTRE = "community sub-centre"
    COMMUNITY_CENTRE = "community health centre"
    STATION = "community health station"
    VILLAGE_CLINIC = "village clinic"
    CLINIC = "clinic"
    UNKNOWN = ""

    @property
    def level(self) -> int:
        """3 for hospitals, 2 for centres, 1 for stations and clinics, 0 where the tier is not known or stands apart."""
        return _LEVELS.get(self, 0)

    @property
    def primary(self) -> bool:
        """Whether it gives primary care; a point of unknown tier counts as one that does."""
        return self not in (CareTier.HOSPITAL, CareTier.SPECIAL)


_LEVELS: Final = {
    CareTier.HOSPITAL: 3,
    CareTier.TOWNSHIP_BRANCH: 2,
    CareTier.TOWNSHIP_CENTRE: 2,
    CareTier.COMMUNITY_SUBCENTRE: 2,
    CareTier.COMMUNITY_CENTRE: 2,
    CareTier.STATION: 1,
    CareTier.VILLAGE_CLINIC: 1,
    CareTier.CLINIC: 1,
}

_PATTERNS: Final = (
    ("社区医院", CareTier.COMMUNITY_CENTRE),
    ("保健院|疾病预防|疾控|妇幼保健(所|站|中心)|血站|急救中心", CareTier.SPECIAL),
    ("医院|hospital|hospita[lu]|h[oô]pital|krankenhaus", CareTier.HOSPITAL),
    ("社区卫生服务站|社区卫生站|health station|community station|^station$", CareTier.STATION),
    ("村卫生[室所站]|卫生室|village|health post|dispensary", CareTier.VILLAGE_CLINIC),
    ("社区卫生服务分中心|sub-?cent", CareTier.COMMUNITY_SUBCENTRE),
    ("社区卫生服务中心|community health cent", CareTier.COMMUNITY_CENTRE),
    ("卫生院.*分院|分院", CareTier.TOWNSHIP_BRANCH),
    ("卫生院|township|health cent", CareTier.TOWNSHIP_CENTRE),
    ("社区卫生服务", CareTier.COMMUNITY_CENTRE),
    ("诊所|门诊部|station|clinic|doctors", CareTier.CLINIC),
)
"""Patterns of tiers, the first that fits."""


@lru_cache(maxsize=4096)
def care_tier(tier: str) -> CareTier:
    """Return the kind of institution a tier is, `CareTier.UNKNOWN` where its words are not known."""
    plain = tier.casefold()
    return next((kind for pattern, kind in _PATTERNS if re.search(pattern, plain)), CareTier.UNKNOWN)
