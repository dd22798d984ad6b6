"""Regression check: the figures of a run against a reviewed baseline, and against the study's targets."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from access15.study.baseline import (
    BASELINE,
    TOLERANCES,
    check_tolerances,
    kind_of,
    limit_of,
    read_baseline,
    state_of,
    watched_figures,
    write_baseline,
)
from access15.study.clock import Progress
from access15.study.figures import AREA
from access15.study.study import Study

if TYPE_CHECKING:
    from access15.study.result import StudyResult

_NAMED: Final = 5
"""Most areas below a target that a sentence names."""

_ROUNDING: Final = 1e-6
"""Figures in a baseline are rounded to six decimals."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure or one target that was looked at.

    Attributes
    ----------
    name : str
        ``rate_walk_15 @ W3``; of a target its case.
    says : str
        A sentence if it moved, came, went or is missed; empty if it holds.
    below : str
        Of a target that is met in total: which areas are below it; empty where none is.
    """

    name: str
    says: str = ""
    below: str = ""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found.

    Attributes
    ----------
    study : str
    file, baseline : Path
        The study's file and its baseline.
    figures, targets : tuple of Finding
        Every figure and every target, those that hold too; no figures when the baseline was written.
    changed : dict
        What differs from when the baseline was written, as sentences under ``inputs``, ``parameters``,
        ``profiles`` and ``versions``; only those with a difference.
    seconds : float
        What the run took.
    written : Path or None
        The baseline, where it was written.
    """

    study: str
    file: Path
    baseline: Path
    figures: tuple[Finding, ...]
    targets: tuple[Finding, ...]
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seconds: float = 0.0
    written: Path | None = None

    @property
    def n_figures(self) -> int:
        """Number of figures compared."""
        return len(self.figures)

    @property
    def moved(self) -> tuple[str, ...]:
        """One sentence per figure beyond its tolerance, or that came or went; one per area that came or went."""
        return tuple(dict.fromkeys(found.says for found in self.figures if found.says))

    @property
    def missed(self) -> tuple[str, ...]:
        """One sentence per target that is not met."""
        return tuple(found.says for found in self.targets if found.says)

    @property
    def ok(self) -> bool:
        """Whether every figure is within its tolerance and every target is met."""
        return not self.moved and not self.missed

    @property
    def verdict(self) -> str:
        """The result in one line."""
        if self.written is not None:
            return f"baseline written: {self.written}"
        moved = sum(bool(found.says) for found in self.figures)
        wrong = f"{moved} moved, {len(self.missed)} of {len(self.targets)} targets missed"
        return f"{self.study}: {self.n_figures} figures compared, {'ok' if self.ok else wrong}"

    @property
    def below(self) -> tuple[str, ...]:
        """One sentence per target that is met in total but not in every area."""
        return tuple(found.below for found in self.targets if found.below)

    def changes(self) -> list[str]:
        """Return a line for each kind of thing that changed since the baseline; empty when nothing moved."""
        if not self.moved and self.written is None:
            return []
        lines = [f"changed {what}: {'; '.join(said)}" for what, said in self.changed.items()]
        same = "no input changed, nor a parameter, profile or version: the method did"
        return lines or ([same] if self.moved else [])

    def text(self) -> str:
        """Return the report as lines for people."""
        lines = [f"MOVED   {line}" for line in self.moved] + [f"MISSED  {line}" for line in self.missed]
        lines += [f"BELOW   {line}" for line in self.below]
        return "\n".join([*lines, *self.changes(), self.verdict])


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
        If the baseline cannot be read, is of another study or format, or has a tolerance that fits no figure.
    """
    path = Path(baseline) if baseline is not None else study.file.parent / BASELINE
    known = read_baseline(path, study.name, must_exist=not update)
    tolerances = known.get("tolerances", TOLERANCES)
    result = study.run(progress, parts=("gaps", "siting"))
    found = watched_figures(result)
    check_tolerances(tolerances, {*found, *known.get("figures", ())}, path)
    changed = _changes(known, result) if known else {}
    given = study.name, study.file, path
    seconds = sum(result.seconds.values())
    if update:
        write_baseline(path, result, tolerances)
        return CheckReport(*given, (), check_targets(result), changed, seconds, path)
    figures = compare_figures(known["figures"], found, tolerances)
    return CheckReport(*given, figures, check_targets(result), changed, seconds)


def compare_figures(
    before: Mapping[str, float], after: Mapping[str, float], tolerances: Mapping[str, Any]
) -> tuple[Finding, ...]:
    """Return every figure, with a sentence for one that moved beyond its tolerance, came or went; totals first."""
    areas = {_area(name) for name in before}, {_area(name) for name in after}
    gone, new = areas[0] - areas[1], areas[1] - areas[0]
    out = []
    for name in sorted({*before, *after}, key=lambda name: (AREA in name, name)):
        area, where = _area(name), _spoken(name)
        if area in gone or area in new:
            people = (before if area in gone else after).get(f"people{AREA}{area}", math.nan)
            said = "was in the baseline and is gone" if area in gone else "was not in the baseline"
            says = f"area {area} ({people:,.8g} people) {said}"
        elif name not in after:
            says = f"{where}: was {before[name]:,.8g}, is no longer there"
        elif name not in before:
            says = f"{where}: is {after[name]:,.8g}, was not in the baseline"
        else:
            says = _moved(name, before[name], after[name], limit_of(name, before[name], tolerances))
        out.append(Finding(name, says))
    return tuple(out)


def _area(name: str) -> str:
    return name.partition(AREA)[2]


def _spoken(name: str) -> str:
    figure, _, area = name.partition(AREA)
    return f"{figure} of area {area}" if area else f"{figure} in total"


def _moved(name: str, old: float, new: float, limit: float) -> str:
    if abs(new - old) <= limit + _ROUNDING:
        return ""
    where, kind = _spoken(name), kind_of(name)
    if kind == "rate":
        change = f"{(new - old) * 100:+.2f} percentage points, allowed {limit * 100:.3g}"
        return f"{where}: {old:.2%} is now {new:.2%} ({change})"
    share = f", {(new - old) / abs(old):+.2%}" if old else ""
    unit = {"people": " people", "seconds": " s", "kilometres": " km"}.get(kind, "")
    return f"{where}: {old:,.8g} is now {new:,.8g}{unit} ({new - old:+,.6g}{share}, allowed {limit:,.4g})"


def missed_targets(result: StudyResult) -> tuple[str, ...]:
    """Return a sentence for every target of the study that the total rate does not reach."""
    return tuple(found.says for found in check_targets(result) if found.says)


def areas_below_targets(result: StudyResult) -> tuple[str, ...]:
    """Return a sentence for every target that is met in total but not in every area."""
    return tuple(found.below for found in check_targets(result) if found.below)


def check_targets(result: StudyResult) -> tuple[Finding, ...]:
    """Return every target of the study, with a sentence where the total rate does not reach it."""
    figures = result.figures()
    out = []
    for case, target in result.study.settings.targets.items():
        rate = figures.get(f"rate_{case}", math.nan)
        short = (target - rate) * figures["people"]
        says = f"{case}: {rate:.2%} of residents, target {target:.2%}, short by {short:,.0f} people"
        met = rate >= target
        out.append(Finding(case, "" if met else says, _below(result, case, target) if met else ""))
    return tuple(out)


def _below(result: StudyResult, case: str, target: float) -> str:
    """Return which areas are below a target that is met in total; empty where none is."""
    if result.inputs.areas is None:
        return ""
    figures, names = result.figures(), result.found.area_names()
    rates = {i: figures[key] for i in names if (key := f"rate_{case}{AREA}{i}") in figures}
    below = sorted((rate, names[i]) for i, rate in rates.items() if rate < target)
    if not below:
        return ""
    named = ", ".join(f"{name} ({rate:.2%})" for rate, name in below[:_NAMED])
    more = " …" if len(below) > _NAMED else ""
    return f"{case}: target {target:.2%} met in total, but {len(below)} of {len(rates)} areas are below it: {named}{more}"


def _changes(before: Mapping[str, Any], result: StudyResult) -> dict[str, tuple[str, ...]]:
    """Return what differs from when the baseline was written, by kind."""
    now = state_of(result)
    files = {role: f"{role} ({part['file']})" for role, part in result.hashes.items()}
    out = {}
    for what in ("inputs", "parameters", "profiles", "versions"):
        said = []
        for key in sorted({*before[what], *now[what]}):
            old, new = before[what].get(key), now[what].get(key)
            if old != new:
                plain = files.get(key, key) if what == "inputs" else key
                said.append(plain + _difference(old, new, hashed=what in ("inputs", "profiles")))
        if said:
            out[what] = tuple(said)
    return out


def _difference(old: Any, new: Any, *, hashed: bool) -> str:
    if new is None:
        return " (no longer used)"
    if hashed:
        return "" if old is not None else " (new)"
    return f" {'unset' if old is None else old} is now {new}"
