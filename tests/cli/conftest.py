"""Running commands, in this process and in their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from access15.cli import main
from town_files import write_town

Run = Callable[..., Result]


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """The study.toml of the town; every test has its own copy."""
    return write_town(tmp_path)


@pytest.fixture
def run() -> Run:
    """Run a command in this process."""

    def call(*words: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], prog_name="access15")

    return call


@pytest.fixture
def refused(run: Run) -> Callable[..., str]:
    """Run a command that must be refused; return its one line."""

    def call(*words: object, code: int = 2, unexpected: bool = False) -> str:
        result = run(*words)
        lines = result.stderr.splitlines()
        lines = [line for line in lines if not line.startswith("access15: note: ")]
        assert result.exit_code == code, result.output
        assert len(lines) == 1, result.stderr
        assert lines[0].startswith("access15: error: ")
        assert lines[0].startswith("access15: error: unexpected ") == unexpected, lines[0]
        assert result.stdout == ""
        return lines[0]

    return call


@pytest.fixture
def inputs(town: Path) -> list[str]:
    """The three inputs of the town as options."""
    folder = town.parent
    return [
        "--network", str(folder / "streets.osm"), "--facilities", str(folder / "clinics.csv"),
        "--population", str(folder / "people.csv"),
    ]  # fmt: skip


def spawn(*words: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run ``python -m access15`` as its own process."""
    return subprocess.run(
        [sys.executable, "-m", "access15", *map(str, words)],
        capture_output=True,
        timeout=300,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.fixture
def process() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run a command in its own process."""
    return spawn
