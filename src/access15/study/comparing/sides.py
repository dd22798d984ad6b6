"""The two results of a comparison: their layers, from a run or from its GeoPackage, and what they have in common."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from access15.arrays import Floats
from access15.crs import crs_name, to_crs
from access15.errors import InputError, MissingFileError
from access15.outputs import Findings, layers_of
from access15.units import slug

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

LAYERS: Final = ("cells", "facilities", "areas", "coverage", "provenance")
"""The layers a result needs to be compared."""

SAME_M: Final = 1.0
"""Cells and facilities within this of their old place have not moved, metres: more than any rounding."""


class Run(Protocol):
    """A run in memory: `access15.StudyResult`."""

    @property
    def found(self) -> Findings:
        """What it found."""


@dataclass(frozen=True, slots=True)
class CaseKey:
    """A service-point set and a mode, and the start of their columns in the layers."""

    points: str
    mode: str
    column: str

    def __str__(self) -> str:
        return f"{self.points} {self.mode}"


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One result.

    Attributes
    ----------
    name : str
        File name, or name of the study.
    cells, facilities, areas : GeoDataFrame
        As in the coverage GeoPackage.
    coverage : DataFrame
        The figures of record.
    facts : dict of str to str
        The provenance.
    """

    name: str
    cells: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    coverage: pd.DataFrame
    facts: Mapping[str, str]

    @property
    def crs(self) -> str:
        """CRS of the shapes."""
        return crs_name(self.cells.crs)

    def cases(self) -> dict[tuple[str, str], CaseKey]:
        """Return the cases by point set and mode.

        Raises
        ------
        InputError
            If the cells have no times of one of them.
        """
        out = {}
        for points, mode in self.coverage[["points", "mode"]].drop_duplicates().itertuples(index=False):
            names = [slug(mode), f"{slug(points)}_{slug(mode)}"]
            column = next((name for name in names if f"{name}_s" in self.cells), None)
            if column is None:
                raise InputError(
                    f"{self.name}: the cells have no column {names[0]}_s for the mode {mode!r}: run the study again"
                )
            out[points, mode] = CaseKey(points, mode, column)
        return out

    def cuts(self, case: tuple[str, str]) -> set[float]:
        """Return the cut-offs of a case, minutes."""
        table = self.coverage
        mine = (table["points"] == case[0]) & (table["mode"] == case[1])
        return {float(cut) for cut in table.loc[mine, "minutes"]}

    def groups(self) -> list[str]:
        """Return the population groups, everybody first."""
        found = dict.fromkeys(str(group) for group in self.coverage["group"])
        return ["all", *(group for group in found if group != "all")]

    def seconds(self, case: CaseKey) -> Floats:
        """Return the time of every cell, ``inf`` where not reached."""
        values = self.cells[f"{case.column}_s"].to_numpy(np.float64, na_value=np.nan)
        return np.where(np.isnan(values), np.inf, values)

    def people(self, group: str) -> Floats:
        """Return the people of a group by cell."""
        column = "people" if group == "all" else f"people_{slug(group)}"
        if column not in self.cells:
            raise InputError(f"{self.name}: the cells have no column {column!r}: run the study again")
        return np.asarray(self.cells[column].to_numpy(np.float64), np.float64)

    def headline(self) -> tuple[str, float] | None:
        """Return mode and minutes of the headline, as the provenance tells; None where it does not."""
        given = (self.facts.get(f"parameters.analysis.headline.{key}") for key in ("mode", "minutes"))
        mode, minutes = given
        if mode and minutes:
            return mode, float(minutes)
        modes, cuts = (self.facts.get(f"parameters.analysis.{key}") for key in ("modes", "minutes"))
        if not modes or not cuts:
            return None
        try:
            return str(json.loads(modes)[0]), float(json.loads(cuts)[-1])
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise InputError(
                f"{self.name}: its provenance says modes and minutes that cannot be read: run the study again"
            ) from error


def side_of(given: Run | str | os.PathLike[str]) -> Side:
    """Return a result's layers.

    Raises
    ------
    MissingFileError, InputError
        If there is no such file, or it is not a coverage GeoPackage of access15.
    """
    found = getattr(given, "found", None)
    if isinstance(found, Findings):
        layers: Mapping[str, Any] = layers_of(found)
        name = found.name
    elif isinstance(given, (str, os.PathLike)):
        layers, name = _read(Path(given)), Path(given).name
    else:
        raise InputError(
            f"compare takes two study results or two GeoPackage paths, not {type(given).__name__}"
        )
    facts = layers["provenance"]
    values = ("" if v is None or v != v else str(v) for v in facts["value"])
    stated = dict(zip((str(key) for key in facts["key"]), values, strict=True))
    side = Side(name, layers["cells"], layers["facilities"], layers["areas"], layers["coverage"], stated)
    _check_columns(side)
    return side


def _read(file: Path) -> dict[str, Any]:
    """Return the layers of a GeoPackage."""
    import pyogrio

    if not file.is_file():
        what = "is a folder: name the GeoPackage in it" if file.is_dir() else "does not exist: check the path"
        raise MissingFileError(f"{file} {what}")
    try:
        present = [str(name) for name, _ in pyogrio.list_layers(file)]
        missing = [name for name in LAYERS if name not in present]
        if missing:
            listed = ", ".join(name for name in present if name != "layer_styles") or "none"
            raise InputError(
                f"{file} has no layer {missing[0]!r} (it has {listed}): name the coverage GeoPackage that "
                "access15 run or access15 coverage wrote"
            )
        return {name: pyogrio.read_dataframe(file, layer=name) for name in LAYERS}
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, OSError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{file} cannot be read as a GeoPackage: write it again with access15 run"
        ) from error


def _check_columns(side: Side) -> None:
    wanted = {
        "cells": ("cell_id", "people", "area_id", "status"),
        "facilities": ("facility_id", "name", "tier", "services", "capacity", "status"),
        "areas": ("area_id", "name"),
        "coverage": ("points", "mode", "minutes", "group", "area_id", "people", "covered"),
    }
    for layer, columns in wanted.items():
        frame = getattr(side, layer)
        for column in columns:
            if column not in frame:
                raise InputError(
                    f"{side.name}: the layer {layer!r} has no column {column!r}: it was changed, run the study again"
                )
    for layer, column in (("cells", "cell_id"), ("facilities", "facility_id")):
        ids = getattr(side, layer)[column]
        if ids.duplicated().any():
            raise InputError(
                f"{side.name}: {column} {ids[ids.duplicated()].iloc[0]!r} stands twice in {layer!r}"
            )
    if side.cells.empty:
        raise InputError(f"{side.name} has no cells: nothing can be compared")


def places(frame: gpd.GeoDataFrame, crs: str) -> Floats:
    """Return the middle of every shape as (n, 2) in ``crs``."""
    import shapely

    shapes = frame.geometry.to_numpy(object)
    points = shapely.get_coordinates(shapely.centroid(shapes)) if len(shapes) else np.empty((0, 2))
    own = crs_name(frame.crs)
    if own == crs or not len(points):
        return np.asarray(points, np.float64)
    return np.column_stack(to_crs(points[:, 0], points[:, 1], own, crs))
