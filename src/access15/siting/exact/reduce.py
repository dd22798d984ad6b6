"""Lossless reductions of a covering problem: the smaller problem has the same optimal plans and values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from access15.arrays import AnyInts, Bools, Floats, Int32s, Ints

if TYPE_CHECKING:
    from scipy import sparse


_PROBES = 8


@dataclass(frozen=True, slots=True, eq=False)
class CoverProblem:
    """Which candidate covers which demand, and how much each demand weighs.

    Attributes
    ----------
    cover : (m, g) csr_array of float64 ones
        Candidates × demand groups; indices sorted.
    weight : (g,) float64
        People of each group, above 0.
    row : (m,) int64
        Candidate row in the caller's numbering, rising.
    """

    cover: sparse.csr_array
    weight: Floats
    row: Ints
    _columns: list[sparse.csc_array] = field(default_factory=list, init=False)

    @property
    def columns(self) -> sparse.csc_array:
        """The cover matrix by column (made once)."""
        if not self._columns:
            self._columns.append(self.cover.tocsc())
        return self._columns[0]

    @property
    def n_candidates(self) -> int:
        """Number of candidates left."""
        return len(self.row)

    @property
    def total(self) -> float:
        """Weight that all candidates together cover."""
        return float(self.weight.sum())

    def cells_of(self, candidate: int) -> Int32s:
        """Return the demand groups a candidate covers."""
        rows = slice(self.cover.indptr[candidate], self.cover.indptr[candidate + 1])
        return np.asarray(self.cover.indices[rows])

    def covered_by(self, chosen: Ints) -> Bools:
        """Return which groups at least one of the chosen candidates covers."""
        out = np.zeros(len(self.weight), bool)
        for candidate in chosen:
            out[self.cells_of(int(candidate))] = True
        return out

    def value(self, chosen: Ints) -> float:
        """Return the weight that the chosen candidates cover."""
        return float(self.weight[self.covered_by(chosen)].sum())


def cover_matrix(indptr: Ints, cell: AnyInts, n_cells: int) -> sparse.csr_array:
    """Return pairs in compressed rows as a candidates × cells matrix of ones."""
    from scipy import sparse

    ones = np.ones(len(cell))
    out = sparse.csr_array((ones, cell, indptr), shape=(len(indptr) - 1, n_cells))
    out.sort_indices()
    return out


def reduce_cover(cover: sparse.csr_array, weight: Floats, row: Ints | None = None) -> CoverProblem:
    """Drop demand without weight or candidate, merge demand with identical cover sets, drop useless candidates.

    A candidate goes when it covers nothing, or nothing that one other candidate does not cover as well
    (of equals the lowest row stays). Merging and dropping repeat until neither finds anything.

    Parameters
    ----------
    cover : (m, n) csr_array
        Candidates × cells, ones.
    weight : (n,) float64
        People of each cell.
    row : (m,) int64, optional
        The caller's candidate rows; default ``0..m-1``.

    Notes
    -----
    Source: Church & Murray (2018), Location Covering Models, chapter 2, on dominance; merging identical
    columns is exact as they are covered by the same plans.
    """
    rows = np.arange(cover.shape[0]) if row is None else row
    useful = np.flatnonzero((weight > 0) & (np.bincount(cover.indices, minlength=cover.shape[1]) > 0))
    problem = CoverProblem(cover[:, useful], weight[useful], rows)
    while True:
        problem = merge_cells(problem)
        keep = undominated(problem.cover)
        if keep.all():
            return problem
        problem = CoverProblem(problem.cover[keep], problem.weight, problem.row[keep])


def merge_cells(problem: CoverProblem) -> CoverProblem:
    """Return the problem with demand groups of identical cover sets added up.

    Cover sets are compared by a sum of random 64-bit numbers; every match is then checked entry by
    entry, and other numbers are drawn should two different sets ever share a sum.
    """
    cover = problem.cover
    columns = cover.tocsc()
    columns.sort_indices()
    if not columns.shape[1]:
        return problem
    for seed in range(100):
        numbers = np.random.default_rng(seed).integers(1, 1 << 63, cover.shape[0], dtype=np.uint64)
        sums = np.add.reduceat(numbers[columns.indices], columns.indptr[:-1])
        _, first, group = np.unique(sums, return_index=True, return_inverse=True)
        if _identical(columns, first[group]):
            break
    order = np.argsort(first, kind="stable")
    weight: Floats = np.bincount(group, problem.weight)[order].astype(np.float64)
    merged = columns[:, first[order]].tocsr()
    merged.sort_indices()
    return CoverProblem(merged, weight, problem.row)


def _identical(columns: sparse.csc_array, like: Ints) -> bool:
    """Return whether every column equals the column ``like`` names for it."""
    sizes = np.diff(columns.indptr)
    if (sizes != sizes[like]).any():
        return False
    shift = np.repeat(columns.indptr[like] - columns.indptr[:-1], sizes)
    return bool((columns.indices == columns.indices[np.arange(columns.nnz) + shift]).all())


def undominated(cover: sparse.csr_array) -> Bools:
    """Return which rows hold something and do not lie within another row (of equals the first stays)."""
    return _sieve(cover, drop_larger=False)


def minimal(cover: sparse.csr_array) -> Bools:
    """Return which rows hold something and do not hold all of another row (of equals the first stays)."""
    return _sieve(cover, drop_larger=True)


def _sieve(cover: sparse.csr_array, *, drop_larger: bool) -> Bools:
    """Compare rows as sets, and drop the smaller or the larger of each nested pair.

    Only rows that share the rarest column of a row can hold all of it: those pairs are tested on a few
    columns first, the survivors on all.
    """
    n, sizes = cover.shape[1], np.diff(cover.indptr)
    keep = sizes > 0
    keys = np.repeat(np.arange(cover.shape[0]) * n, sizes) + cover.indices
    inner, outer = _pairs_on_rarest_cell(cover, sizes, first_stays=not drop_larger)
    for probe in range(_PROBES):
        if not len(inner):
            return keep
        key = outer * n + cover.indices[cover.indptr[inner] + probe * sizes[inner] // _PROBES]
        hit = keys[np.minimum(np.searchsorted(keys, key), len(keys) - 1)] == key
        inner, outer = inner[hit], outer[hit]
    mark = np.zeros(n, bool)
    for small, large in zip(inner.tolist(), outer.tolist(), strict=True):
        if not (keep[small] and keep[large]):
            continue  # whatever dropped one of them settles the other
        cells = cover.indices[cover.indptr[large] : cover.indptr[large + 1]]
        mark[cells] = True
        if mark[cover.indices[cover.indptr[small] : cover.indptr[small + 1]]].all():
            keep[large if drop_larger else small] = False
        mark[cells] = False
    return keep


def drop_implied(problem: CoverProblem) -> CoverProblem:
    """Drop demand whose candidates include all candidates of other demand: covering that one covers it too.

    Only for models that must cover all demand; weights of the demand left are unchanged.
    """
    keep = minimal(problem.cover.T.tocsr())
    return problem if keep.all() else CoverProblem(problem.cover[:, keep], problem.weight[keep], problem.row)


def _pairs_on_rarest_cell(cover: sparse.csr_array, sizes: Ints, *, first_stays: bool) -> tuple[Ints, Ints]:
    """Return pairs (row, a row at least as large that shares its rarest column), each pair of equals once."""
    n = cover.shape[1]
    some = np.flatnonzero(sizes > 0)
    if not len(some):
        return some, some
    by_cell = cover.tocsc()
    by_cell.sort_indices()
    degree = np.diff(by_cell.indptr).astype(np.int64)
    key = degree[cover.indices] * n + cover.indices
    rarest = np.minimum.reduceat(key, cover.indptr[some]) % n
    inner = np.repeat(some, degree[rarest])
    starts = np.repeat(by_cell.indptr[rarest] - np.cumsum(degree[rarest]) + degree[rarest], degree[rarest])
    outer = by_cell.indices[starts + np.arange(len(inner))].astype(np.int64)
    equal_order = outer < inner if first_stays else outer > inner
    larger = (sizes[outer] > sizes[inner]) | ((sizes[outer] == sizes[inner]) & equal_order)
    return inner[larger], outer[larger]
