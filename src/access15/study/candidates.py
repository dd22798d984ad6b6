"""Where a study lets new service points go: the places named in ``[siting]``, after its rules on land."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Bools, Floats, Rows
from access15.errors import InputError
from access15.model import Facilities
from access15.study.settings import GRID, JUNCTIONS, OSM, Settings, Siting
from access15.study.stages import Inputs, with_capacity

GRID_M: Final = 500.0
"""Step of a candidate grid, metres, unless the study names one."""

if TYPE_CHECKING:
    from access15.model import Areas


def list_candidates(inputs: Inputs, given: Settings, siting: Siting) -> Facilities:
    """Return the places a new service point may go; those that are not in a file lie inside the areas, where there are any.

    What the rules on land take out is in ``set_aside`` with its reason. With elder care, the candidates near it
    come first: they stay where spacing thins out, and win over later ones that serve the same people.

    Raises
    ------
    InputError
        If there is not one.
    """
    from access15.siting import filter_candidates
    from access15.sources import read_land

    found = _places(inputs, given, siting)
    if not len(found):
        raise InputError(f"[siting] candidates = {siting.candidates!r} gives no place: name another source")
    near = elder_care_m(found, given, siting)
    if near is not None and siting.elder_care_near_m:
        found = _in_order(found, np.argsort(near > siting.elder_care_near_m, kind="stable"))
    return filter_candidates(
        found,
        allowed=None if siting.allowed is None else read_land(siting.allowed),
        forbidden=None if siting.forbidden is None else read_land(siting.forbidden),
        min_spacing_m=0.0 if siting.candidates == GRID else siting.spacing_m or 0.0,
    )


def _places(inputs: Inputs, given: Settings, siting: Siting) -> Facilities:
    from access15.siting import filter_candidates, grid_candidates, junction_candidates
    from access15.sources import candidates_from_osm, read_facilities

    within: Areas | None = inputs.areas
    if siting.candidates == OSM:
        found = candidates_from_osm(given.network.path, siting.kinds)
        return found if within is None else filter_candidates(found, allowed=within)
    if siting.candidates == GRID:
        return grid_candidates(inputs.network, siting.spacing_m or GRID_M, within=within)
    if siting.candidates == JUNCTIONS:
        return junction_candidates(
            inputs.network, inputs.profile_of(siting.case(given.analysis).mode), within=within
        )
    found = read_facilities(
        Path(siting.candidates),
        datum=siting.datum,
        label="candidates",
        judge=False,
        columns=siting.candidate_columns,
        layer=siting.candidate_layer,
        crs=siting.candidate_crs,
        keep=siting.candidate_keep,
        drop=siting.candidate_drop,
        decimal=siting.decimal,
        hidden=siting.hidden,
        accept_datum=siting.accept_datum,
    )
    return with_capacity(found, given.capacity)


def _in_order(candidates: Facilities, order: Rows) -> Facilities:
    fields = (f.name for f in dataclasses.fields(candidates))
    columns = {name: getattr(candidates, name) for name in fields}
    moved: dict[str, Any] = {k: v[order] for k, v in columns.items() if isinstance(v, np.ndarray)}
    return dataclasses.replace(candidates, **moved)


def elder_care_m(points: Facilities, given: Settings, siting: Siting) -> Floats | None:
    """Return how far each point is from the nearest elder care, metres; None where the study names none."""
    from access15.siting import distances_m
    from access15.sources import candidates_from_osm, read_facilities

    if siting.elder_care is None:
        return None
    if siting.elder_care == OSM:
        return distances_m(points, candidates_from_osm(given.network.path, ("elder care",)))
    return distances_m(
        points,
        read_facilities(
            Path(siting.elder_care), label="elder care", judge=False, datum=siting.elder_care_datum
        ),
    )


def costs_of(candidates: Facilities, siting: Siting) -> list[float] | None:
    """Return the cost of every candidate: its own, else that of its kind; None without a budget.

    Raises
    ------
    InputError
        If a candidate has neither.
    """
    if siting.budget is None:
        return None
    by_kind = siting.costs or {}
    costs = [
        float(own) if own == own else by_kind.get(str(kind), np.nan)
        for own, kind in zip(candidates.cost.tolist(), candidates.kind, strict=True)
    ]
    missing = sorted({str(kind) for kind, cost in zip(candidates.kind, costs, strict=True) if cost != cost})
    if missing:
        kind = missing[-1]
        if not kind:
            raise InputError(
                "[siting] budget: some candidates have neither a cost nor a kind: fill in the column cost, or the column "
                "kind with the cost of each kind in costs"
            )
        raise InputError(
            f"[siting] costs has no candidates of the kind {kind!r}, and a candidate of it has no cost of its own: "
            "add the cost of the kind, or fill in the cost column"
        )
    return costs


def with_unlinked(candidates: Facilities, linked: Bools) -> Facilities:
    """Return the candidates with those that no street is near enough to listed as set aside; they take no part."""
    lost = tuple((str(i), "no street near enough") for i in candidates.id[~linked])
    return dataclasses.replace(candidates, set_aside=candidates.set_aside + lost)
