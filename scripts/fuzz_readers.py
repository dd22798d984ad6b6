"""Feed every reader damaged files: whatever comes, it is read, or refused with an error of access15.

    python scripts/fuzz_readers.py [--files 20000] [--seed 1] [--minutes 60] [--keep DIR] [--only .csv]

Small whole files of every kind are made, then damaged (bytes changed, cut, doubled, swapped, texts put in) and read in a
worker. A foreign exception, a read of more than 20 s of computing (or 200 s in all, on a machine with other work), or a worker
beyond 1 GB is reported with its seed and the file is kept. The same seed makes the same file; those that once were not borne stand in ``fuzz_seeds.csv``, and a test reads them. Leaves with
1 if anything was found.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import struct
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

LONGEST_S = 20
MOST_BYTES = 1 << 30
TEXTS = [
    b'"', b"\n", b"\r", b"\0", b";", b",", b"\t", b"1e999", b"inf", b"nan", b"-", b"9" * 400, b"\xff\xfe", b"\xef\xbb\xbf", b"[" * 3000,
    b"{" * 3000, b"<a>" * 500, b"1.250", b"1,250", b"=1+1", b"\xe4\xb8", b"\xb9\xfa", b"180.1", b"1e308", b"-1e308", b"]]>", b"&x;", b"null",
    b"x" * 140_000, b"2147483647", b"4294967295", b"18446744073709551616", b"\x00\x00\x27\x0a", b"EPSG:0", b"true",
]  # fmt: skip


def whole_files(folder: Path) -> dict[str, list[Path]]:
    """Make one small file of every kind; return the parts of each by its name."""
    import geopandas as gpd
    import numpy as np
    import openpyxl
    import rasterio
    import shapely
    from rasterio.transform import from_origin

    rows = [["id", "name", "lon", "lat", "population", "65+", "type"]]
    rows += [
        [f"{k:03}", f"高城镇{k}", 7.4 + k / 1000, 43.7 + k / 1000, 100 + k, 10, "卫生院"] for k in range(12)
    ]
    text = "\n".join(",".join(map(str, row)) for row in rows) + "\n"
    made: dict[str, list[Path]] = {}

    def add(name: str, data: bytes) -> None:
        (folder / name).write_bytes(data)
        made[name] = [folder / name]

    add("utf8.csv", text.encode())
    add("gb.csv", text.encode("gb18030"))
    add("utf16.csv", text.encode("utf-16"))
    add("quoted.csv", text.replace("高", '"高').replace(",7.4", '",7.4').encode())
    add("semicolon.csv", text.replace(",", ";").replace(".", ",").encode())
    add("tab.tsv", text.replace(",", "\t").encode())
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / "book.xlsx")
    made["book.xlsx"] = [folder / "book.xlsx"]
    frame = gpd.GeoDataFrame(
        {"id": [r[0] for r in rows[1:]], "name": [r[1] for r in rows[1:]], "population": [r[4] for r in rows[1:]], "highway": "residential"},
        geometry=shapely.points([r[2] for r in rows[1:]], [r[3] for r in rows[1:]]), crs="EPSG:4326",
    )  # fmt: skip
    kinds = {
        "points": frame,
        "areas": frame.set_geometry(frame.buffer(0.0004)),
        "lines": frame.set_geometry(frame.buffer(0.0004).boundary),
    }
    for kind, part in kinds.items():
        for suffix, driver in (
            (".gpkg", "GPKG"),
            (".geojson", "GeoJSON"),
            (".fgb", "FlatGeobuf"),
            (".kml", "KML"),
            (".shp", "ESRI Shapefile"),
        ):
            file = folder / f"{kind}{suffix}"
            part.to_file(file, driver=driver, **({"encoding": "gb18030"} if suffix == ".shp" else {}))
            beside = [file.with_suffix(s) for s in (".dbf", ".shx", ".prj")] if suffix == ".shp" else []
            made[file.name] = [file, *beside]
    made["table.dbf"] = [folder / "table.dbf"]
    shutil.copy(folder / "points.dbf", folder / "table.dbf")
    values = np.arange(12, dtype="float32").reshape(3, 4)
    for name, driver in (("people.tif", "GTiff"), ("people.img", "HFA"), ("people.asc", "AAIGrid")):
        options: dict[str, Any] = {"driver": driver, "width": 4, "height": 3, "count": 1, "dtype": "float32"}
        with rasterio.open(
            folder / name, "w", crs="EPSG:4326", transform=from_origin(7.4, 43.7, 0.001, 0.001), **options
        ) as out:
            out.write(values, 1)
        made[name] = [folder / name]
    nodes = "".join(
        f'<node id="{k}" lat="{43.7 + k / 1000}" lon="7.4" version="1"><tag k="amenity" v="clinic"/></node>'
        for k in range(1, 7)
    )
    ways = "".join(
        f'<way id="{k}"><nd ref="{k}"/><nd ref="{k + 1}"/><tag k="highway" v="residential"/></way>'
        for k in range(1, 6)
    )
    add("streets.osm", f'<?xml version="1.0"?><osm version="0.6">{nodes}{ways}</osm>'.encode())
    import gzip

    import osmium

    (folder / "packed.osm.gz").write_bytes(gzip.compress((folder / "streets.osm").read_bytes()))
    made["packed.osm.gz"] = [folder / "packed.osm.gz"]
    with osmium.SimpleWriter(str(folder / "streets.osm.pbf")) as writer:
        for thing in osmium.FileProcessor(str(folder / "streets.osm")):
            writer.add(thing)
    made["streets.osm.pbf"] = [folder / "streets.osm.pbf"]
    for name in ("heights.tif", "cover.tif"):
        shutil.copy(folder / "people.tif", folder / name)
        made[name] = [folder / name]
    add("graph.graphml", GRAPH.encode())
    add("profile.toml", b'name = "slow"\nbase = "walk"\nspeed_kph = 3.0\nsource = "measured"\n')
    study = '[study]\nname="x"\n[network]\npath="s.osm"\n[facilities]\npath="utf8.csv"\n[population]\npath="utf8.csv"\n'
    add("study.toml", study.encode())
    return made


GRAPH = """<?xml version="1.0" encoding="utf-8"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="graph" attr.name="crs" attr.type="string"/><key id="d1" for="node" attr.name="y" attr.type="string"/>
<key id="d2" for="node" attr.name="x" attr.type="string"/><key id="d3" for="edge" attr.name="highway" attr.type="string"/>
<key id="d4" for="edge" attr.name="length" attr.type="string"/><key id="d5" for="edge" attr.name="oneway" attr.type="string"/>
<graph edgedefault="directed"><data key="d0">epsg:4326</data>
<node id="1"><data key="d1">43.701</data><data key="d2">7.4</data></node>
<node id="2"><data key="d1">43.702</data><data key="d2">7.4</data></node>
<edge source="1" target="2" id="0"><data key="d3">residential</data><data key="d4">111.2</data><data key="d5">False</data></edge>
<edge source="2" target="1" id="0"><data key="d3">residential</data><data key="d4">111.2</data><data key="d5">False</data></edge>
</graph></graphml>"""


def readers_of(name: str, whole: dict[str, list[Path]]) -> list[Callable[[Path], Any]]:
    """Return the readers that take a file of that name; the first look of ``init`` and ``inspect`` takes all."""
    import access15 as a15
    from access15.sources import look_at

    if Path(name).suffix == ".toml":
        return [a15.profiles.profile_from_toml if name == "profile.toml" else a15.Study.from_toml]
    return [look_at, *_readers_of(name, whole)]


def _readers_of(name: str, whole: dict[str, list[Path]]) -> list[Callable[[Path], Any]]:
    import access15 as a15
    from access15.sources import (
        candidates_from_osm,
        read_buildings,
        read_estates,
        read_land,
        read_land_cover,
        read_new_roads,
        read_terrain,
        settlements_from_osm,
    )

    def heights(file: Path) -> Any:
        return a15.read_network(whole["streets.osm"][0], elevation=file)

    def cover(file: Path) -> Any:
        return read_terrain(
            read_land_cover(file), area=a15.read_areas(whole["areas.geojson"][0]), cell_m=50.0
        )

    def new_roads(file: Path) -> Any:
        return read_new_roads(a15.read_network(whole["streets.osm"][0]), file)

    suffix = Path(name).suffix
    if ".osm" in name:
        return [
            a15.read_network,
            a15.facilities_from_osm,
            candidates_from_osm,
            settlements_from_osm,
            a15.read_water,
        ]
    if suffix == ".graphml":
        return [a15.read_network]
    if suffix in (".tif", ".img", ".asc"):
        return {"heights": [heights], "cover": [cover]}.get(name.partition(".")[0], [a15.read_population])
    tables: list[Callable[[Path], Any]] = [a15.read_facilities, a15.read_population]
    if suffix in (".csv", ".tsv", ".xlsx", ".dbf"):
        return [*tables, read_estates]
    return {
        "areas": [a15.read_areas, read_land, read_buildings, *tables],
        "lines": [a15.read_network, a15.read_water, new_roads],
    }.get(name.partition(".")[0], tables)


def damage(data: bytes, rng: random.Random) -> bytes:
    """Return bytes with one to six things wrong."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(out) + 1)
        kind = rng.randrange(8)
        if kind == 0 and out:
            out[at % len(out)] = rng.randrange(256)
        elif kind == 1:
            out = out[:at] if rng.random() < 0.5 else out[at:]
        elif kind == 2:
            end = min(len(out), at + rng.randrange(1, 400))
            out[at:at] = out[at:end] * rng.choice([1, 1, 2, 50])
        elif kind == 3:
            del out[at : at + rng.randrange(1, 60)]
        elif kind == 4:
            out[at:at] = rng.choice(TEXTS)
        elif kind == 5:
            text = rng.choice(TEXTS)
            out[at : at + len(text)] = text
        elif kind == 6 and len(out) > 8:
            out[at % (len(out) - 4) : at % (len(out) - 4) + 4] = struct.pack(
                rng.choice("<>") + "I", rng.choice([0, 1, 2**31 - 1, 2**32 - 1, 2**24])
            )
        elif out:
            out[at % len(out)] ^= 1 << rng.randrange(8)
    return bytes(out)


