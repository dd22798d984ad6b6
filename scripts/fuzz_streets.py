"""Feed readers, tag rules, graphs and links odd OSM files: each is used, or refused with one sentence of access15.

    python scripts/fuzz_streets.py [--files 2000] [--seed 1] [--minutes 30] [--cases FOLDER] [--keep FOLDER]

Maps with any tags on any object, Unicode soup in them, in any order, cut, renamed, with deleted, doubled and missing objects;
with ``--cases`` also the ``.osm`` files of a folder mixed with each other. The same seed makes the same file. A foreign
exception is printed with its seed, once per place in the code, and the file is kept. Leaves with 1 if anything was found.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from odd_osm import odd_file
from use_streets import use


def main() -> int:
    """Try many files and say what was found."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    ask.add_argument("--files", type=int, default=2000)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--minutes", type=float, default=30)
    ask.add_argument("--cases", type=Path)
    ask.add_argument("--keep", type=Path, default=Path("fuzz-found"))
    given = ask.parse_args()
    whole = sorted(given.cases.rglob("*.osm")) if given.cases else []
    texts = [file.read_text("utf-8", "replace") for file in whole if file.stat().st_size < 200_000]
    stop, found, used = time.monotonic() + 60 * given.minutes, Counter[str](), 0
    tried = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(given.seed, given.seed + given.files):
            if time.monotonic() > stop:
                break
            file = odd_file(Path(folder), seed, texts)
            tried += 1
            try:
                used += "network" in use(file)
            except Exception as error:
                at = traceback.extract_tb(error.__traceback__)[-1]
                place = f"{type(error).__name__} {Path(at.filename).name}:{at.lineno}"
                if not found[place]:
                    given.keep.mkdir(exist_ok=True)
                    shutil.copy(file, given.keep)
                    print(f"seed {seed}: {place}: {error}"[:300], flush=True)
                found[place] += 1
            file.unlink()
    print(
        f"{tried} files tried, {used} networks built, {sum(found.values())} failures at {len(found)} places"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
