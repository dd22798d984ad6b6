"""The figures of a comparison: who gains, who loses, by mode, cut-off, group and area, and by cell and facility."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Floats, Int32s, Objects, Rows
from access15.coverage import NO_AREA, QUANTILES, quantiles_by_part, ratio
from access15.crs import crs_name
from access15.study.comparing.pair import Common, Pair
from access15.study.comparing.sides import SAME_M, Side, places
from access15.units import minutes_label, minutes_to_ms, slug

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_P90: Final = list(QUANTILES).index("p90_s")
_MS: Final = 1000.0

FACILITY_COLUMNS: Final = ("name", "tier", "services", "capacity", "status")
"""What of a facility may change besides its place."""


def change_table(pair: Pair) -> pd.DataFrame:
    """Return the figures of record of a comparison.

    Returns
    -------
    DataFrame
        ``points, mode, minutes, group, area_id`` (missing = total), ``people_, covered_, rate_, mean_, p90_``
        before, after and change, and people who ``gain`` (covered only after), ``lose`` (covered only
        before), are ``faster`` or ``slower``: all counted as the people before. ``by_population`` is the
        change in people covered because people came or went. In every row
        ``gain - lose + by_population = covered_change``.
    """
    import pandas as pd

    ids, bins = _parts(pair)
    rows = []
    for case in pair.cases:
        t_old, t_new = pair.seconds(case)
        for group in pair.groups:
            p_old, p_new = pair.people(group)
            times = _time_figures(t_old, t_new, p_old, p_new, bins, len(ids))
            for cut in case.minutes:
                figures = _covered_figures(t_old, t_new, p_old, p_new, cut, bins, len(ids)) | times
                key = {"points": case.after.points, "mode": case.after.mode, "minutes": cut, "group": group}
                rows.append(
                    pd.DataFrame({**key, "area_id": pd.Series([*ids, None], dtype=object), **figures})
                )
    out = pd.concat(rows, ignore_index=True)
    out["area_id"] = out["area_id"].astype(object).where(out["area_id"].notna(), None)
    return out


def _parts(pair: Pair) -> tuple[list[str], Int32s]:
    """Return the ids of the areas with cells, and the area of each cell as a row of them."""
    known = [*dict.fromkeys(str(i) for side in (pair.after, pair.before) for i in side.areas["area_id"])]
    used = {area for area in pair.area_id if area is not None}
    ids = [name for name in known if name in used]
    if not ids:
        return [], np.zeros(len(pair.area_id), np.int32)
    if any(area is None for area in pair.area_id):
        ids.append(NO_AREA)
    row = {name: i for i, name in enumerate(ids)}
    return ids, np.array([row[NO_AREA if area is None else area] for area in pair.area_id], np.int32)


def _sums(values: Floats, bins: Int32s, parts: int) -> Floats:
    """Return the sum of each part, then the total."""
    return np.append(np.bincount(bins, values, parts)[:parts], values.sum())


def _covered_figures(
    t_old: Floats, t_new: Floats, p_old: Floats, p_new: Floats, cut: float, bins: Any, parts: int
) -> dict[str, Floats]:
    limit = minutes_to_ms(cut) / _MS
    was, is_ = t_old <= limit, t_new <= limit
    sums = {
        "people_before": p_old,
        "people_after": p_new,
        "covered_before": p_old * was,
        "covered_after": p_new * is_,
        "gain": p_old * (is_ & ~was),
        "lose": p_old * (was & ~is_),
        "by_population": (p_new - p_old) * is_,
    }
    out = {name: _sums(values, bins, parts) for name, values in sums.items()}
    out["people_change"] = out["people_after"] - out["people_before"]
    out["covered_change"] = out["covered_after"] - out["covered_before"]
    explained = out["gain"] - out["lose"] + out["by_population"]
    size = np.maximum(out["people_before"], out["people_after"])
    if (np.abs(explained - out["covered_change"]) > 1e-9 * size + 1e-6).any():
        raise AssertionError(
            "gains and losses do not make up the change: this is a defect of access15, report it"
        )
    for when in ("before", "after"):
        out[f"rate_{when}"] = ratio(out[f"covered_{when}"], out[f"people_{when}"])
    out["rate_change"] = out["rate_after"] - out["rate_before"]
    return out


def _time_figures(
    t_old: Floats, t_new: Floats, p_old: Floats, p_new: Floats, bins: Int32s, parts: int
) -> dict[str, Floats]:
    out: dict[str, Floats] = {}
    for when, seconds, people in (("before", t_old, p_old), ("after", t_new, p_new)):
        there = np.isfinite(seconds)
        spent = _sums(np.where(there, seconds, 0.0) * people, bins, parts)
        out[f"mean_{when}_s"] = ratio(spent, _sums(people * there, bins, parts))
        out[f"p90_{when}_s"] = quantiles_by_part(seconds, people, bins, parts)[:, _P90]
    for what in ("mean", "p90"):
        out[f"{what}_change_s"] = out[f"{what}_after_s"] - out[f"{what}_before_s"]
    out["faster"] = _sums(p_old * (t_new < t_old), bins, parts)
    out["slower"] = _sums(p_old * (t_new > t_old), bins, parts)
    return out


def cell_changes(pair: Pair, headline: tuple[str, float]) -> gpd.GeoDataFrame:
    """Return one row per cell: people and times before and after, and what changed at each cut-off.

    ``change`` is that of the headline: ``gain``, ``lose``, ``faster``, ``slower``, ``same``, ``new`` or ``gone``.
    """
    import geopandas as gpd

    people = pair.people("all")
    data: dict[str, Any] = {
        "cell_id": pair.cell_id,
        "area_id": pair.area_id,
        "people_before": people[0],
        "people_after": people[1],
    }
    change = np.full(len(pair.cell_id), "same", object)
    for case in pair.cases:
        t_old, t_new = pair.seconds(case)
        name = case.after.column
        data[f"{name}_before_s"] = _finite(np.where(pair.row_before >= 0, t_old, np.nan))
        data[f"{name}_after_s"] = _finite(np.where(pair.row_after >= 0, t_new, np.nan))
        data[f"{name}_change_s"] = _finite(data[f"{name}_after_s"] - data[f"{name}_before_s"])
        for cut in case.minutes:
            word = _words(pair, t_old, t_new, cut)
            data[f"change_{name}_{minutes_label(cut)}"] = word
            if (case.after.mode, cut) == headline:
                change = word
    data["change"] = change
    return gpd.GeoDataFrame(
        data, geometry=_shapes(pair, "cells", pair.row_before, pair.row_after), crs=pair.after.crs
    )


def _words(pair: Pair, t_old: Floats, t_new: Floats, cut: float) -> Objects:
    limit = minutes_to_ms(cut) / _MS
    was, is_ = t_old <= limit, t_new <= limit
    word = np.full(len(t_old), "same", object)
    word[t_new < t_old], word[t_new > t_old] = "faster", "slower"
    word[is_ & ~was], word[was & ~is_] = "gain", "lose"
    word[pair.row_before < 0], word[pair.row_after < 0] = "new", "gone"
    return word


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _shapes(pair: Pair, layer: str, row_before: Any, row_after: Any) -> Any:
    """Return the later shapes, the earlier ones for what is gone, in the later CRS."""
    old, new = getattr(pair.before, layer), getattr(pair.after, layer)
    crs = pair.after.crs
    if crs_name(old.crs) != crs:
        old = old.to_crs(crs)
    if crs_name(new.crs) != crs:
        new = new.to_crs(crs)
    first = np.array([*old.geometry.to_numpy(object), None], object)[row_before]
    second = np.array([*new.geometry.to_numpy(object), None], object)[row_after]
    return np.where(np.asarray(row_after) >= 0, second, first)


def area_changes(pair: Pair, table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return one row per area with people: per case and cut-off what changed for all residents."""
    import geopandas as gpd

    everybody = table[table["group"] == "all"]
    if everybody["area_id"].notna().any():
        everybody = everybody[everybody["area_id"].notna()]
    ids = list(dict.fromkeys(everybody["area_id"]))
    rows = [_rows_by_id(side.areas, "area_id", [str(i) for i in ids]) for side in (pair.before, pair.after)]
    if ids == [None]:  # A study without areas has one row that stands for all.
        rows = [np.zeros(1, np.intp) for _ in rows]
    names = [
        np.array([*side.areas["name"], None], object)[at]
        for side, at in zip((pair.before, pair.after), rows, strict=True)
    ]
    data: dict[str, Any] = {"area_id": ids, "name": np.where(rows[1] >= 0, names[1], names[0])}
    for case in pair.cases:
        mine = everybody[(everybody["points"] == case.after.points) & (everybody["mode"] == case.after.mode)]
        data |= _area_columns(case, mine)
    return gpd.GeoDataFrame(data, geometry=_shapes(pair, "areas", *rows), crs=pair.after.crs)


