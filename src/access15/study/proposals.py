"""The sites that a study proposes, how many would be enough, and how firm they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from access15.model import Areas, Facilities, NearestTimes, SitingPlan
from access15.siting import MODELS
from access15.study.candidates import costs_of, elder_care_m, list_candidates, with_unlinked
from access15.study.settings import Analysis, Settings, Siting
from access15.study.stages import Inputs, direction_of

if TYPE_CHECKING:
    import pandas as pd

MARGIN_MIN: Final = 2.0
SPEED_SHARE: Final = 0.1
"""By how much the sensitivity runs of a plan move the cut-off and the speeds."""

NEAR_M: Final = 250.0
"""Distance within which a site of a sensitivity run counts as the same place, metres."""


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """The plan of a study, the curve of coverage and how firm the plan is, where these were asked for."""

    plan: SitingPlan
    candidates: Facilities
    frontier: pd.DataFrame | None
    robustness: pd.DataFrame | None


def chosen_sites(plan: SitingPlan, candidates: Facilities) -> Facilities:
    """Return the chosen candidates in opening order."""
    rows, given = plan.chosen, candidates
    return Facilities.of(given.x[rows], given.y[rows], given.crs, ids=given.id[rows], name=given.name[rows])


def propose(inputs: Inputs, times: Mapping[str, NearestTimes], given: Settings, siting: Siting) -> Proposal:
    """Return the best sites among the places a new service point may go, with their distance to elder care."""
    proposal = _locate(
        inputs, times, list_candidates(inputs, given, siting), siting, given.analysis, given.area_target
    )
    near = elder_care_m(chosen_sites(proposal.plan, proposal.candidates), given, siting)
    if near is not None:
        proposal.plan.table["elder_care_m"] = near
    return proposal


def _locate(
    inputs: Inputs,
    times: Mapping[str, NearestTimes],
    candidates: Facilities,
    siting: Siting,
    analysis: Analysis,
    area_target: float | None,
) -> Proposal:
    """Return the best sites among the candidates for people the existing service points leave out."""
    from access15.siting import frontier, locate, robustness
    from access15.travel_time import travel_times

    # 1. Times from all candidates to people, as far as the model looks.
    case = siting.case(analysis)
    matrix = travel_times(
        inputs.network,
        candidates,
        inputs.population,
        inputs.profile_of(case.mode),
        minutes=_reach(siting, case.minutes),
        direction=direction_of(analysis),
        max_snap_m=analysis.max_snap_m,
        terrain=inputs.terrain,
    )
    given = matrix, inputs.population, times[case.mode]
    # 2. The plan.
    limit_s, asked = siting.time_limit_s, _asked(siting, candidates, inputs.areas, area_target)
    plan = locate(
        *given,
        candidates=candidates,
        minutes=case.minutes,
        p=siting.p,
        target=siting.target,
        time_limit_s=limit_s,
        **asked,
    )
    # 3. Where asked: how much each number of sites would cover, and how firm the choice is.
    curve = firm = None
    if siting.frontier is not None:
        curve = frontier(
            *given,
            p_max=siting.frontier,
            candidates=candidates,
            minutes=case.minutes,
            weights=siting.weights,
            time_limit_s=limit_s,
        )
    if siting.robustness:
        firm = robustness(
            plan,
            *given,
            candidates=candidates,
            margin=MARGIN_MIN,
            speed=SPEED_SHARE,
            near_m=NEAR_M,
            p=siting.p,
            time_limit_s=limit_s,
            **asked,
        )
    return Proposal(plan, with_unlinked(candidates, matrix.sites.linked), curve, firm)


def _reach(siting: Siting, minutes: float) -> float | None:
    """Return how far candidates must be searched from, minutes; None = without a limit."""
    if MODELS[siting.objective].every_time:
        return None
    return max(minutes + MARGIN_MIN, minutes * (1 + SPEED_SHARE)) if siting.robustness else minutes


def _asked(
    siting: Siting, candidates: Facilities, areas: Areas | None, area_target: float | None
) -> dict[str, Any]:
    """Return what a study says of the objective, as arguments of `locate`."""
    return {
        "objective": siting.objective,
        "weights": siting.weights,
        "full_minutes": siting.full_minutes,
        "budget": siting.budget,
        "costs": costs_of(candidates, siting),
        "areas": areas if "areas" in MODELS[siting.objective].takes else None,
        "area_target": area_target,
    }
