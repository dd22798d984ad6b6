"""Files that mean harm: nothing is fetched, no other file is read, and what is declared too large is refused."""

import contextlib
import http.server
import json
import os
import struct
import subprocess
import sys
import threading
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from access15.errors import Access15Error, InputError
from access15.profiles import profile_from_toml
from access15.sources import (
    look_at,
    read_areas,
    read_facilities,
    read_land_cover,
    read_network,
    read_population,
    read_terrain,
    read_water,
)
from access15.sources.formats import LAYERS, RASTER_DRIVERS
from access15.study import Study
from access15.study.baseline import read_baseline


@pytest.fixture(scope="module")
def server():
    """A server on this machine; the list of what it was asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(
                b'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
            )

        do_POST = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    here = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=here.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{here.server_port}", asked
    here.shutdown()


def collection(crs):
    return json.dumps(
        {
            "type": "FeatureCollection", "crs": crs, "features": [
                {"type": "Feature", "properties": {"id": "a", "population": 5}, "geometry": {"type": "Point", "coordinates": [7.4, 43.7]}}
            ],
        }
    )  # fmt: skip


def texts(url):
    link = {"type": "link", "properties": {"href": f"{url}/a.wkt", "type": "ogcwkt"}}
    yield collection(link)
    yield collection(link).replace('"crs"', '"\\u0063r\\u0073"')
    yield collection(link).replace('"link"', '"l\\u0069nk"')
    yield collection({"type": "url", "properties": {"url": f"{url}/b.wkt"}})
    yield collection({"type": "LINK", "properties": {"href": f"{url}/a.wkt"}})
    yield collection(link).replace('"crs"', '"crs":null,"crs"')
    yield f"<OGRWFSDataSource><URL>{url}/wfs</URL></OGRWFSDataSource>"
    yield f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/vsicurl/{url}/x.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    yield '<OGRVRTDataSource><OGRVRTLayer name="other"><SrcDataSource>other.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    yield f'<GDAL_WMS><Service name="TMS"><ServerUrl>{url}/${{z}}/${{x}}/${{y}}</ServerUrl></Service></GDAL_WMS>'
    yield json.dumps(
        {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read /vsicurl/{url}/x.geojson"}
    )
    yield json.dumps({"type": "FeatureServer", "url": url, "layers": [], "currentVersion": 10})
    yield json.dumps(
        {"stac_version": "1.0.0", "type": "Feature", "assets": {"a": {"href": f"{url}/a.tif"}}, "links": []}
    )
    yield f'<VRTDataset rasterXSize="2" rasterYSize="2"><VRTRasterBand dataType="Float32" band="1"><SimpleSource><SourceFilename relativeToVRT="0">/vsicurl/{url}/a.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>'
    yield f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Link><href>{url}/x.kml</href></Link></NetworkLink></Document></kml>'
    yield f'<!DOCTYPE kml [<!ENTITY x SYSTEM "{url}/x">]><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>&x;</name></Placemark></Document></kml>'
    yield f'<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://x {url}/s.xsd"/>'


_NO_SHAPE = 12


def readers(suffix):
    if suffix in RASTER_DRIVERS:
        return [read_population]
    return [read_facilities, read_population, read_areas, read_water, read_network]


@pytest.mark.parametrize("suffix", sorted({*LAYERS, *RASTER_DRIVERS} - {".hgt", ".bil"}))
def test_no_reader_asks_the_network_or_another_file(tmp_path, server, suffix):
    url, asked = server
    (tmp_path / "other.geojson").write_text(collection({"type": "name", "properties": {"name": "EPSG:4326"}}))
    for i, text in enumerate(texts(url)):
        file = tmp_path / f"f{i}{suffix}"
        file.write_text(text)
        for read in readers(suffix):
            if i == _NO_SHAPE and read is read_water:
                continue  # A feature without a shape: there is nothing to refuse in it.
            with pytest.raises(InputError):
                read(file)
    assert asked == []


@pytest.mark.parametrize("suffix", sorted({*LAYERS, *RASTER_DRIVERS} - {".hgt", ".bil"}))
def test_a_first_look_asks_nobody_either(tmp_path, server, suffix):
    url, asked = server
    (tmp_path / "other.geojson").write_text(collection({"type": "name", "properties": {"name": "EPSG:4326"}}))
    for i, text in enumerate(texts(url)):
        file = tmp_path / f"people{i}{suffix}"
        file.write_text(text)
        assert all(look.kind in ("unknown", "streets") or i == _NO_SHAPE for look in look_at(file))
    assert asked == []


def test_a_named_crs_and_properties_called_crs_are_fine(tmp_path):
    file = tmp_path / "f.geojson"
    for crs in ({"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}, None):
        file.write_text(collection(crs).replace('"id"', '"crs": {"a": 1}, "id"'))
        assert len(read_facilities(file)) == 1


def plain_tif(path):
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=3,
        height=2,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=from_origin(7, 44, 0.1, 0.1),
    ) as out:
        out.write(np.arange(6, dtype="float32").reshape(2, 3), 1)


@pytest.mark.parametrize(
    ("source", "relative", "fine"),
    [
        ("a.tif", "1", True), ("../a.tif", "1", False), ("{folder}/a.tif", "0", False), ("/vsicurl/http://127.0.0.1/a.tif", "0", False),
        ("b.vrt", "1", False), ("none.tif", "1", False), ("GTIFF_DIR:1:a.tif", "1", False),
    ],
)  # fmt: skip
def test_virtual_rasters_name_plain_rasters_beside_them(tmp_path, source, relative, fine):
    plain_tif(tmp_path / "a.tif")
    file = tmp_path / "v.vrt"
    file.write_text(
        '<VRTDataset rasterXSize="3" rasterYSize="2"><SRS>EPSG:4326</SRS><GeoTransform>7,0.1,0,44,0,-0.1</GeoTransform>'
        f'<VRTRasterBand dataType="Float32" band="1"><SimpleSource><SourceFilename relativeToVRT="{relative}">'
        f"{source.format(folder=tmp_path)}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    if fine:
        assert read_population(file).total == 15
        return
    with pytest.raises(InputError, match="plain rasters beside it"):
        read_population(file)


def test_what_a_file_declares_bounds_what_is_read(tmp_path, monkeypatch):
    plain_tif(tmp_path / "a.tif")
    from access15.sources import population_raster

    for limit in ("_MOST_CELLS", "_MOST_BLOCK_CELLS", "_MOST_KEPT"):
        monkeypatch.setattr(population_raster, limit, 2)
        with pytest.raises(InputError, match="clip it to the place"):
            read_population(tmp_path / "a.tif")
        monkeypatch.undo()
    with rasterio.open(
        tmp_path / "huge.tif", "w", driver="GTiff", width=400_000, height=400_000, count=1, dtype="uint8", crs="EPSG:4326",
        transform=from_origin(0, 10, 1e-5, 1e-5), SPARSE_OK=True, tiled=True,
    ):  # fmt: skip
        pass
    with pytest.raises(InputError, match="400,000 × 400,000 cells"):
        read_population(tmp_path / "huge.tif")


def test_a_layer_that_states_more_features_than_it_has_bytes(tmp_path):
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(7, 43)], crs="EPSG:4326").to_file(
        tmp_path / "a.shp"
    )
    shx = bytearray((tmp_path / "a.shx").read_bytes())
    shx[24:28] = struct.pack(">i", 2**30)
    (tmp_path / "a.shx").write_bytes(bytes(shx))
    with contextlib.suppress(InputError):
        assert len(read_facilities(tmp_path / "a.shp")) == 1


def test_a_gpkg_named_shp_is_no_shapefile(tmp_path):
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(7, 43)], crs="EPSG:4326").to_file(
        tmp_path / "a.gpkg"
    )
    Path(tmp_path / "a.gpkg").rename(tmp_path / "a.shp")
    with pytest.raises(InputError, match=r"no \.shp file"):
        read_facilities(tmp_path / "a.shp")


def test_an_encoding_that_is_none_is_refused(tmp_path):
    file = tmp_path / "f.kml"
    file.write_text('<?xml version="1.0" encoding="uvf-8"?><kml xmlns="http://www.opengis.net/kml/2.2"/>')
    with pytest.raises(InputError):
        read_facilities(file)
    (tmp_path / "v.vrt").write_text('<?xml version="1.0" encoding="uvf-8"?><VRTDataset/>')
    with pytest.raises(InputError):
        read_population(tmp_path / "v.vrt")


def test_a_crs_that_leads_nowhere_or_is_no_text_is_our_error(tmp_path):
    engineering = 'ENGCRS["here",EDATUM["a corner"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'
    for name in ("people.tif", "cover.tif"):
        plain_tif(tmp_path / name)
        with rasterio.open(tmp_path / name, "r+") as file:
            file.crs = engineering
    assert look_at(tmp_path / "people.tif")[0].box is None
    area = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.box(7.0, 43.85, 7.2, 43.95)], crs="EPSG:4326")
    with pytest.raises(Access15Error, match="PROJ cannot move"):
        read_terrain(read_land_cover(tmp_path / "cover.tif"), area=area, cell_m=2000.0)
    area.to_file(tmp_path / "area.shp")
    (tmp_path / "area.prj").write_bytes(b'PROJCS["\xff\xfe')
    (look,) = look_at(tmp_path / "area.shp")
    assert look.kind == "unknown"


def test_no_command_fetches_grids_of_a_datum(tmp_path, server):
    url, asked = server
    points = gpd.GeoDataFrame({"name": ["A Clinic"]}, geometry=[shapely.Point(0.1, 51.5)], crs="EPSG:4277")
    points.to_file(tmp_path / "clinics.gpkg")
    program = (
        "import sys; from access15.cli import main\n"
        "if sys.argv[1] == 'bare': import pyproj; pyproj.Transformer.from_crs(4277, 4326, always_xy=True).transform(0.1, 51.5)\n"
        "elif sys.argv[2] == 'python': from access15.crs import to_crs; import numpy; to_crs(numpy.array([0.1]), numpy.array([51.5]), 'EPSG:4277', 'EPSG:4326')\n"
        "else: main(['inspect', sys.argv[1]])"
    )
    settings = {
        **os.environ,
        "PROJ_NETWORK": "ON",
        "PROJ_NETWORK_ENDPOINT": url,
        "PROJ_USER_WRITABLE_DIRECTORY": str(tmp_path),
    }
    file = str(tmp_path / "clinics.gpkg")
    for argument, how in ((file, "command"), (file, "python"), ("bare", "")):
        done = subprocess.run([sys.executable, "-c", program, argument, how], env=settings, capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
        # Without our settings the server is asked: this test can see it.
        assert bool(asked) == (argument == "bare"), (argument, how, asked)
    asked.clear()


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "{b=" * 5000, "[" + "a." * 9000 + "b]"])
def test_deep_nesting_in_toml_is_our_error(tmp_path, text):
    file = tmp_path / "deep.toml"
    file.write_text(text)
    for read in (Study.from_toml, profile_from_toml):
        with pytest.raises(InputError):
            read(file)


def test_deep_nesting_in_a_baseline_is_our_error(tmp_path):
    file = tmp_path / "baseline.json"
    file.write_text("[" * 200_000)
    with pytest.raises(InputError, match="not a baseline that can be read"):
        read_baseline(file, "x")
