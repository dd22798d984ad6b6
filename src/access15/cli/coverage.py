"""``access15 coverage``: who is covered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from access15.cli import _options as options


@click.command()
@options.network_option
@options.terrain_options
@options.facilities_options
@options.population_options
@options.areas_options
@options.modes_option
@options.cutoffs_option
@options.direction_option
@options.geopackage_option
@options.lang_option
def command(out: Path, lang: str, **given: Any) -> None:
    """Count who reaches care in time; write a coverage GeoPackage."""
    from access15.cli._geopackage import write_parts

    write_parts(options.study_of(**given), out, ("isochrones",), lang)
