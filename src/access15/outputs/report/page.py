"""The report as one HTML file that asks for nothing: style, script, map library and data stand inside."""

from __future__ import annotations

import hashlib
import json
import os
import re
from datetime import date as day
from pathlib import Path
from typing import Any, Final

from access15.model import facts_in_chinese, in_chinese
from access15.outputs.atomic import replacing
from access15.outputs.findings import Findings
from access15.outputs.report.charts import cumulative, histogram, lorenz_curves, site_curve
from access15.outputs.report.first_page import first_page, gaps_pages, other_maps
from access15.outputs.report.html import asset, cut_note, environment, html_file, policy, shown, style
from access15.outputs.report.map_data import MAX_GAPS, map_data
from access15.outputs.report.report_table import Table
from access15.outputs.report.tables import report_tables
from access15.outputs.words import Pair, Words, read_pairs, said, words

WORDS: Final[dict[str, Pair]] = read_pairs("report_page")

LEAFLET: Final = "1.9.4"
"""Version of the map library in ``assets/leaflet``."""

_MAX_FACT: Final = 2_000


def write_report(
    path: str | os.PathLike[str],
    findings: Findings,
    lang: str = "en",
    *,
    date: str | None = None,
    tables: dict[str, Table] | None = None,
    workbook: str = "tables.xlsx",
) -> Path:
    """Write the report as one HTML file, whole or not at all. It works offline and makes no request.

    Parameters
    ----------
    path : path
        Ends in ``.html``.
    findings : Findings
    lang : {"en", "zh"}
    date : str, optional
        Date on the report; today by default.
    tables : dict of str to Table, optional
        From `report_tables` in the same language, where they are made already.
    workbook : str
        Name of the file that holds every row of the tables.

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
    target = html_file(path)
    made = report_tables(findings, lang) if tables is None else tables
    page = _render(findings, lang, made, date or day.today().isoformat(), workbook)
    with replacing(target) as temp:
        temp.write_bytes(page.encode("utf-8", errors="replace"))
    return target


def _render(findings: Findings, lang: str, tables: dict[str, Table], date: str, workbook: str) -> str:
    from markupsafe import Markup

    word = words(lang, WORDS)
    scripts = {"library": _library(), "script": asset("report.js")}
    data = map_data(findings, word)
    template = environment().get_template("report.html.j2")
    return template.render(
        word=word,
        findings=findings,
        title=word["title"].format(name=findings.name, minutes=findings.minutes),
        made=word["made"].format(date=date, version=_version(findings)),
        first=Markup(
            first_page(findings, lang, date, _version(findings))
            + other_maps(findings, lang)
            + gaps_pages(findings, lang)
        ),
        headline=_headline(findings, word),
        matrix=_matrix(findings, word),
        about_map=_about_map(findings, data, word),
        charts=_charts(findings, word),
        tables=tables,
        cut_note=lambda table: cut_note(table, word, workbook),
        inputs=_inputs(findings, word),
        facts=_facts(findings, lang),
        versions=findings.provenance.get("versions", {}),
        licence=asset("leaflet/LICENSE"),
        licence_text=word["licence_text"].format(version=LEAFLET),
        policy=policy(*scripts.values()),
        css=Markup(style("leaflet/leaflet.css", "report.css", "first_page.css")),
        data=Markup(as_json(data)),
        **{name: Markup(text) for name, text in scripts.items()},
    )


def _library() -> str:
    """Return Leaflet without the address of its source map, which a browser's tools would ask for."""
    return re.sub(r"\n?//# sourceMappingURL=.*", "", asset("leaflet/leaflet.js"))


