"""``access15 isochrones``: what can be reached in time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from access15.cli import _options as options

if TYPE_CHECKING:
    import geopandas as gpd


@click.command()
@options.network_option
@options.facilities_options
@options.modes_option
@options.cutoffs_option
@options.direction_option
@click.option(
    "--water",
    type=click.Path(path_type=Path),
    help="OSM file or layer of water that no walk beside the streets may cross.",
)
@options.geopackage_option
def command(
    network: Path,
    facilities: Path,
    datum: str,
    points: str,
    modes: tuple[str, ...],
    minutes: tuple[float, ...],
    direction: str | None,
    water: Path | None,
    out: Path,
) -> None:
    """Draw the area from which care is reached in time; write isochrone polygons."""
    from access15.cli._out import check_out_file
    from access15.cli._progress import stage_lines
    from access15.outputs import isochrones_layer, write_geopackage
    from access15.sources import read_water
    from access15.study import stages
    from access15.study.clock import Clock
    from access15.study.settings import Analysis

    check_out_file(out, ".gpkg")
    clock = Clock(stage_lines())
    with clock.stage("read service points"):
        sites = stages.read_points(options.facilities_input(facilities, datum, points), network)
    with clock.stage("read streets"):
        streets = stages.read_streets(options.network_input(network))
    with clock.stage("isochrones"):
        analysis = Analysis(modes, minutes, direction=direction)
        stages.check_sites(streets, sites, analysis)
        barrier = None if water is None else read_water(water)
        found = stages.draw_isochrones(streets, sites, analysis, barrier)
    write_geopackage(out, {"isochrones": isochrones_layer(found, streets.crs)}, streets.crs)
    click.echo(_table(found))
    click.echo(f"written: {out}")


def _table(found: gpd.GeoDataFrame) -> str:
    from access15.outputs import text_table

    rows = [
        [str(row.mode), f"{row.minutes:g}", f"{row.geometry.area / 1e6:,.2f}"]
        for row in found.itertuples(index=False)
    ]
    return text_table(["mode", "min", "km²"], rows)
