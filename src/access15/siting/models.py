"""The question a siting model answers: candidates, people, what exists already, and the checks on all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from access15.errors import InputError, MismatchError
from access15.model import Facilities, NearestTimes, Population, TravelTimes, fingerprint
from access15.siting.reduce import CoverProblem, cover_matrix, reduce_cover
from access15.units import MAX_MS, check_minutes, minutes_to_ms

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

OBJECTIVES: Final = ("max-coverage", "set-cover", "p-median", "p-center")
_COVERING: Final = ("max-coverage", "set-cover")


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A checked siting question.

    Attributes
    ----------
    matrix : TravelTimes
        Candidates × cells.
    people : (n,) float64
    reached_s : (n,) float64
        Seconds to the nearest existing facility, ``inf`` without one.
    minutes : float
        Cut-off; NaN where any time counts (p-median and p-center without ``minutes``).
    ids, kinds : (m,) object arrays of str
        Candidate ids and source kinds.
    """

    matrix: TravelTimes
    people: Floats
    reached_s: Floats
    minutes: float
    ids: npt.NDArray[np.object_]
    kinds: npt.NDArray[np.object_]

    @property
    def total(self) -> float:
        """All residents."""
        return float(self.people.sum())

    @property
    def limit_ms(self) -> int:
        """Cut-off in whole milliseconds; the longest time there is where any time counts."""
        return MAX_MS if math.isnan(self.minutes) else minutes_to_ms(self.minutes)

    @property
    def usable(self) -> Flags:
        """Candidates that stand on the network, (m,)."""
        return self.matrix.sites.linked

    def covered_now(self) -> Flags:
        """Return which cells an existing facility serves within the cut-off, (n,)."""
        if math.isnan(self.minutes):
            return np.isfinite(self.reached_s)
        return self.reached_s <= self.minutes * 60

    def cells_of(self, candidate: int) -> npt.NDArray[np.int32]:
        """Return the cells a candidate serves within the cut-off."""
        rows = slice(self.matrix.indptr[candidate], self.matrix.indptr[candidate + 1])
        return np.asarray(self.matrix.cell[rows][self.matrix.time_ms[rows] <= self.limit_ms])

    def cover_problem(self) -> CoverProblem:
        """Return the reduced covering problem of everybody not served yet."""
        matrix = self.matrix
        inside = matrix.time_ms <= self.limit_ms
        kept = np.concatenate([[0], np.cumsum(inside)])[matrix.indptr]
        left = np.where(self.covered_now(), 0.0, self.people)
        return reduce_cover(cover_matrix(kept, matrix.cell[inside], matrix.n_cells), left)

    def coverable(self) -> Flags:
        """Return which cells some candidate or existing facility serves within the cut-off, (n,)."""
        out = self.covered_now().copy()
        out[self.matrix.cell[self.matrix.time_ms <= self.limit_ms]] = True
        return out


def ask(
    matrix: TravelTimes,
    population: Population,
    existing: NearestTimes | None,
    candidates: Facilities | None,
    minutes: float | None,
    objective: str,
) -> Question:
    """Check that all parts belong together and return them as one question.

    Raises
    ------
    InputError
        If a value cannot be used.
    MismatchError
        If the parts were computed from different inputs, or stop before ``minutes``.
    """
    _check_origins(matrix, population, existing, candidates)
    if not population.total > 0:
        raise InputError("the population is zero: there is nobody to find a site for")
    if not matrix.n_facilities:
        raise InputError("there is no candidate: pass a matrix with at least one")
    if objective in _COVERING:
        cutoff = _cutoff(matrix, minutes)
    else:
        _check_unlimited(matrix, existing, objective)
        cutoff = math.nan if minutes is None else check_minutes(minutes)[0]
    if existing is not None and not math.isnan(cutoff):
        existing.within(cutoff)  # says so when the search stopped before
    m = matrix.n_facilities
    return Question(
        matrix=matrix,
        people=population.people,
        reached_s=np.full(len(population), np.inf) if existing is None else existing.seconds,
        minutes=cutoff,
        ids=np.array([str(row) for row in range(m)], object) if candidates is None else candidates.id,
        kinds=np.full(m, "", object) if candidates is None else candidates.kind,
    )


def _check_origins(
    matrix: TravelTimes, population: Population, existing: NearestTimes | None, candidates: Facilities | None
) -> None:
    matrix.origin.check("the candidate matrix", population=population)
    if candidates is not None:
        matrix.origin.check("the candidate matrix", facilities=candidates)
    if existing is None:
        return
    existing.origin.check("the existing times", population=population)
    ours, theirs = matrix.origin, existing.origin
    if ours.network != theirs.network:
        raise MismatchError(
            "the candidate matrix and the existing times were computed on different networks: use one"
        )
    if ours.direction != theirs.direction or fingerprint(ours.profile) != fingerprint(theirs.profile):
        raise MismatchError(
            f"the candidate matrix is for {ours.profile.name} {ours.direction!r}, the existing times are for "
            f"{theirs.profile.name} {theirs.direction!r}: compute both with the same profile and direction"
        )


def _cutoff(matrix: TravelTimes, minutes: float | None) -> float:
    if minutes is None:
        if math.isinf(matrix.limit_s):
            raise InputError("the candidate matrix has no limit: name minutes, such as minutes=15")
        return matrix.limit_s / 60
    cutoff = check_minutes(minutes)[0]
    if cutoff * 60 > matrix.limit_s:
        raise MismatchError(
            f"the candidate matrix stops at {matrix.limit_s / 60:g} min: compute it with a limit of "
            f"{cutoff:g} min or without one"
        )
    return cutoff


def _check_unlimited(matrix: TravelTimes, existing: NearestTimes | None, objective: str) -> None:
    for name, limit_s in (
        ("candidate matrix", matrix.limit_s),
        ("existing times", existing.limit_s if existing else math.inf),
    ):
        if math.isfinite(limit_s):
            raise InputError(
                f"{objective} needs every travel time, but the {name} stops at {limit_s / 60:g} min: "
                f"compute the {name} without minutes"
            )


def check_p(p: object, question: Question) -> int:
    """Return ``p`` as a whole number of sites between 1 and the candidates on the network."""
    if isinstance(p, bool) or not isinstance(p, (int, np.integer)) or p < 1:
        raise InputError(f"p must be a whole number of sites of at least 1, not {p!r}")
    linked = int(question.usable.sum())
    if p > linked:
        unlinked = len(question.ids) - linked
        aside = f" ({unlinked} more could not be linked to a street)" if unlinked else ""
        raise InputError(f"p = {p} is more than the {linked} candidates{aside}: lower p or add candidates")
    return int(p)


def check_target(target: object) -> float:
    """Return ``target`` as a share of all residents above 0 and at most 1."""
    number = isinstance(target, (int, float, np.number)) and not isinstance(target, bool)
    if not number or not 0 < float(target) <= 1:  # type: ignore[arg-type]
        raise InputError(f"target must be a share above 0 and at most 1, such as 0.9, not {target!r}")
    return float(target)  # type: ignore[arg-type]
