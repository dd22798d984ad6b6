"""Regression check: the figures of a run against a reviewed baseline, and against the study's targets."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from access15.errors import InputError, MissingFileError
from access15.study.clock import Progress
from access15.study.figures import AREA
from access15.study.study import Study

if TYPE_CHECKING:
    from access15.study.result import StudyResult

BASELINE: Final = "baseline.json"
"""Name of the baseline beside ``study.toml``."""

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


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found.

    Attributes
    ----------
    study : str
    n_figures : int
        Figures compared; 0 when the baseline was written.
    moved : tuple of str
        One sentence per figure beyond its tolerance, or that came or went.
    missed : tuple of str
        One sentence per target that is not met.
    changed : tuple of str
        Inputs whose hash is not the baseline's.
    written : Path or None
        The baseline, where it was written.
    """

    study: str
    n_figures: int
    moved: tuple[str, ...]
    missed: tuple[str, ...]
    changed: tuple[str, ...]
    written: Path | None = None

    @property
    def ok(self) -> bool:
        """Whether every figure is within its tolerance and every target is met."""
        return not self.moved and not self.missed

    def text(self) -> str:
        """Return the report as lines for people."""
        lines = [f"MOVED   {line}" for line in self.moved] + [f"MISSED  {line}" for line in self.missed]
        if self.changed and (self.moved or self.written):
            lines.append(f"changed inputs: {', '.join(self.changed)}")
        elif self.moved:
            lines.append("no input changed: the method or a version did")
        if self.written is not None:
            lines.append(f"baseline written: {self.written}")
        else:
            verdict = (
                "ok" if self.ok else f"{len(self.moved)} figures moved, {len(self.missed)} targets missed"
            )
            lines.append(f"{self.study}: {self.n_figures} figures compared, {verdict}")
        return "\n".join(lines)


def check(
    study: Study,
    baseline: str | os.PathLike[str] | None = None,
    *,
    update: bool = False,
    progress: Progress | None = None,
) -> CheckReport:
    """Run a study and compare its headline figures with a baseline and with its targets.

    Parameters
    ----------
    study : Study
    baseline : path, optional
        A JSON file; ``baseline.json`` beside the study's file by default. Its ``tolerances`` may be
        edited by hand and are kept by an update.
    update : bool
        Write the baseline instead of comparing with it.
    progress : callable, optional
        See `Study.run`.

    Raises
    ------
    MissingFileError
        If there is no baseline and ``update`` is False.
    InputError
        If the baseline cannot be read or is of another study.
    """
    path = Path(baseline) if baseline is not None else study.file.parent / BASELINE
    known = read_baseline(path, study.name, must_exist=not update)
    result = study.run(progress, parts=("gaps", "siting"))
    found = watched_figures(result)
    changed = _changed_inputs(known.get("inputs", {}), result.hashes) if known else ()
    missed = missed_targets(result)
    if update:
        write_baseline(path, result, known.get("tolerances", TOLERANCES))
        return CheckReport(study.name, 0, (), missed, changed, path)
    moved = compare_figures(known["figures"], found, known["tolerances"])
    return CheckReport(study.name, len(known["figures"]), moved, missed, changed)


def watched_figures(result: StudyResult) -> dict[str, float]:
    """Return the figures a baseline holds: few enough to review, and nothing that follows from the others.

    All totals but the uncovered; of an area its people, the people covered and the time within which 90 %
    of them are reached.
    """
    per_area = ("people", "covered_", "p90_")
    return {
        name: value
        for name, value in result.figures().items()
        if not name.startswith("uncovered_") and (AREA not in name or name.startswith(per_area))
    }


