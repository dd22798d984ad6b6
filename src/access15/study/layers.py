"""The layers of the coverage GeoPackage, from a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access15.study.result import PLAN, StudyResult

if TYPE_CHECKING:
    import pandas as pd


def layers_of(result: StudyResult) -> dict[str, pd.DataFrame]:
    """Return the layers by name; those of parts not computed are left out."""
    from access15 import outputs

    given, analysis, crs = result.inputs, result.study.settings.analysis, result.crs
    headline = analysis.headline_case
    layers: dict[str, pd.DataFrame] = {
        "cells": outputs.cells_layer(
            given.population,
            result.times,
            given.facilities,
            headline_case=headline.mode,
            minutes=headline.minutes,
            crs=crs,
            areas=given.areas,
            cell_area=result.coverage.cell_area,
            classes=analysis.minutes,
        ),
        "facilities": outputs.facilities_layer(
            given.facilities,
            result.times,
            given.population,
            analysis.minutes,
            crs,
            headline_case=headline.mode,
        ),
        "areas": outputs.areas_layer(given.areas, result.coverages, given.population, crs),
        "coverage": outputs.coverage_layer(result.coverages),
    }
    layers |= _finding_layers(result)
    return layers | {"provenance": outputs.provenance_layer(result.provenance())}


def sites_layer(result: StudyResult) -> pd.DataFrame | None:
    """Return the proposed sites, None without a plan."""
    from access15 import outputs

    if result.plan is None or result.candidates is None:
        return None
    sites: pd.DataFrame = outputs.sites_layer({PLAN: result.plan}, result.candidates, result.crs)
    return sites


def _finding_layers(result: StudyResult) -> dict[str, pd.DataFrame]:
    from access15 import outputs

    layers: dict[str, pd.DataFrame] = {}
    if result.isochrones is not None:
        first = result.study.settings.analysis.headline_case.mode
        layers["isochrones"] = outputs.isochrones_layer(result.isochrones, result.crs, headline_mode=first)
    if result.gaps is not None:
        layers["gaps"] = outputs.gaps_layer(result.gaps, result.crs)
    if result.critical is not None:
        layers["critical_streets"] = outputs.critical_layer(result.critical, result.crs)
    if result.outreach is not None:
        layers |= outputs.outreach_layers(result.outreach, result.settlements, result.crs)
    sites = sites_layer(result)
    if sites is not None and result.plan is not None and result.candidates is not None:
        layers["plans"] = outputs.plans_layer({PLAN: result.plan})
        layers["proposed_sites"] = sites
        layers["rejected_candidates"] = outputs.rejected_layer(result.candidates)
    return layers
