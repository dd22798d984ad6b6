"""The question a siting model answers: candidates, people, what exists already."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Ints, Objects
from access15.model import TravelTimes
from access15.siting.exact.reduce import CoverProblem, cover_matrix, reduce_cover
from access15.units import MAX_MS, minutes_to_ms

if TYPE_CHECKING:
    from scipy import sparse


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
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
    reaches : tuple of Reach
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
    reaches: tuple[Reach, ...]

    @property
    def total(self) -> float:
        """All residents, each at their weight."""
        return float(self.demand.sum())

    @property
    def plain(self) -> bool:
        """Whether what the objective adds up is people within the cut-off, as in the table."""
        return len(self.reaches) == 1 and self.demand is self.people

    @property
    def unit(self) -> str:
        """What demand counts in, for messages."""
        return "people" if self.demand is self.people else "weighted people"

    @property
    def near(self) -> Reach:
        """The matrix with the cut-off: what tables count."""
        return Reach(self.matrix, self.reached_s, self.minutes)

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
        return sum(reach.share * float(self.demand[reach.covered_now()].sum()) for reach in self.reaches)

    def left(self) -> Floats:
        """Return the demand of each cell in each reach that no existing facility covers, (reaches × n,)."""
        parts = [np.where(reach.covered_now(), 0.0, reach.share * self.demand) for reach in self.reaches]
        return np.concatenate(parts)

    def cover(self) -> sparse.csr_array:
        """Return which candidate covers which cell in which reach, candidates × (reaches × n)."""
        from scipy import sparse

        if len(self.reaches) == 1:
            return self.reaches[0].cover()
        return sparse.csr_array(sparse.hstack([reach.cover() for reach in self.reaches], format="csr"))

    def cover_problem(self) -> CoverProblem:
        """Return the reduced covering problem of all demand not covered yet."""
        return reduce_cover(self.cover(), self.left())

    def value(self, chosen: Ints) -> float:
        """Return the demand that existing facilities and the chosen candidates cover."""
        total = 0.0
        for reach in self.reaches:
            covered = reach.covered_now().copy()
            for row in chosen:
                covered[reach.cells_of(int(row))] = True
            total += reach.share * float(self.demand[covered].sum())
        return total

    def coverable(self) -> Bools:
        """Return which cells some candidate or existing facility serves within the cut-off, (n,)."""
        out = self.covered_now().copy()
        out[self.matrix.cell[self.matrix.time_ms <= self.near.limit_ms]] = True
        return out
