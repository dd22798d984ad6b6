"""The layers of the GeoPackages, one file each; here stands their order."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar

from access15.outputs.change_figures import Changes
from access15.outputs.findings import Findings
from access15.outputs.layers._layer import Layer

if TYPE_CHECKING:
    import pandas as pd

Of = TypeVar("Of")

_OF_A_RUN: Final = (
    "cells",
    "facilities",
    "areas",
    "coverage",
    "isochrones",
    "gaps",
    "critical_streets",
    "circuits",
    "circuit_stops",
    "settlements",
    "plans",
    "proposed_sites",
    "rejected_candidates",
    "provenance",
)
"""The layers of the coverage GeoPackage."""

_OF_A_COMPARISON: Final = (
    "cell_changes",
    "area_changes",
    "facility_changes",
    "changes",
    "input_changes",
)
"""The layers of the GeoPackage of a comparison."""


def _declared(names: tuple[str, ...]) -> tuple[Layer[Any], ...]:
    return tuple(import_module(f"{__name__}.{name}").LAYER for name in names)


OF_A_RUN: Final[tuple[Layer[Findings], ...]] = _declared(_OF_A_RUN)
OF_A_COMPARISON: Final[tuple[Layer[Changes], ...]] = _declared(_OF_A_COMPARISON)

LAYERS: Final[dict[str, Layer[Any]]] = {
    layer.name: layer for group in (OF_A_RUN, OF_A_COMPARISON) for layer in group
}


def layers_of(found: Findings) -> dict[str, pd.DataFrame]:
    """Return the layers of a run by name; those of parts not computed are left out."""
    return _built(OF_A_RUN, found)


def layers_of_changes(found: Changes) -> dict[str, pd.DataFrame]:
    """Return the layers of a comparison by name."""
    return _built(OF_A_COMPARISON, found)


def _built(order: tuple[Layer[Of], ...], found: Of) -> dict[str, pd.DataFrame]:
    built = ((layer.name, layer.build(found)) for layer in order)
    return {name: frame for name, frame in built if frame is not None}


def layer_named(name: str) -> Layer[Any]:
    """Return a layer by name; one of another name has no titles and looks of its own."""
    return LAYERS.get(name) or Layer(
        name=name, titles=(name, name), geometry="Unknown", columns=(), build=lambda _: None
    )
