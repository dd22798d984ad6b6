"""The words of gaps: kinds, reasons and services stand in one place, each in both languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from access15.model import GapKind, GapReason, GapService
from access15.model.gap_terms import Term
from access15.outputs.palette import REASONS

SRC = Path(__file__).parents[2] / "src" / "access15"
TERMS = [*GapKind, *GapReason, *GapService]


def lacks(term) -> list[str]:
    """Return what a term has not got."""
    english, chinese = term.titles
    found = []
    if not re.fullmatch("[a-z -]+", english):
        found.append("English")
    if not re.search("[\u4e00-\u9fff]", chinese):
        found.append("Chinese")
    return found


@pytest.mark.parametrize("term", TERMS, ids=str)
def test_a_term_has_words_in_both_languages(term):
    assert lacks(term) == []
    assert f"{term}" == term.value


def test_a_term_without_words_is_found():
    class Planted(Term):
        FLOOD = "flood", "flood", "flood"
        QUAKE = "quake", "地震", "地震"

    assert lacks(Planted.FLOOD) == ["Chinese"]
    assert lacks(Planted.QUAKE) == ["English"]
    with pytest.raises(TypeError):
        Term("Short", {"FLOOD": ("flood", "flood")})


def test_every_reason_of_distance_has_a_colour():
    assert set(REASONS) - {""} == set(GapReason) - {GapReason.NEAREST_FULL}


def test_no_other_file_writes_reasons_and_services_out():
    # Words that other files use in another sense, such as the legend of circuits, say nothing.
    words = {term.value for term in (*GapReason, *GapService)} - {
        "island",
        "detour",
        "enlargement",
        "mobile circuit",
    }
    found = {}
    for file in sorted(SRC.rglob("*.py")):
        texts = {n.value for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.Constant)}
        if texts & words and file.name != "gap_terms.py":
            found[str(file.relative_to(SRC))] = sorted(texts & words)
    assert not found
