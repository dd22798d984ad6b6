"""``access15 explore``: the explorer."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Port of the page. Default: the first free one from 8715 on.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address; do not open it.")
def command(study: Path, port: int | None, no_browser: bool) -> None:
    """Drag a clinic and watch who gains: open STUDY, a study.toml, in the browser.

    The page is served to this machine alone and needs no internet. Ctrl-C ends it, and so do 30 minutes without a page.
    """
    from access15.cli._progress import stage_lines
    from access15.explorer import open_explorer
    from access15.study import Study

    explorer = open_explorer(Study.from_toml(study), port, stage_lines())
    click.echo(f"open {explorer.address}")
    if not no_browser and not webbrowser.open(explorer.address):
        click.echo("access15: note: no browser was found here: open the address in one", err=True)
    try:
        explorer.run()
    except KeyboardInterrupt:
        click.echo("closed", err=True)
