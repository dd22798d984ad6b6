"""The mixed-integer solver (HiGHS) behind one small function, and the clock every model shares."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.arrays import Floats, Ints
from access15.errors import InputError

if TYPE_CHECKING:
    from scipy import sparse


class Deadline:
    """A wall clock that runs out; models ask it how many seconds are left."""

    def __init__(self, seconds: float) -> None:
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
            raise InputError(f"time_limit_s must be a number of seconds above 0, not {seconds!r}")
        self._end = time.perf_counter() + seconds

    def left(self) -> float:
        """Return the seconds left, 0 when there are none."""
        return max(0.0, self._end - time.perf_counter())

    def part(self, share: float) -> Deadline:
        """Return a clock that runs out when a share of what is left is used."""
        return Deadline(max(self.left() * share, 1e-9))


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What a model answers: candidates, their value, and how good any choice could be.

    Attributes
    ----------
    rows : (k,) int64
        Chosen candidates, rising.
    value, bound : float
        Value of the choice and proven bound on every choice, in the unit of the model.
    optimal : bool
        True when the solver proved that no choice is better.
    """

    rows: Ints
    value: float
    bound: float
    optimal: bool


@dataclass(frozen=True, slots=True, eq=False)
class Milp:
    """Minimise ``cost @ x`` with ``row_low <= matrix @ x <= row_high`` and ``0 <= x <= upper``.

    The first ``n_integer`` columns are whole numbers, the others are continuous.
    """

    cost: Floats
    upper: Floats
    n_integer: int
    matrix: sparse.csr_array
    row_low: Floats
    row_high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class MilpAnswer:
    """Best solution found (None without one), proven lower bound, and what the solver proved."""

    x: Floats | None
    bound: float
    optimal: bool
    infeasible: bool


def solve_milp(
    model: Milp, time_s: float, start: Floats | None = None, *, stop_at: float | None = None
) -> MilpAnswer:
    """Solve a model with HiGHS on one thread with a fixed seed, so that equal input gives equal output.

    Parameters
    ----------
    model : Milp
    time_s : float
        Seconds allowed; the best solution and bound so far come back when they are over.
    start : (columns,) float64, optional
        A feasible solution to start from; the answer is never worse.
    stop_at : float, optional
        Stop as soon as a solution of this value or less is found.

    Notes
    -----
    Solver: Huangfu & Hall (2018), Parallelizing the dual revised simplex method.
    """
    import highspy

    if time_s <= 0:
        return MilpAnswer(start, -math.inf, False, False)
    solver = highspy.Highs()
    _set_options(solver, time_s, stop_at)
    _pass_model(solver, model)
    if start is not None:
        solver.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
    solver.run()
    return _answer(solver, highspy.HighsModelStatus)


def _set_options(solver: Any, time_s: float, stop_at: float | None) -> None:
    options = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "mip_rel_gap": 0.0,
        "mip_feasibility_tolerance": 1e-9,
        "primal_feasibility_tolerance": 1e-9,
        "dual_feasibility_tolerance": 1e-9,
        "time_limit": float(min(time_s, 1e9)),
    }
    if stop_at is not None:
        options["objective_target"] = stop_at
    for name, value in options.items():
        solver.setOptionValue(name, value)


def _pass_model(solver: Any, model: Milp) -> None:
    matrix, n = model.matrix, len(model.cost)
    integrality = np.zeros(n, np.int32)
    integrality[: model.n_integer] = 1
    row_wise, minimise = 2, 1
    solver.passModel(
        n,
        matrix.shape[0],
        matrix.nnz,
        row_wise,
        minimise,
        0.0,
        model.cost,
        np.zeros(n),
        model.upper,
        model.row_low,
        model.row_high,
        matrix.indptr.astype(np.int32),
        matrix.indices.astype(np.int32),
        matrix.data.astype(float),
        integrality,
    )


def _answer(solver: Any, kinds: Any) -> MilpAnswer:
    status, info = solver.getModelStatus(), solver.getInfo()
    if status == kinds.kInfeasible:
        return MilpAnswer(None, math.inf, False, True)
    found = info.primal_solution_status == 2
    x = np.array(solver.getSolution().col_value) if found else None
    bound = float(info.mip_dual_bound)
    return MilpAnswer(x, bound if math.isfinite(bound) else -math.inf, status == kinds.kOptimal, False)
