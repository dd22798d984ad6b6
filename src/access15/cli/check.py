"""``access15 check``: figures against a baseline, and targets."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    help="Baseline; baseline.json beside the study unless named.",
)
@click.option("--update", is_flag=True, help="Write the baseline instead of comparing with it.")
@click.pass_context
def command(ctx: click.Context, study: Path, baseline: Path | None, update: bool) -> None:
    """Compare a study's figures with its baseline and targets.

    Exits with 1 if a figure moved beyond its tolerance or a target is missed.
    """
    from access15.cli._out import check_out_file
    from access15.cli._progress import stage_lines
    from access15.study import Study, check

    found = Study.from_toml(study)
    if update and baseline is not None:
        check_out_file(baseline, ".json")
    report = check(found, baseline, update=update, progress=stage_lines())
    click.echo(report.text())
    ctx.exit(0 if report.ok else 1)
