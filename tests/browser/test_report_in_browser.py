"""The report in a browser, by pointing and clicking."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import time

import numpy as np
import pytest

from access15.coverage import coverage
from access15.model import Facilities, LinkedPoints, Status
from access15.outputs.report import write_report
from access15.study import Study
from town_files import LAT, LON, write_town

EVIL = (
    "javascript:window.hacked=1\"'></script><script>window.hacked = 1</script><img src=x onerror='hacked=1'>"
)
SHORT_EVIL = f"{EVIL[:79]}…"  # as the map shows it; tables show all of it

# Somewhere that a cell was drawn: the middle of the largest spot of one colour, in page coordinates.
_FIND = """
const at = arguments[0];
let seen = 0;
for (const tile of document.querySelectorAll('.cells canvas')) {
  const box = tile.getBoundingClientRect(), frame = document.getElementById('map').getBoundingClientRect();
  const k = tile.width / box.width, dots = tile.getContext('2d').getImageData(0, 0, tile.width, tile.height).data;
  for (let y = 6; y < box.height - 6; y += 4) for (let x = 6; x < box.width - 6; x += 4) {
    if (dots[4 * (Math.round(y * k) * tile.width + Math.round(x * k)) + 3] < 200) continue;
    const px = box.left + x, py = box.top + y, top = document.elementFromPoint(px, py);
    if (!top || !top.closest('#map') || top.closest('.leaflet-control, .leaflet-marker-pane')) continue;
    if (seen++ === at) return [px - frame.left - frame.width / 2, py - frame.top - frame.height / 2];
  }
}
return null;
"""
_PAINTED = """
let painted = 0;
for (const tile of document.querySelectorAll('.' + arguments[0] + ' canvas')) {
  const dots = tile.getContext('2d').getImageData(0, 0, tile.width, tile.height).data;
  for (let i = 3; i < dots.length; i += 4) if (dots[i]) painted += dots[i - 3] % 7 + dots[i - 2] % 11 + 1;
}
return painted;
"""


def settled(browser) -> None:
    """Wait until no tile is being drawn."""
    for _ in range(100):
        if browser.execute_script(
            "return document.querySelectorAll('.leaflet-tile:not(.leaflet-tile-loaded)').length === 0"
            " && document.querySelectorAll('.leaflet-tile').length > 0 && !document.querySelector('.leaflet-zoom-anim')"
        ):
            return
        time.sleep(0.05)
    raise AssertionError("the map did not come to rest")


def open_page(browser, path) -> None:
    browser.get_log("browser")
    browser.get_log("performance")
    browser.set_window_size(1280, 1000)
    browser.get(path.as_uri())
    browser.execute_script("document.getElementById('map').scrollIntoView({block: 'center'})")
    settled(browser)


def point_at(browser, place: int = 40, click: bool = False) -> None:
    """Move the pointer to a drawn cell, the ``place``-th of a coarse grid."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By

    spot = browser.execute_script(_FIND, place)
    assert spot is not None, "no cell is drawn"
    chain = ActionChains(browser).move_to_element_with_offset(
        browser.find_element(By.ID, "map"), round(spot[0]), round(spot[1])
    )
    (chain.click() if click else chain).perform()


def text_of(browser, selector: str) -> str:
    return browser.execute_script(
        "const found = document.querySelector(arguments[0]); return found ? found.innerText : ''", selector
    )


def told(text: str) -> tuple[float, str]:
    """Minutes and clinic of a tooltip."""
    minutes = re.search(r"([\d.]+) (?:min|分钟)", text)
    clinic = re.search(r"(?:nearest: |最近\uff1a)(.+)", text)
    assert minutes is not None, text
    assert clinic is not None, text
    return float(minutes[1]), clinic[1].strip()


def errors(browser) -> list[str]:
    """What the console complains of, but for advice on reading canvases, which only these tests do."""
    log = [e["message"] for e in browser.get_log("browser") if e["level"] in ("SEVERE", "WARNING")]
    return [message for message in log if "willReadFrequently" not in message]


