"""What the program says of what it did has Chinese words: every reason, count and note that the code makes."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import access15
from access15.model import facts_in_chinese, in_chinese, sentences
from access15.profiles import PRESETS

ROOM = Path(access15.__file__).parent
CHINESE = re.compile(r"[\u3400-\u9fff]")
SENTENCE = re.compile(r"(?<![\w./@:=-])[A-Za-z][A-Za-z'’-]*(?:,? +[A-Za-z][A-Za-z'’-]*){2,}")


def example(node: ast.expr) -> str | None:
    """Return a text of the code with something in its places."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else filled(part) for part in node.values)
    return None


def filled(part: ast.FormattedValue) -> str:
    shown = ast.unparse(part.value)
    if shown.startswith("table.at("):
        return "row 7"
    known = {
        "NO_PLACE": " has no coordinates (empty, or 0, 0)",
        "state": "closed",
        "found": "closed",
        "within": "within 7 min",
    }
    if shown in known:
        return known[shown]
    if "'cell'" in shown:
        return "cells"
    spec = ast.unparse(part.format_spec) if part.format_spec else ""
    if part.conversion == 114:
        return "'x'"
    if "%" in spec:
        return "7%"
    number = any(letter in spec for letter in "gf") or re.match(
        r"len\(|int\(|terms\.sites|p$|row \+ 1", shown
    )
    return "7" if number else "x"


def texts(file: Path) -> Iterator[str]:
    """Yield what is kept as a reason, a count or a note of a plan."""
    tree = ast.parse(file.read_text("utf-8"))
    names = ("reason", "what") if "siting" in file.parts else ("reason",)
    for node in ast.walk(tree):
        found: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name.endswith("notes.append"):
                found += node.args
            elif name == "time_note":
                found += node.args[1:]
            elif name.endswith(("aside.append", "aside.setdefault")):
                found += [node.args[-1].elts[-1]] if isinstance(node.args[-1], ast.Tuple) else node.args[-1:]
            found += [word.value for word in node.keywords if word.arg == "reason"]
        if isinstance(node, (ast.Assign, ast.AugAssign)):
            goals = node.targets if isinstance(node, ast.Assign) else [node.target]
            for goal in goals:
                if isinstance(goal, ast.Subscript) and re.search(
                    r"(aside|reasons|shapeless|dropped|repaired|counts)$", ast.unparse(goal.value)
                ):
                    found += [goal.slice, node.value]
                    if isinstance(node.value, ast.Tuple):
                        found += node.value.elts
                if isinstance(goal, ast.Name) and goal.id in names:
                    found.append(node.value)
        found += [side for one in found if isinstance(one, ast.IfExp) for side in (one.body, one.orelse)]
        for one in found:
            text = example(one)
            if text is not None and " " in text.strip():
                yield text


MADE = sorted(
    {
        text
        for room in ("sources", "network", "siting", "study")
        for file in (ROOM / room).rglob("*.py")
        for text in texts(file)
    }
)


def test_the_scan_of_the_code_finds_them():
    assert len(MADE) > 40
    assert "no place of care by its tags" in MADE


@pytest.mark.parametrize("text", MADE)
def test_every_reason_count_and_note_of_the_code_is_said_in_chinese(text):
    said = in_chinese(text)
    assert CHINESE.search(said), text
    assert not SENTENCE.search(said), said


def test_reasons_of_words_status_and_tags_are_said_in_chinese():
    with (ROOM / "sources" / "care_words.csv").open(encoding="utf-8") as file:
        against = {row["means"] for row in csv.DictReader(file) if "care" in row["use"]}
    with (ROOM / "sources" / "status_words.csv").open(encoding="utf-8") as file:
        states = {row["state"] for row in csv.DictReader(file)} - {"open"}
    for what in sorted(against):
        for reason in (what, f"{what} by its tags", f"{what} by its name, mis-tagged as clinic"):
            assert CHINESE.search(in_chinese(reason)), reason
            assert not SENTENCE.search(in_chinese(reason)), reason
    for state in sorted(states):
        for reason in (
            state,
            f"{state} (column 'status' says 'Shut for good now')",
            f"{state} (disused=yes)",
        ):
            assert in_chinese(reason).startswith(in_chinese(state))
            assert CHINESE.match(in_chinese(reason)), reason


def test_sources_of_speeds_are_said_in_chinese():
    for profile in PRESETS.values():
        for text in (profile.source, *(profile.sources or {}).values()):
            for part in [text] if isinstance(text, str) else text.values():
                assert not SENTENCE.search(in_chinese(part).replace("J Rehabil Res Dev", "")), part


def test_what_is_no_text_of_the_program_stays():
    for text in (
        "Rest of Monaco",
        "Centre Cardio Thoracique de Monaco",
        "county.gpkg",
        "甲村卫生室",
        "",
        "7",
    ):
        assert in_chinese(text) == text
    assert in_chinese("r12: a pharmacy") == "r12：药店"
    assert facts_in_chinese('["7: a pharmacy", "x"]') == '["7：药店", "x"]'
    assert facts_in_chinese({"a": ["closed", 3, None]}) == {"a": ["停业", 3, None]}
    assert facts_in_chinese({"en": "rows", "zh": "行", "count": 2}) == "行：2"


def test_places_of_the_two_languages_agree():
    for english, chinese in sentences().items():
        places = re.findall(r"\{(\w+)\}", english)
        assert len(set(places)) == len(places), english
        assert set(re.findall(r"\{(\w+)\}", chinese)) <= set(places), english
        assert CHINESE.search(chinese) or not re.sub(r"\{\w+\}", "", chinese).strip("（=） "), chinese
