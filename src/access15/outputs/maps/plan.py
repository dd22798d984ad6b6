"""Maps of what could be: a siting plan, and the times before and after a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import numpy as np

from access15.arrays import Rows
from access15.crs import crs_name
from access15.errors import InputError, MismatchError
from access15.model import Areas, Facilities, NearestTimes, Population, SitingPlan, StreetNetwork, expect
from access15.outputs.layers.proposed_sites import sites_layer
from access15.outputs.maps import parts
from access15.outputs.maps.checks import check_options
from access15.outputs.maps.coverage import Path
from access15.outputs.maps.sheet import Sheet, SheetOptions
from access15.outputs.palette import CHANGES, GETS, HAD, LACKS, hex_color
from access15.units import check_limit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NOTICED_S = 60.0
"""A time that changed by less is drawn as before."""


def plot_plan(
    plan: SitingPlan,
    candidates: Facilities,
    population: Population,
    *,
    existing: NearestTimes | None = None,
    network: StreetNetwork | None = None,
    facilities: Facilities | None = None,
    areas: Areas | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    path: Path | None = None,
    lang: str = "en",
    **more: Unpack[SheetOptions],
) -> Axes:
    """Draw a map of proposed sites and whom they reach.

    Parameters
    ----------
    plan : SitingPlan
        From `access15.locate`.
    candidates : Facilities
        Those the plan chose from; the others are drawn small.
    population : Population
        The cells of the plan.
    existing : NearestTimes, optional
        Times to the existing facilities, as given to `access15.locate`: people whom the plan reaches are
        then distinguished from people who had care before.
    network, facilities, areas, title, ax, path, lang, **more
        As in `access15.plot_coverage`.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there are no cells, or the plan chose from other candidates.
    MismatchError
        If the plan or the times are of other people.
    OutputError
        If the file cannot be written.
    """
    check_options(plot_plan, more, network=network, facilities=facilities, areas=areas)
    _check_plan(plan, candidates, population, existing)
    sheet = Sheet(title, parts.names(areas), ax=ax, path=path, lang=lang, **more)
    shapes = parts.cell_frame(sheet, population, network, parts.near(facilities))
    before = np.zeros(len(population), bool)
    if existing is not None and np.isfinite(plan.minutes):
        before = existing.within(plan.minutes)
    kind = np.where(before, 0, np.where(plan.covered, 1, 2)).astype(np.intp)
    colors = [hex_color(rgb) for rgb in (HAD, GETS, LACKS)]
    labels = [sheet.word[w] for w in ("had", "gets" if existing is not None else "with_plan", "lacks")]
    parts.draw_cells(sheet, shapes, kind, colors, population.people)
    sheet.classes(parts.class_entries(kind, labels, colors, population.people))
    parts.ground(sheet, network, areas, facilities)
    parts.draw_candidates(sheet, candidates.x, candidates.y, candidates.crs)
    if plan.p:
        parts.draw_sites(sheet, sites_layer({"plan": plan}, candidates, crs_name(sheet.crs)))
    mode, word, total = sheet.term(plan.origin.profile.name), sheet.word, population.total
    line = word["plan_share"].format(
        n=plan.p,
        before=parts.percent(population.people[before].sum(), total),
        people=f"{total:,.0f}",
        after=parts.percent(population.people[plan.covered].sum(), total),
    )
    proof = word["plan_status"].format(model=sheet.term(plan.model), status=sheet.term(plan.status))
    limit = f", {plan.minutes:g} {word['min']}" if np.isfinite(plan.minutes) else ""
    listing = [
        ("", word["site_line"].format(gain=f"{gain:,.0f}", rate=f"{rate:.1%}"))
        for gain, rate in zip(plan.table["gain"], plan.table["cumulative_rate"], strict=True)
    ]
    return sheet.finish(
        f"{word['plan_title']}: {mode}{limit}",
        f"{line}   ·   {proof}",
        word["plan_within"].format(minutes=plan.minutes) if limit else word["plan_what"],
        parts.ranked_lines(listing),
        word["site_list"],
    )


def plot_change(
    before: NearestTimes,
    after: NearestTimes,
    population: Population,
    *,
    minutes: float = 15,
    network: StreetNetwork | None = None,
    facilities: Facilities | None = None,
    areas: Areas | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    path: Path | None = None,
    lang: str = "en",
    **more: Unpack[SheetOptions],
) -> Axes:
    """Draw a map of who gains and who loses between two states.

    Parameters
    ----------
    before, after : NearestTimes
        Of the same people; facilities, streets or the profile may differ.
    population : Population
        The cells of both.
    minutes : float
        Cut-off that people gain or lose.
    facilities : Facilities, optional
        Those to show, such as the ones after the change.
    network, areas, title, ax, path, lang, **more
        As in `access15.plot_coverage`.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there are no cells.
    MismatchError
        If the times are of other people, or end before ``minutes``.
    OutputError
        If the file cannot be written.
    """
    check_options(plot_change, more, network=network, facilities=facilities, areas=areas)
    parts.check_cells(before, population, None)
    parts.check_cells(after, population, None)
    sheet = Sheet(title, parts.names(areas), ax=ax, path=path, lang=lang, **more)
    minutes = check_limit(minutes)
    shapes = parts.cell_frame(sheet, population, network, parts.near(facilities))
    kind = _change_classes(before, after, minutes)
    colors = [hex_color(rgb) for rgb in CHANGES]
    labels = [
        sheet.word[w].format(minutes=minutes)
        for w in ("now_within", "quicker", "same", "slower", "no_longer_within")
    ]
    parts.draw_cells(sheet, shapes, kind, colors, population.people)
    sheet.classes(parts.class_entries(kind, labels, colors, population.people))
    parts.ground(sheet, network, areas, facilities)
    total = population.total
    shares = [parts.percent(population.people[t.within(minutes)].sum(), total) for t in (before, after)]
    line = sheet.word["change_share"].format(
        before=shares[0], after=shares[1], people=f"{total:,.0f}", minutes=minutes
    )
    modes = " → ".join(dict.fromkeys(sheet.term(t.profile.name) for t in (before, after)))
    return sheet.finish(
        f"{sheet.word['change_title']}: {modes}, {minutes:g} {sheet.word['min']}",
        line,
        sheet.word["change_what"],
    )


def _change_classes(before: NearestTimes, after: NearestTimes, minutes: float) -> Rows:
    had, has = before.within(minutes), after.within(minutes)
    # A cell that is reached for the first time has become quicker, one no longer reached slower.
    kind = np.full(len(before), 2, np.intp)
    kind[after.seconds <= before.seconds - _NOTICED_S] = 1
    kind[after.seconds >= before.seconds + _NOTICED_S] = 3
    kind[np.isinf(before.seconds) & np.isinf(after.seconds)] = 2
    kind[has & ~had], kind[had & ~has] = 0, 4
    return kind


def _check_plan(
    plan: SitingPlan, candidates: Facilities, population: Population, existing: NearestTimes | None
) -> None:
    expect(plan, SitingPlan, "plan", "from locate")
    expect(candidates, Facilities, "candidates", "such as from junction_candidates")
    expect(population, Population, "population", "from read_population")
    if not len(population):
        raise InputError("there is no populated cell to draw: check the population")
    if len(plan.covered) != len(population):
        raise MismatchError(
            f"the plan is for {len(plan.covered):,} cells and the population has {len(population):,}: "
            "pass the people it was made for"
        )
    plan.origin.check("the plan", population=population, facilities=candidates)
    if existing is not None:
        parts.check_cells(existing, population, None)
