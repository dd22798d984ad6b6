"""Whether an institution works: words of status columns, tags, dates, opening hours."""

import csv
import datetime
from importlib import resources

import pytest

from access15.sources.care_tags import judge
from access15.sources.lifecycle import always_closed, first_day, last_day, state_of

TODAY = datetime.date(2026, 6, 1)

STATES = {
    "open": [
        "Functional", "OPERATIONAL", "partially functional", "Active", "open", "Yes", "TRUE", "1", "正常", "正常营业", "在业", "存续",
        "已开业", "执业", "Fonctionnel", "Fonctionnelle", "ouverte", "Activo", "En operación", "Em funcionamento", "Ativa",
        "in Betrieb", "Aktif", "Functional (24h)",
    ],
    "closed": [
        "Closed", "non_operational", "Non-Functional", "Not operational", "permanently closed", "Inactive", "destroyed", "No", "false",
        "0", "注销", "已注销", "吊销", "停业", "歇业", "关闭", "停诊", "未营业", "Fermé", "FERMEE", "Non fonctionnel", "Cerrado", "Inactiva",
        "de baja", "Desativado", "geschlossen", "tidak aktif", "tutup", "Closed - flood", "closed (2019)",
    ],
    "suspended": ["Suspended", "temporarily closed", "暂停营业", "停业整顿", "Suspendido", "fermé temporairement", "tutup sementara"],
    "under construction": ["Under construction", "under_construction", "在建", "建设中", "en construction", "En construcción", "im Bau"],
    "planned": ["Planned", "proposed", "not yet open", "拟建", "筹建中", "规划", "en projet", "geplant", "planejado"],
    "unknown": ["", "Unknown", "n/a", "不详"],
    None: ["public", "Urban", "verified", "公立", "faith based"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("state", "word"), [(state, word) for state, words in STATES.items() for word in words]
)
def test_words_of_status_columns(state, word):
    assert state_of(word) == state


@pytest.mark.parametrize(
    ("hours", "closed"),
    [
        ("closed", True), ("off", True), ('closed "flood damage"', True), ("Mo-Su off", True), ("24/7 closed", True), ("Closed", True),
        ("Mo-Fr 08:00-12:00; PH off", False), ("PH off", False), ("Su off", False), ("24/7", False), ("", False),
        ("Mo-Fr 08:00-12:00; Sa,Su closed", False), ('"by appointment"', False),
    ],
)  # fmt: skip
def test_opening_hours_that_are_closed_all_week(hours, closed):
    assert always_closed(hours) is closed


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2019-06-30", (2019, 6, 30), (2019, 6, 30)), ("2019-12", (2019, 12, 1), (2019, 12, 31)), ("2020-02", (2020, 2, 1), (2020, 2, 29)),
        ("2019", (2019, 1, 1), (2019, 12, 31)), ("1990s", None, (1999, 12, 31)), ("~2005", None, (2005, 12, 31)),
        ("2010..2012", None, (2012, 12, 31)), ("2019-13", None, None), ("long ago", None, None), ("", None, None),
    ],
)  # fmt: skip
def test_dates_of_osm(text, first, last):
    assert first_day(text) == (first and datetime.date(*first))
    assert last_day(text) == (last and datetime.date(*last))


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"operational_status": "non_operational"}, "closed (operational_status=non_operational)"),
        ({"operational_status": "operational"}, ""),
        ({"operational_status": "Temporarily closed"}, "suspended"),
        ({"ruins": "yes"}, "closed (ruins=yes)"),
        ({"ruins": "no"}, ""),
        ({"abandoned": "yes"}, "closed"),
        ({"demolished": "yes"}, "closed"),
        ({"construction": "yes"}, "under construction"),
        ({"building": "construction"}, "under construction (building=construction)"),
        ({"building": "yes"}, ""),
        ({"end_date": "2026-05-31"}, "closed (end_date=2026-05-31, before "),
        ({"end_date": "2026-06-01"}, ""),
        ({"end_date": "2026"}, ""),
        ({"end_date": "2025"}, "closed"),
        ({"opening_date": "2026-06-01"}, ""),
        ({"opening_date": "2027"}, "planned (opening_date=2027, after "),
        ({"start_date": "2031-02"}, "planned"),
        ({"start_date": "1931"}, ""),
        ({"opening_hours": "off"}, "closed by its opening hours"),
    ],
)
def test_lifecycle_of_an_osm_object(tags, reason):
    verdict = judge({"amenity": "clinic", **tags}, TODAY)
    assert verdict.counts == (not reason)
    assert verdict.reason.startswith(reason)


@pytest.mark.parametrize(
    "prefix",
    ["disused", "abandoned", "ruins", "demolished", "razed", "removed", "was", "construction", "proposed"],
)
@pytest.mark.parametrize("tag", [("amenity", "clinic"), ("healthcare", "centre"), ("amenity", "hospital")])
def test_a_prefix_sets_a_place_of_care_aside(prefix, tag):
    key, value = f"{prefix}:{tag[0]}", tag[1]
    verdict = judge({key: value, "name": "A"})
    assert not verdict.counts
    assert verdict.reason.endswith(f"({key}={value})")
    assert judge({"amenity": "clinic", key: value}).counts  # it was something else, and is a clinic now
    assert judge({f"{prefix}:amenity": "pharmacy"}) is None


def test_an_unknown_word_counts_and_is_told():
    verdict = judge({"amenity": "clinic", "operational_status": "so-so"})
    assert (verdict.counts, verdict.unknown) == (True, "operational_status=so-so")


def test_every_row_of_the_table_says_one_thing():
    text = resources.files("access15.sources").joinpath("status_words.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert {row["language"] for row in rows} == {"zh", "en", "fr", "de", "es", "pt", "id"}
    for row in rows:
        assert row["state"] in STATES
        assert row["source"]
    for row in rows:  # no word is found first in a row of another state
        if row["language"] != "zh" and row["word"].replace(" ", "").isalnum():
            assert state_of(row["word"]) == row["state"], row
