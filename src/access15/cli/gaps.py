"""``access15 gaps``: where the people live who are not covered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from access15.cli import _options as options


@click.command()
@options.network_option
@options.facilities_options
@options.population_options
@options.areas_options
@options.mode_option
@options.cutoff_option
@options.direction_option
@options.geopackage_option
def command(out: Path, mode: str, minutes: float, **given: Any) -> None:
    """Find clusters of people who do not reach care in time; write a GeoPackage."""
    from access15.cli._geopackage import write_parts

    write_parts(options.study_of(modes=(mode,), minutes=(minutes,), **given), out, ("gaps",))
