"""Who is answered, what a page hears, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import tracemalloc

import numpy as np
import pytest

from access15.errors import InputError, MissingPackageError
from access15.explorer import explore, open_explorer
from access15.explorer.frames import classes_of
from access15.explorer.server import Explorer, _token
from access15.profiles import profile_by_name
from access15.study import Study, load_scenario, sample
from access15.travel_time import nearest_times
from explorer_page import Page, answer
from scripts_apart import start

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
FILES = ["/", "/cells", "/ground", "/explorer.js", "/leaflet.css", "/words.json", "/export/map.png?page=x"]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.evil:{port}",
        "[::1]:{port}",
        "",
    ],
)
def test_a_foreign_host_is_refused(served, host):
    explorer = served()
    for path in FILES:
        found = answer(explorer, path, host=host.format(port=explorer.port) or "x")
        assert found.status in (400, 403)
        assert b"Monaco" not in found.body
    assert answer(explorer, host=f"localhost:{explorer.port}").status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:1",
        "http://localhost:{port}",
    ],
)
def test_a_foreign_origin_is_refused(served, origin):
    from websockets.exceptions import InvalidStatus

    explorer = served()
    foreign = origin.format(port=explorer.port)
    assert answer(explorer, "/cells", origin=foreign).status == 403
    with pytest.raises(InvalidStatus):
        Page(explorer, Origin=foreign)
    assert answer(explorer, "/cells", sec_fetch_site="cross-site").status == 403
    assert answer(explorer, "/cells", origin=f"http://127.0.0.1:{explorer.port}").status == 200


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "access15-explorer=",
        "access15-explorer=x",
        "other={token}",
        "access15-explorer={token}x",
        "access15-explorer=é",
    ],
)
def test_nobody_without_the_token_is_answered(served, cookie):
    from websockets.exceptions import InvalidStatus

    explorer = served()
    given = cookie.format(token=explorer.token).encode("utf-8").decode("latin-1")
    for path in FILES:
        assert answer(explorer, path, cookie=given).status == 403
    assert answer(explorer, "/?token=x", cookie="").status == 403
    assert answer(explorer, f"/cells?token={explorer.token}", cookie="").status == 403
    with pytest.raises(InvalidStatus):
        Page(explorer, Cookie="access15-explorer=x")


def test_the_token_becomes_a_cookie_and_leaves_the_address(served):
    explorer = served()
    assert len(explorer.token) >= 32
    found = answer(explorer, explorer.address.partition(str(explorer.port))[2], cookie="")
    assert (found.status, found.headers["location"]) == (303, "/")
    cookie = found.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    page = answer(explorer)
    assert page.status == 200
    assert explorer.token.encode() not in page.body
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.findall(rb"<script(?! src=)|<style| on\w+=|style=|https?://", page.body) == []
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"


def test_only_this_machine_can_ask(served):
    explorer = served()
    assert explorer.socket.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize(
    "path",
    [
        "/../../../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/%2e%2e/study.toml",
        "/study.toml",
        "/scenarios/a.toml",
        "//etc/passwd",
        "/export/..%2f..%2fstudy.toml",
        "/export/study.toml?page={page}",
        "/export/map.png?page=..%2f",
        "/__init__.py",
        "/server.py",
        "/explorer.js/",
        "/%00",
        "/assets/explorer.js",
    ],
)
def test_no_path_leads_to_other_files(served, path):
    explorer = served()
    page = Page(explorer)
    found = answer(explorer, path.format(page=page.hello["page"]))
    assert found.status in (307, 400, 404)
    assert b"root:" not in found.body
    assert b"[study]" not in found.body
    page.close()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_is_written_by_a_request(served, method):
    from http.client import HTTPConnection

    explorer = served()
    line = HTTPConnection("127.0.0.1", explorer.port)
    line.request(method, "/", headers={"Cookie": f"access15-explorer={explorer.token}"})
    assert line.getresponse().status == 405


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        "1",
        "null",
        '{"do": 1}',
        '{"do": "frame"}',
        '{"do": "hello"}',
        '{"do": "_weigh"}',
        '{"do": "__init__"}',
        '{"do": "snapshot"}',
        '{"do": "drag", "lon": NaN}',
        "[" * 100_000,
    ],
)
def test_what_is_no_message_ends_the_line(served, message):
    from websockets.exceptions import ConnectionClosed

    explorer = served()
    page, other = Page(explorer), Page(explorer)
    page.line.send(message)
    with pytest.raises(ConnectionClosed) as ended:
        page.hear("never", timeout=10)
    assert ended.value.rcvd.code in (1008, 1009)
    assert other.ask("undo")["type"] == "refused"
    other.close()


def test_an_oversized_message_ends_the_line(served):
    from websockets.exceptions import ConnectionClosed

    explorer = served()
    page = Page(explorer)
    page.line.send(json.dumps({"do": "save", "name": "x" * (1 << 19)}))
    with pytest.raises(ConnectionClosed) as ended:
        page.hear("never", timeout=10)
    assert ended.value.rcvd.code == 1009
    Page(explorer).close()


@pytest.mark.parametrize(
    "asked",
    [
        {"do": "drag"},
        {"do": "drag", "id": "nobody", "lon": 7.4, "lat": 43.7},
        {"do": "add", "lon": "7", "lat": 43.7},
        {"do": "add", "lon": True, "lat": 43.7},
        {"do": "add", "lon": 1e9, "lat": 43.7},
        {"do": "close", "id": {"a": 1}},
        {"do": "resize", "id": "{first}", "capacity": -1},
        {"do": "resize", "id": "{first}", "capacity": None},
        {"do": "open", "id": "nobody"},
        {"do": "toggle", "number": 7},
        {"do": "undo"},
        {"do": "redo"},
        {"do": "look", "mode": "boat", "minutes": 15, "group": "all"},
        {"do": "look", "mode": "walk", "minutes": 0, "group": "all"},
        {"do": "look", "mode": "walk", "minutes": 15, "group": "<b>"},
        {"do": "save", "name": "../../x"},
        {"do": "save", "name": None},
        {"do": "load", "name": "nothing"},
        {"do": "load", "name": "../study"},
        {"do": "restore", "changes": "x"},
        {"do": "restore", "changes": [{"kind": "add"}]},
        {"do": "restore", "changes": [{"kind": "explode", "id": "a"}]},
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(served, live, asked):
    explorer = served()
    page = Page(explorer)
    before = page.classes.copy()
    given = {
        k: v.format(first=live.inputs.facilities.id[0]) if isinstance(v, str) else v for k, v in asked.items()
    }
    found = page.ask(given.pop("do"), **given)
    assert found["type"] == "refused"
    assert 10 < len(found["why"]) < 400
    assert "Traceback" not in found["why"]
    again = page.ask("leave")
    assert again["type"] == "frame"
    np.testing.assert_array_equal(page.classes, before)
    assert page.frame["changes"] == []
    page.close()


def expected(live, page):
    """Classes and figures of the scenario that a page shows, from a full run."""
    from access15.coverage import coverage
    from access15.study import Wanted

    case, scenario = page.frame["case"], {}
    for made in page.frame["changes"]:
        if made["on"]:
            scenario[made["id"]] = Wanted(made["lon"], made["lat"], made["open"], made["capacity"])
    facilities = live.facilities(scenario)
    times = nearest_times(
        live.inputs.network, facilities, live.inputs.population, profile_by_name(case["mode"])
    )
    table = coverage(times, live.inputs.population, case["minutes"], live.inputs.areas).table
    return classes_of(times.seconds, case["minutes"]), table[table["group"] == case["group"]]


def assert_exact(live, page):
    classes, table = expected(live, page)
    np.testing.assert_array_equal(page.classes[: len(classes)], classes)
    total = table.iloc[-1]
    assert page.frame["within"] == total["covered"]
    assert page.frame["total"] == total["people"]
    assert page.frame["rate"] == total["rate"]
    rates = {row: now for row, _, now in page.frame["areas"]}
    assert rates == {i: r for i, r in enumerate(table["rate"][:-1]) if r == r}


def random_ask(rng, page):
    """Ask something that a hand might; it may be refused."""
    sites = page.frame["sites"]
    site = sites[rng.integers(len(sites))]
    place = {"lon": 7.405 + 0.04 * rng.random(), "lat": 43.722 + 0.03 * rng.random()}
    kind = rng.choice(
        ["add", "drop", "drag", "close", "open", "resize", "undo", "redo", "toggle", "look"],
        p=[0.13, 0.15, 0.2, 0.1, 0.08, 0.04, 0.1, 0.05, 0.1, 0.05],
    )
    numbers = [made["number"] for made in page.frame["changes"]] or [1]
    given = {
        "add": place,
        "drop": {"id": site["id"], **place},
        "drag": {"id": site["id"], **place},
        "resize": {"id": site["id"], "capacity": int(rng.integers(900))},
        "toggle": {"number": int(rng.choice(numbers))},
        "look": {
            "mode": str(rng.choice(["walk", "walk-elder", "drive"])),
            "minutes": float(rng.choice([5, 8, 15, 20])),
            "group": "all",
        },
    }.get(str(kind), {"id": site["id"]} if kind in ("close", "open") else {})
    page.say(str(kind), **given)
    return str(kind)


@pytest.mark.parametrize("seed", range(2))
def test_a_page_that_only_hears_changes_shows_what_a_run_finds(served, live, seed):
    rng = np.random.default_rng(seed)
    page = Page(served())
    assert_exact(live, page)
    for step in range(60):
        kind = random_ask(rng, page)
        if kind == "drag":
            for _ in range(rng.integers(0, 5)):
                random_ask(rng, page)
        found = page.ask("leave")  # answered after all that was asked before: nothing is lost
        assert found["type"] == "frame"
        if step % 4 == 0:
            assert_exact(live, page)
    assert_exact(live, page)
    page.close()


def test_a_drag_shows_where_the_hand_is(served, live):
    page = Page(served())
    first = str(live.inputs.facilities.id[0])
    for step in range(30):
        place = {"lon": 7.415 + step * 0.0005, "lat": 43.735}
        page.say("drag", id=first, **place)
    found = page.ask("drag", id=first, **place)
    assert found["held"]["lon"] == place["lon"]
    found = page.ask("drop", id=first, **place)
    assert [made["kind"] for made in found["changes"]] == ["move"]
    assert_exact(live, page)
    page.ask("undo")
    assert page.frame["changes"] == []
    assert_exact(live, page)
    page.close()


def test_what_a_change_brings_and_takes_is_what_a_run_says(served, live):
    page = Page(served())
    first = str(live.inputs.facilities.id[0])
    page.ask("add", lon=7.4297, lat=43.744)
    page.ask("close", id=first)
    page.ask("close", id="new-1")
    page.ask("undo")
    made = page.frame["changes"]
    assert [(m["kind"], m["id"]) for m in made] == [("add", "new-1"), ("close", first)]
    assert made[0]["gained"] > 5000
    assert made[0]["lost"] == 0
    assert made[1]["gained"] == 0
    assert page.frame["gained"] - page.frame["lost"] == pytest.approx(
        sum(m["gained"] - m["lost"] for m in made)
    )
    page.ask("toggle", number=made[0]["number"])
    assert [m["on"] for m in page.frame["changes"]] == [False, True]
    assert_exact(live, page)
    page.close()


def test_a_clinic_in_the_sea_takes_no_part_and_says_so(served, live):
    page = Page(served())
    page.ask("add", lon=7.6, lat=43.5)
    site = next(s for s in page.frame["sites"] if s["id"] == "new-1")
    assert site["linked"] is False
    assert page.frame["gained"] == 0
    page.ask("drop", id="new-1", lon=7.435, lat=43.735, again=True)
    site = next(s for s in page.frame["sites"] if s["id"] == "new-1")
    assert site["linked"] is True
    assert site["leg_m"] > 50
    assert len(page.frame["changes"]) == 1
    assert_exact(live, page)
    for made in live.inputs.facilities.id:
        page.ask("close", id=str(made))
    page.ask("drop", id="new-1", lon=7.6, lat=43.5)
    found = page.ask("drag", id="new-1", lon=7.6, lat=43.5)
    assert found["type"] == "refused"
    assert "no open facility near a street would be left" in found["why"]
    assert_exact(live, page)
    page.close()


def test_two_pages_keep_to_themselves(served, live):
    explorer = served()
    one, two = Page(explorer), Page(explorer)
    one.ask("add", lon=7.4297, lat=43.744)
    two.ask("close", id=str(live.inputs.facilities.id[0]))
    assert [m["kind"] for m in one.frame["changes"]] == ["add"]
    assert [m["kind"] for m in two.frame["changes"]] == ["close"]
    for page in (one, two):
        assert_exact(live, page)
        page.close()


def test_a_fifth_page_is_told_that_there_are_four(served):
    from websockets.exceptions import ConnectionClosed

    explorer = served()
    pages = [Page(explorer) for _ in range(4)]
    with pytest.raises(ConnectionClosed) as ended:
        Page(explorer)
    assert ended.value.rcvd.code == 4429
    pages.pop().close()
    for _ in range(100):
        if len(explorer.channels) < 4:
            break
        time.sleep(0.05)
    pages.append(Page(explorer))
    for page in pages:
        page.close()


def test_a_page_that_never_reads_is_cut_off_and_others_go_on(served):
    explorer = served(send_s=1.0)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", explorer.port))
    host = f"127.0.0.1:{explorer.port}"
    line.sendall(
        f"GET /live HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Cookie: access15-explorer={explorer.token}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    other = Page(explorer)
    assert len(explorer.channels) == 2
    tracemalloc.start()
    line.settimeout(2)
    asked, begun = 0, time.monotonic()
    while len(explorer.channels) == 2 and time.monotonic() - begun < 60:
        text = json.dumps(
            {"do": "look", "mode": "walk", "minutes": 5 + asked % 2 * 40, "group": "all"}
        ).encode()
        frame = bytes([0x81, 0x80 | len(text)]) + bytes(4) + text
        try:
            line.sendall(frame)
        except OSError:
            break
        asked += 1
        if asked % 50 == 0:
            assert other.ask("leave")["type"] == "frame"
    for _ in range(100):
        if len(explorer.channels) == 1:
            break
        time.sleep(0.1)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(explorer.channels) == 1
    assert most < 30e6
    assert other.ask("leave")["type"] == "frame"
    line.close()
    other.close()


def test_the_server_ends_when_nobody_is_there(live):
    explorer = Explorer(live, 0, idle_s=0.5)
    thread = threading.Thread(target=explorer.run, daemon=True)
    thread.start()
    time.sleep(0.3)
    page = Page(explorer)
    time.sleep(1.5)
    assert thread.is_alive()
    page.close()
    thread.join(60)
    assert not thread.is_alive()


def test_a_port_in_use_is_told(live, served):
    explorer = served()
    with pytest.raises(
        InputError, match=f"port {explorer.port} cannot be used .*: name another one with --port"
    ):
        Explorer(live, explorer.port)


@pytest.mark.skipif(os.name != "posix", reason="rights of files are told otherwise there")
def test_the_token_is_kept_for_a_restart_and_for_nobody_else(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("LOCALAPPDATA")
    token = _token(tmp_path / "study.toml")
    assert _token(tmp_path / "study.toml") == token
    assert _token(tmp_path / "other.toml") != token
    kept = next(p for p in (tmp_path / "access15" / "explorer").iterdir() if p.read_text() == token)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.chmod(0o644)
    assert _token(tmp_path / "study.toml") != token  # others may have read it
    token = _token(tmp_path / "study.toml")
    kept = next(p for p in (tmp_path / "access15" / "explorer").iterdir() if p.read_text() == token)
    os.utime(kept, (1, 1))
    assert _token(tmp_path / "study.toml") != token
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    assert _token(tmp_path / "study.toml") != _token(tmp_path / "study.toml")


def test_changes_come_back_after_a_restart(served, live):
    page = Page(served())
    page.ask("add", lon=7.4297, lat=43.744)
    page.ask("close", id=str(live.inputs.facilities.id[1]))
    page.ask("toggle", number=1)
    kept, classes = page.frame["changes"], page.classes.copy()
    page.close()
    page = Page(served())
    page.ask("restore", changes=kept)
    told = ("kind", "id", "on", "lon", "lat", "open", "capacity")
    assert [[m[k] for k in told] for m in page.frame["changes"]] == [[m[k] for k in told] for m in kept]
    np.testing.assert_array_equal(page.classes, classes)
    assert_exact(live, page)
    page.close()


def test_a_scenario_is_saved_asked_for_and_shown_again(served, live):
    explorer = served()
    page = Page(explorer)
    page.ask("add", lon=7.4297, lat=43.744)
    page.say("save", name="Plan A")
    assert page.hear("saved")["saved"] == ["Plan A"]
    page.say("save", name="Plan A")
    assert page.hear("exists")["name"] == "Plan A"
    page.ask("close", id=str(live.inputs.facilities.id[0]))
    page.say("save", name="Plan A", overwrite=True)
    page.hear("saved")
    assert set(load_scenario(live.study.file, "Plan A")) == {"new-1", str(live.inputs.facilities.id[0])}
    other = Page(explorer)
    assert other.hello["saved"] == ["Plan A"]
    other.ask("load", name="Plan A")
    np.testing.assert_array_equal(other.classes, page.classes)
    assert_exact(live, other)
    other.ask("load", name="")
    assert other.frame["gained"] == 0
    (live.study.file.parent / "scenarios" / "Plan A.toml").write_text('base = 3\n[[scenarios]]\nname = "a"\n')
    assert "must be a text in quotes" in other.ask("load", name="Plan A")["why"]
    (live.study.file.parent / "scenarios" / "Plan A.toml").unlink()
    page.close()
    other.close()


def test_questions_are_answered_beside_the_frames(served, live):
    page = Page(served())
    page.say("suggest")
    found = page.hear("suggest")
    assert found["sites"][0]["gain"] > 5000
    assert found["looked_at"] > 100
    place = {k: found["sites"][0][k] for k in ("lon", "lat")}
    page.ask("add", **place)
    assert page.frame["gained"] == pytest.approx(found["sites"][0]["gain"], rel=0.02)
    page.say("curve", count=3)
    gains = [s["gain"] for s in page.hear("curve")["sites"]]
    assert gains == sorted(gains, reverse=True)
    page.say("outline")
    rings = page.hear("outline")["rings"]
    assert rings
    assert all(7.3 < lon < 7.5 and 43.6 < lat < 43.8 for ring in rings for lon, lat in ring)
    served_now = {s["id"]: s["serves"] for s in page.frame["sites"]}
    assert sum(served_now.values()) == pytest.approx(page.frame["within"])
    page.say("closable", count=2)
    assert len(page.hear("closable")["sites"]) == 2
    page.say("gaps")
    gaps = page.hear("gaps")
    assert gaps["count"] >= len(gaps["gaps"]) > 0
    assert sum(g["people"] for g in gaps["gaps"]) <= page.frame["beyond"] + 1
    assert all(len(ring[0]) == 2 for g in gaps["gaps"] for ring in g["rings"])
    page.say("suggest", allowed=[[0, 0], [1, 0], [1, 1]])
    assert "no place for a service point lies in the area" in page.hear("suggest")["why"]
    for bad in ([[0, 0]], "x", [[1]], [["a", "b"]] * 4):
        page.say("suggest", allowed=bad)
        assert "area" in page.hear("suggest")["why"]
    page.say("curve", count=10_000)
    assert "from 1 to 30" in page.hear("curve")["why"]
    page.close()


def test_a_proof_tells_its_rounds_and_can_be_stopped(served):
    page = Page(served())
    page.say("prove", count=1)
    rounds = []
    while not rounds or rounds[-1]["running"]:
        found = page.hear("proof", timeout=120)
        if "gain" in found:
            rounds.append(found)
        assert "why" not in found
    assert rounds[-1]["gap"] == 0
    assert rounds[-1]["objective"] == rounds[-1]["bound"]
    assert {"lon", "lat"} <= set(rounds[-1]["sites"][0])
    page.say("prove", count=20)
    page.hear("working")
    page.say("stop")
    assert page.hear("proof")["running"] in (True, False)
    page.say("stop")
    while not page.hear("proof").get("stopped"):
        pass
    assert page.ask("leave")["type"] == "frame"
    page.close()


def test_files_are_those_of_a_run(served, live, tmp_path):
    import geopandas as gpd
    from openpyxl import load_workbook

    explorer = served()
    page = Page(explorer)
    page.ask("add", lon=7.4297, lat=43.744)
    got = {}
    for kind in ("map.png", "tables.xlsx", "coverage.gpkg", "snapshot.html"):
        found = answer(explorer, f"/export/{kind}?page={page.hello['page']}&lang=zh")
        assert found.status == 200, found.body
        assert f'filename="{kind}"' in found.headers["content-disposition"]
        got[kind] = tmp_path / kind
        got[kind].write_bytes(found.body)
    layer = gpd.read_file(got["coverage.gpkg"], layer="coverage")
    row = layer[(layer["mode"] == "walk-elder") & (layer["minutes"] == 15) & layer["area_id"].isna()]
    assert row["covered"].tolist() == [page.frame["within"]]
    assert "new-1" in set(gpd.read_file(got["coverage.gpkg"], layer="facilities")["facility_id"])
    assert load_workbook(got["tables.xlsx"]).sheetnames
    assert got["map.png"].read_bytes()[:4] == b"\x89PNG"
    assert "<html" in got["snapshot.html"].read_text("utf-8")
    page.close()


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch):
    import access15.explorer.show as show

    monkeypatch.setattr(show, "find_spec", lambda name: None if name == "uvicorn" else object())
    with pytest.raises(
        MissingPackageError, match=r'needs uvicorn: install it with pip install "access15\[explorer\]"'
    ):
        open_explorer(sample("monaco"))


def test_a_notebook_shows_the_page_and_a_link(live):
    window = explore(live.study, port=None)
    try:
        text = window._repr_html_()
        assert "<iframe" in text
        assert "localhost" in text
        assert window.address in text.replace("&amp;", "&")
        assert "Monaco" in repr(window)
    finally:
        window.stop()
    with pytest.raises(InputError, match="not int"):
        explore(3)  # type: ignore[arg-type]


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent otherwise there")
def test_the_command_prints_the_address_and_ctrl_c_ends_it_clean(live, tmp_path):
    env = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    running = start("-m", "access15", "explore", live.study.file, "--no-browser", text=True, env=env)
    assert running.stdout is not None
    line = running.stdout.readline()
    port = int(re.search(r"^open http://127\.0\.0\.1:(\d+)/\?token=[\w-]{32,}$", line)[1])  # type: ignore[index]
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=120)
    assert running.returncode == 0, err
    assert err.rstrip().endswith("closed")
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


def test_work_that_takes_long_keeps_nobody_from_ending(served, monkeypatch):
    from access15.explorer.questions import Questions

    begun, go = threading.Event(), threading.Event()
    monkeypatch.setattr(Questions, "gaps", lambda *_: (begun.set(), go.wait(60), {})[2])
    explorer = served()
    page = Page(explorer)
    page.say("gaps")
    assert begun.wait(60)
    assert page.ask("leave")["type"] == "frame"
    before = time.monotonic()
    explorer.stop()
    while explorer.channels and time.monotonic() - before < 30:
        time.sleep(0.1)
    assert not explorer.channels
    go.set()


def test_a_study_that_does_not_run_is_one_line(tmp_path):
    study = tmp_path / "study.toml"
    study.write_text(
        '[study]\nname = "a"\n[network]\npath = "no.pbf"\n[facilities]\nosm = true\n[population]\npath = "no.tif"\n'
    )
    command = [sys.executable, "-m", "access15", "explore", str(study), "--no-browser"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "does not exist" in done.stderr
    assert isinstance(Study.from_toml(study), Study)
