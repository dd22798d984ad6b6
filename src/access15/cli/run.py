"""``access15 run``: a whole study."""

from __future__ import annotations

from pathlib import Path

import click

from access15.cli._options import folder_option, lang_option


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@folder_option
@lang_option
@click.option(
    "--also",
    multiple=True,
    type=click.Choice(["parquet", "csv", "docx"]),
    help="Also write every layer as GeoParquet or CSV into the folder layers, or the report as a Word document, report.docx; may be given more than once.",
)
def command(study: Path, out: Path | None, lang: str, also: tuple[str, ...]) -> None:
    """Run the study described in STUDY, a study.toml.

    Writes a coverage GeoPackage, a map, a report, its tables and the figures into the folder the study names, or --out.
    """
    from access15.cli._run import run_study
    from access15.study import Study

    found = Study.from_toml(study)
    run_study(found, out or found.out, lang, also)
