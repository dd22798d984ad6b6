"""Times between two files of points as one long table."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.model import Facilities, LinkReason, Population, TravelTimes, tell
from access15.sources import Choice
from access15.study.clock import Clock, Progress
from access15.study.input_notes import points_note

if TYPE_CHECKING:
    import pandas as pd

    from access15.model import LinkedPoints
    from access15.study.settings import NetworkInput, TerrainInput

_IDS = ("origin_id", "destination_id")
_PAIRS_AT_ONCE = 1 << 20
"""Rows written in one go; each takes about a hundred bytes on its way."""


@dataclass(frozen=True, slots=True, eq=False)
class MatrixFiles:
    """What was written.

    Attributes
    ----------
    path, unlinked_path : Path
        The table of times, and beside it the points without a street.
    unlinked : DataFrame
        ``role`` (origin or destination), ``id, reason, nearest_m``.
    n_origins, n_destinations, n_pairs : int
    """

    path: Path
    unlinked_path: Path
    unlinked: pd.DataFrame
    n_origins: int
    n_destinations: int
    n_pairs: int


def write_matrix(
    network: Path | NetworkInput,
    origins: Path,
    destinations: Path,
    mode: str,
    out: Path,
    *,
    minutes: float | None = None,
    metres: bool = False,
    datum: str = "wgs84",
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    crs: str | None = None,
    decimal: str | None = None,
    hidden: str = "leave",
    accept_datum: bool = False,
    keep: Choice | None = None,
    drop: Choice | None = None,
    of_origins: Mapping[str, Any] | None = None,
    of_destinations: Mapping[str, Any] | None = None,
    date: datetime.date | None = None,
    terrain: TerrainInput | None = None,
    progress: Progress | None = None,
) -> MatrixFiles:
    """Write the times from every origin to every destination that it reaches, while they are searched.

    The table is never in memory as a whole. Its columns are ``origin_id, destination_id, seconds`` and,
    where asked for, ``metres``. The rows of one destination stand together, destinations and origins in
    the order of their files; where there are fewer origins than destinations, those of one origin do.
    Both files are written, or neither.

    Parameters
    ----------
    network : path or NetworkInput
        Streets.
    origins, destinations : path
        Tables or layers of points.
    mode : str
        Name of a travel profile.
    out : path
        The table, .csv or .parquet; the points without a street go to ``<name>.unlinked.csv``.
    minutes : float, optional
        Only pairs within this limit; every reachable pair without one.
    metres : bool
        Also the length of each fastest path, off-network legs included.
    datum : {"wgs84", "gcj02", "bd09"}
        Datum of both files of points.
    columns, layer, crs, decimal, hidden, accept_datum, keep, drop
        Of both files, as in `access15.read_facilities`.
    of_origins, of_destinations : mapping, optional
        What of these is different for one of the files: ``{"columns": {"id": "code"}}``.
    date : date, optional
        The day streets are read for.
    terrain : TerrainInput, optional
        Land that people cross between their streets.
    progress : callable, optional
        See `access15.study.Study.run`.
    """
    from access15.outputs import TableWriter, replacing, write_table
    from access15.profiles import profile_by_name
    from access15.search import check_datum
    from access15.sources import read_facilities
    from access15.study.reading_land import read_land
    from access15.study.settings import NetworkInput
    from access15.study.stages import read_streets
    from access15.travel_time import iter_travel_times

    profile, clock = profile_by_name(mode), Clock(progress)
    with clock.stage("read points"):
        how: dict[str, Any] = {
            "datum": datum,
            "judge": False,
            "columns": columns,
            "layer": layer,
            "crs": crs,
            "decimal": decimal,
            "hidden": hidden,
            "accept_datum": accept_datum,
            "keep": keep,
            "drop": drop,
        }
        start = read_facilities(origins, label="origins", **(how | dict(of_origins or {})))
        end = read_facilities(destinations, label="destinations", **(how | dict(of_destinations or {})))
    with clock.stage("read streets"):
        streets = read_streets(network if isinstance(network, NetworkInput) else NetworkInput(network), date)
    # One search per point of the shorter list.
    outward = len(start) < len(end)
    sites, others = (start, end) if outward else (end, start)
    people = Population.of(others.x, others.y, np.ones(len(others)), others.crs, cell_id=others.id)
    check_datum(streets, others)
    given = network if isinstance(network, NetworkInput) else NetworkInput(network)
    land = None
    if terrain is not None:
        with clock.stage("read land"):
            land = read_land(terrain, given, minutes, streets, sites, people)
    beside = out.with_name(f"{out.stem}.unlinked.csv")
    n_pairs = 0
    with clock.stage("travel times"), contextlib.ExitStack() as both:
        blocks = iter_travel_times(
            streets,
            sites,
            people,
            profile,
            minutes=minutes,
            direction="from" if outward else "to",
            metres=metres,
            pairs=_PAIRS_AT_ONCE,
            terrain=land,
        )
        # Each is written under a passing name; they take their places when both are whole.
        first, second = both.enter_context(replacing(out)), both.enter_context(replacing(beside))
        numbers = ["seconds", "metres"] if metres else ["seconds"]
        with contextlib.closing(blocks), TableWriter(first, _IDS, numbers) as writer:
            for times in blocks:
                n_pairs += len(times.cell)
                writer.write(_pairs(times, sites, others, outward))
        linked = (times.sites, times.cells) if outward else (times.cells, times.sites)
        unlinked = _unlinked((start, end), linked)
        told = [
            points_note(what, mode, found)
            for what, found in zip(("origins", "destinations"), linked, strict=True)
        ]
        tell(note for note in told if note.count)
        write_table(second, unlinked)
    return MatrixFiles(out, beside, unlinked, len(start), len(end), n_pairs)


def _pairs(times: TravelTimes, sites: Facilities, others: Facilities, outward: bool) -> pd.DataFrame:
    import pandas as pd

    ids = sites.id[times.facility], others.id[times.cell]
    columns: dict[str, Any] = dict(zip(_IDS, ids if outward else ids[::-1], strict=True))
    columns["seconds"] = times.seconds
    if times.metres is not None:
        # Centimetres: beyond that a 32-bit length has only noise to show.
        columns["metres"] = times.metres.astype(np.float64).round(2)
    return pd.DataFrame(columns)


def _unlinked(
    points: tuple[Facilities, Facilities], linked: tuple[LinkedPoints, LinkedPoints]
) -> pd.DataFrame:
    import pandas as pd

    parts = zip(("origin", "destination"), points, linked, strict=True)
    return pd.concat([_unlinked_of(*part) for part in parts], ignore_index=True)


def _unlinked_of(role: str, points: Facilities, linked: LinkedPoints) -> pd.DataFrame:
    import pandas as pd

    rows = np.flatnonzero(~linked.placed)
    words = {
        LinkReason.TOO_FAR: "no street near enough",
        LinkReason.NO_STREETS: "no street for this mode",
        LinkReason.ACROSS_WATER: "every street near enough lies across water",
        LinkReason.ON_CLOSED_LAND: "on closed land",
        LinkReason.OUTSIDE_TERRAIN: "outside the terrain",
    }
    reasons = [words.get(LinkReason(code), "") for code in linked.reason[rows].tolist()]
    return pd.DataFrame(
        {
            "role": pd.Series([role] * len(rows), dtype=object),
            "id": pd.Series(points.id[rows], dtype=object),
            "reason": pd.Series(reasons, dtype=object),
            "nearest_m": linked.leg_m[rows].round(1),
        }
    )
