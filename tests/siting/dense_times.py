"""Siting nouns from dense matrices of seconds, without a street network."""

from __future__ import annotations

import numpy as np

from access15.model import (
    Facilities,
    LinkedPoints,
    LinkReason,
    NearestTimes,
    Origin,
    Population,
    Status,
    TravelProfile,
    TravelTimes,
)

CRS = "EPSG:32629"
PROFILE = TravelProfile("walk", "foot", 4.8)


def links(linked):
    linked = np.asarray(linked, bool)
    n = len(linked)
    reason = np.where(linked, LinkReason.LINKED, LinkReason.TOO_FAR)
    return LinkedPoints(np.where(linked, 0, -1), np.zeros(n), np.zeros(n), reason)


def people_of(counts):
    counts = np.asarray(counts, float)
    return Population.of(np.arange(len(counts)), np.zeros(len(counts)), counts, CRS)


def candidates_of(m, kind="junction"):
    return Facilities.of(
        np.arange(m), np.ones(m), CRS, ids=[f"c{j}" for j in range(m)], kind=np.full(m, kind, object)
    )


def matrix_of(seconds, population, candidates, *, minutes=None, linked=None, network="n", profile=PROFILE):
    """Return TravelTimes of a dense (m, n) array of seconds, inf where there is no way."""
    seconds = np.asarray(seconds, float)
    limit_s = np.inf if minutes is None else minutes * 60
    stored = np.isfinite(seconds) & (seconds <= limit_s)
    if linked is not None:
        stored &= np.asarray(linked, bool)[:, None]
    _, cell = np.nonzero(stored)
    base = Origin.of(population, candidates, population, profile, "to")
    return TravelTimes(
        indptr=np.concatenate([[0], np.cumsum(stored.sum(axis=1))]),
        cell=cell,
        time_ms=np.rint(seconds[stored] * 1000),
        metres=None,
        n_cells=len(population),
        cells=links(np.ones(len(population))),
        sites=links(np.ones(len(seconds)) if linked is None else linked),
        limit_s=limit_s,
        origin=Origin(profile, "to", network, base.facilities, base.population),
    )


def nearest_of(seconds, population, *, minutes=None, network="n", profile=PROFILE, direction="to"):
    """Return NearestTimes of (n,) seconds to the nearest existing facility."""
    seconds = np.asarray(seconds, float)
    limit_s = np.inf if minutes is None else minutes * 60
    seconds = np.where(seconds <= limit_s, seconds, np.inf)
    reached = np.isfinite(seconds)
    origin = Origin.of(population, population, population, profile, direction)
    return NearestTimes(
        seconds=seconds,
        facility=np.where(reached, 0, -1),
        status=np.where(reached, Status.REACHED, Status.UNREACHABLE),
        cells=links(np.ones(len(population))),
        sites=links([True]),
        limit_s=limit_s,
        origin=Origin(profile, direction, network, origin.facilities, origin.population),
    )
