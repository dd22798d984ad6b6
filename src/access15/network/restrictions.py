"""Turn restrictions as columns of the network; what fits no street is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from access15.arrays import Ints
from access15.model import TURNS

Given = tuple[tuple[int, ...], int, bool] | tuple[tuple[int, ...], int, bool, str]
"""Way ids from, via …, to; the via node's id, or -1 where ways are between; whether it is an ``only_*``; its turn, of
`access15.model.TURNS`, where it names one."""


def restriction_columns(
    given: Sequence[Given], node_id: Ints, way_id: Ints, ends: tuple[Ints, Ints]
) -> tuple[dict[str, Any], Counter[str]]:
    """Return the ``restriction_*`` columns, and why restrictions were left out, with counts.

    Parameters
    ----------
    given : sequence of (ways, via node, is "only", turn)
    node_id : (n,) int64
        Node ids of the network.
    way_id : (m,) int64
        Way of each edge.
    ends : pair of (m,) int64
        End nodes of each edge, as rows of the network.
    """
    left_out: Counter[str] = Counter()
    kept: list[tuple[tuple[int, ...], int, bool, str]] = []
    if given:
        meets = _nodes_of_ways({way for ways, *_ in given for way in ways}, way_id, ends)
        order = np.argsort(node_id, kind="stable")
        via = np.array([one[1] for one in given], np.int64)
        place = np.minimum(np.searchsorted(node_id, via, sorter=order), len(order) - 1)
        row = np.where(via < 0, -1, np.where(node_id[order[place]] == via, order[place], -2))
        for (ways, _, only, *turn), node in zip(given, row.tolist(), strict=True):
            why = _misfit(ways, node, meets)
            if why:
                left_out[why] += 1
            else:
                kept.append((ways, node, only, str(turn[0]) if turn else ""))
    offset = np.zeros(len(kept) + 1, np.int64)
    offset[1:] = np.cumsum([len(ways) for ways, *_ in kept])
    columns = {
        "restriction_offset": offset,
        "restriction_way": np.array([way for ways, *_ in kept for way in ways], np.int64),
        "restriction_node": np.array([node for _, node, _, _ in kept], np.int32),
        "restriction_only": np.array([only for _, _, only, _ in kept], bool),
        "restriction_turn": np.array([TURNS.index(turn) for *_, turn in kept], np.uint8),
    }
    return columns, left_out


def _nodes_of_ways(named: set[int], way_id: Ints, ends: tuple[Ints, Ints]) -> dict[int, set[int]]:
    """Return the nodes at which the pieces of some ways end."""
    rows = np.flatnonzero(np.isin(way_id, np.fromiter(named, np.int64, len(named))))
    out: dict[int, set[int]] = {}
    for way, *nodes in zip(*(column[rows].tolist() for column in (way_id, *ends)), strict=True):
        out.setdefault(way, set()).update(nodes)
    return out


def _misfit(ways: tuple[int, ...], node: int, meets: dict[int, set[int]]) -> str:
    """Return why a restriction fits no street, or nothing."""
    if any(way not in meets for way in ways):
        return "turn restrictions that name a way that is no street here"
    if node >= 0:
        fits = all(node in meets[way] for way in ways)
    else:
        fits = node == -1 and all(meets[one] & meets[two] for one, two in pairwise(ways))
    return "" if fits else "turn restrictions whose ways do not meet where they say"
