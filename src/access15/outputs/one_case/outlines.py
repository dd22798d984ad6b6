"""Shaded gaps, and the outline of whom each site newly reaches: both computed from the cells themselves."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from access15.arrays import Bools, Floats, Ints
from access15.crs import to_crs
from access15.outputs.findings import PROPOSED
from access15.outputs.one_case.case_figures import Figures, gaps_here
from access15.outputs.one_case.dots import radii, square_of
from access15.outputs.one_case.frame import Frame, frame_of
from access15.outputs.one_case.marks import WHITE, Mark, area, lines
from access15.outputs.palette import GAP_FILL, GAP_INK, PLAN

MANY: Final = 2000
SEEN: Final = 3.0
"""Of more than so many dots in a shape, one is kept in each square of so many pixels."""

_SMALLEST_GAP: Final = 0.005
"""Share of all uncovered people below which a gap stays dots without shading."""


def blob(x: Floats, y: Floats, radius: Floats, unit: float = 1.0) -> Any:
    """Return the shape around dots: closed over about one spacing of dots; of many, one for each spot that can be seen."""
    import shapely

    if len(x) > MANY:
        _, kept = np.unique(square_of(x, y, SEEN), return_index=True)
        x, y, radius = x[kept], y[kept], radius[kept]
    spots = shapely.points(x, y)
    step = 6.0 * unit
    if len(spots) > 1:
        _, away = shapely.STRtree(spots).query_nearest(
            spots, exclusive=True, return_distance=True, all_matches=False
        )
        step = min(max(3.0 * float(np.median(away)), 9.0 * unit), 15.0 * unit)
    reach = np.maximum(radius, 0.6) + 3.5 * unit + step
    shape = shapely.union_all(shapely.buffer(spots, reach, quad_segs=4))
    return shapely.simplify(shapely.buffer(shape, -step), 0.4)


def gap_marks(
    figures: Figures, frame: Frame, spots: tuple[Floats, Floats, Floats], land: Any, most: int
) -> tuple[list[Mark], list[tuple[float, float]]]:
    """Return the shaded gaps, each cut at the coast and at those above it, and where their badges belong.

    Parameters
    ----------
    figures : Figures
    frame : Frame
    spots : tuple of (n,) float64
        Pixels and radius of every cell.
    land : shape or None
    most : int
        Gaps that get a badge.
    """
    import shapely

    gaps = figures.findings.gaps
    if gaps is None or not gaps_here(figures) or not len(gaps):
        return [], []
    (x, y, radius), table = spots, gaps.table
    order = np.argsort(table["rank"].to_numpy(), kind="stable")
    least = _SMALLEST_GAP * (figures.total - figures.covered)
    people = table["people"].to_numpy(float)
    out: list[Mark] = []
    places, above = [], None
    for place, row in enumerate(order):
        if people[row] < least and place >= most:
            continue
        cells = np.flatnonzero((gaps.cell_gap == row) & (figures.people > 0))
        if not len(cells):
            continue
        if people[row] >= least:
            shape = blob(x[cells], y[cells], radius[cells], frame.unit)
            if land is not None:
                shape = shapely.intersection(shape, land)
            if above is not None:
                shape = shapely.difference(shape, above)
            above = shape if above is None else shapely.union(above, shape)
            out.append(area(shape, fill=GAP_FILL, alpha=0.62, stroke=GAP_INK, width=frame.unit))
        if place < most:
            weight = figures.people[cells]
            mx, my = np.average(x[cells], weights=weight), np.average(y[cells], weights=weight)
            near = cells[np.argmin(np.hypot(x[cells] - mx, y[cells] - my))]
            places.append((float(x[near]), float(y[near])))
    return out, places


def site_of_cells(figures: Figures) -> Ints:
    """Return which site newly reaches each cell, as its place in opening order; -1 for none.

    The nearest by travel time where the run with the plan is known, else along the straight way.
    """
    findings, plan, candidates = figures.findings, figures.findings.plan, figures.findings.candidates
    out = np.full(len(figures.people), -1)
    if plan is None or candidates is None or figures.planned is None or not plan.p:
        return out
    gained: Bools = figures.planned & ~figures.within & (figures.people > 0)
    cx, cy = to_crs(candidates.x[plan.chosen], candidates.y[plan.chosen], candidates.crs, findings.crs)
    px, py = to_crs(findings.population.x, findings.population.y, findings.population.crs, findings.crs)
    away = np.hypot(np.asarray(px)[gained, None] - cx, np.asarray(py)[gained, None] - cy)
    nearest = away.argmin(axis=1)
    run = findings.compared.get(PROPOSED)
    if run is not None and findings.headline_case in run.times:
        times = run.times[findings.headline_case]
        today = len(findings.points_of(findings.headline_case))
        row = times.facility[gained] - today
        known = (row >= 0) & (row < plan.p) & (len(times.sites.linked) == today + plan.p)
        nearest = np.where(known, row, nearest)
    out[gained] = nearest
    return out


def reach_shapes(figures: Figures) -> Any:
    """Return whom each site newly reaches as shapes in the metric CRS, for a map of another frame."""
    import shapely

    frame = frame_of(figures, 900.0, 900.0, 300.0, 1.5)
    people = figures.findings.population
    east, north = to_crs(people.x, people.y, people.crs, figures.findings.crs)
    x, y = frame.x(np.asarray(east)), frame.y(np.asarray(north))
    owner, radius = site_of_cells(figures), radii(figures.people, frame.unit)[0]
    plan = figures.findings.plan
    found = [np.flatnonzero(owner == site) for site in range(0 if plan is None else plan.p)]
    flat = [blob(x[c], y[c], np.minimum(radius[c], 9.0), frame.unit) for c in found if len(c)]
    return shapely.transform(
        np.array(flat, object),
        lambda xy: np.column_stack([xy[:, 0] / frame.scale + frame.x0, frame.y0 - xy[:, 1] / frame.scale]),
    )


def reach_marks(figures: Figures, frame: Frame, spots: tuple[Floats, Floats, Floats]) -> list[Mark]:
    """Return the outline of whom each site newly reaches, blue on white."""
    plan = figures.findings.plan
    if plan is None or figures.planned is None:
        return []
    (x, y, radius), owner = spots, site_of_cells(figures)
    out: list[Mark] = []
    for site in range(plan.p):
        cells = np.flatnonzero(owner == site)
        if len(cells):
            edge = _outline(blob(x[cells], y[cells], radius[cells], frame.unit))
            out.append(lines(edge, stroke=WHITE, width=3.4 * frame.unit))
            out.append(lines(edge, stroke=PLAN, width=1.7 * frame.unit))
    return out


def _outline(shape: Any) -> Any:
    import shapely

    return shapely.multilinestrings(
        [shapely.linestrings(shapely.get_coordinates(r)) for r in shapely.get_rings(shapely.get_parts(shape))]
    )