def _area_columns(case: Common, table: pd.DataFrame) -> dict[str, Any]:
    out: dict[str, Any] = {}
    name = case.after.column
    for cut in case.minutes:
        rows = table[table["minutes"] == cut]
        if cut == case.minutes[0]:
            out = {what: rows[what].to_numpy() for what in ("people_before", "people_after")}
            for what in ("mean", "p90"):
                out[f"{what}_change_{name}_s"] = rows[f"{what}_change_s"].to_numpy()
            for what in ("faster", "slower"):
                out[f"{what}_{name}"] = rows[what].to_numpy()
        for what in ("gain", "lose", "covered_change", "rate_change"):
            out[f"{what}_{name}_{minutes_label(cut)}"] = rows[what].to_numpy()
    return out


def _rows_by_id(frame: Any, column: str, ids: list[str]) -> Rows:
    at = {str(name): row for row, name in enumerate(frame[column])}
    return np.array([at.get(name, -1) for name in ids], np.intp)


def facility_changes(pair: Pair) -> gpd.GeoDataFrame:
    """Return one row per facility of either result: ``added``, ``removed``, ``moved``, ``changed`` or ``same``.

    ``moved_m`` is the distance from the old place, ``changed`` names the columns that differ, and the people
    whose nearest facility this is stand before and after.
    """
    import geopandas as gpd

    old, new = pair.before.facilities, pair.after.facilities
    ids = list(dict.fromkeys([*(str(i) for i in new["facility_id"]), *(str(i) for i in old["facility_id"])]))
    row_old, row_new = (_rows_by_id(frame, "facility_id", ids) for frame in (old, new))
    both = (row_old >= 0) & (row_new >= 0)
    moved_m = np.full(len(ids), np.nan)
    apart = places(new, pair.after.crs)[row_new[both]] - places(old, pair.after.crs)[row_old[both]]
    moved_m[both] = np.hypot(*apart.T) if both.any() else []
    differ = [
        _differences(old, new, a, b) if a >= 0 <= b else "" for a, b in zip(row_old, row_new, strict=True)
    ]
    change = np.where(row_old < 0, "added", np.where(row_new < 0, "removed", "same")).astype(object)
    change[both & (np.array(differ, object) != "")] = "changed"
    change[both & (moved_m > SAME_M)] = "moved"
    data: dict[str, Any] = {
        "facility_id": ids,
        "name": _either(old, new, "name", row_old, row_new),
        "change": change,
        "moved_m": moved_m,
        "changed": [text or None for text in differ],
        "capacity_before": _column(old, "capacity", row_old),
        "capacity_after": _column(new, "capacity", row_new),
    }
    for case in pair.cases:
        for cut in case.minutes:
            ending = f"{slug(case.after.column)}_{minutes_label(cut)}"
            data[f"people_{ending}_before"] = _column(
                old, f"people_{case.before.column}_{minutes_label(cut)}", row_old
            )
            data[f"people_{ending}_after"] = _column(new, f"people_{ending}", row_new)
    return gpd.GeoDataFrame(data, geometry=_shapes(pair, "facilities", row_old, row_new), crs=pair.after.crs)


