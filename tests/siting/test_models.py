"""The registry of siting models: complete in both languages and in the docs, read by everybody, told when unknown."""

from __future__ import annotations

import ast
import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from dense_times import candidates_of, matrix_of, people_of

import access15 as a15
from access15.cli import main
from access15.errors import InputError
from access15.outputs import said, words
from access15.siting import MODELS, SIZES, finds_size, locate, model_of, objectives, sizes_of, takers
from access15.siting.plan import make_plan
from access15.study.settings import read_settings

ROOT = Path(__file__).parents[2]
OPTIONS = {*SIZES, "capacity", "areas", "area_target", "kappa", "full_minutes", "modes"}
STUDY = """
[study]
name = "Town"
[network]
path = "streets.osm.pbf"
[facilities]
path = "clinics.csv"
[population]
path = "people.tif"
[siting]
"""


def documented() -> dict[str, tuple[str, str]]:
    """Return {objective: (question, needs)} of the table in the how-to."""
    page = (ROOT / "docs" / "how-to" / "new-sub-centres.md").read_text("utf-8")
    rows = page.partition("## Objectives")[2].partition("\n## ")[0].partition("|---|")[2]
    return {
        name: (asks, needs)
        for name, asks, needs in re.findall(r"(?m)^\| `([^`]+)` \| (.+?) \|(.*?)\|$", rows)
    }


def lacks(name: str) -> list[str]:
    """Return what a model has not got."""
    model, found = MODELS[name], []
    for what, (english, chinese) in (
        ("title", model.titles),
        ("question", model.question),
        ("unit", model.unit[:2]),
    ):
        if not re.search("[a-z]", english) or re.search("[\u4e00-\u9fff]", english):
            found.append(f"English {what}")
        if not re.search("[\u4e00-\u9fff]", chinese):
            found.append(f"Chinese {what}")
    if not model.question[0].endswith("?") or not model.question[1].endswith("？"):
        found.append("a question")
    if not re.search(r"\(\d{4}\)", model.source):
        found.append("a source with its year")
    if (
        model.name != name
        or not set(model.takes) <= OPTIONS
        or not set(model.takes.values()) <= {"needs", "may"}
    ):
        found.append("its own name and options there are")
    if model.variant_of is None:
        asks, needs = documented().get(name, ("", ""))
        wanted = {option for option, need in model.takes.items() if need == "needs"} | set(sizes_of(name))
        if asks != model.question[0] or set(re.findall("`(.+?)`", needs)) != wanted:
            found.append("its row in the how-to")
        if ("no limit of time" in needs) != model.every_time:
            found.append("its limit of time in the how-to")
    elif len(model.sizes) != 1 or MODELS[model.variant_of].variant_of is not None:
        found.append("one size that makes it the variant of an objective")
    return found


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_complete(name):
    assert lacks(name) == []


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"titles": ("p-mean", "p-mean")}, "Chinese title"),
        ({"question": ("Which sites?", "")}, "Chinese question"),
        ({"question": ("", "哪些？")}, "English question"),
        ({"question": ("Sites", "布点")}, "a question"),
        ({"source": "somebody"}, "a source with its year"),
        ({"takes": {"sites": "needs"}}, "its own name and options there are"),
        ({"takes": {"p": "needs", "areas": "needs"}}, "its row in the how-to"),
        ({"every_time": False}, "its limit of time in the how-to"),
    ],
)
def test_a_model_that_lacks_something_is_found(monkeypatch, change, missing):
    monkeypatch.setitem(MODELS, "p-median", dataclasses.replace(MODELS["p-median"], **change))
    assert missing in lacks("p-median")


def test_a_model_that_is_not_documented_is_found(monkeypatch):
    monkeypatch.setitem(MODELS, "p-mean", dataclasses.replace(MODELS["p-median"], name="p-mean"))
    assert lacks("p-mean") == ["its row in the how-to", "its limit of time in the how-to"]


def test_the_how_to_lists_the_models_in_their_order():
    assert list(documented()) == list(objectives())


def test_no_other_file_knows_a_model_by_name():
    knows = {}
    for file in sorted((ROOT / "src" / "access15").rglob("*.py")):
        texts = {n.value for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.Constant)}
        if file.parent.name != "models" and texts & set(MODELS):
            knows[file.name] = texts & set(MODELS)
    assert not knows


@pytest.fixture
def planted(monkeypatch):
    """Plant a model that opens the last candidates."""

    def solve(question, terms):
        rows = np.arange(len(question.ids))[-terms.sites :]
        return make_plan(MODELS["last-rows"], question, rows, (7.0, 8.0, False), terms.notes)

    model = dataclasses.replace(
        MODELS["max-coverage"],
        name="last-rows",
        titles=("last rows", "最后几行"),
        solve=solve,
        takes={"p": "needs"},
    )
    monkeypatch.setitem(MODELS, "last-rows", model)
    return model


def test_a_planted_model_is_solved_by_its_own_function(planted):
    population, candidates = people_of([10, 20, 40]), candidates_of(3)
    matrix = matrix_of(
        [[60, 60, 60], [60, np.inf, np.inf], [np.inf, np.inf, 60]], population, candidates, minutes=20
    )
    plan = locate(matrix, population, candidates=candidates, minutes=10, p=2, objective="last-rows")
    assert (plan.model, plan.objective, plan.bound, plan.status) == ("last-rows", 7.0, 8.0, "feasible")
    assert plan.chosen.tolist() == [1, 2]
    assert plan.unit == "people"
    assert not plan.by_time
    with pytest.raises(InputError, match="last-rows needs p"):
        locate(matrix, population, objective="last-rows")
    table = a15.robustness(plan, matrix, population, candidates=candidates, margin=1, speed=0)
    assert table["chosen_in"].tolist() == [2, 2]


