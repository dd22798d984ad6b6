"""What a run computes besides times and coverage: steps that each add their part to the result, in this order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial

from access15.study import outreach, proposals, referral, stages
from access15.study.result import StudyResult
from access15.study.scenarios import with_scenarios
from access15.study.settings import Outreach, Settings, Siting

Step = Callable[[StudyResult], StudyResult]


def steps(given: Settings, parts: Collection[str]) -> Iterator[tuple[str, Step]]:
    """Return name and function of every step that the parts asked for and the study's tables call for.

    Parameters
    ----------
    given : Settings
    parts : collection of str
        Of `access15.study.study.PARTS`.
    """
    if "gaps" in parts and given.analysis.critical_streets is not None:
        yield "critical streets", _find_critical
    if given.tiers:
        yield "tiers and services", _cover_tiers
    if "isochrones" in parts:
        yield "isochrones", _draw_isochrones
    if "gaps" in parts:
        yield "gaps", _find_gaps
    if "siting" in parts and given.siting is not None:
        yield "sites", partial(_propose_sites, siting=given.siting)
        if "gaps" in parts and given.outreach is None:
            yield "gaps and sites", _follow_plan
    if "gaps" in parts and given.outreach is not None:
        yield "outreach", partial(_plan_services, rules=given.outreach)
    if "referral" in parts:
        yield "referral", _refer
    if "scenarios" in parts and (given.scenarios or ("siting" in parts and given.siting is not None)):
        yield "scenarios", with_scenarios


def _find_critical(result: StudyResult) -> StudyResult:
    found = stages.find_critical(result.inputs, result.times, result.study.settings.analysis)
    return result.adding(critical=found)


def _cover_tiers(result: StudyResult) -> StudyResult:
    from access15.study.tiers import cover_tiers

    return result.adding(tiers=cover_tiers(result.inputs, result.study.settings))


def _draw_isochrones(result: StudyResult) -> StudyResult:
    from access15.sources import read_water

    given, analysis = result.inputs, result.study.settings.analysis
    water = None if analysis.water is None else read_water(analysis.water)
    shapes = stages.draw_isochrones(
        given.network,
        given.facilities,
        analysis,
        water,
        own_points=given.own_points,
        dispatch_minutes=given.dispatch_minutes,
        terrain=given.terrain,
    )
    return result.adding(isochrones=shapes)


def _find_gaps(result: StudyResult) -> StudyResult:
    given = result.study.settings
    assigned = stages.assign_people(result.inputs, given.analysis)
    gaps = stages.look_for_gaps(result.inputs, result.times, assigned, given)
    return result.adding(gaps=gaps, catchments=assigned)


def _propose_sites(result: StudyResult, siting: Siting) -> StudyResult:
    found = proposals.propose(result.inputs, result.times, result.study.settings, siting)
    return result.adding(
        candidates=found.candidates, plan=found.plan, frontier=found.frontier, robustness=found.robustness
    )


def _follow_plan(result: StudyResult) -> StudyResult:
    """Let the gaps say which of the proposed sites serves them: gaps and sites are one plan."""
    from access15.outreach import follow_plan

    assert result.gaps is not None, "sites follow the gaps"
    if result.plan is None or result.candidates is None or not len(result.plan.chosen):
        return result
    sites = proposals.chosen_sites(result.plan, result.candidates)
    gaps = follow_plan(result.inputs.network, result.gaps, sites)
    mode = result.study.settings.emergency.referral_mode
    return result.adding(gaps=outreach.name_providers(result.inputs, gaps, mode))


def _plan_services(result: StudyResult, rules: Outreach) -> StudyResult:
    """Add the services for the gaps; their table is then that of the result's gaps."""
    assert result.gaps is not None, "services follow the gaps"
    sites = None
    if result.plan is not None and result.candidates is not None:
        sites = proposals.chosen_sites(result.plan, result.candidates)
    plan = outreach.send_out(result.inputs, result.gaps, sites, rules)
    plan = replace(plan, gaps=outreach.name_providers(result.inputs, plan.gaps, rules.mode))
    settlements = outreach.list_settlements(result.inputs, plan, result.study.settings)
    return result.adding(gaps=plan.gaps, outreach=plan, settlements=settlements)


def _refer(result: StudyResult) -> StudyResult:
    given = result.study.settings
    onward = referral.next_tiers(result.inputs, given.emergency, given.analysis.max_snap_m)
    return result.adding(referral=onward)
