"""Make the Monaco sample study from OpenStreetMap: facilities, modelled residents, wards.

Run it as ``python scripts/make_monaco_sample.py --source DIR``, where DIR holds ``monaco.osm.pbf`` and
``monaco_boundary.geojson``. The result is the same, to the byte where the libraries allow it, on every run.

The residents are *modelled*: the official total is spread over residential buildings by footprint × levels.
README.md in the output folder states the rules; `RESIDENTIAL`, `OTHER_USE` and `OTHER_GROUNDS` are the lists.
"""

from __future__ import annotations

import argparse
import csv
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pyogrio
import shapely

from access15.sources.facilities import read_facilities
from access15.sources.osm_points import facilities_from_osm

RESIDENTS = 38_367
RESIDENTS_SOURCE = "Monaco Statistics, 2023 population census, residents on 31 December 2023"
METRIC = "EPSG:32632"
SHARE = 16
"""People are given in sixteenths: sums of sixteenths are exact in binary numbers."""

RESIDENTIAL = ("apartments", "residential", "house", "detached", "semidetached_house", "terrace", "dormitory")
OTHER_USE = (
    "aeroway", "amenity", "craft", "disused", "abandoned", "government", "healthcare", "historic", "industrial",
    "leisure", "man_made", "military", "office", "power", "public_transport", "railway", "religion", "shop",
    "sport", "telecom", "tourism",
)  # fmt: skip
OTHER_GROUNDS: Mapping[str, tuple[str, ...]] = {
    "amenity": ("hospital", "clinic", "school", "college", "university", "kindergarten", "place_of_worship",
                "parking", "fuel", "theatre", "casino", "police", "fire_station", "grave_yard"),
    "landuse": ("cemetery", "commercial", "construction", "industrial", "military", "port", "railway", "retail"),
    "leisure": ("garden", "marina", "park", "pitch", "sports_centre", "stadium", "swimming_pool"),
    "tourism": ("attraction", "hotel", "museum", "zoo", "aquarium"),
    "railway": ("station",),
    "aeroway": ("heliport", "aerodrome"),
}  # fmt: skip
SMALLEST_YES_M2 = 40.0
WARDS_CUT = "Jardin Exotique, Les Moneghetti, Ravin de Sainte-Dévote"


@dataclass(frozen=True, slots=True)
class Building:
    """A residential building: OSM id, outline in metres, what it was tagged, levels (None if not tagged)."""

    id: str
    outline: Any
    tag: str
    levels: float | None


def main(argv: Sequence[str] | None = None) -> None:
    """Read the source folder and write the sample."""
    parser = argparse.ArgumentParser(description="Make the Monaco sample study from OpenStreetMap.")
    parser.add_argument(
        "--source", type=Path, required=True, help="folder with monaco.osm.pbf and monaco_boundary.geojson"
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "data" / "sample" / "monaco")
    options = parser.parse_args(argv)
    make(options.source, options.out)


def make(source: Path, out: Path) -> None:
    """Write the sample into ``out`` from the two files in ``source``."""
    out.mkdir(parents=True, exist_ok=True)
    pbf, border = out / "monaco.osm.pbf", out / "monaco_boundary.geojson"
    for file in (pbf, border):
        if (source / file.name).resolve() != file.resolve():
            shutil.copyfile(source / file.name, file)
    country = _country(border)
    wards = make_wards(pbf, country)
    _write_wards(wards, out / "wards.gpkg")
    facility_notes = _write_facilities(pbf, out / "facilities.csv")
    counts = _write_population(pbf, country, wards, out / "population.csv")
    (out / "README.md").write_text(_readme(counts, facility_notes), encoding="utf-8", newline="\n")


def _country(border: Path) -> Any:
    frame = gpd.read_file(border).to_crs(METRIC)
    return shapely.make_valid(frame.geometry.union_all())


