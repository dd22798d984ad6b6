"""``access15 inspect``: what a file is."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", help="Only this layer, or this sheet.")
@click.option(
    "--network",
    type=click.Path(path_type=Path),
    help="Streets: they tell in which datum points in China are.",
)
@click.option(
    "--datum",
    type=click.Choice(["wgs84", "gcj02", "bd09"]),
    help="Datum to read positions in; what the columns say unless named.",
)
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Language of what is said.",
)
def command(file: Path, layer: str | None, network: Path | None, datum: str | None, lang: str) -> None:
    """Say what a file is: rows, columns as understood, tiers, people, what would be set aside, and what changes it."""
    from access15.study import inspect_file

    for what, text in inspect_file(file, layer=layer, network=network, datum=datum, lang=lang):
        click.echo(f"{what}: {text}")
