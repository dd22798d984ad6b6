"""How long a ferry takes where the map does not say: by its length, if it is short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from access15.arrays import Floats
from access15.network.tag_rules import WayRule

FERRY_KPH: Final = 5.0
"""Speed of a ferry without a mapped duration, km/h: OSRM's car, bicycle and foot profiles (``ferry = 5``)."""
FERRY_M: Final = 2000.0
"""A longer ferry without a mapped duration is not travelled, metres (practice value, unverified)."""
GUESSED: Final = "ferries without a duration, timed by their length"
TOO_LONG: Final = "ferries without a duration, too long to guess"


def time_ferries(
    rules: Sequence[WayRule | None],
    reasons: Sequence[str],
    length_m: Floats,
    ends: Sequence[tuple[int, int]],
) -> tuple[list[WayRule | None], list[str], int]:
    """Return rules and reasons where ferries without a duration have one or are dropped, and how many were guessed.

    Ways that continue each other (``ends``: their first and last node) are one line: it is short or long as a whole,
    and has one wait, shared out by length.
    """
    rules, reasons, guessed = list(rules), list(reasons), 0
    ferries = {
        i: ends[i]
        for i, rule in enumerate(rules)
        if rule and rule.highway == "ferry" and rule.forward | rule.backward
    }
    for line in _lines(ferries):
        of_line = [(i, rule) for i in line if (rule := rules[i])]
        unknown_m = sum(float(length_m[i]) for i, rule in of_line if rule.duration_s is None)
        mapped = [rule.wait_s for _, rule in of_line if not rule.assumed_wait_s]
        wait_s = max(mapped) if mapped else max(rule.wait_s for _, rule in of_line)
        total_m = sum(float(length_m[i]) for i in line)
        for i, rule in of_line:
            share_s = wait_s * (float(length_m[i]) / total_m if total_m > 0 else 1 / len(line))
            assumed_s = 0.0 if mapped else share_s
            if rule.duration_s is not None:
                seconds = rule.duration_s - rule.wait_s + share_s
                rules[i] = replace(rule, duration_s=seconds, assumed_wait_s=assumed_s)
            elif unknown_m > FERRY_M or not np.isfinite(unknown_m):
                rules[i], reasons[i] = None, TOO_LONG
            else:
                seconds = float(length_m[i]) * 3.6 / FERRY_KPH + share_s
                why = f"{rule.why}, {FERRY_KPH:g} km/h"
                rules[i] = replace(rule, duration_s=seconds, assumed_wait_s=assumed_s, why=why)
                guessed += 1
    return rules, reasons, guessed


def _lines(ends: Mapping[int, tuple[int, int]]) -> list[list[int]]:
    """Return ways that continue each other: they meet at a node where exactly two of them end."""
    at: dict[int, list[int]] = {}
    for way, both in ends.items():
        for end in both:
            at.setdefault(end, []).append(way)
    found: list[list[int]] = []
    seen: set[int] = set()
    for way in ends:
        if way in seen:
            continue
        line, ahead = [], [way]
        seen.add(way)
        while ahead:
            line.append(ahead.pop())
            next_to = [way for end in ends[line[-1]] if len(at[end]) == 2 for way in at[end]]
            ahead += [way for way in dict.fromkeys(next_to) if way not in seen]
            seen.update(ahead)
        found.append(line)
    return found
