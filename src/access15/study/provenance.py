"""Where the figures come from: inputs with hashes, versions, profiles, parameters, counts of what was dropped."""

from __future__ import annotations

import dataclasses
import hashlib
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from access15.errors import InputError, MissingFileError
from access15.study.settings import OSM
from access15.units import ROUNDING_S

if TYPE_CHECKING:
    from access15.model import Coverage, NearestTimes
    from access15.study.settings import Settings
    from access15.study.stages import Inputs

_PACKAGES = (
    "access15",
    "geopandas",
    "highspy",
    "numba",
    "numpy",
    "osmium",
    "pandas",
    "pyogrio",
    "pyproj",
    "pyvrp",
    "rasterio",
    "scipy",
    "shapely",
)
_SHAPEFILE = (".shx", ".dbf", ".prj", ".cpg")


def input_files(settings: Settings) -> dict[str, Path]:
    """Return the files a study reads by the role they play."""
    from access15.study.stages import group_sources, projected

    files = {"network": settings.network.path}
    if isinstance(settings.network.clip, Path):
        files["clip"] = settings.network.clip
    files |= {f"elevation {k + 1}": path for k, path in enumerate(settings.network.elevation)}
    if settings.analysis.water is not None:
        files["water"] = settings.analysis.water
    if settings.facilities.path is not None:
        files["facilities"] = settings.facilities.path
    files["population"] = settings.population.path
    files |= {f"population {k}": v for k, v in group_sources(settings).items() if isinstance(v, Path)}
    if isinstance(settings.emergency.stations, Path):
        files["ambulance stations"] = settings.emergency.stations
    if settings.areas is not None:
        files["areas"] = settings.areas.path
    if settings.siting is not None and settings.siting.layer is not None:
        files["candidates"] = Path(settings.siting.layer)
    for scenario in settings.scenarios:
        files |= scenario.files()
        if scenario.population is not None:
            groups = group_sources(projected(settings, scenario))
            files |= {f"scenario {scenario.name}, {k}": v for k, v in groups.items() if isinstance(v, Path)}
    files |= _land_files(settings) | _settlement_file(settings) | _terrain_files(settings)
    return files


def _land_files(settings: Settings) -> dict[str, Path]:
    """Return the layers that ``[siting]`` names besides the candidates."""
    siting = settings.siting
    if siting is None:
        return {}
    named = {"allowed land": siting.allowed, "forbidden land": siting.forbidden}
    files = {role: path for role, path in named.items() if path is not None}
    if siting.elder_care not in (None, OSM):
        files["elder care"] = Path(str(siting.elder_care))
    return files


def _terrain_files(settings: Settings) -> dict[str, Path]:
    table = settings.terrain
    if table is None:
        return {}
    named = {"land cover": table.land_cover, "water of the terrain": table.water, "land use": table.osm}
    files = {role: path for role, path in named.items() if path is not None}
    files |= {f"land cover, {name}": path for name, path in (table.shares or {}).items()}
    return files | {f"elevation of the terrain {k + 1}": path for k, path in enumerate(table.elevation)}


def _settlement_file(settings: Settings) -> dict[str, Path]:
    source = None if settings.outreach is None else settings.outreach.settlements
    return {} if source in (None, OSM) else {"settlements": Path(str(source))}


def hash_inputs(settings: Settings) -> dict[str, dict[str, str]]:
    """Return ``{role: {file, sha256}}`` of every input; the companions of a shapefile count as part of it.

    Raises
    ------
    MissingFileError
        If an input does not exist. Asked before any work, so that a run does not fail late.
    """
    return {
        role: {"file": path.name, "sha256": _sha256(role, path)}
        for role, path in input_files(settings).items()
    }


def _sha256(role: str, path: Path) -> str:
    companions = [path.with_suffix(end) for end in _SHAPEFILE] if path.suffix.lower() == ".shp" else []
    digest = hashlib.sha256()
    try:
        for part in [path, *(c for c in companions if c.exists())]:
            with part.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
    except FileNotFoundError as error:
        raise MissingFileError(f"{path} ({role}) does not exist: check its name and folder") from error
    except IsADirectoryError as error:
        raise InputError(f"{path} ({role}) is a folder: name a file in it") from error
    except OSError as error:
        raise InputError(
            f"{path} ({role}) cannot be read ({error.strerror}): check its permissions"
        ) from error
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that make figures."""
    from importlib.metadata import PackageNotFoundError, version

    out = {"python": platform.python_version(), "platform": platform.platform()}
    for package in _PACKAGES:
        try:
            out[package] = version(package)
        except PackageNotFoundError:
            out[package] = "not installed"
    return out


def counts(
    inputs: Inputs, times: Mapping[str, NearestTimes], coverages: Mapping[str, Coverage]
) -> dict[str, Any]:
    """Return what was dropped, repaired, could not be linked or is a close call, by stage, each with its number."""
    from access15.model import LinkReason
    from access15.network import network_summary

    travelled = network_summary(inputs.network, [found.profile for found in times.values()])
    out: dict[str, Any] = {f"network {k}": v for k, v in travelled.notes.items()}
    out |= {f"network {k}": v for k, v in travelled.as_dict().items()}
    out["facilities used"] = len(inputs.facilities)
    out |= {f"{mode} starts from or goes to": len(points) for mode, points in inputs.own_points.items()}
    out["facilities set aside"] = [f"{name}: {why}" for name, why in inputs.facilities.set_aside]
    out |= {f"population {k}": v for k, v in inputs.population.provenance.items()}
    for mode, found in times.items():
        for what, points in (("facilities", found.sites), ("cells", found.cells)):
            out[f"{mode} {what} unlinked"] = int((~points.placed).sum())
            past = points.reason == LinkReason.PAST_FRAGMENT
            out[f"{mode} {what} linked past a nearer street that leads nowhere"] = int(past.sum())
    for mode, coverage in coverages.items():
        for cutoff, cells in zip(coverage.minutes, coverage.rounding_cells, strict=True):
            out[f"{mode} cells within {ROUNDING_S:g} s of {cutoff:g} min, where rounding may decide"] = cells
    return out


def profile_tables(times: Mapping[str, NearestTimes]) -> dict[str, Any]:
    """Return the full speed table of every profile used."""
    return {
        mode: {f.name: plain(getattr(found.profile, f.name)) for f in dataclasses.fields(found.profile)}
        for mode, found in times.items()
    }


def parameters(settings: Settings, folder: Path) -> dict[str, Any]:
    """Return the settings as plain values, paths relative to the study's folder where they lie in it."""
    found = _relative(plain(dataclasses.asdict(settings)), str(folder))
    assert isinstance(found, dict)
    found["study"].pop("out", None)  # Where results go does not change them.
    return found


def _relative(value: Any, folder: str) -> Any:
    if isinstance(value, dict):
        return {k: _relative(v, folder) for k, v in value.items()}
    if isinstance(value, list):
        return [_relative(v, folder) for v in value]
    if isinstance(value, str) and folder not in (".", "/") and value.startswith(folder):
        return value[len(folder) :].lstrip("/\\")
    return value


def plain(value: Any) -> Any:
    """Return a value as JSON types: numbers, texts, lists and tables; not finite becomes None."""
    import math

    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, (int, str, bool)) or value is None else str(value)
