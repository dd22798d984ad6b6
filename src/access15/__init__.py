"""Who reaches primary care in 15 minutes, who does not, and where the next sub-centre should go.

``import access15 as a15`` shows what a planner types every day: nouns, readers, verbs, ways of travelling and
`Study`. The rest stands in namespaces: ``a15.plot``, ``a15.reach``, ``a15.siting`` … Names are looked up when they
are first used, so that ``import access15`` and ``access15 --help`` do not wait for pandas.
"""

from __future__ import annotations

import sys
from importlib import import_module
from itertools import chain
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from access15 import capacity as capacity
    from access15 import errors as errors
    from access15 import gaps as gaps
    from access15 import model as model
    from access15 import network as network
    from access15 import outputs as outputs
    from access15 import outreach as outreach
    from access15 import plot as plot
    from access15 import profiles as profiles
    from access15 import reach as reach
    from access15 import siting as siting
    from access15 import sources as sources
    from access15 import study as study
    from access15 import testing as testing
    from access15 import travel_time as travel_time
    from access15.all_origins import reach_surface as reach_surface
    from access15.capacity import capacity_from_supply as capacity_from_supply
    from access15.capacity import catchments as catchments
    from access15.capacity import floating_catchment as floating_catchment
    from access15.coverage import coverage as coverage
    from access15.coverage import critical_streets as critical_streets
    from access15.coverage import fragile_coverage as fragile_coverage
    from access15.equity import equity as equity
    from access15.errors import Access15Error as Access15Error
    from access15.explorer import explore as explore
    from access15.gaps import find_gaps as find_gaps
    from access15.isochrones import isochrones as isochrones
    from access15.isochrones import reached_edges as reached_edges
    from access15.isochrones import time_surface as time_surface
    from access15.model import Areas as Areas
    from access15.model import Catchments as Catchments
    from access15.model import Coverage as Coverage
    from access15.model import CriticalStreets as CriticalStreets
    from access15.model import Equity as Equity
    from access15.model import Facilities as Facilities
    from access15.model import FloatingCatchment as FloatingCatchment
    from access15.model import Gaps as Gaps
    from access15.model import KNearest as KNearest
    from access15.model import LinkedPoints as LinkedPoints
    from access15.model import NearestTimes as NearestTimes
    from access15.model import Population as Population
    from access15.model import ReachSurface as ReachSurface
    from access15.model import SitingPlan as SitingPlan
    from access15.model import StreetNetwork as StreetNetwork
    from access15.model import Terrain as Terrain
    from access15.model import TravelProfile as TravelProfile
    from access15.model import TravelTimes as TravelTimes
    from access15.network import explain_edge as explain_edge
    from access15.network import network_summary as network_summary
    from access15.outputs import Comparison as Comparison
    from access15.outputs import plot_change as plot_change
    from access15.outputs import plot_coverage as plot_coverage
    from access15.outputs import plot_frontier as plot_frontier
    from access15.outputs import plot_gaps as plot_gaps
    from access15.outputs import plot_isochrones as plot_isochrones
    from access15.outputs import plot_plan as plot_plan
    from access15.outputs import to_osmnx as to_osmnx
    from access15.outputs import write_table as write_table
    from access15.outputs import write_time_raster as write_time_raster
    from access15.outreach import OutreachRules as OutreachRules
    from access15.outreach import plan_outreach as plan_outreach
    from access15.outreach import settlements_beyond as settlements_beyond
    from access15.profiles import AMBULANCE as AMBULANCE
    from access15.profiles import BIKE as BIKE
    from access15.profiles import DRIVE as DRIVE
    from access15.profiles import DRIVE_PEAK as DRIVE_PEAK
    from access15.profiles import EBIKE as EBIKE
    from access15.profiles import WALK as WALK
    from access15.profiles import WALK_ELDER as WALK_ELDER
    from access15.profiles import WALK_ELDER_SLOPE as WALK_ELDER_SLOPE
    from access15.profiles import WALK_SLOPE as WALK_SLOPE
    from access15.profiles import profile_by_name as profile_by_name
    from access15.profiles import profile_from_toml as profile_from_toml
    from access15.siting import alternatives as alternatives
    from access15.siting import filter_candidates as filter_candidates
    from access15.siting import frontier as frontier
    from access15.siting import grid_candidates as grid_candidates
    from access15.siting import junction_candidates as junction_candidates
    from access15.siting import locate as locate
    from access15.siting import robustness as robustness
    from access15.sources import candidates_from_osm as candidates_from_osm
    from access15.sources import facilities_from_osm as facilities_from_osm
    from access15.sources import read_areas as read_areas
    from access15.sources import read_facilities as read_facilities
    from access15.sources import read_land_cover as read_land_cover
    from access15.sources import read_network as read_network
    from access15.sources import read_network_place as read_network_place
    from access15.sources import read_population as read_population
    from access15.sources import read_terrain as read_terrain
    from access15.sources import read_water as read_water
    from access15.sources import settlements_from_osm as settlements_from_osm
    from access15.sources import spread_people as spread_people
    from access15.study import Study as Study
    from access15.study import StudyResult as StudyResult
    from access15.study import compare as compare
    from access15.study import sample as sample
    from access15.travel_time import iter_travel_times as iter_travel_times
    from access15.travel_time import k_nearest as k_nearest
    from access15.travel_time import nearest_times as nearest_times
    from access15.travel_time import nearest_times_by as nearest_times_by
    from access15.travel_time import travel_times as travel_times
    from access15.whatif import WhatIf as WhatIf

    __version__: str