def damaged(parts: list[Path], to: Path, rng: random.Random) -> Path:
    """Write the parts of a file with one of them damaged; workbooks are damaged inside their archive too."""
    victim = rng.choice(parts)
    for part in parts:
        data = part.read_bytes()
        if part == victim:
            data = (
                _in_archive(part, rng) if part.suffix == ".xlsx" and rng.random() < 0.7 else damage(data, rng)
            )
        (to / part.name).write_bytes(data)
    return to / parts[0].name


def _in_archive(file: Path, rng: random.Random) -> bytes:
    import io

    with zipfile.ZipFile(file) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    victim = rng.choice(sorted(parts))
    parts[victim] = damage(parts[victim], rng)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return out.getvalue()


def worker(whole: dict[str, list[Path]], todo: Any, said: Any) -> None:
    """Damage and read files as they are asked for; say what came of each."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))  # The libraries alone map some gigabytes.
    warnings.simplefilter("ignore")
    from access15.errors import Access15Error

    folder = next(iter(whole.values()))[0].parent / "damaged"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while (job := todo.get()) is not None:
        seed, name = job
        file = damaged(whole[name], folder, random.Random(seed))
        said.put(("start", seed, name, ""))
        outcome = "read"
        for read in readers_of(name, whole):
            try:
                read(file)
            except Access15Error as error:
                outcome = "refused" if str(error).strip() else "an error without words"
            except BaseException as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                outcome = f"{type(error).__name__} in {read.__name__} at {Path(where.filename).name}:{where.lineno}: {str(error)[:100]}"
                break
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if (peak - base) * 1024 > MOST_BYTES:
            outcome = f"memory {(peak - base) >> 10} MB"
        said.put(("end", seed, name, outcome))
        for left in folder.iterdir():
            left.unlink() if left.is_file() else shutil.rmtree(left)
        if outcome.startswith("memory"):
            return


def computed_s(process: int) -> float:
    """Return the seconds of computing of a process so far; the clock where the system does not tell."""
    try:
        user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    except (OSError, ValueError):
        return time.monotonic()
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class Pool:
    """One worker at a time, replaced when it hangs, dies or grows."""

    def __init__(self, whole: dict[str, list[Path]]) -> None:
        self.whole = whole
        self.context = multiprocessing.get_context("spawn")
        self.start()

    def start(self) -> None:
        """Start a worker."""
        self.todo, self.said = self.context.Queue(), self.context.Queue()
        self.process = self.context.Process(
            target=worker, args=(self.whole, self.todo, self.said), daemon=True
        )
        self.process.start()
        self.fresh = True

    def ask(self, seed: int, name: str) -> str:
        """Return what came of one file."""
        import queue

        self.todo.put((seed, name))
        begun, before = time.monotonic(), computed_s(self.process.pid or 0)
        longest = LONGEST_S + (240 if self.fresh else 0)  # The first read of a worker loads and compiles.
        while True:
            try:
                kind, _, _, outcome = self.said.get(timeout=1)
            except queue.Empty:
                if not self.process.is_alive():
                    self.start()
                    return f"the process died ({self.process.exitcode})"
                used = computed_s(self.process.pid or 0) - before
                if used > longest or time.monotonic() - begun > 10 * longest:
                    self.process.kill()
                    self.start()
                    return f"more than {LONGEST_S} s"
                continue
            if kind == "start":
                begun, before = time.monotonic(), computed_s(self.process.pid or 0)
                continue
            self.fresh = False
            if outcome.startswith("memory"):
                self.process.join(5)
                self.start()
            return str(outcome)

    def close(self) -> None:
        """End the worker."""
        self.todo.put(None)
        self.process.join(10)


def main() -> int:
    """Damage and read files until there were enough or time is up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--keep", type=Path, help="folder for the files that were not borne")
    parser.add_argument("--only", default="", help="only files whose name holds this")
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    with tempfile.TemporaryDirectory() as place:
        whole = {name: parts for name, parts in whole_files(Path(place)).items() if options.only in name}
        names, counts, found = sorted(whole), Counter[str](), []
        pool = Pool(whole)
        for k in range(options.files):
            if time.monotonic() > end:
                break
            seed, name = options.seed * 1_000_003 + k, names[k % len(names)]
            outcome = pool.ask(seed, name)
            good = outcome in ("read", "refused")
            counts[outcome if good else "NOT BORNE"] += 1
            if not good:
                found.append({"seed": seed, "file": name, "outcome": outcome})
                print(json.dumps(found[-1], ensure_ascii=False), flush=True)
                if options.keep:
                    to = options.keep / str(seed)
                    to.mkdir(parents=True, exist_ok=True)
                    damaged(whole[name], to, random.Random(seed))
            if k % 1000 == 999:
                print(f"{k + 1:,} files: {dict(counts)}", flush=True)
        pool.close()
    print(f"{sum(counts.values()):,} damaged files of {len(names)} kinds: {dict(counts)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
