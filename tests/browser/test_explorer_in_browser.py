"""The explorer in a browser, by dragging, clicking and typing."""

from __future__ import annotations

import json
import re
import shutil
import threading
import time

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("starlette", reason="the explorer is an extra: pip install access15[explorer]")

from access15.explorer.server import Explorer
from access15.study import LiveStudy, Study, Wanted, load_scenario, sample

EVIL = "<img src=x onerror='window.hacked=1'></span><script>window.hacked=1</script>\"'"


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """Monaco, a clinic of which has markup for a name."""
    folder = tmp_path_factory.mktemp("study") / "monaco"
    shutil.copytree(sample("monaco").file.parent, folder)
    clinics = pd.read_csv(folder / "facilities.csv", dtype=str, keep_default_na=False)
    clinics.loc[0, "name"] = EVIL
    clinics.to_csv(folder / "facilities.csv", index=False)
    return LiveStudy.open(Study.from_toml(folder / "study.toml"))


class Served:
    """An explorer in a thread, which can be restarted on its port."""

    def __init__(self, live):
        self.live, self.port = live, 0
        self.start()

    def start(self):
        self.explorer = Explorer(self.live, self.port)
        self.port = self.explorer.port
        self.thread = threading.Thread(target=self.explorer.run, daemon=True)
        self.thread.start()

    def stop(self):
        self.explorer.stop()
        self.thread.join(60)
        assert not self.thread.is_alive()


@pytest.fixture
def served(live, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.rmtree(live.study.file.parent / "scenarios", ignore_errors=True)
    found = Served(live)
    yield found
    found.stop()


def until(browser, script, *arguments, seconds=90):
    """Wait until a script answers something true; return it."""
    for _ in range(int(seconds * 20)):
        found = browser.execute_script(script, *arguments)
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"never true: {script}")


def open_page(browser, served, lang="en", size=(1400, 900)):
    browser.get("about:blank")  # What was open before may still look for its server.
    browser.get_log("browser")
    browser.get_log("performance")
    browser.set_window_size(*size)
    browser.get(served.explorer.address)
    until(browser, "return window.access15 && window.access15.ready && window.access15.first > 0")
    now = browser.execute_script("return document.documentElement.lang.slice(0, 2)")
    if now != lang:
        browser.find_element("id", "lang").click()
    assert browser.execute_script("return document.documentElement.lang.slice(0, 2)") == lang


def press(browser, name):
    """Click a button of the side as soon as it is there; the side is drawn anew when figures come."""
    until(browser, "const b = document.getElementById(arguments[0]); if (b) b.click(); return !!b", name)


def rate(browser):
    return browser.find_element("css selector", "#score b").text


def changes(browser):
    return [
        item.text for item in browser.find_elements("css selector", "#chg li:not(.mut), #chg li.mut button")
    ]


def drag(browser, marker, steps=10, by=(8, -9)):
    from selenium.webdriver import ActionChains

    ActionChains(browser, duration=20).move_to_element(marker).click_and_hold().perform()
    for _ in range(steps):
        ActionChains(browser, duration=20).move_by_offset(*by).perform()


def release(browser):
    from selenium.webdriver import ActionChains

    ActionChains(browser).release().perform()
    until(browser, "return document.querySelectorAll('#chg li button').length > 0")


def assert_quiet(browser, served):
    """Nothing went wrong, nothing ran that was a name, and nobody but the server was asked."""
    errors = [
        e["message"]
        for e in browser.get_log("browser")
        if e["level"] == "SEVERE"
        and "WebSocket" not in e["message"]
        and "ERR_CONNECTION_REFUSED" not in e["message"]
    ]
    assert errors == []
    assert browser.execute_script("return window.hacked") is None
    asked = set()
    for entry in browser.get_log("performance"):
        event = json.loads(entry["message"])["message"]
        if event["method"] == "Network.requestWillBeSent":
            asked.add(event["params"]["request"]["url"])
    outside = {
        url for url in asked if not re.match(rf"(http://127\.0\.0\.1:{served.port}/|data:|blob:|chrome)", url)
    }
    assert outside == set()
    assert len(asked) >= 6


