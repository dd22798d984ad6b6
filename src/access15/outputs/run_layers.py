"""The layers of the coverage GeoPackage, from what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access15.outputs.area_layers import areas_layer, coverage_layer
from access15.outputs.findings import PLAN, Findings
from access15.outputs.layers import cells_layer, facilities_layer
from access15.outputs.outreach_layers import outreach_layers
from access15.outputs.result_layers import (
    critical_layer,
    gaps_layer,
    isochrones_layer,
    plans_layer,
    provenance_layer,
    rejected_layer,
    sites_layer,
)

if TYPE_CHECKING:
    import pandas as pd


def layers_of(found: Findings) -> dict[str, pd.DataFrame]:
    """Return the layers by name; those of parts not computed are left out."""
    crs, classes = found.crs, found.coverage.minutes
    layers: dict[str, pd.DataFrame] = {
        "cells": cells_layer(
            found.population,
            found.times,
            found.facilities,
            headline_case=found.headline_case,
            minutes=found.minutes,
            crs=crs,
            areas=found.areas,
            cell_area=found.coverage.cell_area,
            classes=classes,
        ),
        "facilities": facilities_layer(
            found.facilities, found.times, found.population, classes, crs, headline_case=found.headline_case
        ),
        "areas": areas_layer(found.areas, found.coverages, found.population, crs),
        "coverage": coverage_layer(found.coverages),
    }
    layers |= _finding_layers(found)
    return layers | {"provenance": provenance_layer(found.provenance)}


def proposed_sites(found: Findings) -> pd.DataFrame | None:
    """Return the proposed sites, None without a plan."""
    if found.plan is None or found.candidates is None:
        return None
    sites: pd.DataFrame = sites_layer({PLAN: found.plan}, found.candidates, found.crs)
    return sites


def _finding_layers(found: Findings) -> dict[str, pd.DataFrame]:
    layers: dict[str, pd.DataFrame] = {}
    if found.isochrones is not None:
        first = found.headline_case
        layers["isochrones"] = isochrones_layer(found.isochrones, found.crs, headline_mode=first)
    if found.gaps is not None:
        layers["gaps"] = gaps_layer(found.gaps, found.crs)
    if found.critical is not None:
        layers["critical_streets"] = critical_layer(found.critical, found.crs)
    if found.outreach is not None:
        layers |= outreach_layers(found.outreach, found.settlements, found.crs)
    sites = proposed_sites(found)
    if sites is not None and found.plan is not None and found.candidates is not None:
        layers["plans"] = plans_layer({PLAN: found.plan})
        layers["proposed_sites"] = sites
        layers["rejected_candidates"] = rejected_layer(found.candidates)
    return layers
