"""``access15 demo``: the bundled study, offline."""

from __future__ import annotations

from pathlib import Path

import click

from access15.cli._options import folder_option, lang_option


@click.command()
@click.option("--sample", "name", default="monaco", show_default=True, help="Name of the bundled study.")
@folder_option
@lang_option
def command(name: str, out: Path | None, lang: str) -> None:
    """Run the bundled sample study end to end, offline.

    Writes a coverage GeoPackage, a map, a report and its tables into the folder access15-demo, or --out.
    """
    from access15.cli._run import run_study
    from access15.study import sample

    run_study(sample(name), out or Path("access15-demo"), lang)
