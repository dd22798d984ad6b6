"""``[emergency]`` of a study: ambulances and referral."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from access15.study.settings import toml as t

ALL_STATIONS: Final = "all"
"""Word for every service point as an ambulance station."""

_FILES: Final = (
    ".csv",
    ".tsv",
    ".txt",
    ".xlsx",
    ".xlsm",
    ".dbf",
    ".gpkg",
    ".geojson",
    ".json",
    ".shp",
    ".parquet",
)


def _stations(value: Any, at: t.KeyPath) -> tuple[str, ...] | Path:
    """Read tiers and services, or the path of a file."""
    if isinstance(value, str) and value.strip().lower().endswith(_FILES):
        return t.path(value, at)
    names: tuple[str, ...] = t.list_of(t.text)(value, at)
    return names


@dataclass(frozen=True, slots=True)
class Emergency:
    """``[emergency]``: where ambulances start, how long until they leave, and how patients go on to the next tier.

    ``stations`` names tiers or services of the service points, a file of points (``stations_datum`` is its datum), or
    ``all``; without it ambulances start from the points with the service 急救 or emergency. ``dispatch_minutes`` pass before
    an ambulance leaves, and count in all its times: at most 3 minutes for 95 % of calls is the published norm.
    ``referral_mode`` is how patients go on to the next tier.
    """

    dispatch_minutes: Annotated[float, t.number] = 3.0
    referral_mode: Annotated[str, t.mode] = "drive"
    stations: Annotated[tuple[str, ...] | Path | None, _stations] = None
    stations_datum: Annotated[str, t.one_of("wgs84", "gcj02", "bd09")] = "wgs84"
