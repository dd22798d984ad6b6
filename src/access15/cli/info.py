"""``access15 info``: versions, for bug reports."""

from __future__ import annotations

import click


@click.command()
def command() -> None:
    """Print the versions that a bug report needs."""
    import os

    from access15.study import versions

    found = {**versions(), "processors": str(os.cpu_count())}
    width = max(map(len, found))
    for name, version in found.items():
        click.echo(f"{name:<{width}}  {version}")
