"""The question a siting model answers: candidates, people, what exists already, and the checks on all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Ints, Objects
from access15.errors import InputError, MismatchError
from access15.model import BY_TIME, Facilities, NearestTimes, Population, TravelTimes, fingerprint
from access15.siting.exact.reduce import CoverProblem, cover_matrix, reduce_cover
from access15.siting.weights import weighted_people
from access15.units import MAX_MS, check_limit, minutes_to_ms

if TYPE_CHECKING:
    from scipy import sparse


COVERING: Final = ("max-coverage", "set-cover", "backup-coverage", "capacitated-coverage", "worst-area")
"""Objectives with a cut-off: what is further away does not count."""

OBJECTIVES: Final = (*COVERING, *BY_TIME)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One way in which a cell can be covered: by one matrix within one cut-off, worth a share of its demand.

    Attributes
    ----------
    matrix : TravelTimes
        Candidates × cells.
    reached_s : (n,) float64
        Seconds to the nearest existing facility, ``inf`` without one.
    minutes : float
        Cut-off; NaN where any time counts.
    share : float
        Share of the demand of a cell that counts when the cell is covered in this way.
    """

    matrix: TravelTimes
    reached_s: Floats
    minutes: float
    share: float = 1.0

    @property
    def limit_ms(self) -> int:
        """Cut-off in whole milliseconds; the longest time there is where any time counts."""
        return MAX_MS if math.isnan(self.minutes) else minutes_to_ms(self.minutes)

    def covered_now(self) -> Bools:
        """Return which cells an existing facility serves within the cut-off, (n,)."""
        if math.isnan(self.minutes):
            return np.isfinite(self.reached_s)
        return self.reached_s <= self.limit_ms / 1000

    def cells_of(self, candidate: int) -> Int32s:
        """Return the cells a candidate serves within the cut-off."""
        rows = slice(self.matrix.indptr[candidate], self.matrix.indptr[candidate + 1])
        return np.asarray(self.matrix.cell[rows][self.matrix.time_ms[rows] <= self.limit_ms])

    def cover(self) -> sparse.csr_array:
        """Return which candidate covers which cell, candidates × cells of ones."""
        inside = self.matrix.time_ms <= self.limit_ms
        kept = np.concatenate([[0], np.cumsum(inside)])[self.matrix.indptr]
        return cover_matrix(kept, self.matrix.cell[inside], self.matrix.n_cells)


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A checked siting question.

    Attributes
    ----------
    matrix : TravelTimes
        Candidates × cells.
    people : (n,) float64
    demand : (n,) float64
        People, each at the weight of their groups: what objectives add up.
    reached_s : (n,) float64
        Seconds to the nearest existing facility, ``inf`` without one.
    minutes : float
        Cut-off; NaN where any time counts (objectives of time without ``minutes``).
    ids, kinds : (m,) object arrays of str
        Candidate ids and source kinds.
    layers : tuple of Layer
        The ways in which cells can be covered; the first one is ``matrix, reached_s, minutes`` itself unless
        coverage fades out, and what tables count.
    """

    matrix: TravelTimes
    people: Floats
    demand: Floats
    reached_s: Floats
    minutes: float
    ids: Objects
    kinds: Objects
    layers: tuple[Layer, ...]

    @property
    def total(self) -> float:
        """All residents, each at their weight."""
        return float(self.demand.sum())

    @property
    def plain(self) -> bool:
        """Whether what the objective adds up is people within the cut-off, as in the table."""
        return len(self.layers) == 1 and self.demand is self.people

    @property
    def unit(self) -> str:
        """What demand counts in, for messages."""
        return "people" if self.demand is self.people else "weighted people"

    @property
    def near(self) -> Layer:
        """The matrix with the cut-off: what tables count."""
        return Layer(self.matrix, self.reached_s, self.minutes)

    @property
    def usable(self) -> Bools:
        """Candidates that stand on the network, (m,)."""
        return self.matrix.sites.linked

    def covered_now(self) -> Bools:
        """Return which cells an existing facility serves within the cut-off, (n,)."""
        return self.near.covered_now()

    def cells_of(self, candidate: int) -> Int32s:
        """Return the cells a candidate serves within the cut-off."""
        return self.near.cells_of(candidate)

    def base(self) -> float:
        """Return the demand that existing facilities cover."""
        return sum(layer.share * float(self.demand[layer.covered_now()].sum()) for layer in self.layers)

    def left(self) -> Floats:
        """Return the demand of each cell in each layer that no existing facility covers, (layers × n,)."""
        parts = [np.where(layer.covered_now(), 0.0, layer.share * self.demand) for layer in self.layers]
        return np.concatenate(parts)

    def cover(self) -> sparse.csr_array:
        """Return which candidate covers which cell in which layer, candidates × (layers × n)."""
        from scipy import sparse

        if len(self.layers) == 1:
            return self.layers[0].cover()
        return sparse.csr_array(sparse.hstack([layer.cover() for layer in self.layers], format="csr"))

    def cover_problem(self) -> CoverProblem:
        """Return the reduced covering problem of all demand not covered yet."""
        return reduce_cover(self.cover(), self.left())

    def value(self, chosen: Ints) -> float:
        """Return the demand that existing facilities and the chosen candidates cover."""
        total = 0.0
        for layer in self.layers:
            covered = layer.covered_now().copy()
            for row in chosen:
                covered[layer.cells_of(int(row))] = True
            total += layer.share * float(self.demand[covered].sum())
        return total

    def coverable(self) -> Bools:
        """Return which cells some candidate or existing facility serves within the cut-off, (n,)."""
        out = self.covered_now().copy()
        out[self.matrix.cell[self.matrix.time_ms <= self.near.limit_ms]] = True
        return out


def ask(
    matrix: TravelTimes,
    population: Population,
    existing: NearestTimes | None,
    candidates: Facilities | None,
    minutes: float | None,
    objective: str,
    weights: Mapping[str, float] | None = None,
) -> Question:
    """Check that all parts belong together and return them as one question with one layer.

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
    if objective in COVERING:
        cutoff = _cutoff(matrix, minutes)
    else:
        _check_unlimited(matrix, existing, objective)
        cutoff = math.nan if minutes is None else check_limit(minutes)
    if existing is not None and not math.isnan(cutoff):
        existing.within(cutoff)  # says so when the search stopped before
    m = matrix.n_facilities
    reached_s = np.full(len(population), np.inf) if existing is None else existing.seconds
    return Question(
        matrix=matrix,
        people=population.people,
        demand=population.people if weights is None else _demand(population, weights),
        reached_s=reached_s,
        minutes=cutoff,
        ids=np.array([str(row) for row in range(m)], object) if candidates is None else candidates.id,
        kinds=np.full(m, "", object) if candidates is None else candidates.kind,
        layers=(Layer(matrix, reached_s, cutoff),),
    )


def _demand(population: Population, weights: Mapping[str, float]) -> Floats:
    demand = weighted_people(population, weights)
    if not demand.sum() > 0:
        raise InputError("with these weights nobody counts: give a group that lives here a weight above 0")
    return demand


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
    cutoff = check_limit(minutes)
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
