"""The Word document says what the first page says, in tables and texts that can be edited."""

from __future__ import annotations

import dataclasses
import sys
import zipfile

import pytest
from report_town import findings_of

from access15.errors import InputError, MissingPackageError
from access15.outputs.document import write_document
from access15.outputs.one_case import case_figures
from access15.outputs.report import report_tables
from access15.outputs.report.first_page.assembled import first_words
from access15.outputs.report.first_page.verdict import verdict
from access15.study import Study
from town_files import write_town

docx = pytest.importorskip("docx")


def texts(document):
    """Every paragraph of the body and of all cells, those of tables in cells too."""
    out = [
        p.text
        for p in document.element.body.iter(docx.oxml.ns.qn("w:p"))
        for p in [docx.text.paragraph.Paragraph(p, None)]
    ]
    return [text for text in out if text]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_says_what_the_first_page_says(town, tmp_path, lang):
    found = findings_of(town)
    path = write_document(tmp_path / "r.docx", found, lang, date="2030-01-02")
    document = docx.Document(str(path))
    said = texts(document)
    word = first_words(lang)
    answer = verdict(case_figures.figures_of_case(found), word)
    for text in (answer.headline, answer.tag, word["gaps_head"], word["sites_head"], word["room_head"]):
        assert any(text in line for line in said), text
    assert any("2030-01-02" in line for line in said)
    assert any("审图号" in line for line in said) == (lang == "zh")
    assert len(document.inline_shapes) == 1 or path.stat().st_size > 30_000
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 2"]
    assert headings == [table.title for table in report_tables(found, lang).values()]
    assert document.core_properties.language == {"en": "en", "zh": "zh-CN"}[lang]
    picture = document.element.body.xpath(".//wp:docPr/@descr")
    assert picture == [word["map_about"]]
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert fonts.get(docx.oxml.ns.qn("w:eastAsia")) == "Microsoft YaHei"


def test_tables_are_tables_of_word_with_six_columns_and_a_head(town, tmp_path):
    found = findings_of(town)
    document = docx.Document(str(write_document(tmp_path / "r.docx", found, "en")))
    made = report_tables(found, "en")
    annexes = document.tables[-len(made) :]
    for table, given in zip(annexes, made.values(), strict=True):
        assert len(table.columns) == len(given.shown_columns) <= 6
        head = [cell.text for cell in table.rows[0].cells]
        assert head == [given.frame.columns[i] for i in given.shown_columns]
        assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
        assert len(table.rows) == 1 + min(len(given.frame), 60 + given.totals)


def test_names_with_markup_and_control_characters_stay_text(town, tmp_path):
    evil = "</w:t><b>&\x00\x0b\ud800 שלום"
    areas = dataclasses.replace(town.areas, name=[evil, "b", "c"])
    path = write_document(tmp_path / "r.docx", findings_of(town, areas=areas, name=evil), "zh")
    assert any("</w:t><b>& שלום" in text for text in texts(docx.Document(str(path))))


def test_a_study_without_parts_has_a_whole_document(town, tmp_path):
    bare = findings_of(town, gaps=None, plan=None, candidates=None, targets={}, provenance={})
    said = " ".join(texts(docx.Document(str(write_document(tmp_path / "r.docx", bare, "zh")))))
    assert "nan" not in said
    assert "None" not in said


def test_gaps_of_another_case_get_a_page_of_their_own(town, tmp_path):
    other = findings_of(town, gaps=town.gaps(town.times(3.24, "walk-elder")))
    document = docx.Document(str(write_document(tmp_path / "r.docx", other, "en")))
    assert len(document.element.body.xpath(".//wp:docPr")) == 2
    assert sum("walk, older person, 15 minutes" in text for text in texts(document)) == 1


def test_the_same_input_gives_the_same_text(town, tmp_path):
    found = findings_of(town)
    parts = []
    for name in ("a", "b"):
        with zipfile.ZipFile(
            write_document(tmp_path / f"{name}.docx", found, "en", date="2030-01-02")
        ) as file:
            parts.append(file.read("word/document.xml"))
    assert parts[0] == parts[1]


def test_what_cannot_be_written_is_said(town, tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"r\.doc does not end in \.docx"):
        write_document(tmp_path / "r.doc", findings_of(town))
    with pytest.raises(InputError, match="language 'fr'"):
        write_document(tmp_path / "r.docx", findings_of(town), "fr")
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'access15\[word\]'"):
        write_document(tmp_path / "r.docx", findings_of(town))


def test_a_run_writes_it_when_asked(tmp_path):
    result = Study.from_toml(write_town(tmp_path)).run(parts=())
    files = result.write(tmp_path / "out", also=("docx",))
    assert files["report.docx"] == tmp_path / "out" / "report.docx"
    assert any(
        result.study.settings.study.name in text for text in texts(docx.Document(str(files["report.docx"])))
    )
