"""What ``demo`` and ``run`` share: run a study, write it, print it."""

from __future__ import annotations

from pathlib import Path

import click

from access15._kernels import first_run
from access15.cli._out import check_out_folder
from access15.cli._progress import stage_lines
from access15.model import said_in
from access15.study import Study, areas_below_targets, missed_targets


def run_study(study: Study, out: Path, lang: str = "en", also: tuple[str, ...] = ()) -> None:
    """Run a study, write its files into ``out`` and print its tables, in English (``en``) or Chinese (``zh``)."""
    check_out_folder(out)
    first_run.start()
    progress = stage_lines()
    result = study.run(progress)
    written = result.write(out, progress, lang=lang, also=also)
    click.echo(result.summary(lang))
    lines = [
        *(f"target missed: {line}" for line in missed_targets(result)),
        *areas_below_targets(result),
        *(f"written: {path}" for path in written.values()),
    ]
    for line in lines:
        click.echo(said_in(line, lang))
