"""Everything that reads tags, on one file: readers, rules, graphs, links, explanations, shapes."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

import access15 as a15
from access15.errors import Access15Error
from access15.model import Facilities, Population
from access15.network import explain_edge, link_points, network_summary
from access15.sources import candidates_from_osm, facilities_from_osm, settlements_from_osm

PROFILES = (a15.WALK, a15.BIKE, a15.DRIVE)


def use(file: Path) -> str:
    """Use a file in every way; return what it was good for. What is refused must be refused by access15."""
    done = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for reader in (facilities_from_osm, candidates_from_osm, settlements_from_osm):
            try:
                reader(file)
                done.append(reader.__name__)
            except Access15Error as error:
                _one_sentence(error)
        for season, country in (("all-year", ""), ("wet", "NL"), ("winter", "XX")):
            try:
                network = a15.read_network(file, season=season, country=country, incomplete=season == "wet")
                done.append(f"network {season}")
            except Access15Error as error:
                _one_sentence(error)
                continue
            _travel(network)
    return ", ".join(done)


def _travel(network: a15.StreetNetwork) -> None:
    str(network_summary(network))
    assert np.isfinite(network.length_m).all()
    assert not (network.duration_s < 0).any()
    for profile in (*PROFILES, replace(a15.WALK, name="hurried", delay_s={"ferry": 0.0})):
        try:
            x, y = network.node_x[:4], network.node_y[:4] + 3
            link_points(network, x, y, network.crs, profile)
            clinics = Facilities.of(x[:2], y[:2], network.crs)
            times = a15.nearest_times(
                network, clinics, Population.of(x, y, np.ones(len(x)), network.crs), profile
            )
            assert not np.isnan(times.seconds).any()
            a15.isochrones(network, clinics, profile, 2, threads=1)
            for row in range(min(network.n_edges, 6)):
                str(explain_edge(network, row, profile))
        except Access15Error as error:
            _one_sentence(error)


def _one_sentence(error: Access15Error) -> None:
    text = str(error)
    assert text, "an error says what is wrong"
    assert len(text.splitlines()) == 1, text
