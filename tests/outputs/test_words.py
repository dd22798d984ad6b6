"""Whatever is said is said in both languages, once: words, values of columns, tables of the report."""

from __future__ import annotations

import csv
import importlib
import pkgutil
import re
import string
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from access15 import outputs, sources
from access15.capacity import recommend
from access15.errors import InputError
from access15.model import GapKind, GapReason, GapService, Status
from access15.outputs._frames import STATUS_WORDS
from access15.outputs.report import tables
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.report.tables import TABLES
from access15.outputs.words import said, words
from access15.outputs.words.codes import codes, mode_words, model_words
from access15.outputs.words.vocabulary import SHARED
from access15.outputs.workbook import sheet_name
from access15.outreach import circuits
from access15.profiles import PRESETS
from access15.siting import MODELS, objectives

SAME = {"SHA-256", "%"}
"""What reads alike in both languages."""

WITHOUT_NOTE = {"caveats"}


def vocabularies():
    """Every dictionary of pairs that a module of the outputs declares, and the own words of every table."""
    found = {"codes": codes()}
    for part in pkgutil.walk_packages(outputs.__path__, "access15.outputs."):
        module = importlib.import_module(part.name)
        kinds = getattr(module, "__annotations__", {})
        for name in [name for name, kind in kinds.items() if "Pair]" in str(kind)]:
            if not part.name.endswith(".codes"):
                found[f"{part.name}.{name}"] = getattr(module, name)
    return found | {table.id: own_words(table) for table in TABLES}


def own_words(table):
    note = {} if table.id in WITHOUT_NOTE else {"note": table.note}
    return {**table.words, "title": table.title, **note}


def faults(pairs):
    """What is wanting in a dictionary of pairs."""
    out = []
    for key, pair in pairs.items():
        if not (isinstance(pair, tuple) and len(pair) == 2 and all(text and text.strip() for text in pair)):
            out.append(f"{key}: not in both languages")
            continue
        if pair[0] == pair[1] and pair[0] not in SAME:
            out.append(f"{key}: the same in both languages")
        places = [{part[1] for part in string.Formatter().parse(text) if part[1]} for text in pair]
        if places[0] != places[1]:
            out.append(f"{key}: other places in the other language")
    return out


def table_faults(table):
    out = faults(own_words(table))
    if len(table.about) < 20 or table.about.endswith("."):
        out.append("about: says nothing for the documentation")
    for lang in ("en", "zh"):
        others = [sheet_name(other.heading(lang)).lower() for other in TABLES if other is not table]
        if sheet_name(table.heading(lang)).lower() in others:
            out.append(f"{lang}: another sheet has its name")
    return out


@pytest.mark.parametrize("name", vocabularies())
def test_every_word_has_both_languages_and_the_same_places(name):
    assert not faults(vocabularies()[name])


def test_the_vocabularies_are_found():
    found = " ".join(vocabularies())
    for part in (
        "vocabulary.SHARED",
        "page.WORDS",
        "sheet.WORDS",
        "summary.WORDS",
        "change_tables.WORDS",
        "T5a",
    ):
        assert part in found


def test_no_key_stands_twice_in_a_file_of_words():
    for file in Path(outputs.__file__).parent.glob("words/*.csv"):
        keys = [row["key"] for row in csv.DictReader(file.read_text("utf-8").splitlines())]
        assert keys
        assert [key for key, count in Counter(keys).items() if count > 1] == [], file.name


def test_no_word_stands_twice():
    known = vocabularies()
    pairs = Counter(pair for pairs in known.values() for pair in pairs.values())
    assert [pair for pair, count in pairs.items() if count > 1] == []
    for name, own in known.items():
        if not name.endswith(".SHARED") and name != "codes":
            assert not set(own) & set(SHARED), name


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.id)
def test_every_table_is_whole(table):
    assert not table_faults(table)


def test_every_file_of_a_table_is_in_the_order():
    files = {path.stem for path in Path(tables.__file__).parent.glob("*.py")} - {"__init__"}
    declared = [importlib.import_module(f"{tables.__name__}.{name}").TABLE for name in sorted(files)]
    assert len(TABLES) == len(declared)
    assert set(map(id, TABLES)) == set(map(id, declared))
    assert len({table.id for table in TABLES}) == len(TABLES)


