"""What the tests of the report and the workbook share: findings of the town of squares."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from typing import Any

from access15.model import Facilities
from access15.outputs.report import Findings


def findings_of(town: Any, **changes: Any) -> Findings:
    """Everything a run finds, on the town of squares; ``changes`` replace parts."""
    times = {"walk": town.times(), "walk-elder": town.times(3.24, "walk-elder")}
    given: dict[str, Any] = {
        "name": "Town", "network": town.network, "facilities": town.facilities, "population": town.population,
        "areas": town.areas, "times": times, "coverages": {case: town.coverage(t) for case, t in times.items()},
        "headline_case": "walk", "minutes": 15.0, "gaps": town.gaps(times["walk"]), "candidates": town.candidates(),
        "plan": town.plan(times["walk"]), "targets": {("walk", 15.0): 0.9},
        "provenance": {
            "inputs": {"network": {"file": "streets.osm", "sha256": "ab" * 32}},
            "versions": {"access15": "0.1.0"}, "parameters": {"analysis": {"max_snap_m": 5000.0}},
        },
    }  # fmt: skip
    return Findings(**{**given, **changes})


def renamed(facilities: Facilities, names: list[str]) -> Facilities:
    """The same facilities under other names."""
    return dataclasses.replace(facilities, name=names)


class Page(HTMLParser):
    """What a browser would see: elements with attributes, the text of scripts, ids of tables with their rows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.rows: dict[str, int] = {}
        self._table = ""
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self._in_script = True
            self.scripts.append("")
        if tag == "table":
            self._table = dict(attrs).get("id") or ""
        if tag == "tr":
            self.rows[self._table] = self.rows.get(self._table, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        self._in_script = self._in_script and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data

    @property
    def data(self) -> dict[str, Any]:
        """The value that the map reads."""
        found = re.search(r'<script type="application/json" id="map-data">(.*?)</script>', self.text, re.S)
        assert found is not None
        return json.loads(found[1])


def unpack(part: dict[str, str]) -> Any:
    """The array behind a packed one."""
    import base64

    import numpy as np

    return np.frombuffer(base64.b64decode(part["b"]), np.dtype(part["t"].lower()).newbyteorder("<"))


def drawn_lines(part: dict[str, Any]) -> list[Any]:
    """The lines behind packed ones, in degrees."""
    import numpy as np

    x, y, n, dx, dy = (unpack(part[name]).astype(int) for name in ("x", "y", "n", "dx", "dy"))
    out, at = [], 0
    for i, count in enumerate(n):
        steps = slice(at, at + count - 1)
        at += count - 1
        out.append(np.column_stack([np.cumsum([x[i], *dx[steps]]), np.cumsum([y[i], *dy[steps]])]) / 1e5)
    assert at == len(dx) == len(dy)
    return out
