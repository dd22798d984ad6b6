"""Times between two files of points as one long table."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.model import Facilities, LinkReason, Population, TravelTimes
from access15.study.clock import Clock, Progress

if TYPE_CHECKING:
    import pandas as pd

    from access15.model import LinkedPoints
    from access15.study.settings import NetworkInput


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """A long table of times; immutable.

    Attributes
    ----------
    pairs : DataFrame
        ``origin_id, destination_id, seconds`` and ``metres`` where asked for, origins in the order of
        their file, destinations within them.
    unlinked : DataFrame
        ``role`` (origin or destination), ``id, reason, nearest_m`` of points without a street.
    n_origins, n_destinations : int
    """

    pairs: pd.DataFrame
    unlinked: pd.DataFrame
    n_origins: int
    n_destinations: int

    def write(self, path: Path) -> Path:
        """Write the pairs to .csv or .parquet and the unlinked points beside them, both or neither.

        Returns
        -------
        Path
            The table of unlinked points, ``<name>.unlinked.csv``.
        """
        from access15.outputs import replacing, write_table

        unlinked = path.with_name(f"{path.stem}.unlinked.csv")
        with contextlib.ExitStack() as both:
            # Each is written under a passing name; they take their places when both are whole.
            first = both.enter_context(replacing(path))
            second = both.enter_context(replacing(unlinked))
            write_table(first, self.pairs)
            write_table(second, self.unlinked)
        return unlinked


def time_matrix(
    network: Path | NetworkInput,
    origins: Path,
    destinations: Path,
    mode: str,
    *,
    minutes: float | None = None,
    metres: bool = False,
    datum: str = "wgs84",
    progress: Progress | None = None,
) -> Matrix:
    """Return the times from every origin to every destination that it reaches.

    Parameters
    ----------
    network : path or NetworkInput
        Streets.
    origins, destinations : path
        Tables or layers of points.
    mode : str
        Name of a travel profile.
    minutes : float, optional
        Only pairs within this limit; every reachable pair without one.
    metres : bool
        Also the length of each fastest path, off-network legs included.
    datum : {"wgs84", "gcj02", "bd09"}
        Datum of both files of points.
    progress : callable, optional
        See `access15.study.Study.run`.
    """
    from access15.profiles import profile_by_name
    from access15.sources import read_facilities
    from access15.study.settings import NetworkInput
    from access15.study.stages import read_streets
    from access15.travel_time import travel_times

    profile, clock = profile_by_name(mode), Clock(progress)
    with clock.stage("read points"):
        start = read_facilities(origins, datum=datum, label="origins")
        end = read_facilities(destinations, datum=datum, label="destinations")
        people = Population.of(start.x, start.y, np.ones(len(start)), start.crs, cell_id=start.id)
    with clock.stage("read streets"):
        streets = read_streets(network if isinstance(network, NetworkInput) else NetworkInput(network))
    with clock.stage("travel times"):
        times = travel_times(streets, end, people, profile, minutes=minutes, direction="to", metres=metres)
    return Matrix(_pairs(times, start, end), _unlinked(times, start, end), len(start), len(end))


def _pairs(times: TravelTimes, origins: Facilities, destinations: Facilities) -> pd.DataFrame:
    import pandas as pd

    # Pairs come by destination; a stable sort by origin keeps the destinations in order.
    order = np.argsort(times.cell, kind="stable")
    columns: dict[str, Any] = {
        "origin_id": origins.id[times.cell[order]],
        "destination_id": destinations.id[times.facility[order]],
        "seconds": times.seconds[order],
    }
    if times.metres is not None:
        # Centimetres: beyond that a 32-bit length has only noise to show.
        columns["metres"] = times.metres[order].astype(np.float64).round(2)
    return pd.DataFrame(columns)


def _unlinked(times: TravelTimes, origins: Facilities, destinations: Facilities) -> pd.DataFrame:
    import pandas as pd

    parts = [("origin", origins, times.cells), ("destination", destinations, times.sites)]
    return pd.concat([_unlinked_of(*part) for part in parts], ignore_index=True)


def _unlinked_of(role: str, points: Facilities, linked: LinkedPoints) -> pd.DataFrame:
    import pandas as pd

    rows = np.flatnonzero(~linked.linked)
    words = {LinkReason.TOO_FAR: "no street near enough", LinkReason.NO_STREETS: "no street for this mode"}
    reasons = [words.get(LinkReason(code), "") for code in linked.reason[rows].tolist()]
    return pd.DataFrame(
        {
            "role": pd.Series([role] * len(rows), dtype=object),
            "id": pd.Series(points.id[rows], dtype=object),
            "reason": pd.Series(reasons, dtype=object),
            "nearest_m": linked.leg_m[rows].round(1),
        }
    )
