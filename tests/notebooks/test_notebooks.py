"""The notebooks run, and what they say is what they show; `scripts/refresh_notebooks.py` stores it anew."""

import importlib.metadata
import importlib.util
import json
import re
from pathlib import Path

import pytest

pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytest.importorskip("folium")

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def refresh():
    """The script that runs notebooks."""
    spec = importlib.util.spec_from_file_location(
        "refresh_notebooks", ROOT / "scripts" / "refresh_notebooks.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pinned(name: str) -> bool:
    """Return whether the installed version is the pinned one: others may word tables differently."""
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    return f"\n{name}=={importlib.metadata.version(name)}\n" in pins


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_gives_what_it_shows(path, refresh, monkeypatch):
    import nbformat

    import access15

    # The kernel imports the access15 that is tested.
    monkeypatch.setenv("PYTHONPATH", str(Path(access15.__file__).parents[1]))
    kept, given = refresh.texts(nbformat.read(path, as_version=4)), refresh.texts(refresh.run(path))
    if all(map(pinned, ("numpy", "pandas", "highspy"))):
        assert given == kept, (
            f"{path.name} has drifted: python scripts/refresh_notebooks.py notebooks/{path.name}"
        )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_kept_is_small_and_names_no_machine(path, refresh):
    text = path.read_text(encoding="utf-8")
    assert len(text) < refresh.LARGEST_BYTES
    assert not re.search(r"/(?:home|Users|root|tmp|work)/|[A-Z]:\\\\", text)
    assert "output_type" in text
    assert "Traceback" not in text
    links = re.findall(r"\]\(([\w.]+\.ipynb)\)", json.loads(text)["cells"][-1]["source"].__str__())
    assert all((path.parent / link).is_file() for link in links)


def test_there_are_five():
    assert [path.name[:2] for path in NOTEBOOKS] == ["1_", "2_", "3_", "4_", "5_"]