def as_json(value: Any) -> str:
    """Return JSON that may stand inside a script element: no ``<`` can end it, no line separator break it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _headline(findings: Findings, word: Words) -> str:
    table = findings.coverage.table
    row = table[
        (table["minutes"] == findings.minutes) & (table["group"] == "all") & table["area_id"].isna()
    ].iloc[0]
    if not row["people"] > 0:
        return word["headline_none"]
    return word["headline_text"].format(
        rate=shown(row["rate"], "rate"),
        people=shown(row["people"], "count"),
        minutes=findings.minutes,
        mode=said(word, findings.headline_case),
        covered=shown(row["covered"], "count"),
        beyond=shown(row["people"] - row["covered"], "count"),
    )


def _matrix(findings: Findings, word: Words) -> list[dict[str, Any]]:
    """Return a row per mode and group: a rate and the people covered at every threshold."""
    groups = ["all", *findings.population.groups]
    rows = []
    for case, coverage in findings.coverages.items():
        table = coverage.table[coverage.table["area_id"].isna()]
        found = {(row["group"], row["minutes"]): row for row in table.to_dict("records")}
        for i, group in enumerate(groups):
            cells = [found[(group, cut)] for cut in coverage.minutes]
            rows.append(
                {
                    "mode": said(word, case),
                    "span": 0 if i else len(groups),
                    "group": word["all"] if group == "all" else said(word, group),
                    "cells": [
                        {
                            "rate": float(cell["rate"]),
                            "covered": float(cell["covered"]),
                            "headline": case == findings.headline_case and cut == findings.minutes and not i,
                        }
                        for cell, cut in zip(cells, coverage.minutes, strict=True)
                    ],
                }
            )
    return rows


def _about_map(findings: Findings, data: dict[str, Any], word: Words) -> list[str]:
    cells = data["cells"]
    about = "about_merged" if cells["merged"] else "about_all"
    metres = max(data["main"]["tolerance"], data["streets"]["tolerance"]) * 111_000
    out = [
        word[about].format(n=cells["n"], cells=len(findings.population)),
        word["about_streets"].format(metres=metres),
    ]
    if findings.gaps is not None and len(findings.gaps) > MAX_GAPS:
        out.append(word["about_gaps"].format(drawn=MAX_GAPS, all=len(findings.gaps)))
    out.append(word["about_review"])
    return [*out, word["credit"].format(credit=data["credit"])] if data["credit"] else out


def _charts(findings: Findings, word: Words) -> dict[str, Any]:
    from markupsafe import Markup

    label = word["times_hist"].format(mode=said(word, findings.headline_case))
    bars = histogram(findings, word, label)
    note = word["times_hist_note"].format(
        width=bars.width, last=bars.last, over=shown(bars.over, "count"), lost=shown(bars.lost, "count")
    )
    names = [said(word, case) or case for case in findings.times]
    plan = findings.plan
    return {
        "histogram": Markup(bars.svg),
        "histogram_title": label,
        "histogram_note": note,
        "cumulative": Markup(cumulative(findings, word, names)),
        "lorenz": Markup(lorenz_curves(findings, word, names)),
        "curve": Markup("" if plan is None else site_curve(findings, plan, word)),
    }


def _version(findings: Findings) -> str:
    return str(findings.provenance.get("versions", {}).get("access15", ""))


def _inputs(findings: Findings, word: Words) -> list[tuple[str, str, str]]:
    """Return role, file and hash of every input, and the hash of the configuration."""
    facts = findings.provenance
    rows = [
        (str(role), str(part.get("file", "")), str(part.get("sha256", "")))
        for role, part in facts.get("inputs", {}).items()
    ]
    settings = json.dumps(facts.get("parameters", {}), sort_keys=True, ensure_ascii=False, default=str)
    return [*rows, (word["configuration"], "", hashlib.sha256(settings.encode()).hexdigest())]


def _key_in_chinese(key: str) -> str:
    """Return the key of a fact with each of its parts in Chinese; the dot of a number divides nothing."""
    return ".".join(in_chinese(part) for part in re.split(r"(?<!\d)\.|\.(?!\d)", key))


def _facts(findings: Findings, lang: str) -> list[tuple[str, str]]:
    from access15.outputs.layers.provenance import provenance_layer

    if not findings.provenance:
        return []
    frame = provenance_layer(findings.provenance)
    values = [str(v or "") for v in frame["value"]]
    if lang == "zh":
        values = [str(facts_in_chinese(text)) for text in values]
    return [
        (
            _key_in_chinese(key) if lang == "zh" else key,
            text if len(text) <= _MAX_FACT else f"{text[:_MAX_FACT]} …",
        )
        for key, text in zip(map(str, frame["key"]), values, strict=True)
    ]