def figures(live, scenario, mode="walk-elder", minutes=15):
    times = live.follow(mode)
    times.follow(scenario)
    return live.count(times.seconds, times.today, minutes, "all")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_drag_click_save_reload(browser, served, live, lang):
    open_page(browser, served, lang)
    today = figures(live, {})
    assert rate(browser) == f"{today.rate:.1%}"
    # Drag: the score follows while the hand moves, and nothing is kept before it lets go.
    second = str(live.inputs.facilities.id[1])
    marker = browser.find_element("css selector", f'[data-id="{second}"]')
    drag(browser, marker)
    until(
        browser, "return document.querySelector('#score b').textContent !== arguments[0]", f"{today.rate:.1%}"
    )
    assert browser.find_elements("css selector", "#chg li button") == []
    release(browser)
    steps = browser.execute_script("return window.access15.steps.length")
    assert steps >= 1
    # Click: a new clinic where the map is clicked.
    browser.find_element("id", "new").click()
    box = browser.find_element("id", "map")
    from selenium.webdriver import ActionChains

    ActionChains(browser).move_to_element_with_offset(box, 120, -180).click().perform()
    until(browser, "return document.querySelectorAll('#chg li button').length === 2")
    new = browser.find_element("css selector", '[data-id="new-1"]')
    assert new.is_displayed()
    # Save, in the dialog.
    browser.find_element("id", "keep").click()
    name = f"Plan {lang}"
    field = browser.find_element("id", "save-name")
    field.clear()
    field.send_keys(name)
    browser.find_element("id", "save").click()
    until(browser, "return document.querySelector('#why.ok') && document.querySelector('#why').textContent")
    scenario = load_scenario(live.study.file, name)
    assert set(scenario) == {second, "new-1"}
    now = figures(live, scenario)
    assert rate(browser) == f"{now.rate:.1%}"
    # Asked before it is replaced.
    browser.find_element("id", "save").click()
    press(browser, "replace")
    until(browser, "return document.querySelector('#why.ok') && !document.getElementById('replace')")
    browser.execute_script(
        "arguments[0].dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}))", field
    )
    assert not browser.find_element("id", "veil").is_displayed()
    # Reload: today first, then the scenario from its file.
    open_page(browser, served, lang)
    assert rate(browser) == f"{today.rate:.1%}"
    from selenium.webdriver.support.ui import Select

    Select(browser.find_element("id", "scenario")).select_by_value(name)
    until(browser, "return document.querySelectorAll('#chg li button').length === 2")
    assert rate(browser) == f"{now.rate:.1%}"
    # The same by a run of the command.
    run = Study.from_toml(live.study.file.parent / "scenarios" / f"{name}.toml").run(parts=("scenarios",))
    assert run.scenarios[name].result.figures()["rate_walk_elder_15"] == now.rate
    assert_quiet(browser, served)


def test_the_colours_are_those_of_the_times(browser, served, live):
    open_page(browser, served)
    marker = browser.find_element("css selector", "[data-id]")
    drag(browser, marker, 4)
    release(browser)
    time.sleep(0.3)
    count = browser.execute_script("return window.access15.frames")
    assert count > 2
    assert browser.execute_script(
        "const c = document.querySelector('.leaflet-overlay-pane canvas'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        "let blue = 0; for (let i = 0; i < d.length; i += 4) if (d[i] === 0x86 && d[i+1] === 0xB3 && d[i+2] === 0xC2) blue++; return blue"
    )
    assert_quiet(browser, served)


def test_keys_do_all_that_the_hand_does(browser, served, live):
    from selenium.webdriver import ActionChains, Keys

    open_page(browser, served)
    body = browser.find_element("tag name", "body")
    before = rate(browser)
    body.send_keys("s")
    until(browser, "return document.getElementById('accept')")
    assert "not proven" in browser.find_element("id", "ctx").text
    body.send_keys(Keys.ENTER)
    until(browser, "return document.querySelectorAll('#chg li button').length === 1")
    assert rate(browser) != before
    ActionChains(browser).key_down(Keys.CONTROL).send_keys("z").key_up(Keys.CONTROL).perform()
    until(browser, "return document.querySelectorAll('#chg li button').length === 0")
    assert rate(browser) == before
    ActionChains(browser).key_down(Keys.CONTROL).send_keys("y").key_up(Keys.CONTROL).perform()
    until(browser, "return document.querySelectorAll('#chg li button').length === 1")
    # Arrows: 25 m, or 100 m with Shift; Enter keeps.
    browser.execute_script("document.querySelector('[data-id=new-1]').focus()")
    until(browser, "return document.querySelector('[data-id=new-1] .picked')")
    where = browser.find_element("id", "held-where").text
    ActionChains(browser).send_keys(Keys.ARROW_UP).send_keys(Keys.ARROW_UP).perform()
    ActionChains(browser).key_down(Keys.SHIFT).send_keys(Keys.ARROW_RIGHT).key_up(Keys.SHIFT).perform()
    until(browser, "return document.getElementById('held-where').textContent !== arguments[0]", where)
    time.sleep(1.2)
    lat, lon = (float(v) for v in re.findall(r"[\d.]+", where))
    lat2, lon2 = (float(v) for v in re.findall(r"[\d.]+", browser.find_element("id", "held-where").text))
    assert (lat2 - lat) * 111_195 == pytest.approx(50, abs=12)
    assert (lon2 - lon) * 111_195 * np.cos(np.radians(lat)) == pytest.approx(100, abs=12)
    assert len(browser.find_elements("css selector", "#chg li button")) == 1
    body.send_keys(Keys.ESCAPE)
    body.send_keys("b")
    assert browser.find_element("id", "compare").get_attribute("aria-pressed") == "true"
    body.send_keys("n")
    body.send_keys(Keys.ENTER)  # in the middle of the map
    until(browser, "return document.querySelectorAll('#chg li button').length === 2")
    assert_quiet(browser, served)