def test_the_map_draws_and_nothing_is_asked_for(browser, report):
    open_page(browser, report)
    for layer in ("cells", "streets", "borders", "gaps"):
        assert browser.execute_script(_PAINTED, layer) > 1000, layer
    assert browser.execute_script("return document.querySelectorAll('.mark.clinic').length") == 6
    assert browser.execute_script("return document.querySelectorAll('.mark.site').length") == 3
    point_at(browser)
    asked = set()
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent" and message["params"]["documentURL"].startswith(
            "file:"
        ):
            asked.add(message["params"]["request"]["url"].partition(",")[0])
    assert asked - {"data:image/gif;base64", "data:"} == {report.as_uri()}
    assert errors(browser) == []


@pytest.mark.parametrize("place", [10, 200, 900])
def test_pointing_at_a_cell_tells_its_time_and_clinic(browser, report, monaco, place):
    open_page(browser, report)
    point_at(browser, place)
    minutes, clinic = told(text_of(browser, ".leaflet-tooltip"))
    times, names = monaco.times["walk-elder"], monaco.inputs.facilities.name
    shown = np.ceil(times.seconds) / 60
    fits = (np.abs(shown - minutes) <= 0.0501) & (names[times.facility] == clinic)
    assert fits.any(), f"no cell is {minutes} min from {clinic}"
    assert errors(browser) == []


def test_a_click_tells_every_mode_below_the_map(browser, report, monaco):
    open_page(browser, report)
    point_at(browser, 300, click=True)
    minutes, clinic = told(text_of(browser, ".leaflet-tooltip"))
    rows = browser.execute_script(
        "return [...document.querySelectorAll('#answer tbody tr')].map(r => [...r.cells].map(c => c.innerText))"
    )
    assert len(rows) == 3
    assert rows[1][1].startswith(f"{minutes:.1f} ")  # the headline's mode: an older person's
    assert rows[1][2] == clinic
    walk, elder, drive = (float(row[1].split()[0]) for row in rows)
    assert drive < walk < elder
    assert elder == pytest.approx(walk * 4.8 / 3.24, abs=0.2)


def test_layers_switch(browser, report):
    open_page(browser, report)
    before = browser.execute_script(_PAINTED, "cells")
    browser.execute_script("document.querySelectorAll('.leaflet-control-layers-base input')[0].click()")
    settled(browser)
    assert browser.execute_script(_PAINTED, "cells") != before
    point_at(browser, 200)
    mode = browser.execute_script(
        "return document.querySelectorAll('.leaflet-control-layers-base label')[0].innerText.trim()"
    )
    assert mode in text_of(browser, ".leaflet-tooltip")
    count = browser.execute_script(
        "return document.querySelectorAll('.leaflet-control-layers-overlays input').length"
    )
    assert count == 6
    assert browser.execute_script(_PAINTED, "isochrones") == 0  # off at first: it covers cells
    for i in range(count):
        browser.execute_script(
            "document.querySelectorAll('.leaflet-control-layers-overlays input')[arguments[0]].click()", i
        )
    settled(browser)
    assert browser.execute_script(_PAINTED, "isochrones") > 1000
    for gone in (".streets canvas", ".borders canvas", ".gaps canvas", ".mark"):
        assert browser.execute_script("return document.querySelectorAll(arguments[0]).length", gone) == 0, (
            gone
        )
    assert errors(browser) == []


def test_zooming_and_panning_draw_again(browser, report):
    open_page(browser, report)
    before = text_of(browser, ".leaflet-control-scale-line")
    browser.execute_script("document.querySelector('.leaflet-control-zoom-in').click()")
    time.sleep(0.6)
    settled(browser)
    assert text_of(browser, ".leaflet-control-scale-line") != before
    point_at(browser, 20)
    told(text_of(browser, ".leaflet-tooltip"))
    assert errors(browser) == []


