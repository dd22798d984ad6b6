"""How equally travel times are spread over residents: in total, per area and between kinds of areas."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import AnyInts, Bools, Floats, Int32s
from access15.coverage import assign_areas, ratio, rows_of
from access15.equity import measures
from access15.errors import InputError
from access15.model import Areas, Equity, NearestTimes, Population, expect
from access15.units import check_minutes

if TYPE_CHECKING:
    import pandas as pd


_POINTS: Final = 200
"""Most points of the Lorenz curve of a group: the shares of people between them are equal."""


def equity(
    times: NearestTimes,
    population: Population,
    areas: Areas | None = None,
    *,
    cap_minutes: float | None = None,
    beta: float = measures.BETA,
    kappa: float | None = None,
    tail: float = 0.05,
) -> Equity:
    """Measure how equally travel times are spread over residents: Gini, Lorenz, Theil, Kolm–Pollak, the worst served.

    Every measure weighs a cell by its people. The base stands in the table: ``counted`` people. Residents
    without a time (unlinked, unreachable, beyond the limit of the search) are ``unreached``: they have no
    number to average, so by default they are left out of the measures and counted beside them. A plan
    that reaches people for the first time, from far away, can then look *less* equal. With
    ``cap_minutes`` they count at the cap, as does everybody who needs longer, and nobody is left out: use one
    cap for all scenarios that are compared.

    Parameters
    ----------
    times : NearestTimes
        Computed for this population, best without a limit.
    population : Population
        ``n`` cells.
    areas : Areas, optional
        For measures per area, and for Theil within and between areas and between areas with and without each
        of their flags.
    cap_minutes : float, optional
        Longest time that counts, minutes.
    beta : float
        Aversion to inequality of the Kolm–Pollak measure, below 0 (practice value -0.5).
    kappa : float, optional
        κ of that measure per minute, below 0; by default ``beta Σt / Σt²`` over all counted people. Pass the
        ``kappa`` of the reference when scenarios are compared: otherwise they are measured by different rules.
    tail : float
        Share of people, the worst served, whose mean time is given.

    Returns
    -------
    Equity
        ``table``: per group and area, then ``(none)``, then the total (``area_id`` missing).

    Raises
    ------
    InputError
        If a value cannot be used, or no cell lies in any area.
    MismatchError
        If the times are of another population.

    Notes
    -----
    Sources stand with each measure in `access15.equity.measures`.
    """
    expect(times, NearestTimes, "times", "from nearest_times")
    expect(population, Population, "population", "from read_population")
    times.origin.check("the times", population=population)
    share = measures.check_share(tail, "tail")
    _below_zero(beta, "beta")
    minutes, cap = times.seconds / 60, math.inf
    if cap_minutes is not None:
        cap = check_minutes(cap_minutes, "cap_minutes")[0]
        if cap * 60 > times.limit_s:
            raise InputError(
                f"cap_minutes ({cap:g}) is beyond the times, which stop at {times.limit_s / 60:g} min: compute "
                "them without a limit, or lower the cap"
            )
        minutes = np.minimum(minutes, cap)
    counted = np.isfinite(minutes)
    if kappa is None:
        kappa = measures.kappa_of(minutes[counted], population.people[counted], beta)
    else:
        _below_zero(kappa, "kappa")
    cell_area = np.full(len(population), -1, np.int32) if areas is None else assign_areas(population, areas)
    ids, names, bins = rows_of(cell_area, areas)
    spread = _Spread(minutes, counted, bins, ids, names, kappa, share)
    groups = {"all": population.people, **population.groups}
    _tell_unreached(population, counted)
    import pandas as pd

    return Equity(
        table=pd.concat([spread.table(group, people) for group, people in groups.items()], ignore_index=True),
        lorenz=pd.concat(
            [spread.curve(group, people) for group, people in groups.items()], ignore_index=True
        ),
        theil=spread.decomposition(groups, cell_area, areas),
        kappa=kappa,
        beta=beta,
        tail=share,
        cap_minutes=cap,
        origin=times.origin,
    )


def _below_zero(value: float, name: str) -> None:
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not number or not -math.inf < value < 0:
        raise InputError(f"{name} must be a number below 0, as time is a burden, not {value!r}")


def _tell_unreached(population: Population, counted: Bools) -> None:
    people = float(population.people[~counted].sum())
    if people:
        warnings.warn(
            f"{people:,.0f} of {population.total:,.0f} residents have no time and are left out of the equity "
            "measures: cap_minutes counts them at a cap",
            stacklevel=3,
        )


class _Spread:
    """Minutes sorted once for all groups and areas."""

    def __init__(
        self,
        minutes: Floats,
        counted: Bools,
        bins: Int32s,
        ids: list[str],
        names: list[str],
        kappa: float,
        tail: float,
    ) -> None:
        rows = np.flatnonzero(counted)
        self.rows = rows[np.argsort(minutes[rows], kind="stable")]
        self.minutes, self.counted, self.bins = minutes[self.rows], counted, bins
        self.ids, self.names, self.kappa, self.tail = ids, names, kappa, tail
        by_area = np.argsort(bins[self.rows], kind="stable")
        ends = np.cumsum(np.bincount(bins[self.rows], minlength=len(ids)))
        self.parts = [
            by_area[end - size : end] for end, size in zip(ends, np.diff(ends, prepend=0), strict=True)
        ]
        self.parts = [*self.parts[: len(ids)], np.arange(len(self.rows))]

    def table(self, group: str, people: Floats) -> pd.DataFrame:
        """Return the measures of one group: one row per area, the total last."""
        import pandas as pd

        n = len(self.ids)
        residents = np.append(np.bincount(self.bins, people, n)[:n], people.sum())
        there = people[self.rows]
        found = [self._measures(self.minutes[part], there[part]) for part in self.parts]
        counted = np.array([there[part].sum() for part in self.parts])
        unreached = np.append(
            np.bincount(self.bins, np.where(self.counted, 0.0, people), n)[:n], people[~self.counted].sum()
        )
        columns: dict[str, Any] = {
            "group": group,
            "area_id": pd.Series([*self.ids, None], dtype=object),
            "name": pd.Series([*self.names, None], dtype=object),
            "people": residents,
            "counted": counted,
            "unreached": unreached,
            "unreached_share": ratio(unreached, residents),
        }
        return pd.DataFrame(columns).join(pd.DataFrame(found))

    def _measures(self, minutes: Floats, people: Floats) -> dict[str, float]:
        heads = float(people.sum())
        worst, begins = measures.worst_tail(minutes, people, self.tail)
        return {
            "mean_min": float(minutes @ people) / heads if heads > 0 else math.nan,
            "ede_min": measures.kolm_pollak(minutes, people, self.kappa),
            "gini": measures.gini(minutes, people),
            "theil": measures.theil(minutes, people),
            "worst_min": worst,
            "worst_from_min": begins,
        }

    def curve(self, group: str, people: Floats) -> pd.DataFrame:
        """Return the Lorenz curve of one group, at equal steps of people where there are many cells."""
        import pandas as pd

        heads, sums = measures.lorenz(self.minutes, people[self.rows])
        if len(heads) > _POINTS + 1 and np.isfinite(heads[-1]):
            steps = np.linspace(0, 1, _POINTS + 1)
            heads, sums = steps, np.interp(steps, heads, sums)
        return pd.DataFrame({"group": group, "people_share": heads, "minutes_share": sums})

    def decomposition(
        self, groups: dict[str, Floats], cell_area: Int32s, areas: Areas | None
    ) -> pd.DataFrame:
        """Return Theil within and between areas, and between areas with and without each flag."""
        import pandas as pd

        ways: dict[str, AnyInts] = {}
        if areas is not None:
            ways["areas"] = self.bins
            ways |= {
                flag: np.append(having, False)[cell_area].astype(int) for flag, having in areas.flags.items()
            }
        found = []
        for group, people in groups.items():
            for way, part in ways.items():
                within, between = measures.theil_parts(self.minutes, people[self.rows], part[self.rows])
                found.append((group, way, within, between, within + between))
        table = pd.DataFrame(found, columns=["group", "by", "within", "between", "total"])
        table["between_share"] = ratio(table["between"].to_numpy(float), table["total"].to_numpy(float))
        return table
