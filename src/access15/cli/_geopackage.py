"""What ``coverage``, ``gaps`` and ``site`` share: run parts of a study into one GeoPackage."""

from __future__ import annotations

from pathlib import Path

import click

from access15.cli._out import check_out_file
from access15.cli._progress import stage_lines
from access15.study import Study, StudyResult


def write_parts(study: Study, out: Path, parts: tuple[str, ...], lang: str) -> StudyResult:
    """Run a study's parts, write them to ``out`` and print the tables."""
    check_out_file(out, ".gpkg")
    result = study.run(stage_lines(), parts=parts)
    result.to_gpkg(out, lang=lang)
    click.echo(result.summary(lang))
    click.echo(f"written: {out}")
    return result
