"""A headless Chromium for the tests of the report.

A machine without one skips these tests and says so; where CI is "true" that is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from access15.study import StudyResult, sample

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-3d-apis",
    "--disable-dev-shm-usage", "--window-size=1280,1000",
)  # fmt: skip


def _missing() -> str:
    """What a browser test needs and this machine lacks; empty where it has all."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "the package selenium (pip install access15[dev])"
    if not any(map(shutil.which, _NAMES)):
        return "Chromium (apt-get install chromium)"
    return "" if shutil.which("chromedriver") else "chromedriver (apt-get install chromium-driver)"


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium without WebGL, with a log of its console and of every request."""
    missing = _missing()
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"the tests of the report need {missing}", pytrace=False)
    if missing:
        pytest.skip(f"no browser: the tests of the report need {missing}")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = next(path for path in map(shutil.which, _NAMES) if path)
    for flag in (*_FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    driver.set_page_load_timeout(60)
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def monaco() -> StudyResult:
    """The bundled study, run."""
    return sample("monaco").run()


@pytest.fixture(scope="session", params=["en", "zh"])
def report(request: pytest.FixtureRequest, monaco: StudyResult, tmp_path_factory: Any) -> Path:
    """The report of the bundled study, in each language."""
    path: Path = monaco.report(tmp_path_factory.mktemp("report") / f"{request.param}.html", request.param)
    return path
