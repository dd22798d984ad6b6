"""Make the Monaco sample study from OpenStreetMap: facilities, modelled residents, wards.

Run it as ``python scripts/make_monaco_sample.py --source DIR``, where DIR holds ``monaco.osm.pbf`` and
``monaco_boundary.geojson``. The result is the same, to the byte where the libraries allow it, on every run.

The residents are *modelled*: the official total is spread over residential buildings by footprint × levels.
README.md in the output folder states the rules; the lists are those of `access15.sources.buildings`.
"""

from __future__ import annotations

import argparse
import csv
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from access15.model import Areas
from access15.sources import facilities_from_osm, read_buildings, read_facilities, spread_people
from access15.sources.buildings import OTHER_GROUNDS, OTHER_USE, RESIDENTIAL, SMALLEST_YES_M2, areas_with
from access15.sources.people_spread import shared

spread = shared
"""How `spread_people` shares a total."""

RESIDENTS = 38_367
RESIDENTS_SOURCE = "Monaco Statistics, 2023 population census, residents on 31 December 2023"
METRIC = "EPSG:32632"
WARDS_CUT = "Jardin Exotique, Les Moneghetti, Ravin de Sainte-Dévote"


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
    found = areas_with(pbf, *keys)
    metres = gpd.GeoSeries([shape for _, _, shape in found], crs="EPSG:4326").to_crs(METRIC)
    return [(i, tags, shape) for (i, tags, _), shape in zip(found, metres, strict=True)]


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


def _write_population(pbf: Path, country: Any, wards: gpd.GeoDataFrame, path: Path) -> dict[str, int]:
    """Write the residents that `access15.spread_people` puts into the residential buildings of the country."""
    found = read_buildings(pbf, within=gpd.GeoSeries([country], crs=METRIC).to_crs("EPSG:4326").iloc[0])
    ward, known = _ward_of(found, wards), found["levels"].to_numpy()
    tagged = found["levels"].notna().to_numpy()
    typical = {
        code: median(known[(ward == code) & tagged].tolist() or known[tagged].tolist())
        for code in sorted(set(ward))
    }
    found["levels"] = [n if ok else typical[w] for n, ok, w in zip(known, tagged, ward, strict=True)]
    nation = Areas(id=["mc"], name=["Monaco"], polygons=[country], crs=METRIC)
    people = spread_people(nation, found, total=RESIDENTS)
    at = {str(i): k for k, i in enumerate(people.cell_id)}
    rows = []
    for building, ok, where in zip(found.itertuples(), tagged, ward, strict=True):
        k = at[building.id]
        source = "tagged" if ok else "ward median"
        place = (f"{people.x[k]:.7f}", f"{people.y[k]:.7f}", _count(people.people[k]))
        built = (building.building, f"{building.levels:g}", source, f"{building.footprint_m2:.1f}", where)
        rows.append((building.id, *place, *built))
    header = ("id", "lon", "lat", "population", "building", "levels", "levels_source", "footprint_m2", "ward")
    _write_csv(path, header, rows)
    return found.attrs["counts"] | {"buildings": len(found), "levels_tagged": int(tagged.sum())}


def _count(people: float) -> str:
    return f"{people:g}" if people == int(people) else f"{people:.4f}"


def _ward_of(buildings: gpd.GeoDataFrame, wards: gpd.GeoDataFrame) -> np.ndarray:
    """Return the ward code of each building; a point on a shared border takes the first ward."""
    spots = buildings.to_crs(METRIC).representative_point()
    return np.array(
        [
            next(c for c, g in zip(wards["code"], wards.geometry, strict=True) if g.intersects(p))
            for p in spots
        ]
    )


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
