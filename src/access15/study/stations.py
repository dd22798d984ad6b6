"""Where ambulances start: the stations a study names, or the points that offer emergency service."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from access15.arrays import AnyArray, Bools
from access15.errors import InputError
from access15.model import Facilities
from access15.profiles import profile_by_name
from access15.study.settings.emergency import ALL_STATIONS, Emergency

SERVICES: Final = ("急救", "院前急救", "120急救", "急救站", "emergency", "ambulance")
"""Services of a point that ambulances start from, where a study names no stations."""

LABEL: Final = "ambulance stations"


def own_points(modes: Collection[str], given: Emergency, facilities: Facilities) -> dict[str, Facilities]:
    """Return the points of every mode that does not start from, or lead to, all service points: its stations.

    Parameters
    ----------
    modes : collection of str
    given : Emergency
        ``stations`` says where ambulances start: tiers and services, or a file.
    facilities : Facilities

    Raises
    ------
    InputError
        If there is an ambulance mode but nothing says where ambulances start, or a name fits no service point.
    """
    ambulances = [mode for mode in modes if profile_by_name(mode).mode == "emergency"]
    if not ambulances:
        return {}
    stations = _stations(given, facilities)
    return dict.fromkeys(ambulances, stations)


def _stations(given: Emergency, facilities: Facilities) -> Facilities:
    from access15.sources import read_facilities

    if isinstance(given.stations, Path):
        return read_facilities(given.stations, datum=given.stations_datum, label=LABEL, judge=False)
    if given.stations == (ALL_STATIONS,):
        return dataclasses.replace(facilities, label=LABEL)
    if given.stations:
        return _labelled(facilities, rows_named(given.stations, facilities, "[emergency] stations"))
    rows = np.array([_offers(text, SERVICES) for text in facilities.services], bool)
    if rows.any():
        return _labelled(facilities, rows)
    tiers = ", ".join(repr(tier) for tier in dict.fromkeys(str(t) for t in facilities.tier if t)) or "none"
    raise InputError(
        "nothing says where ambulances start: no service point has the service 急救 or emergency, so name tiers "
        f'(there are {tiers}), services or a file, [emergency] stations = ["县级医院"] or "stations.csv"'
    )


def rows_named(names: Collection[str], facilities: Facilities, where: str) -> Bools:
    """Return which facilities are of a tier, or offer a service, that is named, (n,).

    A tier is named as the facilities have it, or in words that mean it: 卫生院 stands for 乡镇卫生院 where no tier is called so.

    Raises
    ------
    InputError
        If a name fits none of them; the nearest is named.
    """
    from access15.sources import tier_of

    tiers = [str(tier) for tier in facilities.tier]
    out = np.zeros(len(facilities), bool)
    for name in names:
        wanted = name if name in tiers else tier_of(name, "").tier or name
        fits = np.array(
            [
                tier == wanted or _offers(text, (name,))
                for tier, text in zip(tiers, facilities.services, strict=True)
            ],
            bool,
        )
        if not fits.any():
            known = [*dict.fromkeys(t for t in tiers if t), *dict.fromkeys(_services_of(facilities))]
            near = difflib.get_close_matches(name, known, 1, cutoff=0.5)
            hint = (
                f"did you mean {near[0]!r}?"
                if near
                else f"there are {', '.join(map(repr, known[:12])) or 'none'}"
            )
            raise InputError(
                f"{where} names {name!r}, which is no tier and no service of the service points: {hint}"
            )
        out |= fits
    return out


def _services_of(facilities: Facilities) -> list[str]:
    return [word for text in facilities.services for word in _split(text)]


def _split(text: Any) -> list[str]:
    return [word.strip() for word in re.split("[;；,，、|]", str(text)) if word.strip()]


def _offers(text: Any, services: Collection[str]) -> bool:
    wanted = {service.casefold() for service in services}
    return any(word.casefold() in wanted for word in _split(text))


def _labelled(facilities: Facilities, rows: Bools) -> Facilities:
    return dataclasses.replace(some(facilities, rows), label=LABEL)


def some(facilities: Facilities, rows: AnyArray) -> Facilities:
    """Return some rows of facilities."""
    columns = ((f.name, getattr(facilities, f.name)) for f in dataclasses.fields(facilities))
    kept: Mapping[str, Any] = {name: v[rows] for name, v in columns if isinstance(v, np.ndarray)}
    return dataclasses.replace(facilities, **kept)
