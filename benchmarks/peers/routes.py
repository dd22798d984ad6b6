"""Travel times beside Valhalla and OSRM, on random pairs of street positions.

Run ``python benchmarks/peers/routes.py`` (about five minutes), or name places:
``python benchmarks/peers/routes.py monaco``. The word ``clock`` asks what `clock` asks, after that.
What it needs is in `places`.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from compare import clock, table, worst
from ours import write_country, write_lines, write_pairs
from places import MODES, PLACES, peers_python


def main(words: list[str]) -> None:
    """Route on both sides and print the tables."""
    places = [word for word in words if word != "clock"] or list(PLACES)
    for place in places:
        write_country(place)
        for mode in MODES:
            write_pairs(place, mode)
    print(f"access15 {version('access15')}", flush=True)
    _ask_peers("engines.py", places)
    print(f"\n{table(places)}")
    for place in places:
        for mode in MODES:
            print(f"\n{worst(place, mode)}")
    if "clock" in words:
        for place in places:
            write_lines(place)
        _ask_peers("clock.py", places)
        print(f"\n{clock(places)}")


def _ask_peers(script: str, places: list[str]) -> None:
    """Run a script in the peers' environment."""
    subprocess.run([peers_python(), str(Path(__file__).with_name(script)), *places], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
