"""Tiers as kinds of institutions."""

from __future__ import annotations

import pytest

from access15.model import CareTier, care_tier


@pytest.mark.parametrize(
    ("tiers", "kind", "level", "primary"),
    [
        (
            ("县级医院", "综合医院", "中医院", "三级甲等医院", "hospital", "general hospital"),
            CareTier.HOSPITAL,
            3,
            False,
        ),
        (("妇幼保健院", "急救中心"), CareTier.SPECIAL, 0, False),
        (
            ("乡镇卫生院", "中心卫生院", "township health centre", "health centre"),
            CareTier.TOWNSHIP_CENTRE,
            2,
            True,
        ),
        (("卫生院分院", "乡镇卫生院分院"), CareTier.TOWNSHIP_BRANCH, 2, True),
        (("社区卫生服务中心", "社区医院", "community health center"), CareTier.COMMUNITY_CENTRE, 2, True),
        (("社区卫生服务分中心", "sub-centre"), CareTier.COMMUNITY_SUBCENTRE, 2, True),
        (("社区卫生服务站", "community health station", "station"), CareTier.STATION, 1, True),
        (
            ("村卫生室", "中心村卫生室", "村卫生所", "village clinic", "health post"),
            CareTier.VILLAGE_CLINIC,
            1,
            True,
        ),
        (("诊所", "门诊部", "clinic", "doctors"), CareTier.CLINIC, 1, True),
        (("", "pharmacy", "其他"), CareTier.UNKNOWN, 0, True),
    ],
)
def test_words_of_tiers(tiers, kind, level, primary):
    for tier in tiers:
        assert care_tier(tier) is kind, tier
    assert (kind.level, kind.primary) == (level, primary)
