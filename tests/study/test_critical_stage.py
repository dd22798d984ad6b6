"""Critical streets in a study: layer, style and table."""

from __future__ import annotations

import sqlite3

from access15.coverage import critical_streets
from access15.outputs.report import report_tables
from access15.study import Study, sample


def test_a_study_names_its_critical_streets(town):
    text = town.read_text("utf-8").replace("[analysis]", "[analysis]\ncritical_streets = 3")
    town.write_text(text, "utf-8")
    result = Study.from_toml(town).run(parts=("gaps",))
    found = result.critical
    assert 0 < len(found) <= 3
    with sqlite3.connect(result.to_gpkg(town.parent / "out.gpkg")) as database:
        rows = database.execute(
            "SELECT rank, people_uncovered, minutes FROM critical_streets ORDER BY rank"
        ).fetchall()
        (style,) = database.execute(
            "SELECT styleQML FROM layer_styles WHERE f_table_name = 'critical_streets'"
        ).fetchone()
    case = result.study.settings.analysis.headline_case
    assert rows == [(i + 1, p, case.minutes) for i, p in enumerate(found.table["people_uncovered"])]
    assert "closure uncovers most" in style
    for lang, head in (("en", "people no longer covered"), ("zh", "失去覆盖人口")):
        table = report_tables(result.findings(), lang)["T5a"]
        assert table.frame[head].tolist() == found.table["people_uncovered"].tolist()
        assert f"{found.people:,.0f}" in table.note
        result.report(town.parent / f"{lang}.html", lang)


def test_without_the_key_nothing_is_looked_for(town):
    result = Study.from_toml(town).run(parts=("gaps",))
    assert result.critical is None
    assert "T5a" not in report_tables(result.findings())


def test_monaco_hangs_on_no_single_street():
    result = sample("monaco").run(parts=())
    given = result.inputs
    found = critical_streets(given.network, given.facilities, given.population, result.times["walk"])
    assert len(found) == 20
    assert found.tried < found.closures
    assert found.rest_bound <= found.table["people_uncovered"].min()
    assert found.table["people_uncovered"].max() < 0.05 * found.people
    assert found.table["people_uncovered"].is_monotonic_decreasing