@pytest.mark.parametrize("wide", [1280, 900, 700])
def test_a_printed_page_has_the_map(browser, report, wide):
    open_page(browser, report)
    browser.set_window_size(wide, 1000)
    browser.get(report.as_uri())
    browser.execute_script("document.getElementById('map').scrollIntoView({block: 'center'})")
    settled(browser)
    point_at(browser, 20)  # outlines a cell
    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    # Chromium prints a canvas above others with a white ground.
    assert (
        browser.execute_script("return document.querySelectorAll('#map canvas:not(.leaflet-tile)').length")
        == 0
    )
    assert browser.execute_script("return document.getElementById('map').offsetWidth") == 690
    # Drawn at once: a browser prints before the next frame.
    assert browser.execute_script(_PAINTED, "cells") > 1000
    # And drawn where the map is looked at: squares of 256 px times the part of a zoom step, a power of two.
    sizes = browser.execute_script(
        "return [...document.querySelectorAll('.cells canvas')].map(c => c.getBoundingClientRect().width / 256)"
    )
    assert all(0.7 < size < 1.42 for size in sizes)
    browser.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert browser.execute_script("return document.getElementById('map').offsetWidth") != 690
    pdf = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    assert len(pdf["data"]) > 100_000


def test_a_narrow_screen_does_not_scroll_sideways(browser, report):
    open_page(browser, report)
    browser.set_window_size(500, 900)
    browser.get(report.as_uri())
    settled(browser)
    wide, inner = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= inner
    assert browser.execute_script("return !document.querySelector('.leaflet-control-layers-expanded')")


def test_the_first_page_is_one_sheet_of_a4(browser, report, tmp_path):
    open_page(browser, report)
    browser.execute_script("document.querySelectorAll('main, script').forEach(e => e.remove())")
    pdf = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    assert len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(pdf["data"]))) == 1


def test_a_phone_has_the_first_page_in_one_column(browser, report):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True},
    )
    try:
        browser.get(report.as_uri())
        page_px, inner, lead, wide = browser.execute_script("""
            const box = s => document.querySelector(s).getBoundingClientRect();
            return [document.documentElement.scrollWidth, innerWidth, box('.first .map').bottom - box('.first .side').top,
              box('.first .sheet').width];
        """)
        assert page_px <= inner == 390
        assert lead <= 0  # gaps stand below the map, not beside it
        assert wide >= 389
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_text_can_be_read_against_its_ground(browser, report):
    open_page(browser, report)
    lowest = browser.execute_script("""
        const light = c => c.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
          .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
        const rgb = text => text.match(/[\\d.]+/g).map(Number).slice(0, 3);
        let least = 99;
        for (const e of document.querySelectorAll('h1, h2, p, td, th, a, figcaption, summary')) {
          if (!e.innerText || e.closest('#map')) continue;
          let ground = e;
          while (ground && getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
          const a = light(rgb(getComputedStyle(e).color));
          const b = light(ground ? rgb(getComputedStyle(ground).backgroundColor) : [255, 255, 255]);
          least = Math.min(least, (Math.max(a, b) + .05) / (Math.min(a, b) + .05));
        }
        return least;
    """)
    assert lowest >= 4.5


def test_names_with_markup_run_nothing(browser, monaco, tmp_path):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By

    found = monaco.findings()
    evil = dataclasses.replace(found.facilities, name=[EVIL] * len(found.facilities))
    areas = dataclasses.replace(found.areas, name=[EVIL] * len(found.areas))
    # Names are part of what times were computed from: say that they were.
    times = {
        case: dataclasses.replace(t, origin=dataclasses.replace(t.origin, facilities=_print_of(evil)))
        for case, t in found.times.items()
    }
    odd = dataclasses.replace(found, name=EVIL, facilities=evil, areas=areas, times=times)
    open_page(browser, write_report(tmp_path / "evil.html", odd))
    point_at(browser, 200, click=True)
    assert SHORT_EVIL in text_of(browser, "#answer")
    assert EVIL in text_of(browser, "#T1")
    ActionChains(browser).move_to_element(browser.find_element(By.CLASS_NAME, "clinic")).perform()
    assert SHORT_EVIL in text_of(browser, ".leaflet-tooltip-pane")
    assert browser.execute_script("return window.hacked === undefined && document.scripts.length === 3")
    assert browser.execute_script("return document.querySelectorAll('[href^=javascript]').length") == 0
    assert browser.execute_script("return document.querySelectorAll('img').length") == 0
    assert errors(browser) == []


