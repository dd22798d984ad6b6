"""Travel times beside Valhalla and OSRM, on random pairs of street positions.

Run ``python benchmarks/peers/routes.py`` (about five minutes), or name places:
``python benchmarks/peers/routes.py monaco``. What it needs is in `places`.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from compare import table, worst
from ours import write_country, write_pairs
from places import MODES, PLACES, peers_python


def main(places: list[str]) -> None:
    """Route on both sides and print the tables."""
    for place in places:
        write_country(place)
        for mode in MODES:
            write_pairs(place, mode)
    print(f"access15 {version('access15')}", flush=True)
    subprocess.run([peers_python(), str(Path(__file__).with_name("engines.py")), *places], check=True)
    print(f"\n{table(places)}")
    for place in places:
        for mode in MODES:
            print(f"\n{worst(place, mode)}")


if __name__ == "__main__":
    main(sys.argv[1:] or list(PLACES))