_TOP = {
    "capacity": ("catchments",),
    "coverage": ("coverage",),
    "equity": ("equity",),
    "errors": ("Access15Error",),
    "explorer": ("explore",),
    "gaps": ("find_gaps",),
    "isochrones": ("isochrones",),
    "model": (
        "Areas",
        "Coverage",
        "Facilities",
        "Gaps",
        "NearestTimes",
        "Population",
        "SitingPlan",
        "StreetNetwork",
        "TravelProfile",
        "TravelTimes",
    ),
    "profiles": ("AMBULANCE", "BIKE", "DRIVE", "DRIVE_PEAK", "EBIKE", "WALK", "WALK_ELDER"),
    "siting": ("locate",),
    "sources": ("facilities_from_osm", "read_areas", "read_facilities", "read_network", "read_population"),
    "study": ("Study", "compare", "sample"),
    "travel_time": ("nearest_times", "travel_times"),
    "whatif": ("WhatIf",),
}
"""Names that are shown, by the room that has them."""

_OLDER = {
    "all_origins": ("reach_surface",),
    "capacity": ("capacity_from_supply", "floating_catchment"),
    "coverage": ("critical_streets", "fragile_coverage"),
    "isochrones": ("reached_edges", "time_surface"),
    "model": (
        "Catchments",
        "CriticalStreets",
        "Equity",
        "FloatingCatchment",
        "KNearest",
        "LinkedPoints",
        "ReachSurface",
        "Terrain",
    ),
    "network": ("explain_edge", "network_summary"),
    "outputs": (
        "Comparison",
        "plot_change",
        "plot_coverage",
        "plot_frontier",
        "plot_gaps",
        "plot_isochrones",
        "plot_plan",
        "to_osmnx",
        "write_table",
        "write_time_raster",
    ),
    "outreach": ("OutreachRules", "plan_outreach", "settlements_beyond"),
    "profiles": ("WALK_ELDER_SLOPE", "WALK_SLOPE", "profile_by_name", "profile_from_toml"),
    "siting": (
        "alternatives",
        "filter_candidates",
        "frontier",
        "grid_candidates",
        "junction_candidates",
        "robustness",
    ),
    "sources": (
        "candidates_from_osm",
        "read_land_cover",
        "read_network_place",
        "read_terrain",
        "read_water",
        "settlements_from_osm",
        "spread_people",
    ),
    "study": ("StudyResult",),
    "travel_time": ("iter_travel_times", "k_nearest", "nearest_times_by"),
}
"""Names that are found here too, and shown in their namespaces only."""

_NAMESPACES = (
    "capacity",
    "errors",
    "gaps",
    "model",
    "network",
    "outputs",
    "outreach",
    "plot",
    "profiles",
    "reach",
    "siting",
    "sources",
    "study",
    "testing",
    "travel_time",
)

_ROOM_OF = {name: room for table in (_TOP, _OLDER) for room, names in table.items() for name in names}

__all__ = list(chain(*_TOP.values(), _NAMESPACES))


def __getattr__(name: str) -> Any:
    """Look a public name up in its room, once."""
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("access15")
    elif name in _ROOM_OF:
        value = getattr(import_module(f"access15.{_ROOM_OF[name]}"), name)
    elif name in _NAMESPACES:
        value = import_module(f"access15.{name}")
    elif name.isupper() and (preset := _preset(name)) is not None:
        value = preset
    else:
        raise AttributeError(f"module 'access15' has no attribute {name!r}")
    globals()[name] = value
    return value


def _preset(name: str) -> Any:
    """Return the preset that a constant names; not every one has a line of its own above."""
    from access15.profiles import PRESETS

    return PRESETS.get(name.lower().replace("_", "-"))


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


class _Package(ModuleType):
    """A verb keeps its name when the room of the same name is imported.

    ``coverage``, ``equity`` and ``isochrones`` are rooms and functions. Python binds a room to its parent when it is
    first imported; without this, ``access15.coverage`` would be the function or the room by chance.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType) and _ROOM_OF.get(name) == name:
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
