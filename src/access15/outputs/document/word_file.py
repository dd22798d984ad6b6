"""The Word document: the first page of the report, its map as a picture, its tables as tables of Word."""

from __future__ import annotations

import os
import tempfile
from datetime import date as day
from pathlib import Path
from typing import Final

from access15.errors import InputError, MissingPackageError
from access15.outputs.atomic import replacing
from access15.outputs.document.paper import Paper
from access15.outputs.findings import Findings
from access15.outputs.maps.case_sheet import case_picture
from access15.outputs.one_case import case_figures as case
from access15.outputs.report.first_page.areas import area_rows
from access15.outputs.report.first_page.assembled import case_line, first_words, other_cases
from access15.outputs.report.first_page.ranked import Ranked, gaps_listed, sites_listed
from access15.outputs.report.first_page.sure import foot_texts, groups_listed, room_text
from access15.outputs.report.first_page.verdict import verdict
from access15.outputs.report.html import cut_note, shown
from access15.outputs.report.report_table import Table
from access15.outputs.report.tables import report_tables
from access15.outputs.words import Pair, Words, read_pairs, words

WORDS: Final[dict[str, Pair]] = {
    "word_short": ("short of target", "还差人数"),
    "word_then": ("with plan", "建成后"),
    "word_share": ("reached", "覆盖率"),
    "word_title": ("{name}: access to care", "{name}：就医可达性"),
}

MAX_ROWS: Final = 60
"""Rows of a table in the document; the workbook has all."""

_ANNEX: Final = "annexes"


def write_document(
    path: str | os.PathLike[str],
    findings: Findings,
    lang: str = "en",
    *,
    date: str = "",
    tables: dict[str, Table] | None = None,
    workbook: str = "tables.xlsx",
) -> Path:
    """Write the report as a Word document, whole or not at all.

    The first page says what the first page of the report says, with the map as a picture; a study of several cases
    has a page for each. Annexes are the tables of the report, at most six columns each. All text and all tables can be
    edited.

    Parameters
    ----------
    path : path
        Ends in ``.docx``.
    findings : Findings
    lang : {"en", "zh"}
    date : str
        Date in the document; today by default.
    tables : dict of str to Table, optional
        From `report_tables` in the same language, where they are made already.
    workbook : str
        Name of the file that holds every row and column of the tables.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    MissingPackageError
        If python-docx is not installed.
    InputError
        If the ending is another or the language is neither.
    OutputError
        If the file cannot be written; nothing is left behind.
    """
    target = Path(path)
    if target.suffix.lower() != ".docx":
        raise InputError(f"{target.name} does not end in .docx: give the document that ending")
    own = words(lang, {**WORDS, _ANNEX: read_pairs("report_page")[_ANNEX]})
    try:
        import docx  # noqa: F401 - what the document is made with
    except ImportError as error:
        raise MissingPackageError(
            "a Word document needs python-docx: pip install 'access15[word]'; the report and the workbook work without it"
        ) from error
    made = report_tables(findings, lang) if tables is None else tables
    version = str(findings.provenance.get("versions", {}).get("access15", ""))
    paper = Paper(lang, own["word_title"].format(name=case.plain_name(findings.name)))
    with tempfile.TemporaryDirectory() as folder:
        for i, one in enumerate([findings, *other_cases(findings)]):
            picture = Path(folder) / f"{i}.png"
            if len(one.population):
                case_picture(one, picture, lang, key=True)
            if i:
                paper.new_page()
            _case_page(paper, one, own, lang, (date or day.today().isoformat(), version), picture)
        paper.new_page()
        _annexes(paper, made, own, workbook)
        with replacing(target) as temp:
            paper.save(temp)
    return target


