"""A small town as files: two parallel streets of 3 km, a clinic at their west end, people along them."""

from __future__ import annotations

import json
from pathlib import Path

LON, LAT = 7.40, 43.70
EAST, NORTH = 0.001242, 0.0009  # About 100 m each, so far south.
COLUMNS, ROWS = 31, 2


def place(column: float, row: float) -> tuple[float, float]:
    return round(LON + column * EAST, 6), round(LAT + row * NORTH, 6)


def street_xml() -> str:
    """Both streets along, a street across at every column: 100 m blocks."""
    node = {(c, r): 1 + r * COLUMNS + c for r in range(ROWS) for c in range(COLUMNS)}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="test">']
    for (c, r), number in node.items():
        lon, lat = place(c, r)
        lines.append(f'<node id="{number}" version="1" lat="{lat}" lon="{lon}"/>')
    ways = [[node[c, r] for c in range(COLUMNS)] for r in range(ROWS)]
    ways += [[node[c, r] for r in range(ROWS)] for c in range(COLUMNS)]
    for number, refs in enumerate(ways, 1):
        nds = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        lines.append(f'<way id="{number}" version="1">{nds}<tag k="highway" v="residential"/></way>')
    return "\n".join([*lines, "</osm>"])


def ward(code: str, west: float, east: float) -> dict[str, object]:
    corners = [place(west, -2), place(east, -2), place(east, 4), place(west, 4), place(west, -2)]
    shape = {"type": "Polygon", "coordinates": [corners]}
    return {"type": "Feature", "properties": {"code": code, "name": f"Ward {code}"}, "geometry": shape}


STUDY = """
[study]
name = "Town"
[network]
path = "streets.osm"
[facilities]
path = "clinics.csv"
[population]
path = "people.csv"
[areas]
path = "wards.geojson"
id = "code"
[analysis]
modes = ["walk", "walk-elder"]
minutes = [5, 15]
gaps = { mode = "walk-elder", minutes = 15 }
[siting]
p = 2
mode = "walk-elder"
minutes = 10
[targets]
walk_15 = 0.25
"""


def write_town(folder: Path) -> Path:
    """Write streets, a clinic, two wards, 10 people per block and 7 in a place 20 km away; return the study."""
    (folder / "streets.osm").write_text(street_xml(), "utf-8")
    lon, lat = place(0, 0)
    (folder / "clinics.csv").write_text(f"id,name,lon,lat\n001,West Clinic,{lon},{lat}\n", "utf-8")
    people = ["id,lon,lat,population"]
    people += [f"{c}-{r},{x},{y},10" for c in range(COLUMNS) for r in range(ROWS) for x, y in [place(c, r)]]
    people.append(f"far,{LON},{LAT + 0.2},7")
    (folder / "people.csv").write_text("\n".join(people) + "\n", "utf-8")
    wards = {"type": "FeatureCollection", "features": [ward("W", -5, 15.5), ward("E", 15.5, 40)]}
    (folder / "wards.geojson").write_text(json.dumps(wards), "utf-8")
    study = folder / "study.toml"
    study.write_text(STUDY, "utf-8")
    return study