def test_every_value_has_both_languages():
    assert set(PRESETS) <= set(mode_words())
    assert set(objectives()) <= set(MODELS) == set(model_words())
    people, room = np.array([1.0, 2, 2]), np.array([np.nan, 2, 1])
    judged = [recommend(people, room, rural) for rural in (None, people, people * 0)]
    barred = [getattr(circuits, name) for name in ("NO_STREET", "NO_BASE", "DAY_SHORT", "NO_VEHICLE")]
    status = ["optimal", "feasible", "infeasible", "yes", "no", "no target set"]
    change = ["added", "removed", "moved", "changed"]
    places = [*sources.KINDS, "junction", "grid"]
    parts = (*judged, barred, status, change, places, STATUS_WORDS, GapKind, GapReason, GapService)
    assert {value for part in parts for value in part} <= set(codes())
    # The first two are covered or not, as the cut-off is; people on closed land count among the unlinked.
    lost = set(Status) - {Status.REACHED, Status.BEYOND_LIMIT, Status.CLOSED_LAND}
    assert {"covered", "uncovered", *(status.name.lower() for status in lost)} == set(STATUS_WORDS)


def test_what_is_planted_without_chinese_is_found():
    assert faults({"word": ("clinic", "")})
    assert faults({"word": ("clinic", "clinic")})
    assert faults({"word": ("{n} clinics", "诊所")})
    assert faults({"word": ("clinic",)})
    whole = {
        "id": "T99", "title": ("Planted", "测试"), "about": "a table that a test plants here",
        "build": lambda _, word: Builder(word), "note": ("Note.", "说明。"), "words": {"head": ("head", "表头")},
    }  # fmt: skip
    assert not table_faults(ReportTable(**whole))
    assert table_faults(ReportTable(**whole | {"title": ("Planted", "Planted")}))
    assert table_faults(ReportTable(**whole | {"note": None}))
    assert table_faults(ReportTable(**whole | {"words": {"head": ("head", "")}}))
    assert table_faults(ReportTable(**whole | {"about": ""}))
    assert table_faults(ReportTable(**whole | {"id": "T1", "title": ("Coverage", "覆盖情况表")}))


def test_a_value_is_no_head():
    word = words("zh")
    assert said(word, "capacity") == "服务能力"
    assert said(word, "total") == "total"  # A mode of that name is not called the sum.
    assert said(word, None) is said(word, "") is said(word, float("nan")) is None


def test_another_language_is_refused():
    with pytest.raises(InputError, match="'fr' is not known: use en or zh"):
        words("fr")


def test_a_column_of_no_kind_is_refused():
    with pytest.raises(ValueError, match="'euro' is no kind of column"):
        Builder({"head": "head"}).add("head", "euro", [1])


def test_planners_read_their_own_words_in_chinese():
    word = words("zh")
    for code in ("65+", "0-6", "residential", "secondary", "care", "unlinked", "drive"):
        text = said(word, code)
        assert text is not None
        assert not re.search("[A-Za-z]", text), code
    everything = "\n".join(
        pair[1] for pairs in vocabularies().values() for pair in pairs.values() if isinstance(pair, tuple)
    )
    for wrong in (
        "自由流",
        "受损人口",
        "分配人口",
        "无容量可分",
        "格网单元",
        "未连接",
        "孤岛",
        "备份覆盖",
        "可证明的界",
    ):
        assert wrong not in everything, wrong


@pytest.mark.parametrize("name", PRESETS)
def test_the_source_of_every_speed_stands_in_chinese(name):
    text = said(words("zh"), PRESETS[name].source)
    assert text != PRESETS[name].source
    assert re.search("[\u4e00-\u9fff]", str(text))


def test_no_half_width_marks_between_chinese_characters():
    found = [
        (name, key)
        for name, pairs in vocabularies().items()
        for key, pair in pairs.items()
        if isinstance(pair, tuple) and re.search("[\u4e00-\u9fff][,;:()]|[,;:()][\u4e00-\u9fff]", pair[1])
    ]
    assert found == []
