"""What a page of the Word document is made of: texts, lists and tables with the type and the colours of the report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from access15.outputs.palette import (
    BOUNDARY,
    GAP_FILL,
    GAP_INK,
    PLAN,
    PLAN_FILL,
    QUIET,
    TEXT,
    TODAY,
    TODAY_TEXT,
    Rgb,
)

_LATIN: Final = "Segoe UI"
_CHINESE: Final = "Microsoft YaHei"
_FILLS: Final[dict[str, Rgb]] = {"today": TODAY, "plan": PLAN_FILL, "rest": GAP_FILL}
_INKS: Final[dict[str, Rgb]] = {"today": (255, 255, 255), "plan": PLAN, "rest": TEXT}
_TAGS: Final[dict[str, Rgb]] = {"met": TODAY_TEXT, "areas": GAP_INK, "short": GAP_INK}
_WIDE_CM: Final = 17.4


class Paper:
    """A document, or a cell of it, that is written from top to bottom.

    Parameters
    ----------
    lang : {"en", "zh"}
    title : str
        Of the document, for its properties.
    """

    def __init__(self, lang: str, title: str = "", *, body: Any = None, document: Any = None) -> None:
        self.lang = lang
        if body is not None:
            self.body, self.document, self._first = body, document, True
            return
        import docx

        self.document = self.body = docx.Document()
        self._first = False
        self._page()
        self._styles()
        self.document.core_properties.title = _clean(title)
        self.document.core_properties.author = "access15"
        self.document.core_properties.language = "zh-CN" if lang == "zh" else "en"

    def _page(self) -> None:
        from docx.shared import Cm

        page = self.document.sections[0]
        page.page_width, page.page_height = Cm(21.0), Cm(29.7)
        page.left_margin = page.right_margin = Cm(1.8)
        page.top_margin, page.bottom_margin = Cm(1.3), Cm(1.2)
        page.header_distance = page.footer_distance = Cm(0.6)
        line = page.footer.paragraphs[0]
        line.alignment = 2
        for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
            line.add_run()._r.append(_field(kind, text))

    def _styles(self) -> None:
        from docx.shared import Pt

        for name, size in (("Normal", 10), ("Title", 17), ("Heading 1", 10.5), ("Heading 2", 11)):
            style = self.document.styles[name]
            style.font.name, style.font.size = _LATIN, Pt(size)
            style.font.bold, style.font.italic = name != "Normal", False
            style.font.color.rgb = _color(TEXT)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for where in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(_tag(where), None)
            fonts.set(_tag("eastAsia"), _CHINESE)
            fonts.set(_tag("hAnsi"), _LATIN)
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(0), Pt(2)
            style.paragraph_format.keep_with_next = name.startswith("Heading")
            for border in style.element.iter(_tag("pBdr")):
                border.getparent().remove(border)

    def _paragraph(self, style: str | None = None) -> Any:
        if self._first and self.body is not self.document:  # A cell has a paragraph already.
            self._first = False
            made = self.body.paragraphs[0]
            if style:
                made.style = self.document.styles[style]
            return made
        return self.body.add_paragraph(style=style)

    def case_line(self, name: str, case: str, date: str) -> None:
        """Write the study, its case and the date on one line, ruled below."""
        line = self._paragraph()
        _run(line, name, bold=True)
        _run(line, f"  {case}", color=QUIET)
        _run(line, f"  ·  {date}", color=QUIET)
        _ruled(line, "bottom", 12)

    def tag(self, text: str, sign: str) -> None:
        """Write the verdict in two words."""
        _run(self._paragraph(), text, bold=True, color=_TAGS.get(sign, QUIET))

    def headline(self, text: str) -> None:
        """Write the title of a page."""
        self._paragraph("Title").add_run(_clean(text))

    def heading(self, text: str, unit: str = "", level: int = 1) -> None:
        """Write a heading with the unit of what follows."""
        line = self._paragraph(f"Heading {level}")
        _run(line, text, bold=True)
        if unit:
            _run(line, f"   {unit}", size=8.5, color=QUIET, bold=False)
        _ruled(line, "top", 6)

    def text(self, text: str, size: float = 10) -> None:
        """Write a paragraph; nothing where there is no text."""
        if text:
            _run(self._paragraph(), text, size=size)

    def note(self, text: str, bold: str = "") -> None:
        """Write a small quiet paragraph, its first words bold; nothing where there is no text."""
        if not text and not bold:
            return
        line = self._paragraph()
        if bold:
            _run(line, f"{bold} ", size=8, bold=True)
        _run(line, text, size=8, color=QUIET)

    def rule(self) -> None:
        """Draw a line across the page."""
        from docx.shared import Pt

        line = self._paragraph()
        line.paragraph_format.space_after = Pt(0)
        _run(line, "", size=2)
        _ruled(line, "top", 6)

    def new_page(self) -> None:
        """Go on at the top of a new page."""
        from docx.enum.text import WD_BREAK

        self._paragraph().add_run().add_break(WD_BREAK.PAGE)

    def picture(self, path: Path, wide_cm: float, words: str) -> None:
        """Put a picture down, with words for those who do not see it."""
        from docx.shared import Cm

        shape = self._paragraph().add_run().add_picture(str(path), width=Cm(wide_cm))
        shape._inline.docPr.set("descr", _clean(words))

    def columns(self, *wide_cm: float) -> list[Paper]:
        """Return columns side by side, each written from top to bottom."""
        table = self._table(1, len(wide_cm), wide_cm)
        return [Paper(self.lang, body=cell, document=self.document) for cell in table.rows[0].cells]

    def ruler(self, parts: Sequence[tuple[float, str, str]], below: str) -> None:
        """Draw shares of one bar as the cells of a table, with what they are, and a note below."""
        seen = [part for part in parts if part[0] > 0.0005]
        least = 0.012
        total = sum(max(share, least) for share, _, _ in seen)
        wide = [_WIDE_CM * max(share, least) / total for share, _, _ in seen]
        table = self._table(1, len(seen), wide)
        for cell, (share, kind, text) in zip(table.rows[0].cells, seen, strict=True):
            _fill(cell, _FILLS[kind])
            if text and share > 0.12:
                _run(cell.paragraphs[0], text, size=8.5, bold=True, color=_INKS[kind])
        small = " · ".join(text for share, _, text in seen if text and share <= 0.12)
        self.note(" · ".join(part for part in (small, below) if part))

    def ranked(self, rows: Sequence[tuple[str, str, str, str, bool]]) -> None:
        """Write rows of a letter or digit, a place with what is said of it, and a figure."""
        table = self._table(len(rows), 3, (0.7, 3.4, 2.0))
        for line, (sign, place, below, figure, weak) in zip(table.rows, rows, strict=True):
            letter = not sign.isdigit()
            ink = GAP_INK if letter or weak else PLAN
            _run(line.cells[0].paragraphs[0], sign, bold=True, color=GAP_INK if letter else PLAN)
            _run(line.cells[1].paragraphs[0], place, size=9.5)
            if below:
                _run(line.cells[1].add_paragraph(), below, size=8, color=QUIET)
            last = line.cells[2].paragraphs[0]
            last.alignment = 2
            _run(last, figure, size=9.5, bold=True, color=TEXT if letter else ink)

    def grid(
        self,
        heads: Sequence[Sequence[str]],
        rows: Sequence[Sequence[str]],
        *,
        bold_rows: set[int] | None = None,
        left: set[int] | None = None,
        size: float = 9,
    ) -> None:
        """Write a table of Word: a head that repeats on every page, texts to the left, figures to the right.

        Parameters
        ----------
        heads, rows : sequences of texts
        bold_rows : set of int, optional
        left : set of int, optional
            Columns of text; the first by default.
        size : float
            Of the letters, points.
        """
        text_columns = {0} if left is None else left
        n = len(heads[0])
        table = self._table(len(heads) + len(rows), n, ())
        table.autofit = True
        cells = table._cells  # All at once: asking each row for its cells is slow.
        for i, row in enumerate([*heads, *rows]):
            head = i < len(heads)
            for k, text in enumerate(row):
                line = cells[i * n + k].paragraphs[0]
                line.paragraph_format.space_after = 0
                line.alignment = 0 if k in text_columns else 2
                bold = head or (i - len(heads)) in (bold_rows or ())
                _run(line, text, size=size - (0.5 if head else 0), bold=bold, color=QUIET if head else TEXT)
            properties = table._tbl.tr_lst[i].get_or_add_trPr()
            properties.append(_element("cantSplit"))
            if head:
                properties.append(_element("tblHeader"))
        _lined(table)

    def _table(self, rows: int, columns: int, wide_cm: Sequence[float]) -> Any:
        """Return a table without borders, its columns as wide as is said."""
        from docx.shared import Cm

        table = self.body.add_table(rows, columns)
        if self._first and self.body is not self.document:  # An empty first line of a cell is in the way.
            self._first = False
            empty = self.body.paragraphs[0]._p
            if len(self.body.paragraphs) > 1:
                empty.getparent().remove(empty)
        table.autofit = not wide_cm
        margins = _element("tblCellMar")
        for side in ("left", "right"):
            margins.append(_element(side, w="50", type="dxa"))
        table._tbl.tblPr.append(margins)
        for k, wide in enumerate(wide_cm):
            table.columns[k].width = Cm(wide)
            for cell in table.columns[k].cells:
                cell.width = Cm(wide)
        return table

    def save(self, path: Path) -> None:
        """Write the file."""
        with path.open("wb") as file:
            self.document.save(file)


def _clean(text: str) -> str:
    """Return a text without characters that XML cannot hold."""
    return "".join(
        c
        for c in str(text)
        if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )


def _run(line: Any, text: str, *, size: float = 0, bold: bool = False, color: Rgb = TEXT) -> None:
    from docx.shared import Pt

    run = line.add_run(_clean(text))
    run.font.bold, run.font.color.rgb = bold, _color(color)
    if size:
        run.font.size = Pt(size)


def _color(rgb: Rgb) -> Any:
    from docx.shared import RGBColor

    return RGBColor(*rgb)


def _tag(name: str) -> Any:
    from docx.oxml.ns import qn

    return qn(f"w:{name}")


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement

    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(_tag(key), value)
    return made


def _field(kind: str, text: str) -> Any:
    if kind:
        return _element("fldChar", fldCharType=kind)
    made = _element("instrText")
    made.text = text
    return made


def _ruled(line: Any, side: str, eighths: int) -> None:
    box = _element("pBdr")
    box.append(_element(side, val="single", sz=str(eighths), space="2", color=_hex(TEXT)))
    line._p.get_or_add_pPr().append(box)


def _fill(cell: Any, color: Rgb) -> None:
    cell._tc.get_or_add_tcPr().append(_element("shd", val="clear", color="auto", fill=_hex(color)))


def _lined(table: Any) -> None:
    """Draw a thin line below every row."""
    box = _element("tblBorders")
    for side in ("bottom", "insideH"):
        box.append(_element(side, val="single", sz="4", space="0", color=_hex(BOUNDARY)))
    margins = table._tbl.tblPr.find(_tag("tblCellMar"))
    margins.addprevious(box)  # in the order of the schema


def _hex(rgb: Rgb) -> str:
    return "{:02X}{:02X}{:02X}".format(*rgb)
