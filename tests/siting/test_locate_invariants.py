"""What holds for every model: another candidate never makes the optimum worse, gains add up, the bound holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from dense_times import CRS, candidates_of, matrix_of, people_of

from access15.model import Areas
from access15.siting import MODELS as REGISTRY
from access15.siting import locate

MODELS = {
    "max-coverage": {"p": 2},
    "budget": {"budget": 4.0, "objective": "max-coverage"},
    "set-cover": {},
    "backup-coverage": {"p": 3},
    "capacitated-coverage": {"p": 2},
    "worst-area": {"p": 2},
    "area-target": {"p": 2, "area_target": 0.8},
    "p-median": {"p": 2},
    "capacitated-p-median": {"p": 3},
    "p-center": {"p": 2},
    "kolm-pollak": {"p": 2, "kappa": -0.05},
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed", range(2))
def test_more_candidates_never_make_the_optimum_worse(model, seed):
    rng = np.random.default_rng(seed)
    seconds, people = rng.uniform(60, 1500, (9, 16)), people_of(rng.integers(1, 9, 16))
    seconds[0] = rng.uniform(60, 800, 16)  # covers everybody, so that the set to be covered stays the same
    areas = Areas(
        ["w", "e"], ["w", "e"], np.array([shapely.box(-1, -1, 7.5, 1), shapely.box(7.5, -1, 20, 1)]), CRS
    )
    question = {"objective": model, "minutes": 15, **MODELS[model]}
    if "areas" in REGISTRY[question["objective"]].takes:
        question["areas"] = areas
    before = None
    for m in (4, 6, 9):
        candidates = replace(candidates_of(m), capacity=np.full(m, 40.0), cost=1.0 + np.arange(m) % 3)
        plan = locate(matrix_of(seconds[:m], people, candidates), people, candidates=candidates, **question)
        sign = -1 if REGISTRY[plan.model].unit.less_is_better else 1
        assert plan.status == "optimal"
        assert sign * plan.objective <= sign * plan.bound + 1e-6
        assert before is None or sign * plan.objective >= before - 1e-6 * abs(before)
        before = sign * plan.objective
        table = plan.table
        if len(table) and not plan.by_time:
            assert table["gain"].sum() == pytest.approx(table["cumulative_people"].iloc[-1])
            assert people.people[plan.covered].sum() == pytest.approx(table["cumulative_people"].iloc[-1])
