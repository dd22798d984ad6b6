"""Streets of a place by its name, over the network: OSMnx asks OpenStreetMap's servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from access15.errors import InputError, OfflineError
from access15.model import StreetNetwork

TIMEOUT_S = 30.0
"""Seconds to wait for a server to answer."""


def read_network_place(
    place: str, *, crs: str | None = None, buffer_m: float = 0.0, timeout_s: float = TIMEOUT_S
) -> StreetNetwork:
    """Read the streets of a place from OpenStreetMap's servers, through OSMnx.

    This is the only reader that uses the network. For anything larger than a town, and for figures that
    others must be able to repeat, download an extract and use `access15.read_network`.

    Parameters
    ----------
    place : str
        As one writes it in a search box: ``"Monaco"``, ``"思明区, 厦门"``.
    crs : str, optional
        Metric CRS of the network; default: the UTM zone of its middle.
    buffer_m : float
        Metres added round the outline of the place.
    timeout_s : float
        Seconds to wait for a server to answer.

    Returns
    -------
    StreetNetwork
        Of all streets (``network_type="all"``, not simplified). OSMnx reads no turn restrictions.

    Raises
    ------
    OfflineError
        If the servers cannot be reached.
    InputError
        If OSMnx is not installed, or no such place or no street is found.
    """
    from access15.sources.clip import check_buffer
    from access15.sources.osmnx_graph import network_from_osmnx

    check_buffer(buffer_m)
    if not place.strip():
        raise InputError("the place has no name: write it as in a search box, such as 'Monaco'")
    try:
        import osmnx as ox
    except ImportError as error:
        raise InputError(
            "reading a place by its name needs OSMnx: install it with pip install osmnx"
        ) from error
    try:
        with _own_settings(ox.settings, timeout_s):
            outline = ox.geocode_to_gdf(place)
            shape = _grown(outline.geometry.iloc[0], buffer_m)
            graph = ox.graph_from_polygon(shape, network_type="all", simplify=False, truncate_by_edge=True)
    except OSError as error:  # what requests raises is one too
        raise OfflineError(
            f"the streets of {place!r} cannot be fetched: OpenStreetMap's servers do not answer "
            f"({type(error).__name__}); connect to the internet, or download an extract and use read_network"
        ) from error
    except (ox._errors.InsufficientResponseError, TypeError, ValueError) as error:
        raise InputError(
            f"OpenStreetMap knows no area or no streets for {place!r} ({error}): write the name with its region, or "
            "download an extract and use read_network"
        ) from error
    return network_from_osmnx(graph, crs=crs, source=f"OpenStreetMap: {place}")


def _grown(shape: Any, buffer_m: float) -> Any:
    from access15.sources.clip import clip_area

    return clip_area(shape, buffer_m).shape if buffer_m else shape


@contextmanager
def _own_settings(settings: Any, timeout_s: float) -> Iterator[None]:
    """Use our own time limit and no cache folder, and put the caller's settings (and DNS) back."""
    import socket

    wanted = {"requests_timeout": timeout_s, "use_cache": False, "doh_url_template": None}
    before = {name: getattr(settings, name) for name in wanted}
    resolver = socket.getaddrinfo
    try:
        for name, value in wanted.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
        socket.getaddrinfo = resolver  # OSMnx replaces it
