"""A study's settings, read from ``study.toml`` and checked on the way in."""

from access15.study.settings.capacity import CapacityRates
from access15.study.settings.emergency import ALL_STATIONS, Emergency
from access15.study.settings.file import (
    GRID,
    JUNCTIONS,
    OBJECTIVES,
    OSM,
    About,
    Analysis,
    AreasInput,
    Case,
    FacilitiesInput,
    GapRules,
    NetworkInput,
    Outreach,
    PopulationInput,
    Settings,
    Siting,
    case_name,
    read_settings,
)
from access15.study.settings.scenarios import Scenario
from access15.study.settings.terrain import TerrainInput

__all__ = [
    "ALL_STATIONS",
    "GRID",
    "JUNCTIONS",
    "OBJECTIVES",
    "OSM",
    "About",
    "Analysis",
    "AreasInput",
    "CapacityRates",
    "Case",
    "Emergency",
    "FacilitiesInput",
    "GapRules",
    "NetworkInput",
    "Outreach",
    "PopulationInput",
    "Scenario",
    "Settings",
    "Siting",
    "TerrainInput",
    "case_name",
    "read_settings",
]
