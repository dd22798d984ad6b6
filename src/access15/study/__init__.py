"""A study from one file: read, computed, written, checked."""

from access15.study.check import CheckReport, areas_below_targets, check, missed_targets
from access15.study.check_formats import github_text, write_junit
from access15.study.clock import Clock, Progress
from access15.study.comparing.runs import compare
from access15.study.first_roles import role_title
from access15.study.first_study import Draft, draft_study, write_draft
from access15.study.inspection import inspect_file
from access15.study.kept_scenarios import (
    ScenarioExistsError,
    load_scenario,
    save_scenario,
    saved_scenarios,
)
from access15.study.live import EVERYBODY, Count, LiveStudy, LiveTimes, Wanted, served
from access15.study.live_sites import SiteTable, area_of, closable, prove
from access15.study.matrix import MatrixFiles, write_matrix
from access15.study.provenance import versions
from access15.study.reading_land import read_land
from access15.study.result import StudyResult
from access15.study.samples import sample
from access15.study.settings import (
    ALL_STATIONS,
    OBJECTIVES,
    About,
    Analysis,
    AreasInput,
    Case,
    Emergency,
    FacilitiesInput,
    GapRules,
    NetworkInput,
    Outreach,
    PopulationInput,
    Settings,
    Siting,
    TerrainInput,
    case_name,
    read_settings,
)
from access15.study.stages import check_sites, draw_isochrones, read_points, read_streets
from access15.study.study import Study

__all__ = [
    "ALL_STATIONS",
    "EVERYBODY",
    "OBJECTIVES",
    "About",
    "Analysis",
    "AreasInput",
    "Case",
    "CheckReport",
    "Clock",
    "Count",
    "Draft",
    "Emergency",
    "FacilitiesInput",
    "GapRules",
    "LiveStudy",
    "LiveTimes",
    "MatrixFiles",
    "NetworkInput",
    "Outreach",
    "PopulationInput",
    "Progress",
    "ScenarioExistsError",
    "Settings",
    "SiteTable",
    "Siting",
    "Study",
    "StudyResult",
    "TerrainInput",
    "Wanted",
    "area_of",
    "areas_below_targets",
    "case_name",
    "check",
    "check_sites",
    "closable",
    "compare",
    "draft_study",
    "draw_isochrones",
    "github_text",
    "inspect_file",
    "load_scenario",
    "missed_targets",
    "prove",
    "read_land",
    "read_points",
    "read_settings",
    "read_streets",
    "role_title",
    "sample",
    "save_scenario",
    "saved_scenarios",
    "served",
    "versions",
    "write_draft",
    "write_junit",
    "write_matrix",
]
