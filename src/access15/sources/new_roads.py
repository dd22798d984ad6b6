"""New roads, drawn as lines in a layer, joined to the streets that are there."""

from __future__ import annotations

from collections.abc import Mapping

from access15.model import StreetNetwork
from access15.network import JoinedStreets, build_network, join_streets
from access15.sources.road_layer import read_road_layer
from access15.sources.table import Source, existing, note


def read_new_roads(
    network: StreetNetwork,
    path: Source,
    *,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
) -> JoinedStreets:
    """Read lines of a road layer and join them to a network.

    Parameters
    ----------
    network : StreetNetwork
    path : path
        A layer of lines, with a class of road for each (``columns={"class": "=residential"}`` gives all one class)
        and, if wanted, ``maxspeed``, ``oneway``, ``bridge`` and ``tunnel``.
    columns, layer
        As in `access15.read_network`.

    Returns
    -------
    JoinedStreets

    Raises
    ------
    MissingFileError, InputError, CRSError
        If the layer cannot be read, or no line meets a street.
    """
    file = existing(path)
    ways, _ = read_road_layer(file, columns=columns, layer=layer)
    joined = join_streets(network, build_network(ways, crs=network.crs))
    counts = joined.network.provenance["new roads"]
    alone = counts["pieces that meet no street"]
    if alone:
        note(
            f"{file}: {alone} of {counts['pieces']} pieces of new road meet no street: nobody can get onto them"
        )
    return joined
