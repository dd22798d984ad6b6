"""What a planner reads: coverage, gaps, plans. Small frozen objects around tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.arrays import Bools, Int32s
from access15.errors import InputError
from access15.model._base import freeze
from access15.model._html import table_page
from access15.model.interactive import MapLayer, areas_on_map, gaps_on_map, interactive_map, sites_on_map
from access15.model.travel_times import Origin

if TYPE_CHECKING:
    import folium
    import geopandas as gpd
    import pandas as pd

    from access15.model.points import Areas, Facilities
    from access15.model.street_network import StreetNetwork


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """People covered, by cut-off, group and area.

    Attributes
    ----------
    table : DataFrame
        The figures of record: ``points, mode, minutes, group, area_id, people, covered, uncovered,
        unreachable, unlinked, rate``; ``area_id`` missing = total; group ``all`` = everybody. In every
        row ``covered + uncovered + unreachable + unlinked = people``.
    summary : DataFrame
        One row per area, then ``(none)`` for cells in no area where there are any: ``area_id, name,
        people, mean_s, reached_share, p50_s, p80_s, p90_s, p95_s``; the row with a missing ``area_id``
        is the total. ``mean_s`` is over people reached, quantiles over all residents (NaN where that
        share is not reached).
    cell_area : (n,) int32
        Row of the area each cell lies in, -1 for none.
    minutes : tuple of float
    origin : Origin
    rounding_cells : tuple of int
        For each of ``minutes`` the cells whose time is so close to it that the rounding of times may decide
        their answer (`NearestTimes.within_rounding`).
    """

    table: pd.DataFrame
    summary: pd.DataFrame
    cell_area: Int32s
    minutes: tuple[float, ...]
    origin: Origin
    rounding_cells: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        freeze(self, "cell_area", np.int32)

    def rate(self, minutes: float, group: str = "all", area_id: str | None = None) -> float:
        """Return the share of residents covered (NaN where nobody lives).

        Raises
        ------
        InputError
            If the cut-off, the group or the area was not computed.
        """
        t = self.table
        area = t["area_id"].isna() if area_id is None else t["area_id"] == area_id
        rows = t[(t["minutes"] == minutes) & (t["group"] == group) & area]
        if rows.empty:
            cuts = ", ".join(f"{cut:g}" for cut in self.minutes)
            place = "" if area_id is None else f", area {area_id!r}"
            raise InputError(
                f"there is no figure for {minutes:g} min, group {group!r}{place}: there are {cuts} min and the groups "
                f"{', '.join(dict.fromkeys(t['group']))}"
            )
        return float(rows["rate"].iloc[0])

    def __repr__(self) -> str:
        rates = ", ".join(f"{m:g} min {self.rate(m):.1%}" for m in self.minutes)
        return f"<Coverage {self.origin.profile.name}: {rates}>"

    def explore(
        self,
        areas: Areas,
        *,
        minutes: float | None = None,
        group: str = "all",
        network: StreetNetwork | None = None,
        tiles: Any = None,
        **more: Any,
    ) -> folium.Map:
        """Return an interactive map of the areas, coloured by rate.

        Parameters
        ----------
        areas : Areas
            Those the coverage was counted by.
        minutes : float, optional
            Cut-off; by default the last.
        group : str
            Group of people.
        network, tiles, **more
            As in `Gaps.explore`.

        Raises
        ------
        MissingPackageError
            If ``access15[notebook]`` is not installed.
        InputError
            If there is no such figure, or it was counted by other areas.
        """
        return interactive_map([self.areas_on_map(areas, minutes, group)], network, tiles, **more)

    def areas_on_map(self, areas: Areas, minutes: float | None, group: str) -> MapLayer:
        """Return the layer that `explore` draws; parameters and errors as there."""
        cut = self.minutes[-1] if minutes is None else float(minutes)
        known = set(self.table["group"])
        if cut not in self.minutes or group not in known:
            have = f"{', '.join(f'{m:g}' for m in self.minutes)} min, groups {', '.join(sorted(known))}"
            raise InputError(f"there is no coverage of group {group!r} within {cut:g} min: there are {have}")
        rows = self.table[(self.table["minutes"] == cut) & (self.table["group"] == group)]
        return areas_on_map(f"covered within {cut:g} min, {self.origin.profile.name}", rows, areas)

    def _repr_html_(self) -> str:
        totals = self.table[self.table["area_id"].isna()]
        return table_page(repr(self), totals.drop(columns=["area_id", "points", "mode"]))


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """Clusters of under-served cells, worst first.

    Attributes
    ----------
    table : GeoDataFrame
        One row per cluster, ranked: ``gap_id, rank, mode, minutes, people, people_<group>…, area_id,
        nearest_facility, median_s, max_s, kind, reason, priority, recommendation, place, cluster_id,
        centre_x, centre_y, serve_s``.
    cell_gap : (n,) int32
        Row of ``table`` each cell belongs to, -1 for cells that are served or
        in a gap that ``min_people`` left out.
    minutes : float
    origin : Origin
    """

    table: gpd.GeoDataFrame
    cell_gap: Int32s
    minutes: float
    origin: Origin

    def __post_init__(self) -> None:
        freeze(self, "cell_gap", np.int32)

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        people = float(self.table["people"].sum()) if len(self.table) else 0.0
        return f"<Gaps {self.origin.profile.name} {self.minutes:g} min: {len(self):,} clusters, {people:,.0f} people>"

    def explore(self, *, network: StreetNetwork | None = None, tiles: Any = None, **more: Any) -> folium.Map:
        """Return an interactive map of the gaps; it works offline.

        Parameters
        ----------
        network : StreetNetwork, optional
            Streets, drawn below.
        tiles : str, xyzservices provider or folium layer, optional
            Background, loaded from a server; None: no background.
        **more
            For `folium.Map`, such as ``height``.

        Raises
        ------
        MissingPackageError
            If ``access15[notebook]`` is not installed.
        InputError
            If there is no gap.
        """
        return interactive_map([self.on_map()], network, tiles, **more)

    def on_map(self) -> MapLayer:
        """Return the layer that `explore` draws."""
        return gaps_on_map(f"gaps, {self.origin.profile.name} {self.minutes:g} min", self.table)

    def _repr_html_(self) -> str:
        columns = ["rank", "place", "people", "median_s", "max_s", "kind", "reason", "recommendation"]
        return table_page(repr(self), self.table[[c for c in columns if c in self.table]])


@dataclass(frozen=True, slots=True, eq=False)
class SitingPlan:
    """Chosen sites, with the proof of how good the choice is.

    Attributes
    ----------
    model : str
        Name of the model that made it, one of `access15.siting.MODELS`.
    status : str
        ``optimal``, ``feasible`` (time limit hit; see ``gap``) or ``infeasible``.
    objective, bound, gap : float
        Value of the plan, proven bound on any plan, and ``|bound - objective| / |objective|``.
    p : int
        Number of sites.
    chosen : (p,) int32
        Candidate rows, in opening order (largest marginal gain first).
    table : DataFrame
        One row per site: ``rank, candidate_id, source, gain, cumulative_people, cumulative_rate``: people
        within the cut-off. For plain coverage the gains sum to the objective's rise over the existing
        facilities; where the objective adds up something else a further column does: ``objective_gain``
        (weights, several modes, coverage that fades out), ``backup_gain`` or ``served_gain`` (with ``served``
        and ``capacity``). Plans with a budget have ``cost``.
    covered : (n,) bool
        Cells within ``minutes`` of an existing facility or a chosen site.
    minutes : float
        Cut-off; NaN for models without one.
    notes : tuple of str
        What the planner should know (demand nobody can reach, candidates that could not be linked).
    origin : Origin
        Of the candidate matrix.
    by_time : bool
        Whether the model judges travel times; else people within the cut-off. ``gain`` says nothing of such a plan.
    unit : str
        What ``objective`` and ``bound`` count, such as ``people``, ``sites`` or ``person-seconds``.
    """

    model: str
    status: str
    objective: float
    bound: float
    gap: float
    p: int
    chosen: Int32s
    table: pd.DataFrame
    covered: Bools
    minutes: float
    origin: Origin
    notes: tuple[str, ...] = field(default=())
    by_time: bool = False
    unit: str = "people"

    def __post_init__(self) -> None:
        freeze(self, "chosen", np.int32)
        freeze(self, "covered", np.bool_)

    def __repr__(self) -> str:
        return (
            f"<SitingPlan {self.model} p={self.p}: {self.status}, objective {self.objective:,.1f}, "
            f"bound {self.bound:,.1f}, gap {self.gap:.2%}>"
        )

    def explore(
        self, candidates: Facilities, *, network: StreetNetwork | None = None, tiles: Any = None, **more: Any
    ) -> folium.Map:
        """Return an interactive map of the sites; it works offline.

        Parameters
        ----------
        candidates : Facilities
            Those the plan chose from.
        network, tiles, **more
            As in `Gaps.explore`.

        Raises
        ------
        MissingPackageError
            If ``access15[notebook]`` is not installed.
        MismatchError
            If the plan chose from other candidates.
        """
        return interactive_map([self.sites_on_map(candidates)], network, tiles, **more)

    def sites_on_map(self, candidates: Facilities) -> MapLayer:
        """Return the layer that `explore` draws; errors as there."""
        self.origin.check("the plan", facilities=candidates)
        x, y = candidates.x[self.chosen], candidates.y[self.chosen]
        return sites_on_map(f"proposed sites, {self.model}", self.table, x, y, candidates.crs)

    def _repr_html_(self) -> str:
        return table_page(repr(self), self.table, self.notes)


@dataclass(frozen=True, slots=True, eq=False)
class Equity:
    """How equally travel times are spread over residents. Every measure weighs a cell by its people.

    Attributes
    ----------
    table : DataFrame
        Per group (``all`` = everybody) one row per area, ``(none)`` for cells in no area where there are
        any, and the total (``area_id`` missing): ``group, area_id, name, people, counted, unreached,
        unreached_share, mean_min, ede_min, gini, theil, worst_min, worst_from_min``. Measures are over the
        ``counted`` people; ``people = counted + unreached``. ``ede_min`` is the Kolm–Pollak
        equally-distributed equivalent: minutes that would be as good if all needed the same. ``worst_min``
        is the mean over the worst-served share ``tail``, ``worst_from_min`` the time it begins at.
    lorenz : DataFrame
        Lorenz curve per group: ``group, people_share, minutes_share``, lowest times first.
    theil : DataFrame
        ``group, by, within, between, total, between_share``: the Theil index within and between ``areas``,
        and between areas with and without each flag; empty without areas.
    kappa : float
        κ of the Kolm–Pollak measure, per minute; pass it on to compare scenarios.
    beta, tail : float
    cap_minutes : float
        Longest time that counts, ``inf`` without a cap.
    origin : Origin
    """

    table: pd.DataFrame
    lorenz: pd.DataFrame
    theil: pd.DataFrame
    kappa: float
    beta: float
    tail: float
    cap_minutes: float
    origin: Origin

    @property
    def total(self) -> pd.Series[float]:
        """The row of all residents."""
        return self.table[self.table["area_id"].isna() & (self.table["group"] == "all")].iloc[0]

    def __repr__(self) -> str:
        row = self.total
        return (
            f"<Equity {self.origin.profile.name}: mean {row['mean_min']:.1f} min, EDE {row['ede_min']:.1f} min, "
            f"Gini {row['gini']:.3f}, {row['unreached']:,.0f} people unreached>"
        )

    def _repr_html_(self) -> str:
        return table_page(repr(self), self.table)
