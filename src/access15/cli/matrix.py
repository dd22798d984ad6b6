"""``access15 matrix``: times between points."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from access15.cli import _options as options

if TYPE_CHECKING:
    import pandas as pd

    from access15.study import MatrixFiles

_SHOWN = 5


@click.command()
@options.network_option
@options.terrain_options
@click.option(
    "--origins", required=True, type=click.Path(path_type=Path), help="Points that travel: id, lon, lat."
)
@click.option(
    "--destinations",
    required=True,
    type=click.Path(path_type=Path),
    help="Points they travel to: id, lon, lat.",
)
@options.mode_option
@options.limit_option
@click.option("--metres", is_flag=True, help="Add the length of each fastest path.")
@options.points_options
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Table to write: .parquet or .csv."
)
def command(
    network: Path,
    origins: Path,
    destinations: Path,
    mode: str,
    minutes: float | None,
    metres: bool,
    out: Path,
) -> None:
    """Time every origin to every destination within reach; write a long table.

    Points that no street is near enough to are listed in a second table, <out>.unlinked.csv.
    """
    from access15.cli._out import check_out_file
    from access15.cli._progress import stage_lines
    from access15.study import write_matrix

    check_out_file(out, ".parquet", ".csv")
    found = write_matrix(
        options.network_input(network),
        origins,
        destinations,
        mode,
        out,
        minutes=minutes,
        metres=metres,
        of_origins=options.file_keys("origins"),
        date=options.date_of_study(),
        of_destinations=options.file_keys("destinations"),
        terrain=options.terrain_input(),
        progress=stage_lines(),
    )
    _tell_unlinked(found.unlinked, found.unlinked_path)
    click.echo(_table(found))
    click.echo(f"written: {out}\nwritten: {found.unlinked_path}")


def _tell_unlinked(unlinked: pd.DataFrame, path: Path) -> None:
    if not len(unlinked):
        return
    listed = [f"{row.role} {row.id}" for row in unlinked.head(_SHOWN).itertuples()]
    more = f" and {len(unlinked) - _SHOWN} more" if len(unlinked) > _SHOWN else ""
    click.echo(
        f"access15: note: {len(unlinked)} points unlinked: {', '.join(listed)}{more}, see {path}", err=True
    )


def _table(found: MatrixFiles) -> str:
    from access15.outputs import text_table

    counts = [found.n_origins, found.n_destinations, found.n_pairs, len(found.unlinked)]
    return text_table(["origins", "destinations", "pairs", "unlinked points"], [[f"{n:,}" for n in counts]])
