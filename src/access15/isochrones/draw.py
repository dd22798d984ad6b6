"""Polygons of what searches reached: of one search, of many side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from access15.arrays import Floats, Ints, Objects
from access15.isochrones.contours import multipolygons, rings_of
from access15.isochrones.lattice import Lattice, in_threads
from access15.isochrones.pixels import Rules
from access15.isochrones.reach import FacilityReaches, Reach, Streets
from access15.network import hilbert_order
from access15.search import Positions

_SITES_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class Drawing:
    """What all polygons of one call share."""

    streets: Streets
    lattice: Lattice
    limits_ms: tuple[int, ...]
    rules: Rules

    def one(self, reach: Reach) -> Objects:
        """Return the polygons of one search, one per limit."""
        pins = np.concatenate(self._pins(reach.sites, reach.x, reach.y))
        return multipolygons(
            self._rings(reach, pins[np.lexsort((pins[:, 1], pins[:, 0]))], self.rules.threads)
        )

    def each(self, sites: Positions, x: Floats, y: Floats) -> Objects:
        """Return the polygons of every site, (sites, limits); ``x, y`` are all facilities."""
        # Neighbours one after the other: their tiles are at hand.
        order = hilbert_order(x[sites.row], y[sites.row])
        blocks = [order[k : k + _SITES_AT_ONCE] for k in range(0, len(sites), _SITES_AT_ONCE)]
        threads = max(1, min(self.rules.threads, len(blocks)))
        spaces = [FacilityReaches(self.streets, sites, x, y, self.limits_ms[-1]) for _ in range(threads)]
        pins = self._pins(sites, x[sites.row], y[sites.row])
        out = np.empty((len(sites), len(self.limits_ms)), object)

        def work(block: Ints) -> None:
            space, drawn = spaces.pop(), []
            try:
                for site in block.tolist():
                    reach = space.of(site)
                    drawn += self._rings(reach, pins[site], 1)
                    space.done(reach)
            finally:
                spaces.append(space)
            out[block] = multipolygons(drawn).reshape(len(block), -1)

        in_threads(work, blocks, threads)
        return out

    def _rings(self, reach: Reach, pins: Ints, threads: int) -> list[tuple[Floats, Ints, Ints]]:
        return [
            rings_of(self.lattice, self.streets, reach, pins, limit, self.rules, threads)
            for limit in self.limits_ms
        ]

    def _pins(self, sites: Positions, x: Floats, y: Floats) -> list[Ints]:
        """Return row and column of the four pixels around each site, (4, 2); (0, 2) where its leg is too long."""
        low = np.floor(np.column_stack((y, x)) / self.rules.pixel_m).astype(np.int64)
        around = low[:, None] + np.array(((0, 0), (0, 1), (1, 0), (1, 1)))
        near = sites.leg_m <= self.rules.reach_m
        return [around[k, : 4 * near[k]] for k in range(len(sites))]
