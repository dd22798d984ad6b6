"""``access15 gaps``: where the people live who are not covered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from access15.cli import _options as options
from access15.errors import InputError


@click.command()
@options.network_option
@options.terrain_options
@options.facilities_options
@options.population_options
@options.areas_options
@options.mode_option
@options.cutoff_option
@options.direction_option
@click.option(
    "--serve-minutes",
    type=float,
    help="Longest time from a gap's people to its centre; the cut-off unless named.",
)
@click.option(
    "--weight",
    "group_weights",
    multiple=True,
    callback=options.weights,
    metavar="GROUP=NUMBER",
    help="How much a member of a group counts in the priority, such as 65+=1.5.",
)
@click.option(
    "--circuits",
    is_flag=True,
    help="Also route mobile circuits by car to the gaps that nothing fixed serves (needs pyvrp).",
)
@options.geopackage_option
@options.lang_option
def command(
    out: Path,
    lang: str,
    mode: str,
    minutes: float,
    serve_minutes: float | None,
    group_weights: dict[str, float] | None,
    circuits: bool,
    **given: Any,
) -> None:
    """Find clusters of people who do not reach care in time; write a GeoPackage."""
    from access15.cli._geopackage import write_parts
    from access15.study import GapRules, Outreach

    if serve_minutes is not None and not serve_minutes > 0:
        raise InputError(f"--serve-minutes must be above 0, not {serve_minutes:g}")
    rules = GapRules(mode, minutes, serve_minutes=serve_minutes, group_weights=group_weights)
    outreach = Outreach() if circuits else None
    study = options.study_of(modes=(mode,), minutes=(minutes,), gaps=rules, outreach=outreach, **given)
    write_parts(study, out, ("gaps",), lang)
