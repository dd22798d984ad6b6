"""``access15 site``: where the next service points should go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from access15.cli import _options as options
from access15.errors import InputError


@click.command()
@options.network_option
@options.facilities_options
@options.population_options
@options.areas_options
@click.option(
    "--candidates", required=True, help="Where sites may go: junctions, grid, or a table or layer of points."
)
@click.option(
    "--spacing", "spacing_m", type=float, help="Step of a grid, or least distance of junctions, metres."
)
@click.option("--p", type=int, help="How many sites.")
@click.option(
    "--target", type=float, help="Share of residents to reach, such as 0.9, with as few sites as can be."
)
@click.option(
    "--time-limit",
    "time_limit_s",
    type=float,
    default=60.0,
    show_default=True,
    help="Seconds to prove the best.",
)
@options.mode_option
@options.cutoff_option
@options.direction_option
@options.geopackage_option
def command(
    out: Path,
    mode: str,
    minutes: float,
    candidates: str,
    spacing_m: float | None,
    p: int | None,
    target: float | None,
    time_limit_s: float,
    **given: Any,
) -> None:
    """Propose sites that reach the most people, or the fewest sites that reach a share; write a GeoPackage."""
    from access15.cli._geopackage import write_parts
    from access15.study.settings import Siting

    _check(p, target, spacing_m)
    siting = Siting(candidates, mode, minutes, p, target, spacing_m, given["datum"], time_limit_s)
    study = options.study_of(modes=(mode,), minutes=(minutes,), siting=siting, **given)
    write_parts(study, out, ("siting",))


def _check(p: int | None, target: float | None, spacing_m: float | None) -> None:
    if (p is None) == (target is None):
        raise InputError("name either --p (how many sites) or --target (the share of residents to reach)")
    if p is not None and p < 1:
        raise InputError(f"--p must be 1 or more, not {p}")
    if target is not None and not 0 < target <= 1:
        raise InputError(f"--target must be a share above 0 and at most 1, such as 0.9, not {target:g}")
    if spacing_m is not None and not spacing_m >= 0:
        raise InputError(f"--spacing must be 0 or more metres, not {spacing_m:g}")
