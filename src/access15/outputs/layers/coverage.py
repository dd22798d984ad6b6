"""The table ``coverage``: the figures of record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from access15.errors import InputError
from access15.model import Coverage
from access15.outputs._frames import STATUS_WORDS, case_names, check_conserved, number, text
from access15.outputs.findings import Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Layer
from access15.outputs.layers._symbols import Frame


def coverage_layer(coverages: Mapping[str, Coverage]) -> Frame:
    """Return the table ``coverage``, the figures of record of all cases in one.

    Parameters
    ----------
    coverages : mapping of str to Coverage
        By case.

    Returns
    -------
    DataFrame
        ``points, mode, minutes, group, area_id, people, covered, uncovered, unreachable, unlinked, rate``;
        ``area_id`` is missing in totals.

    Raises
    ------
    InputError
        If two cases hold the same figure.
    """
    import pandas as pd

    case_names(coverages)
    keys = ["points", "mode", "minutes", "group", "area_id"]
    columns = [*keys, "people", *STATUS_WORDS, "rate"]
    parts = [coverage.table[columns] for coverage in coverages.values()]
    out = pd.concat(parts, ignore_index=True)
    twice = out.duplicated(keys)
    if twice.any():
        row = out[twice].iloc[0]
        raise InputError(
            f"two cases hold the figure of {row['points']!r}, {row['mode']!r}, {row['minutes']:g} min: "
            "give their point sets different names"
        )
    check_conserved([out[c] for c in STATUS_WORDS], out["people"], "coverage")
    for name in ("points", "mode", "group", "area_id"):
        out[name] = text(out[name])
    out["minutes"] = out["minutes"].astype(float)
    for name in columns[5:]:
        out[name] = number(out[name])
    out.attrs["aliases"] = {}
    return out


LAYER: Final[Layer[Findings]] = Layer(
    name="coverage",
    titles=("Coverage figures", "覆盖情况"),
    geometry=None,
    columns=(
        shared.POINTS,
        shared.MODE,
        shared.MINUTES,
        shared.GROUP,
        shared.AREA_ID,
        shared.PEOPLE,
        Column("covered", "number", ("", "覆盖人口")),
        Column("uncovered", "number", ("", "未覆盖人口")),
        Column("unreachable", "number", ("", "不可达人口")),
        Column("unlinked", "number", ("", "未接入路网人口")),
        Column("rate", "number", ("coverage rate", "覆盖率")),
    ),
    build=lambda found: coverage_layer(found.coverages),
)