def _areas_with(pbf: Path, *keys: str) -> list[tuple[str, dict[str, str], Any]]:
    """Return ``(id, tags, outline in metres)`` of the closed ways and multipolygons with a key."""
    wkb = osmium.geom.WKBFactory()
    found: list[tuple[str, dict[str, str], Any]] = []
    for item in osmium.FileProcessor(str(pbf)).with_areas().with_filter(osmium.filter.KeyFilter(*keys)):
        if item.is_area():
            osm_id = f"{'w' if item.from_way() else 'r'}{item.orig_id()}"
            found.append(
                (osm_id, {t.k: t.v for t in item.tags}, shapely.from_wkb(wkb.create_multipolygon(item)))
            )
    metres = gpd.GeoSeries([shape for _, _, shape in found], crs="EPSG:4326").to_crs(METRIC)
    found = [(i, tags, shape) for (i, tags, _), shape in zip(found, metres, strict=True)]
    return sorted(found, key=lambda f: (f[0][0], int(f[0][1:])))


def make_wards(pbf: Path, country: Any) -> gpd.GeoDataFrame:
    """Return the wards that assemble from the file, by code, and the rest of the country as a last row."""
    rows = [
        {"code": tags["ISO3166-2"], "name": tags["name"], "osm_id": osm_id, "geometry": shape}
        for osm_id, tags, shape in _areas_with(pbf, "boundary")
        if tags.get("boundary") == "administrative" and tags.get("admin_level") == "10"
    ]
    rows.sort(key=lambda row: str(row["code"]))
    rest = country.difference(shapely.union_all([row["geometry"] for row in rows]))
    rows.append({"code": "rest", "name": f"Rest of Monaco ({WARDS_CUT})", "osm_id": "", "geometry": rest})
    return gpd.GeoDataFrame(rows, crs=METRIC)


def _write_wards(wards: gpd.GeoDataFrame, path: Path) -> None:
    path.unlink(missing_ok=True)
    out = wards.to_crs("EPSG:4326")
    out["geometry"] = [
        g if g.geom_type == "MultiPolygon" else shapely.MultiPolygon([g]) for g in out.geometry
    ]
    # The date GeoPackage stores is fixed, so that a second run writes the same file.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2024-01-01T00:00:00.000Z"})
    try:
        pyogrio.write_dataframe(out, path, driver="GPKG", layer="wards")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _write_facilities(pbf: Path, path: Path) -> list[tuple[str, str]]:
    points = facilities_from_osm(pbf, points="care")
    rows = [
        (points.id[i], points.name[i], f"{points.x[i]:.7f}", f"{points.y[i]:.7f}", points.tier[i],
         points.services[i], points.hours[i])
        for i in range(len(points))
    ]  # fmt: skip
    _write_csv(path, ("id", "name", "lon", "lat", "tier", "services", "hours"), rows)
    assert len(read_facilities(path)) == len(points)
    return list(points.set_aside)


def residential(tags: Mapping[str, str]) -> str:
    """Return ``tagged`` for a residential building, ``assumed`` for ``building=yes`` without another use, else empty."""
    kind = tags.get("building", "no")
    if kind in RESIDENTIAL:
        return "tagged"
    if kind == "yes" and not any(tags.get(key, "no") != "no" for key in OTHER_USE):
        underground = tags.get("location") == "underground" or tags.get("layer", "0").startswith("-")
        return "" if underground else "assumed"
    return ""


def levels_of(tags: Mapping[str, str]) -> float | None:
    """Return the number of levels a building is tagged with, None without a usable tag."""
    numbers = [float(n) for n in re.findall(r"\d+(?:\.\d+)?", tags.get("building:levels", ""))]
    return max(numbers) if numbers and max(numbers) >= 1 else None


