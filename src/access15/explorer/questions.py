"""What a page may ask that takes longer than a frame: gaps, the next sites, what may close, proofs, files."""

from __future__ import annotations

import math
import multiprocessing
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from access15.arrays import Bools, Floats
from access15.errors import Access15Error, InputError
from access15.explorer.base_map import rings
from access15.model import Facilities, NearestTimes, Population
from access15.study import LiveStudy, SiteTable, Wanted, area_of, closable, prove

SHOWN_GAPS: Final = 8
"""Gaps the page draws and lists, by letter; the files have all."""

LEAST_SHARE: Final = 0.005
"""Gaps with less than this share of the people beyond the limit are not drawn."""

MOST_SITES: Final = 30
FILES: Final = {
    "map.png": "image/png",
    "tables.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "coverage.gpkg": "application/geopackage+sqlite3",
    "snapshot.html": "text/html; charset=utf-8",
}


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A scenario as it stood when something was asked."""

    mode: str
    minutes: float
    group: str
    times: NearestTimes
    facilities: Facilities
    within: Bools
    people: Floats


class Questions:
    """Questions about one study, for all pages; tables of candidates are kept.

    Parameters
    ----------
    live : LiveStudy
    """

    def __init__(self, live: LiveStudy) -> None:
        self.live = live
        self._tables: dict[tuple[str, float], SiteTable] = {}
        self._one_table, self._one_run = threading.Lock(), threading.Lock()
        self._written: tuple[Any, Any] | None = None

    def gaps(self, given: Snapshot) -> dict[str, Any]:
        """Return the largest gaps: people, minutes, name and rings in degrees, and how many there are."""
        found = self.live.gaps(given.times, given.facilities, given.minutes)
        table = found.table.sort_values("people", ascending=False)
        table = table[table["people"] >= LEAST_SHARE * table["people"].sum()].head(SHOWN_GAPS)
        names = dict(zip(self.live.part_ids, self.live.part_names, strict=True))
        crs = str(found.table.crs)
        out = []
        for row in table.to_dict("records"):
            shape = row["geometry"]
            drawn = shape if shape.geom_type.endswith("Polygon") else shape.buffer(100.0)
            area = row["area_id"]
            out.append(
                {
                    "people": float(row["people"]),
                    "minutes": _known(float(row["median_s"]) / 60),
                    "place": _text(row.get("place")) or names.get(str(area), ""),
                    "rings": [np.round(ring, 5).tolist() for ring in rings(np.array([drawn], object), crs)],
                }
            )
        return {"gaps": out, "count": len(found.table)}

    def outline(self, given: Snapshot, _asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the rings of what is within the limit of the open facilities, in degrees."""
        found = self.live.outline(given.facilities, given.mode, given.minutes)
        merged = found[found["facility_id"].isna()]
        drawn = rings(merged.geometry.to_numpy(object), str(found.crs))
        return {"rings": [np.round(ring, 5).tolist() for ring in drawn]}

    def suggest(self, given: Snapshot, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the place that brings most now. It is the best of the places looked at for one more site."""
        sites, table = self._next(given, asked, 1)
        return {"sites": sites, "spacing_m": table.spacing_m, "looked_at": len(table.candidates)}

    def curve(self, given: Snapshot, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the next sites one after the other, greedily."""
        sites, table = self._next(given, asked, _count(asked))
        return {"sites": sites, "spacing_m": table.spacing_m}

    def closable(self, given: Snapshot, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the facilities whose closing costs the fewest people, one after the other, greedily."""
        found = closable(self.live, given.facilities, given.mode, given.minutes, given.people, _count(asked))
        return {"sites": [{"id": name, "lost": lost} for name, lost in found]}

    def prove(
        self, given: Snapshot, asked: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]
    ) -> Proof:
        """Begin to prove the best ``count`` sites in a process of its own; ``tell`` hears of every round."""
        table = self._table(given)

        def told(found: Mapping[str, Any]) -> None:
            rows = found.get("sites", [])
            tell({**found, "sites": [_spot(table, row) for row in rows]} if rows else found)

        return Proof(table, self.live.inputs.population, given.times, _count(asked), told)

    def write(self, kind: str, scenario: Mapping[str, Wanted], lang: str, folder: Path) -> Path:
        """Write a scenario as a file of a kind of `FILES`; return its path.

        Raises
        ------
        InputError
            If there is no such kind.
        """
        if kind not in FILES:
            raise InputError(f"there is no file {kind!r}: use one of {', '.join(FILES)}")
        with self._one_run:
            key = dict(scenario)
            if self._written is None or self._written[0] != key:
                self._written = key, self.live.result(scenario)
            result = self._written[1]
            write = {
                "map.png": result.map,
                "tables.xlsx": result.tables,
                "coverage.gpkg": result.to_gpkg,
                "snapshot.html": result.report,
            }[kind]
            return Path(write(folder / kind, lang))

    def _next(
        self, given: Snapshot, asked: Mapping[str, Any], count: int
    ) -> tuple[list[dict[str, Any]], SiteTable]:
        table, ring = self._table(given), asked.get("allowed")
        allowed = None if ring is None else area_of(_ring(ring))
        within = given.within
        found = table.next_sites(within, given.people, count, allowed)
        return [{**_spot(table, row), "gain": gain} for row, gain in found], table

    def _table(self, given: Snapshot) -> SiteTable:
        key = given.mode, given.minutes
        with self._one_table:
            if key not in self._tables:
                # A slider leaves many limits behind; the tables of few are kept.
                while len(self._tables) >= 3:
                    del self._tables[next(iter(self._tables))]
                self._tables[key] = SiteTable.of(self.live, given.mode, given.minutes)
            return self._tables[key]


class Proof:
    """A proof that runs in a process of its own, so that it can be stopped at once."""

    def __init__(
        self,
        table: SiteTable,
        population: Population,
        times: NearestTimes,
        count: int,
        tell: Callable[[Mapping[str, Any]], None],
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._receives, sends = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_prove, args=(sends, table, population, times, count), daemon=True
        )
        self._process.start()
        sends.close()
        self._tell = tell
        threading.Thread(target=self._listen, daemon=True).start()

    def stop(self) -> None:
        """End it, whatever it does."""
        self._process.kill()

    def _listen(self) -> None:
        told: Mapping[str, Any] = {}
        while True:
            try:
                told = self._receives.recv()
            except (EOFError, OSError):
                break
            self._tell({**told, "running": True})
        self._process.join()
        if self._process.exitcode == 0 or "why" in told:
            self._tell({**told, "running": False})
        elif self._process.exitcode is not None and self._process.exitcode > 0:
            self._tell({"running": False, "why": "the proof ended early: the machine may lack memory"})


def _prove(sends: Any, table: SiteTable, population: Population, times: NearestTimes, count: int) -> None:
    """Prove, in a process of its own; whoever listened may be gone."""
    try:
        for found in prove(table, population, times, count):
            sends.send(found)
    except Access15Error as error:
        sends.send({"why": str(error)})
    except (BrokenPipeError, KeyboardInterrupt):
        pass
    finally:
        sends.close()


def _spot(table: SiteTable, row: int) -> dict[str, Any]:
    return {"lon": float(table.lon[row]), "lat": float(table.lat[row]), "id": str(table.candidates.id[row])}


def _count(asked: Mapping[str, Any]) -> int:
    count = asked.get("count", 1)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_SITES:
        raise InputError(f"a number of sites is a whole number from 1 to {MOST_SITES}")
    return count


def _ring(given: Any) -> list[tuple[float, float]]:
    try:
        ring = [(float(lon), float(lat)) for lon, lat in given][:1000]
    except (TypeError, ValueError) as error:
        raise InputError("an area is a list of places") from error
    if not all(math.isfinite(v) for spot in ring for v in spot):
        raise InputError("an area is a list of places")
    return ring


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
