"""The layers of the findings: isochrones, gaps, plans, proposed sites, provenance."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.crs import crs_name
from access15.errors import CRSError, InputError
from access15.model import CriticalStreets, Facilities, Gaps, SitingPlan
from access15.outputs._frames import Columns, as_multi, number, points, text

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_GAP_TEXTS = ("area_id", "nearest_facility")
_GAP_NUMBERS = ("median_s", "max_s")
_GAP_JUDGEMENTS = {"kind": text, "reason": text, "priority": number, "recommendation": text}


def isochrones_layer(
    isochrones: gpd.GeoDataFrame | Sequence[gpd.GeoDataFrame], crs: str, *, headline_mode: str | None = None
) -> gpd.GeoDataFrame:
    """Return the layer ``isochrones`` from one table of isochrones or one per mode.

    Parameters
    ----------
    isochrones : GeoDataFrame or sequence of GeoDataFrame
        ``facility_id, mode, minutes`` and polygons, each in its own CRS.
    crs : str
        CRS of the layer.
    headline_mode : str, optional
        Mode that a GIS shows at first; the first one by default.

    Returns
    -------
    GeoDataFrame
        ``facility_id`` (missing = merged), ``mode, minutes, geometry``; large before small, so that small
        ones are drawn on top.
    """
    import pandas as pd

    parts = [isochrones] if hasattr(isochrones, "geometry") else list(isochrones)
    moved = [_in_crs(part, crs, "isochrones") for part in parts]
    columns = ["facility_id", "mode", "minutes"]
    flat = (
        pd.concat([pd.DataFrame({c: part[c].to_numpy(object) for c in columns}) for part in moved])
        if moved
        else None
    )
    shapes = (
        np.concatenate([part.geometry.to_numpy(object) for part in moved]) if moved else np.empty(0, object)
    )
    out = Columns("isochrones")
    for name in columns:
        values: Any = flat[name] if flat is not None else []
        out.add(name, np.array(values, np.float64) if name == "minutes" else text(values))
    frame = out.geoframe(as_multi(shapes), crs)
    order = frame.assign(_mode=frame["mode"].map({m: i for i, m in enumerate(dict.fromkeys(frame["mode"]))}))
    frame = frame.loc[
        order.reset_index().sort_values(["_mode", "minutes", "index"], ascending=[True, False, True])["index"]
    ]
    frame = frame.reset_index(drop=True)
    frame.attrs["geometry_type"] = "MultiPolygon"
    if headline_mode is not None:
        frame.attrs["style"] = {"mode": headline_mode}
    return frame


def _in_crs(frame: gpd.GeoDataFrame, crs: str, what: str) -> gpd.GeoDataFrame:
    if frame.crs is None:
        raise CRSError(f"the {what} have no CRS: set the one their coordinates are in")
    return frame if crs_name(frame.crs) == crs_name(crs) else frame.to_crs(crs)


def gaps_layer(gaps: Gaps | Sequence[Gaps], crs: str) -> gpd.GeoDataFrame:
    """Return the layer ``gaps``: one row per gap cluster, ranked; empty where there is no gap.

    Parameters
    ----------
    gaps : Gaps or sequence of Gaps
        More than one where a study looks for gaps in several modes; an id that two of them share is
        then prefixed by mode and cut-off.
    crs : str
        CRS of the layer.

    Returns
    -------
    GeoDataFrame
        ``gap_id, rank, mode, minutes, people, people_<group>…, area_id, nearest_facility, median_s, max_s,
        kind, reason, priority, recommendation``, further columns of the tables, and geometry. ``rank``
        counts within mode and cut-off. A time is NaN where no facility can be reached.
    """
    import pandas as pd

    parts = [gaps] if isinstance(gaps, Gaps) else list(gaps)
    tables = [_in_crs(g.table, crs, "gaps") for g in parts]
    ids = [[str(i) for i in table["gap_id"]] for table in tables]
    shared = len({i for part in ids for i in part}) < sum(map(len, ids))
    if shared:
        ids = [
            [f"{g.origin.profile.name}-{g.minutes:g}-{i}" for i in part]
            for g, part in zip(parts, ids, strict=True)
        ]
    flat = (
        pd.concat([pd.DataFrame(t.drop(columns=t.geometry.name)) for t in tables], ignore_index=True)
        if tables
        else pd.DataFrame()
    )
    return _gap_columns(flat, [i for part in ids for i in part], tables).geoframe(
        as_multi(
            np.concatenate([t.geometry.to_numpy(object) for t in tables]) if tables else np.empty(0, object)
        ),
        crs,
    )


def _gap_columns(flat: pd.DataFrame, ids: list[str], tables: Sequence[Any]) -> Columns:
    known = {"gap_id", "rank", "mode", "minutes", "people", *_GAP_TEXTS, *_GAP_NUMBERS, *_GAP_JUDGEMENTS}
    groups = [c for c in flat.columns if c.startswith("people_")]

    def column(name: str) -> Any:
        if name in flat.columns:
            return flat[name]
        if len(flat):
            raise InputError(f"the gaps have no column {name!r}: find them again with this version")
        return []

    out = Columns("gaps")
    out.add("gap_id", text(ids))
    out.add("rank", np.array(column("rank"), np.int64))
    out.add("mode", text(column("mode")))
    for name in ("minutes", "people", *groups):
        out.add(name, number(column(name)))
    for name in _GAP_TEXTS:
        out.add(name, text(column(name)))
    for name in _GAP_NUMBERS:
        out.add(name, number(column(name)))
    for name, kind in _GAP_JUDGEMENTS.items():
        out.add(name, kind(column(name)))
    for name in flat.columns:
        if name not in known and name not in groups:
            out.add(name, number(flat[name]) if flat[name].dtype.kind in "fiub" else text(flat[name]))
    for table in tables:
        out.aliases.update(
            {k: v for k, v in table.attrs.get("aliases", {}).items() if k in out.data and k != v}
        )
    return out


def critical_layer(critical: CriticalStreets, crs: str) -> gpd.GeoDataFrame:
    """Return the layer ``critical_streets``: one row per street, that whose closure uncovers the most people first.

    Parameters
    ----------
    critical : CriticalStreets
    crs : str
        CRS of the layer.

    Returns
    -------
    GeoDataFrame
        ``mode, minutes`` and the columns of `access15.CriticalStreets`; ``way_id`` is text.
    """
    table = _in_crs(critical.table, crs, "critical streets")
    kinds: dict[str, Any] = {
        "rank": _whole,
        "pieces": _whole,
        "bridge": _flag,
        "way_id": text,
        "highway": text,
    }
    out = Columns("critical_streets")
    out.add("rank", _whole(table["rank"]))
    out.add("mode", text([critical.origin.profile.name] * len(table)))
    out.add("minutes", number([critical.minutes] * len(table)))
    for name in table.columns.drop(["rank", table.geometry.name]):
        out.add(name, kinds.get(name, number)(table[name]))
    frame = out.geoframe(table.geometry.to_numpy(object), crs)
    frame.attrs["geometry_type"] = "MultiLineString"
    return frame


def plans_layer(plans: Mapping[str, SitingPlan]) -> pd.DataFrame:
    """Return the table ``plans``: one row per plan, with the proof of how good it is.

    Parameters
    ----------
    plans : mapping of str to SitingPlan
        By plan id.

    Returns
    -------
    DataFrame
        ``plan_id, model, mode, minutes, p, status, objective, bound, gap, notes``; ``minutes`` is NaN for
        models without a cut-off.
    """
    out, values = Columns("plans"), list(plans.values())
    out.add("plan_id", text(plans))
    out.add("model", text(plan.model for plan in values))
    out.add("mode", text(plan.origin.profile.name for plan in values))
    out.add("minutes", number([plan.minutes for plan in values]))
    out.add("p", np.array([plan.p for plan in values], np.int64))
    out.add("status", text(plan.status for plan in values))
    for name in ("objective", "bound", "gap"):
        out.add(name, number([getattr(plan, name) for plan in values]))
    out.add("notes", text("; ".join(plan.notes) or None for plan in values))
    return out.frame()


def sites_layer(
    plans: Mapping[str, SitingPlan], candidates: Facilities | Mapping[str, Facilities], crs: str
) -> gpd.GeoDataFrame:
    """Return the layer ``proposed_sites``: one row per site of each plan, in opening order.

    Parameters
    ----------
    plans : mapping of str to SitingPlan
        By plan id.
    candidates : Facilities, or mapping of plan id to Facilities
        The candidates the plans chose from.
    crs : str
        CRS of the layer.

    Returns
    -------
    GeoDataFrame
        ``plan_id, rank, candidate_id, source, gain, cumulative_people, cumulative_rate``, where they are known
        ``cost`` and ``elder_care_m``, and geometry.

    Raises
    ------
    InputError
        If a plan chose from other candidates.
    """
    import pandas as pd

    tables, shapes = [], []
    for plan_id, plan in plans.items():
        given = candidates if isinstance(candidates, Facilities) else candidates.get(plan_id)
        if given is None:
            raise InputError(f"no candidates were given for the plan {plan_id!r}")
        fits = plan.chosen.max(initial=-1) < len(given) and len(plan.table) == len(plan.chosen)
        if not fits or list(given.id[plan.chosen]) != [str(i) for i in plan.table["candidate_id"]]:
            raise InputError(
                f"the plan {plan_id!r} chose from other candidates: pass the ones it was made with"
            )
        tables.append(plan.table.assign(plan_id=plan_id))
        shapes.append(points(given.x[plan.chosen], given.y[plan.chosen], given.crs, crs))
    flat = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    out = Columns("proposed_sites")
    kinds: dict[str, Any] = {"plan_id": text, "rank": _whole, "candidate_id": text, "source": text}
    for name in ("plan_id", "rank", "candidate_id", "source", "gain", "cumulative_people", "cumulative_rate"):
        out.add(name, kinds.get(name, number)(flat[name] if tables else []))
    for name in ("cost", "elder_care_m"):
        if name in flat:
            out.add(name, number(flat[name]))
    frame = out.geoframe(np.concatenate(shapes) if shapes else np.empty(0, object), crs)
    frame.attrs["geometry_type"] = "Point"
    return frame


def rejected_layer(candidates: Facilities) -> pd.DataFrame:
    """Return the table ``rejected_candidates``: one row per place that may not or cannot be a site.

    Parameters
    ----------
    candidates : Facilities

    Returns
    -------
    DataFrame
        ``candidate_id, reason``.
    """
    out = Columns("rejected_candidates")
    out.add("candidate_id", text(name for name, _ in candidates.set_aside))
    out.add("reason", text(why for _, why in candidates.set_aside))
    return out.frame()


def _whole(values: Any) -> Any:
    return np.array(values, np.int64)


def _flag(values: Any) -> Any:
    return np.array(values, bool)


def provenance_layer(facts: Mapping[str, Any]) -> pd.DataFrame:
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
    out = Columns("provenance")
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
