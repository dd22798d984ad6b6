"""Rows of tags where other engines agree: most are followed, and every kind kept otherwise has a row with its reason."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from access15.model import Access
from access15.network import StreetWays, build_network

ROWS = Path(os.environ.get("ACCESS15_DATA", "")) / "peer_tag_rows" / "rows.csv"
BITS = {"car": Access.MOTORCAR, "bicycle": Access.BICYCLE, "foot": Access.FOOT}


def tags_of(text):
    tags: dict[str, str] = {}
    for word in text.split(";"):
        if "=" in word:
            key, value = word.split("=", 1)
            tags[key] = value
        else:
            tags[key] += f";{word}"
    return tags


def passable(way, node, bit):
    """Return whether one comes along a way of three nodes, and back; the node in the middle has tags."""
    network = build_network(
        StreetWays(
            way_id=[1, 2], tags=[way, {"highway": "residential"}], size=[3, 2], node=np.array([1, 2, 3, 8, 9]),
            x=np.array([0.0, 100, 200, 0, 1]), y=np.array([0.0, 0, 0, 900, 900]), crs="EPSG:32632",
            node_tags={2: node} if node else {},
        )
    )  # fmt: skip
    place = list(zip(network.node_x.tolist(), network.node_y.tolist(), strict=True))
    arcs = [
        (int(tail), int(head))
        for tails, heads, open_to in (
            (network.edge_from, network.edge_to, network.access_forward),
            (network.edge_to, network.edge_from, network.access_backward),
        )
        for tail, head in zip(tails[open_to & int(bit) > 0], heads[open_to & int(bit) > 0], strict=True)
    ]
    found = []
    for start, stop in (((0.0, 0.0), (200.0, 0.0)), ((200.0, 0.0), (0.0, 0.0))):
        reached = {i for i, at in enumerate(place) if at == start}
        for _ in arcs:
            reached |= {head for tail, head in arcs if tail in reached}
        found.append(any(place[i] == stop for i in reached))
    return found


@pytest.mark.skipif(not ROWS.is_file(), reason="needs peer_tag_rows of ACCESS15_DATA")
def test_seven_of_ten_rows_where_engines_agree_are_followed():
    with ROWS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["element"].startswith("way")]
    followed = 0
    for row in rows:
        got = passable(tags_of(row["way_or_relation_tags"]), tags_of(row["node_tags"]) if row["node_tags"] else None, BITS[row["mode"]])  # fmt: skip
        wanted = (row["forward_passable"], row["backward_passable"])
        followed += all(want in ("", "yes" if one else "no") for want, one in zip(wanted, got, strict=True))
    assert followed >= 0.7 * len(rows), f"{followed} of {len(rows)}"