def _column(frame: Any, name: str, rows: Rows) -> Floats:
    if name not in frame:
        return np.full(len(rows), np.nan)
    return np.append(frame[name].to_numpy(np.float64, na_value=np.nan), np.nan)[rows]


def _either(old: Any, new: Any, name: str, row_old: Any, row_new: Any) -> Any:
    first, second = (np.array([*frame[name], None], object) for frame in (old, new))
    return np.where(row_new >= 0, second[row_new], first[row_old])


def _differences(old: Any, new: Any, row_old: int, row_new: int) -> str:
    pairs = ((name, old[name].iloc[row_old], new[name].iloc[row_new]) for name in FACILITY_COLUMNS)
    return ", ".join(name for name, a, b in pairs if not (a == b or (_blank(a) and _blank(b))))


def _blank(value: Any) -> bool:
    return value is None or value != value or value == ""


def input_changes(before: Side, after: Side) -> pd.DataFrame:
    """Return the facts of the provenance that differ: ``part, key, before, after``, without the times of stages."""
    import pandas as pd

    rows = []
    for key in dict.fromkeys([*before.facts, *after.facts]):
        old, new = before.facts.get(key), after.facts.get(key)
        part = key.partition(".")[0]
        if part != "seconds" and old != new:
            rows.append((part, key, old, new))
    return pd.DataFrame(rows, columns=["part", "key", "before", "after"], dtype=object)
