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
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "github"]),
    default="text",
    show_default=True,
    help="What is printed: lines for people, or annotations for GitHub Actions.",
)
@click.option("--junit", type=click.Path(path_type=Path), help="Also write JUnit XML here.")
@click.pass_context
def command(
    ctx: click.Context, study: Path, baseline: Path | None, update: bool, style: str, junit: Path | None
) -> None:
    """Compare a study's figures with its baseline and targets.

    Exits with 1 if a figure moved beyond its tolerance or a target is missed.
    """
    from access15.cli._out import check_out_file
    from access15.cli._progress import stage_lines
    from access15.study import Study, check, github_text, write_junit

    found = Study.from_toml(study)
    if update and baseline is not None:
        check_out_file(baseline, ".json", option="--baseline")
    if junit is not None:
        check_out_file(junit, ".xml", option="--junit")
    report = check(found, baseline, update=update, progress=stage_lines())
    click.echo(github_text(report) if style == "github" else report.text())
    if junit is not None:
        write_junit(report, junit)
    ctx.exit(0 if report.ok else 1)
