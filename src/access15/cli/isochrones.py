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
@options.terrain_options
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
@options.lang_option
def command(
    network: Path,
    facilities: Path,
    points: str,
    modes: tuple[str, ...],
    minutes: tuple[float, ...],
    direction: str | None,
    water: Path | None,
    out: Path,
    lang: str,
) -> None:
    """Draw the area from which care is reached in time; write isochrone polygons."""
    import numpy as np

    from access15.cli._out import check_out_file
    from access15.cli._progress import stage_lines
    from access15.model import Population
    from access15.outputs import isochrones_layer, write_geopackage
    from access15.sources import read_water
    from access15.study import (
        Analysis,
        Clock,
        Emergency,
        check_sites,
        draw_isochrones,
        read_land,
        read_points,
        read_streets,
    )

    check_out_file(out, ".gpkg")
    clock = Clock(stage_lines())
    with clock.stage("read service points"):
        sites = read_points(options.facilities_input(facilities, points), network, options.date_of_study())
    with clock.stage("read streets"):
        streets = read_streets(options.network_input(network), options.date_of_study())
    land = None
    if (given := options.terrain_input()) is not None:
        with clock.stage("read land"):
            people = Population.of(sites.x, sites.y, np.ones(len(sites)), sites.crs)
            land = read_land(given, options.network_input(network), max(minutes), streets, sites, people)
    with clock.stage("isochrones"):
        analysis = Analysis(modes, minutes, direction=direction)
        if land is None:
            check_sites(streets, sites, analysis)
        barrier = None if water is None else read_water(water)
        options.tell_ambulances(modes)
        found = draw_isochrones(
            streets, sites, analysis, barrier, dispatch_minutes=Emergency().dispatch_minutes, terrain=land
        )
    write_geopackage(out, {"isochrones": isochrones_layer(found, streets.crs)}, streets.crs, lang)
    click.echo(_table(found, lang))
    click.echo(f"written: {out}")


def _table(found: gpd.GeoDataFrame, lang: str) -> str:
    from access15.outputs import mode_name, text_table

    rows = [
        [
            mode_name(str(row.mode)) if lang == "zh" else str(row.mode),
            f"{row.minutes:g}",
            f"{row.geometry.area / 1e6:,.2f}",
        ]
        for row in found.itertuples(index=False)
    ]
    heads = ["出行方式", "分钟", "平方公里"] if lang == "zh" else ["mode", "min", "km²"]
    return text_table(heads, rows)
