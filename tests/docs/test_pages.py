"""What the how-tos print to copy runs: Python and commands on Monaco's files, study tables as a study reads them."""

from __future__ import annotations

import re
import shlex
import shutil
import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely.geometry import LineString

import access15 as a15
from access15.cli import main
from access15.study.settings import Settings
from access15.study.settings import toml as tables

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
SAMPLE = ROOT / "data" / "sample" / "monaco"
NEEDED = {
    "study": {"name": "Page"}, "network": {"path": "district.osm.pbf"}, "facilities": {"path": "clinics.csv"},
    "population": {"path": "people.csv"},
}  # fmt: skip


def blocks(page: Path, *languages: str) -> list[tuple[str, str]]:
    """Return (language, text) of the fenced blocks of a page, in its order."""
    found = re.findall(r"(?ms)^```(\w+)\n(.*?)^```$", page.read_text("utf-8"))
    return [(language, text) for language, text in found if language in languages]


def has(word: str) -> list[Path]:
    """Return the pages that have something to run."""
    return [page for page in PAGES if any(word in text for _, text in blocks(page, "python", "sh"))]


def write_raster(people: pd.DataFrame, path: Path) -> None:
    """Write the people of a table as a raster of counts, 3 arc-seconds."""
    step, west, north = 1 / 1200, people["lon"].min(), people["lat"].max()
    column = ((people["lon"] - west) / step).astype(int).to_numpy()
    row = ((north - people["lat"]) / step).astype(int).to_numpy()
    counts = np.zeros((row.max() + 1, column.max() + 1), "float32")
    np.add.at(counts, (row, column), people["population"].to_numpy())
    grid = rasterio.Affine(step, 0, west, 0, -step, north)
    shape = {"height": counts.shape[0], "width": counts.shape[1], "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", driver="GTiff", crs="EPSG:4326", transform=grid, **shape) as file:
        file.write(counts, 1)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that the pages speak of."""
    folder = tmp_path_factory.mktemp("district")
    for name in ("district.osm.pbf", "province.osm.pbf"):
        shutil.copy(SAMPLE / "monaco.osm.pbf", folder / name)
    for name in ("townships.gpkg", "district.gpkg"):
        shutil.copy(SAMPLE / "wards.gpkg", folder / name)
    shutil.copy(SAMPLE / "population.csv", folder / "people.csv")
    shutil.copy(SAMPLE / "facilities.csv", folder / "clinics.csv")
    clinics = pd.read_csv(folder / "clinics.csv", dtype=str)
    clinics.assign(capacity=2000).to_csv(folder / "clinics_with_capacity.csv", index=False)
    write_raster(pd.read_csv(folder / "people.csv"), folder / "population.tif")
    lines = [LineString([(7.40, 43.70), (7.41, 43.70)]), LineString([(7.41, 43.70), (7.41, 43.71)])]
    roads = {"highway": ["primary", "service"], "GRADE": ["G", "S"], "DIR": ["1", "0"], "geometry": lines}
    gpd.GeoDataFrame(roads, crs="EPSG:4326").to_file(folder / "roads.shp")
    study = "\n".join(
        f"[{table}]\n" + "\n".join(f'{k} = "{v}"' for k, v in keys.items()) for table, keys in NEEDED.items()
    )
    (folder / "study.toml").write_text(study, "utf-8")
    (folder / "plan_b").mkdir()
    (folder / "plan_b" / "study.toml").write_text(study.replace('path = "', 'path = "../'), "utf-8")
    return folder


def before_and_after(folder: Path) -> None:
    """Write two results to compare: the study, and the study with a clinic less."""
    a15.Study.from_toml("study.toml").run(parts=()).to_gpkg("before/coverage.gpkg")
    clinics = pd.read_csv("clinics.csv", dtype=str)
    clinics.iloc[1:].to_csv("fewer.csv", index=False)
    text = Path("study.toml").read_text("utf-8").replace("clinics.csv", "fewer.csv")
    (folder / "fewer.toml").write_text(text, "utf-8")
    a15.Study.from_toml("fewer.toml").run(parts=()).to_gpkg("after/coverage.gpkg")


def graph_of(folder: Path) -> dict[str, Any]:
    """Return the name ``graph``: streets as an OSMnx graph, which also stands in district.graphml."""
    import osmnx

    graph = a15.to_osmnx(a15.read_network(folder / "roads.shp"), a15.WALK)
    osmnx.save_graphml(graph, folder / "district.graphml")
    return {"graph": graph}


def prepare(page: Path, folder: Path) -> dict[str, Any]:
    """Make what one page needs beyond the common files; return the names its blocks may use."""
    if page.stem == "own-study":
        (folder / "study.toml").write_text(blocks(page, "toml")[0][1], "utf-8")
    if page.stem == "compare-plans":
        for name in ("before", "after"):
            (folder / name).mkdir()
        before_and_after(folder)
    return graph_of(folder) if page.stem == "other-streets" else {}


def run_commands(text: str) -> None:
    """Run the lines that call access15; each must end with 0."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["access15"]:
            with pytest.raises(SystemExit) as end:
                main(words[1:])
            assert end.value.code == 0, line
        elif words[:1] == ["python"] and words[1] != "-c":
            assert (ROOT / words[1]).is_file(), line


@pytest.mark.parametrize(
    "page", has("a15.") + [p for p in has("access15 ") if p not in has("a15.")], ids=lambda p: p.stem
)
def test_page_runs(page: Path, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "district"
    shutil.copytree(files, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    names = prepare(page, folder)
    for language, text in blocks(page, "python", "sh"):
        if language == "sh":
            run_commands(text)
        elif "read_network_place(" not in text:  # It asks a server.
            exec(compile(text, page.name, "exec"), names)


def merged(given: dict[str, Any]) -> dict[str, Any]:
    """Return a study that is complete but for the tables of a block."""
    whole: dict[str, Any] = {name: dict(keys) for name, keys in NEEDED.items()}
    for name, keys in given.items():
        known = whole.get(name)
        whole[name] = {**known, **keys} if isinstance(known, dict) else keys
    return whole


TABLES = [(page.stem, text) for page in PAGES for _, text in blocks(page, "toml")]


@pytest.mark.parametrize(("page", "text"), TABLES, ids=[f"{p}-{i}" for i, (p, _) in enumerate(TABLES)])
def test_study_tables_are_read(page: str, text: str, tmp_path: Path) -> None:
    whole = merged(tomllib.loads(text))
    if "gaps" in whole.get("analysis", {}):
        whole["analysis"].setdefault("modes", ["walk", "walk-elder"])
    if "siting" in whole:
        whole.setdefault("analysis", {"modes": ["walk", "walk-elder"]})
    tables.read_table(Settings, whole, tables.KeyPath(tmp_path / "study.toml"))