def test_one_cell_is_drawn_and_answers(browser, tmp_path):
    study = write_town(tmp_path)
    (tmp_path / "people.csv").write_text(f"id,lon,lat,population\na,{LON},{LAT},7\n", "utf-8")
    result = Study.from_toml(study).run(parts=("isochrones", "gaps"))
    open_page(browser, result.report(tmp_path / "one.html"))
    browser.execute_script(
        "[...document.querySelectorAll('.leaflet-control-layers-overlays input')].pop().click()"
    )
    assert not browser.execute_script("return document.querySelector('.mark.clinic')")  # it hides the cell
    point_at(browser, 3)
    assert told(text_of(browser, ".leaflet-tooltip")) == (0.0, "West Clinic")
    assert not re.search(r"\b(nan|undefined|infinity)\b", text_of(browser, "body"), re.IGNORECASE)
    assert errors(browser) == []


def test_without_service_points_the_page_says_so(browser, tmp_path):
    study = Study.from_toml(write_town(tmp_path))
    found = study.run(parts=()).findings()
    none = Facilities.of([], [], found.facilities.crs)
    n, blank = len(found.population), np.zeros(0)
    sites = LinkedPoints(np.zeros(0, np.int32), blank, blank, np.zeros(0, np.uint8))
    times = {
        case: dataclasses.replace(
            t, seconds=np.full(n, np.inf), facility=np.full(n, -1, np.int32),
            status=np.where(t.status == Status.UNLINKED, t.status, Status.UNREACHABLE), sites=sites,
            origin=dataclasses.replace(t.origin, facilities=_print_of(none)),
        )
        for case, t in found.times.items()
    }  # fmt: skip
    counted = {
        case: coverage(t, found.population, found.coverage.minutes, found.areas) for case, t in times.items()
    }
    empty = dataclasses.replace(found, facilities=none, times=times, coverages=counted)
    open_page(browser, write_report(tmp_path / "none.html", empty))
    assert "0.0% of 627 residents" in text_of(browser, "#headline")
    point_at(browser, 3)
    assert text_of(browser, ".leaflet-tooltip").startswith(("no way to a service point", "no street near"))
    assert "–" in text_of(browser, "#T12")  # nobody is reached: no quantile
    assert not re.search(r"\b(nan|undefined|infinity)\b", text_of(browser, "body"), re.IGNORECASE)
    assert errors(browser) == []


def test_long_names_and_names_from_right_to_left_keep_the_page_narrow(browser, monaco, tmp_path):
    found = monaco.findings()
    odd = ["שלום עולם " * 30, "很长的名称" * 60, "Llanfair" * 40]
    names = np.array([odd[i % 3] for i in range(len(found.areas))], object)
    page = write_report(
        tmp_path / "long.html", dataclasses.replace(found, areas=dataclasses.replace(found.areas, name=names))
    )
    open_page(browser, page)
    point_at(browser, 200)
    assert browser.execute_script("return document.querySelector('.leaflet-tooltip').offsetWidth") < 300
    for wide in (1280, 500):
        browser.set_window_size(wide, 900)
        page_px, inner = browser.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
        assert page_px <= inner
    assert errors(browser) == []


def test_a_long_table_keeps_its_head_and_total_in_sight(browser, report):
    open_page(browser, report)
    heights = browser.execute_script("""
        return [...document.querySelectorAll('section .scroll')].map(e => e.clientHeight / window.innerHeight);
    """)
    assert max(heights) <= 0.78
    stays = browser.execute_script("""
        const box = document.querySelector('#T10 .scroll');
        box.scrollIntoView();
        box.scrollTop = 200;
        return box.querySelector('thead th').getBoundingClientRect().top - box.getBoundingClientRect().top;
    """)
    assert abs(stays) <= 1


def test_a_phone_has_the_legend_below_the_map(browser, report):
    open_page(browser, report)
    assert browser.execute_script("return document.querySelectorAll('#map .legend').length") == 1
    browser.set_window_size(500, 900)
    browser.get(report.as_uri())
    settled(browser)
    assert browser.execute_script("return document.querySelectorAll('#map .legend').length") == 0
    assert browser.execute_script("return document.querySelectorAll('#map + .legend i').length") == 7


def _print_of(noun) -> str:
    from access15.model import fingerprint

    return fingerprint(noun)
