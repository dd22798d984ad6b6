"""How long a table of a million people cells takes to read: CSV, CSV with quotes, and a workbook.

    python benchmarks/bench_tables.py [--rows 1000000] [--folder DIR]

The files are made once and kept in the folder. Prints seconds of the processor (the best of ``--turns``) and the memory it took at most.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "access15_bench_tables")
    parser.add_argument("--only", choices=["csv", "quoted", "xlsx"], help="one kind instead of all")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for kind in [options.only] if options.only else ["csv", "quoted", "xlsx"]:
        file = _file(options.folder, kind, options.rows)
        seconds = min(_time(file) for _ in range(options.turns))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
            1024 if sys.platform == "linux" else 1 << 20
        )
        print(f"{kind:7} {options.rows:,} rows  {seconds:7.2f} s  peak {peak:,.0f} MB", flush=True)


def _time(file: Path) -> float:
    from access15.sources import read_population

    start = time.process_time()
    people = read_population(file)
    seconds = time.process_time() - start
    assert len(people) > 0
    return seconds


def _file(folder: Path, kind: str, rows: int) -> Path:
    path = folder / f"{kind}_{rows}.{'xlsx' if kind == 'xlsx' else 'csv'}"
    if path.exists():
        return path
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(100, 101, rows).round(6), rng.uniform(30, 31, rows).round(6)
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
