"""Permission of edges for one profile, with the classes of street that it opens or closes."""

from __future__ import annotations

import numpy as np

from access15.arrays import UInt8s
from access15.model import StreetNetwork, TravelProfile
from access15.network.conditions import Reading
from access15.network.tag_rules import interpret_way


def profile_access(network: StreetNetwork, profile: TravelProfile) -> tuple[UInt8s, UInt8s]:
    """Return the permission bits of every edge forward and backward, with the classes that a profile opens or closes.

    What tags of a street say of the mode stays: ``[access] cycleway = "yes"`` opens cycleways without ``foot=no``.
    The tags are those of the texts that say which decided (`StreetNetwork.rules`); one text serves all its edges.

    Returns
    -------
    forward, backward : (m,) uint8
    """
    forward, backward = network.access_forward, network.access_backward
    if not profile.access or not len(network.rule):
        return forward, backward
    bit = int(profile.access_bit)
    # Read with the class open and with it closed: where both agree, a tag of the street has decided.
    opened, shut = (
        Reading(season="dry", classes=dict.fromkeys(profile.access, (word, bit))) for word in (True, False)
    )
    change = np.zeros((2, 2, len(network.rules)), np.uint8)  # to open and to close, by direction and rule
    for code, text in enumerate(network.rules):
        tags = dict(item.split("=", 1) for item in text.split(", ") if "=" in item)
        word = profile.access.get(tags.get("highway", "").split(";")[0].strip().lower())
        if word is None:
            continue
        most, least = interpret_way(tags, opened), interpret_way(tags, shut)
        if most is None or least is None:
            continue
        for way, (with_it, without) in enumerate(
            ((most.forward, least.forward), (most.backward, least.backward))
        ):
            change[0 if word == "yes" else 1, way, code] = int(with_it & ~without) & bit
    to_open, to_close = change[:, :, network.rule]
    return (forward | to_open[0]) & ~to_close[0], (backward | to_open[1]) & ~to_close[1]
