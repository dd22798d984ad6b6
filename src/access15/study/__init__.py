"""A study from one file: read, computed, written, checked."""

from access15.study.check import CheckReport, check
from access15.study.clock import Progress
from access15.study.comparing import compare
from access15.study.result import StudyResult
from access15.study.samples import sample
from access15.study.settings import Case, Settings, case_name, read_settings
from access15.study.study import Study

__all__ = [
    "Case",
    "CheckReport",
    "Progress",
    "Settings",
    "Study",
    "StudyResult",
    "case_name",
    "check",
    "compare",
    "read_settings",
    "sample",
]
