"""The baseline of a regression check: a JSON file of figures that a person reads and reviews in a diff."""

from __future__ import annotations

import difflib
import hashlib
import json
import sys
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from access15.errors import InputError, MissingFileError
from access15.study import provenance
from access15.study.figures import AREA

if TYPE_CHECKING:
    from access15.study.result import StudyResult

BASELINE: Final = "baseline.json"
"""Name of the baseline beside ``study.toml``."""

FORMAT: Final = 2
"""Number of the file's format: 1 held no parameters, profiles and versions."""

TOLERANCES: Final[Mapping[str, Mapping[str, float]]] = {
    "count": {"absolute": 0.0, "relative": 0.0},
    "kilometres": {"absolute": 0.001, "relative": 0.0},
    "people": {"absolute": 1.0, "relative": 1e-4},
    "rate": {"absolute": 2e-4, "relative": 0.0},
    "seconds": {"absolute": 0.5, "relative": 1e-3},
}
"""What a figure of each kind may move by: the larger of the absolute and the relative tolerance.

Wide enough for the last digit of another processor's arithmetic, which can push a cell that stands
on the limit across it; far narrower than any change of data or method.
"""

_PARTS: Final = {
    "study": str,
    "inputs": dict,
    "parameters": dict,
    "profiles": dict,
    "versions": dict,
    "tolerances": dict,
    "figures": dict,
}


def kind_of(figure: str) -> str:
    """Return the kind of a figure, which decides its tolerance where it has none of its own."""
    if figure.startswith("n_"):
        return "count"
    if figure.startswith("km_"):
        return "kilometres"
    if figure.startswith("rate_"):
        return "rate"
    if figure.startswith(("mean_", "p90_")):
        return "seconds"
    return "people"


def limit_of(name: str, before: float, tolerances: Mapping[str, Mapping[str, float]]) -> float:
    """Return how far a figure may move from its value before.

    The first of these that stands in ``tolerances`` holds: the figure's own name (``rate_walk_15 @ W3``), the
    longest pattern that fits it (``p90_*``, ``* @ W3``), its kind.
    """
    fits = [key for key in tolerances if key == name]
    fits = fits or sorted((key for key in tolerances if fnmatchcase(name, key)), key=len, reverse=True)
    kind = kind_of(name)
    chosen = tolerances[fits[0]] if fits else tolerances.get(kind, TOLERANCES[kind])
    return max(chosen.get("absolute", 0.0), chosen.get("relative", 0.0) * abs(before))


def check_tolerances(tolerances: Mapping[str, Any], figures: Collection[str], path: Path) -> None:
    """Raise if a tolerance belongs to no kind and fits no figure: a misspelt one would be passed over."""
    for key in tolerances:
        if key not in TOLERANCES and not any(key == name or fnmatchcase(name, key) for name in figures):
            near = difflib.get_close_matches(key, [*TOLERANCES, *figures], 1)
            hint = f"did you mean {near[0]!r}?" if near else f"the kinds are {', '.join(TOLERANCES)}"
            raise InputError(f"{path}: the tolerance {key!r} is no kind and fits no figure: {hint}")


def state_of(result: StudyResult) -> dict[str, dict[str, Any]]:
    """Return what made the figures of a run: hashes of files, parameters, hashes of profiles, versions."""
    study = result.study
    named = provenance.versions()
    del named["platform"]  # A tolerance allows for another machine; its name would differ at every run.
    tables = provenance.plain(provenance.profile_tables(result.times))
    return {
        "inputs": {role: part["sha256"] for role, part in result.hashes.items()},
        "parameters": _flat(provenance.parameters(study.settings, study.file.parent)),
        "profiles": {mode: _digest(table) for mode, table in tables.items()},
        "versions": named,
    }


