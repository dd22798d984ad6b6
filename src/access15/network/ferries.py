"""How long a ferry takes where the map does not say: by its length, if it is short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from access15.arrays import Floats
from access15.modes import Access
from access15.network.tag_rules import WayRule

FERRY_KPH: Final = 5.0
"""Speed of a ferry without a mapped duration, km/h: OSRM's car, bicycle and foot profiles (``ferry = 5``)."""
FERRY_M: Final = 2000.0
"""A longer ferry without a mapped duration is not travelled, metres (practice value, unverified)."""
GUESSED: Final = "ferries without a duration, timed by their length"
TOO_LONG: Final = "ferries without a duration, too long to guess"


def time_ferries(
    rules: Sequence[WayRule | None], reasons: Sequence[str], length_m: Floats
) -> tuple[list[WayRule | None], list[str], int]:
    """Return rules and reasons where ferries without a duration have one or are dropped, and how many were guessed."""
    rules, reasons, guessed = list(rules), list(reasons), 0
    for i, rule in enumerate(rules):
        if rule is None or rule.highway != "ferry" or rule.duration_s is not None:
            continue
        if rule.forward | rule.backward == Access.NONE:
            continue
        if length_m[i] > FERRY_M or not np.isfinite(length_m[i]):
            rules[i], reasons[i] = None, TOO_LONG
        else:
            seconds = float(length_m[i]) * 3.6 / FERRY_KPH + rule.wait_s
            rules[i] = replace(rule, duration_s=seconds, why=f"{rule.why}, {FERRY_KPH:g} km/h")
            guessed += 1
    return rules, reasons, guessed
