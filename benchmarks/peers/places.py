"""What both sides of the comparison know: places, modes, files. Standard library only.

Environment variables: ``ACCESS15_DATA`` is the folder of the extracts; ``ACCESS15_PEERS`` the folder of
everything that is built (default: ``access15-peers`` under the temp folder); ``ACCESS15_PEERS_PYTHON`` the
Python 3.12 the peers' environment is made with (default: ``python3.12``).
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

PLACES = {
    "monaco": "monaco/monaco.osm.pbf",
    "porto_alegre": "porto_alegre/poa_osm.pbf",
    "porto": "porto/porto_portugal.osm.pbf",
}
COUNTRIES = {"monaco": ("Monaco", "MC"), "porto_alegre": ("Brasil", "BR"), "porto": ("Portugal", "PT")}
"""Name and ISO code: Valhalla takes from them on which side people drive."""
MODES = ("walk", "drive")
WALKING_KPH = 5.0
"""One walking speed for all three, so that only the paths differ."""


def work_folder() -> Path:
    """Return the folder of everything that is built: ``ACCESS15_PEERS``, or one under the temp folder."""
    folder = Path(os.environ.get("ACCESS15_PEERS") or Path(tempfile.gettempdir()) / "access15-peers")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def peers_python() -> str:
    """Return the Python of the peers' environment; the first call makes it and installs the peers."""
    home = work_folder() / "env"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run(
            [os.environ.get("ACCESS15_PEERS_PYTHON", "python3.12"), "-m", "venv", str(home)], check=True
        )
        wanted = str(Path(__file__).with_name("requirements.txt"))
        words = ["-m", "pip", "install", "--quiet", "--only-binary=:all:", "-r", wanted]
        subprocess.run([str(python), *words], check=True)
    return str(python)


def extract(place: str) -> Path:
    """Return the OSM file of a place, under the folder named by ``ACCESS15_DATA``."""
    return Path(os.environ["ACCESS15_DATA"]) / PLACES[place]


def country_file(place: str) -> Path:
    """Return the OSM file with the country of a place, for Valhalla."""
    return work_folder() / f"{place}-country.osm.pbf"


def columns_file(place: str, mode: str, side: str) -> Path:
    """Return the file one side writes and the other reads."""
    return work_folder() / f"{place}-{mode}-{side}.json"


def write_columns(path: Path, columns: dict[str, list[float | None]]) -> None:
    """Write columns of equal length; None where there is no value."""
    path.write_text(json.dumps(columns), encoding="utf-8")


def read_columns(path: Path) -> dict[str, list[float | None]]:
    """Read what `write_columns` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))