def test_a_change_that_loses_more_says_so_beside_its_undo(browser, served, live):
    open_page(browser, served)
    lost = []
    for name in map(str, live.inputs.facilities.id):
        found = figures(live, {name: Wanted(is_open=False)})
        lost.append((found.lost, name))
    worst = max(lost)[1]
    browser.execute_script("document.querySelector(arguments[0]).focus()", f'[data-id="{worst}"]')
    press(browser, "shut")
    assert (
        until(browser, "const em = document.querySelector('#chg li em'); return em && em.textContent")
        == "This loses more people than it brings."
    )
    assert f"−{max(lost)[0]:,.0f}" in browser.find_element("id", "chg").text
    browser.find_element("css selector", "#chg li button").click()
    until(browser, "return !document.querySelector('#chg li em')")
    assert "(undone)" in browser.find_element("id", "chg").text
    assert_quiet(browser, served)


def test_a_slider_a_mode_and_what_is_proven(browser, served, live):
    from selenium.webdriver.support.ui import Select

    open_page(browser, served)
    browser.find_element("id", "limit").click()
    browser.execute_script(
        "const s = document.getElementById('slider'); s.value = 9; s.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    shown = f"{figures(live, {}, 'walk-elder', 9).rate:.1%}"
    until(browser, "return document.querySelector('#score b').textContent === arguments[0]", shown)
    Select(browser.find_element("id", "mode")).select_by_value("walk")
    shown = f"{figures(live, {}, 'walk', 9).rate:.1%}"
    until(browser, "return document.querySelector('#score b').textContent === arguments[0]", shown)
    browser.find_element("id", "suggest").click()
    press(browser, "prove")
    until(browser, "return /Proven/.test(document.getElementById('ctx').textContent)", seconds=240)
    assert browser.find_element("id", "proof").is_displayed()
    assert_quiet(browser, served)


def test_the_page_finds_a_server_that_was_restarted(browser, served, live):
    open_page(browser, served)
    browser.find_element("tag name", "body").send_keys("n")
    from selenium.webdriver import ActionChains

    ActionChains(browser).move_to_element_with_offset(
        browser.find_element("id", "map"), 60, -120
    ).click().perform()
    until(browser, "return document.querySelectorAll('#chg li button').length === 1")
    shown = rate(browser)
    served.stop()
    until(browser, "return /connection is lost/.test(document.getElementById('banner').textContent)")
    served.start()
    until(browser, "return /Connected again/.test(document.getElementById('banner').textContent)")
    until(browser, "return document.querySelectorAll('#chg li button').length === 1")
    assert rate(browser) == shown
    assert_quiet(browser, served)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_on_a_phone_nothing_scrolls_sideways(browser, served, lang):
    open_page(browser, served, lang, size=(390, 844))
    wide = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1]
    small = browser.execute_script(
        "return Array.from(document.querySelectorAll('.tools button, .top .r button')).filter(b => b.offsetHeight && b.offsetHeight < 44).length"
    )
    assert small == 0
    assert browser.find_element("id", "map").size["height"] >= 290
    assert_quiet(browser, served)


def test_every_word_stands_in_both_languages():
    from importlib import resources

    folder = resources.files("access15.explorer").joinpath("assets")
    words = json.loads(folder.joinpath("words.json").read_text("utf-8"))
    script = folder.joinpath("explorer.js").read_text("utf-8")
    assert set(words["en"]) == set(words["zh"])
    for key in words["en"]:
        assert sorted(re.findall(r"\{\w+\}", words["en"][key])) == sorted(
            re.findall(r"\{\w+\}", words["zh"][key])
        )
    assert set(re.findall(r'\bw\("(\w+)"', script)) <= set(words["en"])
    assert "innerHTML" not in script
    assert re.findall(r"\?\.|\?\?|\.\.\.\w|\basync\b|\beval\b", script) == []
