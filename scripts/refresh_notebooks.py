"""Run the notebooks and keep what they print and draw.

Usage: python scripts/refresh_notebooks.py [notebooks/1_first_coverage_map.ipynb ...]

Without names, all of them. The tests run them too and compare the text that is kept with the text that comes
out; pictures are kept small and are not compared, as fonts differ between machines.
"""

from __future__ import annotations

import base64
import io
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
WIDEST_PX = 720
COLORS = 192
EXACT_COLORS = 24
LARGEST_BYTES = 300_000
# A machine without Chinese fonts says so and draws the map with English words; notes on the sample's data are said too.
MAY_BE_SAID = (
    "no Chinese font is installed",
    "monaco.osm.pbf: ",
    "from the nearest street as ",
    " of the people: ",
    "people are more than",
    "missing from font",
)


def run(path: Path) -> Any:
    """Return the notebook with what its cells give, run in an empty folder.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    ValueError
        If a cell warns.
    """
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("MPLBACKEND", "COLUMNS"):
            os.environ.pop(name, None)
        quiet = ["--log-level=ERROR"]
        client = NotebookClient(
            notebook, timeout=120, extra_arguments=quiet, resources={"metadata": {"path": folder}}
        )
        client.execute()
        for number, cell in enumerate(code_cells(notebook), 1):
            cell.outputs = [_plain(out, folder) for out in _joined(cell.outputs) if not _is_allowed(out)]
            cell.execution_count = number
            cell.metadata = {}
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = number
                if output.output_type == "stream" and output.name == "stderr":
                    raise ValueError(f"{path.name}, cell {number} warns: {output.text}")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return notebook


def code_cells(notebook: Any) -> list[Any]:
    """Return the cells with code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def texts(notebook: Any) -> list[list[str]]:
    """Return what every code cell gives, pictures as the word alone."""
    return [[_text(output) for output in cell.outputs] for cell in code_cells(notebook)]


def _text(output: Any) -> str:
    if output.output_type == "stream":
        return str(output.text)
    if "image/png" in output.data:
        return "picture"
    return "\n".join(str(output.data[kind]) for kind in sorted(output.data))


def _joined(outputs: list[Any]) -> list[Any]:
    """Join streams that came in pieces: where they break is chance."""
    out: list[Any] = []
    for output in outputs:
        before = out[-1] if out else None
        if before is not None and output.output_type == "stream" and before.get("name") == output.name:
            before.text += output.text
        else:
            out.append(output)
    return out


def _is_allowed(output: Any) -> bool:
    """Return whether an output is warnings alone that may be said."""
    if output.output_type != "stream" or output.name != "stderr":
        return False
    warned = [line for line in output.text.splitlines() if "Warning: " in line]
    return bool(warned) and all(any(said in line for said in MAY_BE_SAID) for line in warned)


def _plain(output: Any, folder: str) -> Any:
    """Return the output without addresses of memory and with small pictures; no machine's path may stand in it."""
    output.metadata = {} if "metadata" in output else None
    if output.metadata is None:
        del output["metadata"]
    # The letters of a picture spell such an address by chance, one picture in fifty.
    shown = [str(text) for kind, text in output.get("data", {}).items() if kind != "image/png"]
    for text in (output.get("text", ""), *shown):
        if folder in text or str(ROOT) in text or re.search(r"0x[0-9a-f]{6,}", text):
            raise ValueError(f"an output names a path or an address of this machine: {text[:200]}")
    if "image/png" in output.get("data", {}):
        output.data["image/png"] = _small(output.data["image/png"])
    return output


def _small(png: str) -> str:
    from PIL import Image

    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    share = min(1.0, WIDEST_PX / picture.width)
    picture = picture.resize(
        (round(picture.width * share), round(picture.height * share)), Image.Resampling.LANCZOS
    )
    # Colours of large surfaces stay exactly as they are; the others spread over all that occur.
    found = sorted(picture.getcolors(picture.width * picture.height), reverse=True)[:EXACT_COLORS]
    spread = picture.quantize(COLORS - EXACT_COLORS, Image.Quantize.MAXCOVERAGE).getpalette()
    palette = Image.new("P", (1, 1))
    palette.putpalette([*(part for _, color in found for part in color), *spread][: 3 * COLORS])
    out = io.BytesIO()
    picture.quantize(palette=palette, dither=Image.Dither.NONE).save(out, format="PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode("ascii")


def main(names: list[str]) -> int:
    """Run and store the notebooks named, or all."""
    for path in [Path(name) for name in names] or sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = run(path)
        nbformat.validate(notebook)
        text = nbformat.writes(notebook) + "\n"
        if len(text) > LARGEST_BYTES:
            print(f"{path.name} would have {len(text):,} bytes: leave pictures out", file=sys.stderr)
            return 1
        path.write_text(text, encoding="utf-8")
        print(f"{path.name}: {len(text):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
