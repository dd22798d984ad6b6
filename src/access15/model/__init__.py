"""The nouns of access15: frozen, self-checking, arrays inside."""

from access15.model._base import expect, fingerprint
from access15.model.care_tiers import CareTier, care_tier
from access15.model.critical import CriticalStreets
from access15.model.gap_terms import GapKind, GapReason, GapService
from access15.model.interactive import facilities_on_map, interactive_map
from access15.model.notes import Note, notes_of, tell, with_notes, worst_first
from access15.model.points import FACILITY_NUMBERS, FACILITY_TEXTS, Areas, Facilities, Population
from access15.model.results import Coverage, Equity, Gaps, SitingPlan
from access15.model.sentences import facts_in_chinese, in_chinese, said_in, sentences
from access15.model.street_network import (
    FERRY_INTERVAL_S,
    SMOOTHNESS,
    STANDING,
    TRACKTYPES,
    TURNS,
    WAITS,
    StreetNetwork,
    going_of,
)
from access15.model.supply import Catchments, FloatingCatchment
from access15.model.terrain import (
    LAND_CLASSES,
    NEIGHBOURS,
    NO_DATA,
    UNCLASSIFIED,
    WATER_AREA,
    Terrain,
    check_true_to_length,
)
from access15.model.travel_profile import (
    DELAYS,
    TOBLER_SOURCE,
    Direction,
    Mode,
    TravelProfile,
    check_direction,
)
from access15.model.travel_times import (
    KNearest,
    LinkedPoints,
    LinkReason,
    NearestTimes,
    Origin,
    ReachSurface,
    Status,
    TravelTimes,
)
from access15.model.villages import Villages, plain_name
from access15.modes import Access

__all__ = [
    "DELAYS",
    "FACILITY_NUMBERS",
    "FACILITY_TEXTS",
    "FERRY_INTERVAL_S",
    "LAND_CLASSES",
    "NEIGHBOURS",
    "NO_DATA",
    "SMOOTHNESS",
    "STANDING",
    "TOBLER_SOURCE",
    "TRACKTYPES",
    "TURNS",
    "UNCLASSIFIED",
    "WAITS",
    "WATER_AREA",
    "Access",
    "Areas",
    "CareTier",
    "Catchments",
    "Coverage",
    "CriticalStreets",
    "Direction",
    "Equity",
    "Facilities",
    "FloatingCatchment",
    "GapKind",
    "GapReason",
    "GapService",
    "Gaps",
    "KNearest",
    "LinkReason",
    "LinkedPoints",
    "Mode",
    "NearestTimes",
    "Note",
    "Origin",
    "Population",
    "ReachSurface",
    "SitingPlan",
    "Status",
    "StreetNetwork",
    "Terrain",
    "TravelProfile",
    "TravelTimes",
    "Villages",
    "care_tier",
    "check_direction",
    "check_true_to_length",
    "expect",
    "facilities_on_map",
    "facts_in_chinese",
    "fingerprint",
    "going_of",
    "in_chinese",
    "interactive_map",
    "notes_of",
    "plain_name",
    "said_in",
    "sentences",
    "tell",
    "with_notes",
    "worst_first",
]