def find_buildings(pbf: Path, country: Any) -> tuple[list[Building], dict[str, int]]:
    """Return the residential buildings inside the country and counts of what was left out."""
    grounds = _other_grounds(pbf)
    counts = {"tagged": 0, "assumed": 0, "outside": 0, "too_small": 0, "other_grounds": 0, "doubled": 0}
    kept: list[Building] = []
    for osm_id, tags, outline in _areas_with(pbf, "building"):
        rule = residential(tags)
        if not rule:
            continue
        reason = _left_out(rule, outline, country, grounds)
        counts[reason or rule] += 1
        if not reason:
            kept.append(Building(osm_id, outline, tags["building"], levels_of(tags)))
    doubled = _doubled(kept)
    for building in (b for b in kept if b.id in doubled):
        counts["tagged" if building.tag in RESIDENTIAL else "assumed"] -= 1
        counts["doubled"] += 1
    return [b for b in kept if b.id not in doubled], counts


def _other_grounds(pbf: Path) -> shapely.STRtree:
    shapes = [
        shape
        for _, tags, shape in _areas_with(pbf, *OTHER_GROUNDS)
        if any(tags.get(key) in values for key, values in OTHER_GROUNDS.items())
    ]
    return shapely.STRtree(shapes)


def _left_out(rule: str, outline: Any, country: Any, grounds: shapely.STRtree) -> str:
    spot = outline.representative_point()
    if not country.covers(spot):
        return "outside"
    if rule == "assumed" and outline.area < SMALLEST_YES_M2:
        return "too_small"
    if rule == "assumed" and len(grounds.query(spot, predicate="within")):
        return "other_grounds"
    return ""


def _doubled(buildings: list[Building]) -> set[str]:
    """Return the ids of buildings that lie at least 80 % inside a larger one."""
    tree = shapely.STRtree([b.outline for b in buildings])
    out: set[str] = set()
    for i, building in enumerate(buildings):
        for k in tree.query(building.outline, predicate="intersects"):
            other = buildings[k]
            larger = (other.outline.area, other.id) > (building.outline.area, building.id)
            if (
                k != i
                and larger
                and building.outline.intersection(other.outline).area >= 0.8 * building.outline.area
            ):
                out.add(building.id)
    return out


def _write_population(pbf: Path, country: Any, wards: gpd.GeoDataFrame, path: Path) -> dict[str, int]:
    buildings, counts = find_buildings(pbf, country)
    ward = _ward_of(buildings, wards)
    typical = _typical_levels(buildings, ward)
    levels = np.array(
        [b.levels if b.levels is not None else typical[w] for b, w in zip(buildings, ward, strict=True)]
    )
    footprint = np.array([b.outline.area for b in buildings])
    people = spread(RESIDENTS, footprint * levels)
    spots = gpd.GeoSeries([b.outline.representative_point() for b in buildings], crs=METRIC).to_crs(
        "EPSG:4326"
    )
    rows = [
        (b.id, f"{p.x:.7f}", f"{p.y:.7f}", f"{n:g}" if n == int(n) else f"{n:.4f}", b.tag, f"{level:g}",
         "tagged" if b.levels is not None else "ward median", f"{m2:.1f}", w)
        for b, p, n, level, m2, w in zip(buildings, spots, people, levels, footprint, ward, strict=True)
    ]  # fmt: skip
    header = ("id", "lon", "lat", "population", "building", "levels", "levels_source", "footprint_m2", "ward")
    _write_csv(path, header, rows)
    return counts | {
        "buildings": len(buildings),
        "levels_tagged": sum(b.levels is not None for b in buildings),
    }


def _ward_of(buildings: list[Building], wards: gpd.GeoDataFrame) -> list[str]:
    """Return the ward code of each building; a point on a shared border takes the first ward."""
    spots = [b.outline.representative_point() for b in buildings]
    return [
        next(c for c, g in zip(wards["code"], wards.geometry, strict=True) if g.intersects(p)) for p in spots
    ]