def read_baseline(path: Path, study: str, *, must_exist: bool = True) -> dict[str, Any]:
    """Return a baseline file, checked; empty if it does not exist and need not.

    Raises
    ------
    MissingFileError, InputError
    """
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        if not must_exist:
            return {}
        raise MissingFileError(f"{path} does not exist: write it with access15 check --update") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is not a baseline that can be read: write it anew with --update") from error
    parts = {"study": str, "inputs": dict, "tolerances": dict, "figures": dict}
    for part, kind in parts.items():
        if not isinstance(found, dict) or not isinstance(found.get(part), kind):
            raise InputError(f"{path} has no {part!r}: it is no baseline; write it anew with --update")
    for name, value in found["figures"].items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InputError(f"{path}: the figure {name!r} is {value!r}, not a number: correct it")
    for kind, limits in found["tolerances"].items():
        if kind not in TOLERANCES or not isinstance(limits, dict) or set(limits) != {"absolute", "relative"}:
            raise InputError(
                f"{path}: the tolerance {kind!r} must be one of {', '.join(TOLERANCES)} with absolute and relative"
            )
    if found["study"] != study:
        raise InputError(
            f"{path} is the baseline of {found['study']!r}, not of {study!r}: name the right one"
        )
    return found


def write_baseline(path: Path, result: StudyResult, tolerances: Mapping[str, Any]) -> None:
    """Write the figures of a run as a baseline, sorted, so that a change shows line by line."""
    from access15.outputs import replacing

    content = {
        "study": result.study.name,
        "inputs": {role: part["sha256"] for role, part in result.hashes.items()},
        "tolerances": dict(tolerances),
        "figures": {name: round(value, 6) for name, value in watched_figures(result).items()},
    }
    with replacing(path) as temp:
        temp.write_text(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def compare_figures(
    before: Mapping[str, float], after: Mapping[str, float], tolerances: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return a sentence for every figure that moved beyond its tolerance, came or went."""
    out = []
    for name in sorted({*before, *after}):
        figure, _, area = name.partition(AREA)
        where = f"{figure} of area {area}" if area else f"{figure} in total"
        if name not in after:
            out.append(f"{where}: was {before[name]:,.6g}, is no longer there")
        elif name not in before:
            out.append(f"{where}: is {after[name]:,.6g}, was not in the baseline")
        else:
            limits = tolerances.get(kind_of(figure), TOLERANCES[kind_of(figure)])
            old, new = before[name], after[name]
            if abs(new - old) > max(limits["absolute"], limits["relative"] * abs(old)) + 1e-6:
                out.append(_moved(where, kind_of(figure), old, new))
    return tuple(out)


def _moved(where: str, kind: str, old: float, new: float) -> str:
    if kind == "rate":
        return f"{where}: {old:.2%} is now {new:.2%} ({(new - old) * 100:+.2f} percentage points)"
    share = f", {(new - old) / abs(old):+.2%}" if old and math.isfinite(old) else ""
    unit = {"people": " people", "seconds": " s", "kilometres": " km"}.get(kind, "")
    return f"{where}: {old:,.8g} is now {new:,.8g}{unit} ({new - old:+,.6g}{share})"


def kind_of(figure: str) -> str:
    """Return the kind of a figure, which decides its tolerance."""
    if figure.startswith("n_"):
        return "count"
    if figure.startswith("km_"):
        return "kilometres"
    if figure.startswith("rate_"):
        return "rate"
    if figure.startswith(("mean_", "p90_")):
        return "seconds"
    return "people"


def missed_targets(result: StudyResult) -> tuple[str, ...]:
    """Return a sentence for every target of the study that the total rate does not reach."""
    figures = result.figures()
    out = []
    for case, target in result.study.settings.targets.items():
        rate = figures.get(f"rate_{case}", math.nan)
        if not rate >= target:
            short = (target - rate) * figures["people"]
            out.append(f"{case}: {rate:.2%} of residents, target {target:.2%}, short by {short:,.0f} people")
    return tuple(out)


def _changed_inputs(before: Mapping[str, str], now: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    out = [f"{role} ({part['file']})" for role, part in now.items() if before.get(role) != part["sha256"]]
    return (*out, *(f"{role} (no longer used)" for role in before if role not in now))
