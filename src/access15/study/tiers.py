"""Coverage by tiers and services, each with its own mode and cut-off."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from access15.study.settings import Settings
from access15.study.stages import Inputs, direction_of
from access15.study.stations import rows_named, some

if TYPE_CHECKING:
    from access15.outputs import TierCoverage


def cover_tiers(inputs: Inputs, given: Settings) -> tuple[TierCoverage, ...]:
    """Return who reaches the service points of every entry of ``[[tiers]]``.

    Raises
    ------
    InputError
        If a name is no tier and no service of the service points.
    """
    from access15.coverage import coverage
    from access15.outputs import TierCoverage
    from access15.travel_time import nearest_times

    analysis, headline, out = given.analysis, given.analysis.headline_case, []
    for tier in given.tiers:
        rows = rows_named(tier.of, inputs.facilities, f"[[tiers]] {tier.name!r}")
        points = dataclasses.replace(some(inputs.facilities, rows), label=tier.name)
        minutes = tier.minutes or headline.minutes
        times = nearest_times(
            inputs.network,
            points,
            inputs.population,
            inputs.profile_of(tier.mode or headline.mode),
            direction=direction_of(analysis),
            max_snap_m=analysis.max_snap_m,
            terrain=inputs.terrain,
        )
        found = coverage(times, inputs.population, minutes, inputs.areas)
        out.append(TierCoverage(tier.name, len(points), minutes, found))
    return tuple(out)
