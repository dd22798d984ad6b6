"""What the pages share: templates, style, the policy that lets nothing else run, values as text."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from access15.errors import InputError
from access15.outputs.report.report_table import Table
from access15.outputs.words import Words

if TYPE_CHECKING:
    import jinja2
    import pandas as pd

MAX_ROWS: Final = 500
"""Rows of a table on the page; the workbook has all."""


def environment() -> jinja2.Environment:
    """Return the template engine: it escapes whatever stands in the data."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["cell"] = shown
    made.filters["shown_rows"] = shown_rows
    return made


def asset(name: str) -> str:
    """Return a text file of the report."""
    from importlib import resources

    return resources.files("access15.outputs.report").joinpath("assets", name).read_text("utf-8")


def style(*names: str) -> str:
    """Return style sheets, without their images, which would be requests."""
    return re.sub(r"url\([^)]*\)", "none", "".join(asset(name) for name in names))


def policy(*scripts: str) -> str:
    """Return a content security policy: these scripts run, nothing else does and nothing is loaded."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts
    )
    return f"default-src 'none'; script-src {hashes or chr(39) + 'none' + chr(39)}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"


def shown(value: Any, kind: str) -> str:
    """Return a value of a table as text; missing is a dash, never 0."""
    if value is None or value != value:
        return "–"
    forms = {
        "count": "{:,.0f}",
        "rate": "{:.1%}",
        "minutes": "{:,.1f}",
        "points": "{:+.1f}",
        "signed": "{:+,.0f}",
        "gini": "{:.3f}",
        "degrees": "{:.6f}",
    }
    if kind == "text":
        return str(value)
    if kind == "signed" and abs(value) < 0.5:
        return "0"
    if kind == "number":
        return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"
    return forms[kind].format(value)


def shown_rows(table: Table) -> list[tuple[bool, list[Any]]]:
    """Return the rows that are shown, each with whether it is a total; totals are always among them."""
    frame, n = table.frame, len(table.frame) - table.totals
    kept: pd.DataFrame = frame.iloc[[*range(min(n, MAX_ROWS)), *range(n, len(frame))]]
    rows = list(kept.itertuples(index=False, name=None))
    return [(i >= len(rows) - table.totals, list(row)) for i, row in enumerate(rows)]


def cut_note(table: Table, word: Words, workbook: str, most: int = MAX_ROWS) -> str:
    """Return the sentence under a table that is not shown whole."""
    n, left = len(table.frame) - table.totals, len(table.kinds) - len(table.shown_columns)
    notes = [word["first_rows"].format(shown=most, all=n, file=workbook)] if n > most else []
    notes += [word["more_columns"].format(n=left, file=workbook)] if left else []
    return (" " if word["html_lang"] == "en" else "").join(notes)


def html_file(path: str | os.PathLike[str]) -> Path:
    """Return the path of a report.

    Raises
    ------
    InputError
        If it does not end in ``.html``.
    """
    target = Path(path)
    if target.suffix.lower() != ".html":
        raise InputError(f"{target.name} does not end in .html: give the report that ending")
    return target
