"""``access15 compare``: what changed between two results."""

from __future__ import annotations

from pathlib import Path

import click

from access15.cli._options import lang_option

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("before", type=_FILE)
@click.argument("after", type=_FILE)
@click.option("--out", type=_FILE, help="GeoPackage to write: what changed per cell, area and facility.")
@click.option("--report", type=_FILE, help="Short report to write: one .html file.")
@lang_option
def command(before: Path, after: Path, out: Path | None, report: Path | None, lang: str) -> None:
    """Compare two coverage GeoPackages: who gains, who loses, and what changed among the inputs."""
    from access15.cli._out import check_out_file
    from access15.study import compare

    if out is not None:
        check_out_file(out, ".gpkg")
    if report is not None:
        check_out_file(report, ".html", option="--report")
    found = compare(before, after)
    written = [] if out is None else [found.to_gpkg(out, lang)]
    written += [] if report is None else [found.report(report, lang)]
    click.echo(found.summary(lang))
    for path in written:
        click.echo(f"written: {path}")
