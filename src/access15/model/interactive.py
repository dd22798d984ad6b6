"""Interactive maps for a notebook, through GeoPandas and folium. They work offline.

folium loads its scripts from servers abroad, and its default background too. Here the map library stands
inside the page and there is no background unless one is asked for: streets of the network take its place.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Floats
from access15.errors import InputError, MissingPackageError

if TYPE_CHECKING:
    import folium
    import geopandas as gpd
    import pandas as pd

    from access15.model.points import Areas, Facilities
    from access15.model.street_network import StreetNetwork

# The library stands beside the page that needs it most; this is its file, not a room above.
_LEAFLET: Final = Path(__file__).parents[1] / "outputs" / "report" / "assets" / "leaflet"
_RATES: Final = (0.5, 0.7, 0.8, 0.9)
_RATE_COLORS: Final = ("#571b17", "#983a1c", "#d2691e", "#b9d5db", "#e3eef0")
"""The time ramp of every map, the lowest coverage darkest: told apart with the common colour-vision deficiencies."""
_NOBODY: Final = "#bbbbbb"
_INK: Final = "#1d2429"
_GAP: Final = "#9a3f0c"
_GAP_FILL: Final = "#f1c9a5"
_SITE: Final = "#1c4a9c"
_LETTERS: Final = "ABCDEFGHIJKL"
_TIPS: Final = {
    "rank": "rank",
    "id": "id",
    "place": "where",
    "candidate_id": "candidate",
    "nearest facility": "nearest service point",
    "recommendation": "what could help",
    "people": "people",
    "covered": "people within the limit",
    "rate": "share within the limit",
    "median min": "median minutes to the nearest service point",
    "gain": "people newly reached",
    "covered then": "covered with it and those before",
}
_LEGEND: Final = """
{% macro script(this, kwargs) %}
    (() => {
        const legend = L.control({position: "bottomright"});
        legend.onAdd = () => {
            const box = L.DomUtil.create("div");
            box.style.cssText = "background:rgba(255,255,255,.9);padding:6px 9px;font:12px/1.5 sans-serif";
            box.innerHTML = {{ this.rows | tojson }};
            return box;
        };
        legend.addTo({{ this._parent.get_name() }});
        {{ this._parent.get_name() }}.attributionControl.addAttribution({{ this.credit | tojson }});
    })();
{% endmacro %}
"""
_DECIMALS: Final = 6  # of degrees: a tenth of a metre


@dataclass(frozen=True)
class MapLayer:
    """What one layer of a map shows: a table, the colour of each row by its ``shown`` column."""

    name: str
    frame: gpd.GeoDataFrame
    colors: dict[str, str]
    style: dict[str, Any]
    signs: tuple[str, ...] = ()
    """Letter or number of each row, as a diamond or a pin."""

    pins: bool = False


def interactive_map(
    layers: Sequence[MapLayer], network: StreetNetwork | None = None, tiles: Any = None, **more: Any
) -> folium.Map:
    """Return an interactive map.

    Parameters
    ----------
    layers : sequence of MapLayer
        Drawn in this order.
    network : StreetNetwork, optional
        Streets, drawn below.
    tiles : str, xyzservices provider or folium layer, optional
        Background as in `geopandas.GeoDataFrame.explore`; it is loaded from a server. None: no background.
    **more
        For `folium.Map`, such as ``height``.

    Raises
    ------
    MissingPackageError
        If folium or mapclassify is not installed.
    InputError
        If there is nothing to show.
    """
    try:
        import folium
        import mapclassify  # noqa: F401 - GeoPandas asks for it, in words of its own.
    except ImportError as error:
        raise MissingPackageError(
            f"an interactive map needs {error.name}: pip install 'access15[notebook]'; plot functions and the "
            "report work without it"
        ) from error
    layers = [layer for layer in layers if len(layer.frame)]
    if not layers:
        raise InputError("there is nothing to show on a map: the result is empty")
    box = np.array([layer.frame.to_crs(4326).total_bounds for layer in layers])
    west, south = (float(v) for v in np.nanmin(box, axis=0)[:2])
    east, north = (float(v) for v in np.nanmax(box, axis=0)[2:])
    from branca.element import Figure

    # The frame of a notebook is as tall as the map, and the map fills it.
    frame = Figure(width=more.pop("width", "100%"), height=more.pop("height", 480))
    page = folium.Map(tiles=None, control_scale=True, prefer_canvas=True, **more)
    frame.add_child(page)
    page.default_js = [("leaflet", _inside("leaflet.js", "text/javascript"))]
    page.default_css = [("leaflet_css", _inside("leaflet.css", "text/css"))]
    if tiles is not None:
        folium.TileLayer(tiles).add_to(page)
    for layer in [*([] if network is None else [_streets(network)]), *layers]:
        _add(page, layer)
        _add_signs(page, layer)
    page.fit_bounds([[south, west], [north, east]], padding=(16, 16))
    folium.LayerControl(collapsed=len(layers) > 2).add_to(page)
    credit = "" if network is None else str(network.provenance.get("attribution", ""))
    _legend(layers, credit).add_to(page)
    return page


def areas_on_map(name: str, rows: pd.DataFrame, areas: Areas) -> MapLayer:
    """Return areas coloured by their coverage rate; ``rows`` are the figures of one cut-off and group."""
    import geopandas as gpd

    frame = gpd.GeoDataFrame(
        {"area": areas.name, "id": areas.id}, geometry=list(areas.polygons), crs=areas.crs
    )
    figures = rows.set_index("area_id").reindex(areas.id)
    if figures["people"].isna().all():
        raise InputError("the coverage was not counted by these areas: pass areas= to access15.coverage")
    rate = figures["rate"].to_numpy(float)
    frame["people"] = [f"{n:,.0f}" for n in figures["people"]]
    frame["covered"] = [f"{n:,.0f}" for n in figures["covered"]]
    frame["rate"] = ["-" if np.isnan(r) else f"{r:.1%}" for r in rate]
    ends = ("0", *(f"{r:.0%}" for r in _RATES), "100%")
    labels = [f"{a} to {b}" for a, b in pairwise(ends)]
    colors = dict(zip(labels, _RATE_COLORS, strict=True)) | {"nobody lives there": _NOBODY}
    kind = np.where(np.isnan(rate), len(labels), np.searchsorted(_RATES, rate, side="right"))
    frame["shown"] = [list(colors)[k] for k in kind]
    return MapLayer(name, frame, colors, {"color": _INK, "weight": 1, "fillOpacity": 0.65})


def gaps_on_map(name: str, table: gpd.GeoDataFrame) -> MapLayer:
    """Return the gaps with what is known of each."""
    frame = table[["rank", "geometry"]].copy()
    frame["people"] = [f"{n:,.0f}" for n in table["people"]]
    frame["median min"] = [f"{s / 60:.0f}" if np.isfinite(s) else "not reached" for s in table["median_s"]]
    for column in ("place", "nearest_facility", "reason", "recommendation"):
        if column in table:
            frame[column.replace("_", " ")] = table[column]
    signs = tuple(_LETTERS[int(r) - 1] if int(r) <= len(_LETTERS) else "" for r in table["rank"])
    style = {"color": _GAP, "weight": 1, "fillOpacity": 0.6}
    words = f"{name}: A has the most people"
    return MapLayer(name, frame.assign(shown=words), {words: _GAP_FILL}, style, signs)


def sites_on_map(name: str, table: pd.DataFrame, x: Floats, y: Floats, crs: str) -> MapLayer:
    """Return the sites of a plan in opening order; ``x`` and ``y`` are where each row of ``table`` stands."""
    import geopandas as gpd

    where = gpd.points_from_xy(x, y, crs=crs)
    frame = gpd.GeoDataFrame(table[["rank", "candidate_id"]].copy(), geometry=where)
    frame["gain"] = [f"{n:,.0f}" for n in table["gain"]]
    frame["covered then"] = [f"{r:.1%}" for r in table["cumulative_rate"]]
    signs = tuple(str(int(r)) for r in table["rank"])
    words = f"{name}: 1 opens first"
    return MapLayer(name, frame.assign(shown=words), {words: _SITE}, _dot(4), signs, pins=True)


def facilities_on_map(facilities: Facilities) -> MapLayer:
    """Return service points."""
    import geopandas as gpd

    where = gpd.points_from_xy(facilities.x, facilities.y, crs=facilities.crs)
    columns = {"id": facilities.id, "name": facilities.name, "tier": facilities.tier}
    words = f"service points ({facilities.label})"
    frame = gpd.GeoDataFrame(columns, geometry=where).assign(shown=words)
    return MapLayer(
        f"service points, {facilities.label}",
        frame,
        {words: _INK},
        {**_dot(5), "color": "#ffffff"},
    )


def _dot(radius: float) -> dict[str, Any]:
    return {"color": _INK, "weight": 1, "fillOpacity": 0.95, "radius": radius}


def _streets(network: StreetNetwork) -> MapLayer:
    import geopandas as gpd
    import shapely

    xy = np.column_stack([network.vertex_x, network.vertex_y])
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.vertex_offset))
    lines = shapely.multilinestrings(shapely.linestrings(xy, indices=edge)) if network.n_edges else None
    frame = gpd.GeoDataFrame({"shown": ["streets"]}, geometry=[lines], crs=network.crs)
    return MapLayer(
        "streets", frame, {"streets": "#b9b4a8"}, {"weight": 1, "fill": False, "interactive": False}
    )


def _add(page: folium.Map, layer: MapLayer) -> None:
    """Add a layer; what names say is text, never markup."""
    import shapely

    frame = layer.frame.to_crs(4326).reset_index(drop=True)
    frame = frame.set_geometry(
        shapely.transform(frame.geometry.to_numpy(object), lambda xy: np.round(xy, _DECIMALS)), crs=4326
    )
    shown = [name for name in frame.columns if name not in ("geometry", "shown")]
    for name in shown:
        frame[name] = [html.escape("" if v is None or v != v else str(v)) for v in frame[name]]
    style = {key: value for key, value in layer.style.items() if key not in ("radius", "color")}
    paint = [layer.colors[label] for label in frame["shown"]]
    line = layer.style.get("color")

    def painted(row: dict[str, Any]) -> dict[str, str]:
        fill = row["properties"]["__folium_color"]
        return {"fillColor": fill, "color": line or fill}

    frame.explore(
        m=page,
        color=paint,
        name=html.escape(layer.name),
        legend=False,
        tooltip=shown or False,
        tooltip_kwds={"aliases": [_TIPS.get(name, name) for name in shown]} if shown else {},
        highlight=bool(shown),
        style_kwds={**style, "style_function": painted},
        marker_kwds={"radius": layer.style.get("radius", 4)},
    )


def _add_signs(page: folium.Map, layer: MapLayer) -> None:
    """Add the lettered diamonds of gaps and the numbered pins of sites."""
    import folium
    import shapely

    if not any(layer.signs):
        return
    spots = shapely.point_on_surface(layer.frame.to_crs(4326).geometry.to_numpy(object))
    group = folium.FeatureGroup(name=html.escape(f"{layer.name}: {'numbers' if layer.pins else 'letters'}"))
    box = "display:flex;align-items:center;justify-content:center;box-sizing:border-box;font:bold 11px sans-serif;"
    pin = f"width:21px;height:21px;background:{_SITE};color:#fff;border:1px solid #fff;border-radius:50% 50% 50% 0;"
    diamond = f"width:17px;height:17px;background:#fff;color:{_GAP};border:2px solid {_GAP};"
    look, turn, size, tip = (pin, -45, 21, (10, 25)) if layer.pins else (diamond, 45, 17, (8, 8))
    for spot, sign in sorted(zip(spots, layer.signs, strict=True), key=lambda pair: pair[1], reverse=True):
        if sign:
            words = f"<span style='transform:rotate({-turn}deg)'>{html.escape(sign)}</span>"
            made = f"<div style='{box}{look}transform:rotate({turn}deg)'>{words}</div>"
            icon = folium.DivIcon(html=made, icon_size=(size, size), icon_anchor=tip, class_name="sign")
            folium.Marker((spot.y, spot.x), icon=icon, interactive=False).add_to(group)
    group.add_to(page)


def _inside(file: str, kind: str) -> str:
    content = base64.b64encode((_LEAFLET / file).read_bytes()).decode("ascii")
    return f"data:{kind};base64,{content}"


def _legend(layers: Sequence[MapLayer], credit: str) -> Any:
    from branca.element import MacroElement
    from jinja2 import Template

    rows = []
    for layer in layers:
        present = set(layer.frame["shown"])
        if len(layer.colors) > 1:
            rows.append(f"<b>{html.escape(layer.name)}</b>")
        rows += [
            f"<span style='background:{color};display:inline-block;width:12px;height:12px;border:1px solid #555'>"
            f"</span> {html.escape(label)}"
            for label, color in layer.colors.items()
            if label in present
        ]
    legend = MacroElement()
    legend._template = Template(_LEGEND)
    legend.rows, legend.credit = "<br>".join(rows), html.escape(credit)
    return legend
