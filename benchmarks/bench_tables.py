"""How long a table of a million people cells takes to read (CSV, CSV with quotes, a workbook), and one of facilities.

    python benchmarks/bench_tables.py [--rows 1000000] [--folder DIR] [--only clinics --rows 200000]

The files are made once and kept in the folder. Prints seconds of the processor (the best of ``--turns``) and the memory it took at most;
each kind is read by a process of its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

KINDS = ("csv", "quoted", "xlsx", "clinics")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "access15_bench_tables")
    parser.add_argument("--only", choices=KINDS, help="one kind instead of all")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.only is None:
        for kind in KINDS:
            subprocess.run([sys.executable, __file__, *sys.argv[1:], "--only", kind], check=True)
        return
    file = _file(options.folder, options.only, options.rows)
    seconds = min(_time(file, options.only) for _ in range(options.turns))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20)
    print(f"{options.only:7} {options.rows:,} rows  {seconds:7.2f} s  peak {peak:,.0f} MB", flush=True)


def _time(file: Path, kind: str) -> float:
    from access15.sources import read_facilities, read_population

    warnings.simplefilter("ignore")
    start = time.process_time()
    found = read_facilities(file) if kind == "clinics" else read_population(file)
    seconds = time.process_time() - start
    assert len(found) > 0
    return seconds


def _file(folder: Path, kind: str, rows: int) -> Path:
    path = folder / f"{kind}_{rows}.{'xlsx' if kind == 'xlsx' else 'csv'}"
    if path.exists():
        return path
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(100, 101, rows).round(6), rng.uniform(30, 31, rows).round(6)
    if kind == "clinics":
        _clinics(path, lon, lat, rng)
        return path
    people, old = rng.integers(5, 90, rows), rng.integers(0, 5, rows)
    header = ["id", "lon", "lat", "population", "65+", "note"]
    if kind == "xlsx":
        _workbook(
            path,
            header,
            zip(range(1, rows + 1), lon.tolist(), lat.tolist(), people.tolist(), old.tolist(), strict=True),
        )
        return path
    mark = '"' if kind == "quoted" else ""
    with path.open("w", encoding="utf-8") as out:
        out.write(",".join(header) + "\n")
        out.writelines(
            f"{i},{x},{y},{n},{o},{mark}north{',' if mark else ''} side{mark}\n"
            for i, x, y, n, o in zip(range(1, rows + 1), lon, lat, people, old, strict=True)
        )
    return path


def _clinics(path: Path, lon: np.ndarray, lat: np.ndarray, rng: np.random.Generator) -> None:
    """Write facilities with names of their own in two languages, classes of a map service, and a status."""
    kinds = [
        "村卫生室",
        "乡镇卫生院",
        "社区卫生服务站",
        "人民医院",
        "口腔诊所",
        " Health Centre",
        " Clinic",
        " Dispensary",
    ]
    places = ["石塘", "桃花", "城东", "河西", "Kibera", "Mbale", "Riverside", "Sunrise"]
    pick = rng.integers(0, 8, (len(lon), 3)).tolist()
    with path.open("w", encoding="utf-8") as out:
        out.write("id,name,lon,lat,type,status,beds\n")
        out.writelines(
            f"{i},{places[a]}{i}{kinds[b]},{x},{y},{kinds[c].strip()},{'营业' if a else '停业'},{5 * b}\n"
            for i, (x, y, (a, b, c)) in enumerate(zip(lon, lat, pick, strict=True), 1)
        )


def _workbook(path: Path, header: list[str], body: object) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("people")
    sheet.append(header)
    for line in body:  # type: ignore[attr-defined]
        sheet.append([*line, "north side"])
    book.save(path)


if __name__ == "__main__":
    main()
