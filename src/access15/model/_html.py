"""How results show themselves in a notebook: one line, then a short table. Everything is text, never markup."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

_ROWS: Final = 20
_SHARES: Final = ("rate", "cumulative_rate", "share")


def table_page(line: str, table: pd.DataFrame, notes: Sequence[str] = ()) -> str:
    """Return a line, the first rows of a table, and what is left out."""
    shown = table.head(_ROWS)
    columns = {str(name): [_words(str(name), value) for value in shown[name]] for name in shown}
    text = f"<p><b>{html.escape(line.strip('<>'))}</b></p>" + str(type(shown)(columns).to_html(index=False))
    if len(table) > _ROWS:
        text += f"<p>… and {len(table) - _ROWS:,} more rows</p>"
    return text + "".join(f"<p>{html.escape(note)}</p>" for note in notes)


def _words(name: str, value: Any) -> str:
    if value is None or value != value:
        return "–"
    if not isinstance(value, float):
        return str(value)
    if name in _SHARES:
        return f"{value:.1%}"
    if value in (float("inf"), float("-inf")):
        return "not reached"
    return f"{value:,.0f}" if abs(value) >= 10 or value == round(value) else f"{value:,.2f}"