def _case_page(
    paper: Paper, findings: Findings, own: Words, lang: str, made: tuple[str, str], picture: Path
) -> None:
    """Put down the page of one case in the order of the report's first page."""
    figures, word = case.figures_of_case(findings), first_words(lang)
    said = verdict(figures, word)
    paper.case_line(case.plain_name(findings.name), case_line(figures, word), made[0])
    paper.tag(said.tag, said.sign)
    paper.headline(said.headline)
    paper.text(case.joined(list(said.lead), word), size=11)
    if figures.total > 0:
        paper.ruler(*_ruler(figures, word))
    left, right = paper.columns(11.2, 6.2)
    if picture.exists():
        left.picture(picture, 10.9, word["map_about"])
    for listed in (gaps_listed(figures, word), sites_listed(figures, word)):
        _ranked(right, listed)
    below, beside = paper.columns(11.2, 6.2)
    _areas(below, figures, word, own)
    head, shares, note = groups_listed(figures, word)
    beside.heading(head)
    target = (
        "" if figures.target is None else word["groups_line"].format(rate=case.whole_percent(figures.target))
    )
    beside.grid(
        [("", own["word_share"])],
        [(name, case.percent(rate) if rate == rate else "–") for name, rate in shares],
    )
    beside.note(note or target)
    beside.heading(word["room_head"])
    beside.text(room_text(figures, word), size=9)
    sure, data, system = foot_texts(figures, made[1], word)
    paper.rule()
    paper.note(sure, bold=word["sure_head"])
    paper.note(data)
    if lang == "zh":
        paper.note("　" * 10 + word["sure_publish"], bold=word["review"])
    paper.note(system)


def _ruler(figures: case.Figures, word: Words) -> tuple[list[tuple[float, str, str]], str]:
    """Return the parts of the ruler (share, kind, text) and what is said below it."""
    today = figures.covered / figures.total
    plan = today if figures.planned is None else figures.after / figures.total
    parts = [(today, "today", word["ruler_today"].format(rate=case.percent(today, figures.target)))]
    if plan - today > 0.0005:
        parts.append(
            (plan - today, "plan", word["ruler_plan"].format(rate=case.percent(plan, figures.target)))
        )
    parts.append((1 - plan, "rest", ""))
    below = (
        "" if figures.target is None else word["ruler_target"].format(rate=case.whole_percent(figures.target))
    )
    return parts, below


def _ranked(paper: Paper, listed: Ranked) -> None:
    paper.heading(listed.head, listed.unit)
    if listed.rows:
        paper.ranked(
            [(r.sign, r.place, r.below, f"{r.figure} {r.firm}".strip(), r.weak) for r in listed.rows]
        )
    paper.note(" ".join(listed.notes) if paper.lang == "en" else "".join(listed.notes))


def _areas(paper: Paper, figures: case.Figures, word: Words, own: Words) -> None:
    head, rows, note = area_rows(figures, word)
    paper.heading(head)
    if rows:
        heads = (own["area"], word["today"], own["word_short"], own["word_then"])
        paper.grid(
            [heads], rows, bold_rows={i for i, r in enumerate(rows) if r[2] not in ("–", word["area_met"])}
        )
    paper.note(note)


def _annexes(paper: Paper, tables: dict[str, Table], own: Words, workbook: str) -> None:
    paper.headline(own[_ANNEX])
    for table in tables.values():
        paper.heading(table.title, level=2)
        columns = table.shown_columns
        heads = tuple(str(table.frame.columns[i]) for i in columns)
        kinds = [table.kinds[i] for i in columns]
        n = len(table.frame) - table.totals
        rows = [*range(min(n, MAX_ROWS)), *range(n, len(table.frame))]
        values = table.frame.iloc[rows, list(columns)].itertuples(index=False, name=None)
        texts: list[tuple[str, ...]] = [
            tuple(shown(value, kind) for value, kind in zip(row, kinds, strict=True)) for row in values
        ]
        bold = set(range(len(texts) - table.totals, len(texts)))
        left = {i for i, kind in enumerate(kinds) if kind == "text"}
        paper.grid([heads], texts, bold_rows=bold, left=left, size=8.5)
        paper.note(table.note)
        paper.note(cut_note(table, own, workbook, MAX_ROWS))
