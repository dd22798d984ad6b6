"""A study that is served."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the explorer is an extra: pip install access15[explorer]")
pytest.importorskip("uvicorn")
pytest.importorskip("websockets")

from access15.explorer.server import Explorer
from access15.study import LiveStudy, Study, sample


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> LiveStudy:
    folder = tmp_path_factory.mktemp("served") / "monaco"
    shutil.copytree(sample("monaco").file.parent, folder)
    return LiveStudy.open(Study.from_toml(folder / "study.toml"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens of tests stand in no home."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def served(live: LiveStudy) -> Iterator[Any]:
    """Start explorers of the study; all are ended."""
    running: list[tuple[Explorer, threading.Thread]] = []

    def start(**how: Any) -> Explorer:
        explorer = Explorer(live, 0, **how)
        thread = threading.Thread(target=explorer.run, daemon=True)
        thread.start()
        running.append((explorer, thread))
        for _ in range(200):
            if explorer._server is not None and explorer._server.started:
                return explorer
            time.sleep(0.05)
        raise AssertionError("the server did not start")

    yield start
    for explorer, thread in running:
        explorer.stop()
        thread.join(60)
        assert not thread.is_alive()
