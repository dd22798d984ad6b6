"""The short report of a comparison: one HTML file that asks for nothing and runs nothing."""

from __future__ import annotations

import os
from datetime import date as day
from pathlib import Path

from access15.model import said_in
from access15.outputs.atomic import replacing
from access15.outputs.change_figures import Changes
from access15.outputs.report.change_tables import WORDS, change_tables, lead
from access15.outputs.report.html import cut_note, environment, html_file, policy, style
from access15.outputs.words import words


def write_change_report(
    path: str | os.PathLike[str], found: Changes, lang: str = "en", *, date: str | None = None
) -> Path:
    """Write the report of a comparison, whole or not at all.

    Parameters
    ----------
    path : path
        Ends in ``.html``.
    found : Comparison
    lang : {"en", "zh"}
    date : str, optional
        Date on the report; today by default.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If the ending is another or the language is neither.
    OutputError
        If the file cannot be written; nothing is left behind.
    """
    from importlib.metadata import version

    from markupsafe import Markup

    target = html_file(path)
    word = words(lang, WORDS)
    tables = change_tables(found, lang)
    template = environment().get_template("changes.html.j2")
    page = template.render(
        word=word,
        title=word["title"].format(before=found.before, after=found.after),
        made=word["made"].format(date=date or day.today().isoformat(), version=version("access15")),
        lead=lead(found, lang),
        tables=tables,
        nothing=[(key, word[f"{key}_none"]) for key in ("facilities", "inputs") if key not in tables],
        notes=[said_in(note, lang) for note in found.notes],
        cut_note=lambda table: cut_note(table, word, "GeoPackage (--out)"),
        policy=policy(),
        css=Markup(style("report.css")),
    )
    with replacing(target) as temp:
        temp.write_bytes(page.encode("utf-8", errors="replace"))
    return target
