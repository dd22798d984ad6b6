"""The table ``provenance``: where the figures come from."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any, Final

import numpy as np

from access15.errors import InputError
from access15.outputs._frames import text
from access15.outputs.findings import Findings
from access15.outputs.layers import _columns as shared
from access15.outputs.layers._layer import Column, Columns, Layer
from access15.outputs.layers._symbols import Frame


def provenance_layer(facts: Mapping[str, Any]) -> Frame:
    """Return the table ``provenance``: nested facts as key and value, both text.

    Parameters
    ----------
    facts : mapping
        Inputs, versions, parameters, counts. Keys of mappings and fields of dataclasses are joined with
        dots (``network.ways_dropped``), lists become JSON, None becomes empty.

    Returns
    -------
    DataFrame
        ``key, value``.

    Raises
    ------
    InputError
        If two facts get one key.
    """
    rows = list(_flat("", facts))
    keys = [key for key, _ in rows]
    if len(set(keys)) < len(keys):
        twice = next(key for i, key in enumerate(keys) if key in keys[:i])
        raise InputError(f"provenance has the key {twice!r} twice: rename one")
    out = Columns(LAYER)
    out.add("key", text(keys))
    out.add("value", text(value for _, value in rows))
    return out.frame()


def _flat(prefix: str, value: Any) -> Iterable[tuple[str, str]]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), item)
    elif prefix:
        yield prefix, _words(value)


def _words(value: Any) -> str:
    if value is None or (isinstance(value, Mapping) and not value):
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (np.generic, np.ndarray)):
        return _words(value.tolist())
    if isinstance(value, (str, int, float, PurePath)):
        return str(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else list(value)
        return json.dumps(items, ensure_ascii=False, default=_words)
    return str(value)


LAYER: Final[Layer[Findings]] = Layer(
    name="provenance",
    titles=("Provenance", "数据来源与参数"),
    geometry=None,
    columns=(shared.KEY, Column("value", "text", ("", "数值"), prose=True)),
    build=lambda found: provenance_layer(found.provenance),
)
