"""Facilities, people and the times between them from a dense table of minutes."""

from __future__ import annotations

import numpy as np

from access15.model import Facilities, LinkedPoints, Origin, Population, TravelProfile, TravelTimes

UTM = "EPSG:32629"
WALK = TravelProfile("walk", "foot", 4.8)


def supply_town(minutes, people, capacity, limit=None, tier=None):
    """Return matrix, population and facilities of a (facilities, cells) table of minutes, inf where there is no way."""
    minutes = np.asarray(minutes, float)
    f, n = minutes.shape
    population = Population.of(np.arange(n), np.zeros(n), people, UTM)
    facilities = Facilities.of(
        np.arange(f), np.ones(f), UTM, ids=[f"f{j}" for j in range(f)], capacity=capacity, tier=tier
    )
    stored = np.isfinite(minutes) & (minutes <= (np.inf if limit is None else limit))
    links = [LinkedPoints(np.zeros(k), np.zeros(k), np.zeros(k), np.zeros(k)) for k in (n, f)]
    matrix = TravelTimes(
        indptr=np.concatenate([[0], np.cumsum(stored.sum(axis=1))]),
        cell=np.nonzero(stored)[1],
        time_ms=np.rint(minutes[stored] * 60_000),
        metres=None,
        n_cells=n,
        cells=links[0],
        sites=links[1],
        limit_s=np.inf if limit is None else limit * 60,
        origin=Origin.of(population, facilities, population, WALK, "to"),
    )
    return matrix, population, facilities
