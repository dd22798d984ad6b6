"""Axes that show themselves in a notebook, so that maps need neither pyplot nor its global state."""

from __future__ import annotations

import io
from typing import Final

from matplotlib.axes import Axes

_NOTEBOOK_DPI: Final = 80  # A sheet 11 inches wide becomes 880 pixels.


class MapAxes(Axes):
    """The axes of a map sheet; a notebook shows the whole figure."""

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        self.figure.figure.savefig(out, dpi=_NOTEBOOK_DPI, format="png", metadata={"Software": "access15"})
        return out.getvalue()

    def __repr__(self) -> str:
        return f"<map: {self.get_title(loc='left') or self.get_label()}>"