def test_a_planted_model_can_be_asked_for_everywhere(planted, tmp_path, capsys):
    file = tmp_path / "study.toml"
    file.write_text(STUDY + 'objective = "last-rows"\np = 2', "utf-8")
    assert read_settings(file).siting.objective == "last-rows"
    with pytest.raises(SystemExit):
        main(["site", "--help"])
    assert "last-rows" in " ".join(capsys.readouterr().out.split())
    assert [said(words(lang), "last-rows") for lang in ("en", "zh")] == ["last rows", "最后几行"]


UNKNOWN = {
    "p-medan": "'p-medan' is not known: did you mean 'p-median'? There are ",
    "P_Center": "'P_Center' is not known: did you mean 'p-center'? There are ",
    "most": "'most' is not known: use one of ",
    "partial-cover": "'partial-cover' is max-coverage with a target: name that and give the target",
    "budget-coverage": "'budget-coverage' is max-coverage with a budget: name that and give the budget",
}


@pytest.mark.parametrize(("name", "words"), UNKNOWN.items())
def test_an_unknown_model_is_told_in_python(name, words):
    with pytest.raises(InputError) as caught:
        model_of(name)
    assert str(caught.value).startswith(f"objective {words}")
    assert "with a" in words or ", ".join(objectives()) in str(caught.value)
    population = people_of([10])
    matrix = matrix_of([[60]], population, candidates_of(1), minutes=10)
    with pytest.raises(InputError, match=r"is not known|name that and give"):
        locate(matrix, population, p=1, objective=name)


@pytest.mark.parametrize("name", [7, None, ["p-median"]])
def test_what_is_no_name_is_not_known_either(name):
    with pytest.raises(InputError, match="is not known"):
        model_of(name)


@pytest.mark.parametrize(("name", "words"), UNKNOWN.items())
def test_an_unknown_model_is_told_in_a_study(tmp_path, name, words):
    file = tmp_path / "study.toml"
    file.write_text(STUDY + f'objective = "{name}"\np = 2', "utf-8")
    with pytest.raises(InputError) as caught:
        read_settings(file)
    assert "[siting] objective" in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(("name", "words"), UNKNOWN.items())
def test_an_unknown_model_is_told_on_the_command_line(capsys, name, words):
    given = ["--network", "n", "--facilities", "f", "--population", "p", "--out", "x.gpkg"]
    with pytest.raises(SystemExit) as caught:
        main(["site", *given, "--candidates", "junctions", "--p", "2", "--objective", name])
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"--objective {words}" in line


@pytest.mark.parametrize("name", objectives())
def test_a_study_and_python_take_the_same_sizes(tmp_path, name):
    population, candidates = people_of([10]), candidates_of(1)
    matrix = matrix_of([[60]], population, candidates)
    values = {"p": 1, "target": 0.5, "budget": 5.0}
    for chosen in range(8):
        sizes = {size: values[size] for at, size in enumerate(SIZES) if chosen >> at & 1}
        known, needed = sizes_of(name), not finds_size(name)
        fits = set(sizes) <= set(known) and len(sizes) <= 1 and (len(sizes) == 1 or not needed)
        file = tmp_path / "study.toml"
        lines = [f"{size} = {value}" for size, value in sizes.items()]
        lines += ["area_target = 0.5"] if "area_target" in MODELS[name].takes else []
        file.write_text(STUDY + "\n".join([f'objective = "{name}"', *lines]), "utf-8")
        if fits:
            assert read_settings(file).siting.objective == name
        else:
            with pytest.raises(InputError, match=r"study\.toml"):
                read_settings(file)
            with pytest.raises(InputError, match=r"needs|leave|name either"):
                locate(matrix, population, minutes=10, objective=name, areas=None, **sizes)


def test_options_have_takers():
    assert takers("budget") == ["max-coverage", "capacitated-coverage"]
    assert takers("target") == ["max-coverage"]
    assert takers("areas") == ["worst-area", "area-target"]


def test_a_plan_for_a_sum_is_made_again_for_that_sum():
    population = people_of([10, 20, 40])
    candidates = dataclasses.replace(
        candidates_of(3), capacity=np.full(3, 50.0), cost=np.array([1.0, 1.0, 3.0])
    )
    seconds = [[60, 500, np.inf], [np.inf, 60, np.inf], [500, np.inf, 60]]
    matrix = matrix_of(seconds, population, candidates, minutes=20)
    for objective in takers("budget"):
        ask = {"candidates": candidates, "budget": 4.0, "objective": objective}
        plan = locate(matrix, population, minutes=10, **ask)
        table = a15.robustness(plan, matrix, population, margin=1, speed=0, **ask)
        assert table["chosen_in"].tolist()[: plan.p] == [2] * plan.p
        others = a15.alternatives(plan, matrix, population, **ask)
        assert (others["loss"] >= 0).all()


def test_every_file_of_a_model_stands_in_the_order():
    files = {file.stem.replace("_", "-") for file in (ROOT / "src/access15/siting/models").glob("[!_]*.py")}
    assert files == set(MODELS)
