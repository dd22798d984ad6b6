"""The README's example and commands run as they stand, in an empty folder beside a copy of the sample."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


def commands() -> list[str]:
    """Return the README's access15 commands."""
    lines = [line.split(" #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith("access15 ")]


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder."""
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder with the sample where a clone has it."""
    ignored = shutil.ignore_patterns("results")
    shutil.copytree(ROOT / "data" / "sample", tmp_path / "data" / "sample", ignore=ignored)
    return tmp_path


def test_readme_names_commands() -> None:
    assert {command.split()[1] for command in commands()} >= {"demo", "run"}


# `tests/cli/test_process.py` runs the demo.
@pytest.mark.parametrize("command", [command for command in commands() if " demo " not in command])
def test_command(command: str, folder: Path) -> None:
    done = run([sys.executable, "-m", *shlex.split(command)], folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    if "--out" in command:
        out = folder / shlex.split(command)[-1]
        assert (out / "coverage.gpkg").stat().st_size > 0
        assert (out / "map.png").read_bytes().startswith(b"\x89PNG")


def test_notebook_example(folder: Path) -> None:
    (example,) = blocks("python")
    (folder / "example.py").write_text(example + "\nprint(result.coverages['walk'])\n", encoding="utf-8")
    done = run([sys.executable, "example.py"], folder)
    assert done.returncode == 0, done.stderr
    assert re.search(r"15 min \d+\.\d%", done.stdout)
    assert (folder / "monaco.gpkg").stat().st_size > 0


def test_routing_test_of_the_contributing_page() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.S)
    names: dict[str, Any] = {}
    exec(compile(example, "CONTRIBUTING.md", "exec"), names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        test()


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"(?m)(?:^|`)make ([a-z][a-z-]+)", README))
    targets = set(re.findall(r"(?m)^([a-z-]+):", makefile))
    assert {"demo", "test"} <= named
    assert named <= targets


def test_links_lead_to_files() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", README):
        if not target.startswith("https://"):
            assert (ROOT / target).is_file(), f"README.md links {target}, which does not exist"