def _typical_levels(buildings: list[Building], ward: list[str]) -> dict[str, float]:
    known = [(w, b.levels) for b, w in zip(buildings, ward, strict=True) if b.levels is not None]
    return {
        code: median([n for w, n in known if w == code] or [n for _, n in known])
        for code in sorted(set(ward))
    }


def spread(total: int, weight: np.ndarray) -> np.ndarray:
    """Return ``total`` people shared by weight in whole sixteenths (largest remainders), with an exact sum."""
    exact = weight / weight.sum() * total * SHARE
    parts = np.floor(exact).astype(int)
    order = np.argsort(-(exact - parts), kind="stable")
    parts[order[: total * SHARE - parts.sum()]] += 1
    return parts / SHARE


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _readme(counts: Mapping[str, int], aside: list[tuple[str, str]]) -> str:
    listed = "\n".join(f"- `{osm_id}` {reason}" for osm_id, reason in aside)
    return README.format(
        residents=f"{RESIDENTS:,}", source=RESIDENTS_SOURCE, cut=WARDS_CUT, aside=listed, small=f"{SMALLEST_YES_M2:g}",
        residential=", ".join(RESIDENTIAL), other=", ".join(OTHER_USE), **counts,
        grounds="; ".join(f"{key}: {', '.join(values)}" for key, values in OTHER_GROUNDS.items()),
        levels_missing=counts["buildings"] - counts["levels_tagged"],
    )  # fmt: skip


README = """# Monaco, the sample study

© OpenStreetMap contributors. Everything in this folder is OpenStreetMap data or made from it, under the
Open Database License (ODbL) 1.0, https://www.openstreetmap.org/copyright. The number of residents is not.

| file | what | made by |
|---|---|---|
| `monaco.osm.pbf` | the country as an OSM extract (distributed with quackosm 0.19.0) | copied |
| `monaco_boundary.geojson` | its land border (same source) | copied |
| `facilities.csv` | service points from the tags of the extract | `scripts/make_monaco_sample.py` |
| `population.csv` | **modelled** residents, one row per residential building | `scripts/make_monaco_sample.py` |
| `wards.gpkg` | six wards and the rest of the country | `scripts/make_monaco_sample.py` |

Make it again with `python scripts/make_monaco_sample.py --source DIR`, where DIR holds the first two files.

## Residents (modelled)
The total is {residents} ({source}).
Where they live within the country is a model, not a census.

- It is spread over residential buildings in proportion to footprint × levels, in sixteenths of a person, so
  that the sum is exactly {residents}. `population` may therefore be a fraction.
- Residential are {tagged} buildings with `building` = {residential}.
- `building=yes` says nothing about use. It is assumed residential ({assumed} buildings) unless one of these holds:
  - it has a tag for another use: {other};
  - it is underground;
  - its footprint is below {small} m² ({too_small} buildings);
  - it stands on ground of another use ({other_grounds} buildings): {grounds}.
- Only buildings with a point of their surface inside the border count ({outside} lie outside). A building that
  lies at least 80 % inside a larger one is not counted twice ({doubled}).
- Levels are `building:levels` ({levels_tagged} of {buildings} buildings). The other {levels_missing} get the median
  of the residential buildings in their ward that have the tag; `levels_source` says which.
- Not known here: ages and other groups (none are invented), flats used as offices, empty flats, people who
  live in hotels or on ships.

## Service points
Hospitals, clinics, doctors and health posts as `access15.facilities_from_osm(..., points="care")` counts them.
Set aside, with the reason:

{aside}

The tags are taken at their word otherwise: a retirement home tagged as a hospital counts as one.

## Wards
Six wards assemble from the `admin_level=10` relations; `code` is their ISO 3166-2 code. Three are cut by the extract
({cut}); the border minus the six wards is the seventh row, `rest`. It also holds slivers along the coast and
the border where the two sources differ by some metres.
"""


if __name__ == "__main__":
    main()