def _flat(value: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return nested tables as one, ``analysis.minutes``, without what is not set."""
    out: dict[str, Any] = {}
    for key, item in value.items():
        if isinstance(item, Mapping):
            out |= _flat(item, f"{above}{key}.")
        elif isinstance(item, list) and any(isinstance(part, Mapping) for part in item):
            for number, part in enumerate(item, 1):
                out |= _flat(part, f"{above}{key} {number}.")
        elif item is not None and item != []:
            out[above + key] = item
    return out


def _digest(table: Any) -> str:
    return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()


def read_baseline(path: Path, study: str, *, must_exist: bool = True) -> dict[str, Any]:
    """Return a baseline file, checked; empty if it does not exist and need not.

    Raises
    ------
    MissingFileError, InputError
    """
    try:
        found = json.loads(path.read_text("utf-8-sig"), parse_constant=_refuse_constant)
    except FileNotFoundError as error:
        if not must_exist:
            return {}
        raise MissingFileError(f"{path} does not exist: write it with access15 check --update") from error
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path} is not a baseline that can be read (line {error.lineno}: {error.msg}): mend it, or {_ANEW}"
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is not a baseline that can be read ({error}): {_ANEW}") from error
    _check_parts(found, path)
    if found["study"] != study:
        raise InputError(
            f"{path} is the baseline of {found['study']!r}, not of {study!r}: name the right one"
        )
    return dict(found)


_ANEW: Final = "delete it and write it anew with --update"


def _refuse_constant(name: str) -> float:
    raise ValueError(f"it holds {name}, which is no number to compare with")


def _check_parts(found: Any, path: Path) -> None:
    if not isinstance(found, dict) or not isinstance(found.get("study"), str):
        raise InputError(f"{path} has no 'study': it is no baseline; {_ANEW}")
    if "figures" in found and found.get("format", 1) != FORMAT:
        raise InputError(
            f"{path} is a baseline of format {found.get('format', 1)!r}, this access15 writes format {FORMAT}: {_ANEW}"
        )
    for part, kind in _PARTS.items():
        if not isinstance(found.get(part), kind):
            raise InputError(f"{path} has no {part!r}: it is no baseline; {_ANEW}")
    for name, value in found["figures"].items():
        if not _is_number(value):
            raise InputError(f"{path}: the figure {name!r} is {value!r}, not a number: correct it")
    for key, limits in found["tolerances"].items():
        if (
            not isinstance(limits, dict)
            or not limits
            or not set(limits) <= {"absolute", "relative"}
            or not all(_is_number(limit) and limit >= 0 for limit in limits.values())
        ):
            raise InputError(
                f"{path}: the tolerance {key!r} must have absolute or relative or both, numbers of 0 or more"
            )


def _is_number(value: Any) -> bool:
    # JSON has whole numbers without an end: compared, not converted.
    return (
        not isinstance(value, bool) and isinstance(value, (int, float)) and abs(value) <= sys.float_info.max
    )


def watched_figures(result: StudyResult) -> dict[str, float]:
    """Return the figures a baseline holds: few enough to review, and nothing that follows from the others.

    All totals but the uncovered; of an area its people, all the people covered (not those of a group) and the
    time within which 90 % of them are reached.
    """
    per_area = ("people", "covered_", "p90_")

    def watched(name: str) -> bool:
        figure, _, area = name.partition(AREA)
        return not area or (figure.startswith(per_area) and "_of_" not in figure)

    found = result.figures().items()
    return {name: value for name, value in found if watched(name) and not name.startswith("uncovered_")}


def write_baseline(path: Path, result: StudyResult, tolerances: Mapping[str, Any]) -> None:
    """Write the figures of a run as a baseline, sorted, so that a change shows line by line."""
    from access15.outputs import replacing

    content = {
        "format": FORMAT,
        "study": result.study.name,
        **state_of(result),
        "tolerances": dict(tolerances),
        "figures": {name: round(value, 6) for name, value in watched_figures(result).items()},
    }
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    with replacing(path) as temp:
        temp.write_text(text + "\n", "utf-8")
