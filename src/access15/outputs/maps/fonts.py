"""Fonts that show the texts of a map, and what to write where there is none."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_CHINESE: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Heiti SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimSun",
    "Arial Unicode MS",
    "Droid Sans Fallback",
    "AR PL UMing CN",
    "Noto Sans CJK JP",
)
_FILES: Final = (
    "cjk",
    "sourcehan",
    "notosanssc",
    "msyh",
    "simhei",
    "simsun",
    "pingfang",
    "heiti",
    "hiragino",
    "wqy",
    "arialuni",
    "droidsansfallback",
    "uming",
)


def fonts(texts: Iterable[str]) -> tuple[list[str], bool]:
    """Return font families for the texts, and whether they can show all of them.

    Warns where Chinese, Japanese or Korean text has no font on the machine.
    """
    families = ["DejaVu Sans"]
    if not any(is_cjk(char) for item in texts for char in item):
        return families, True
    found = _known() or _installed_since()
    if not found:
        warnings.warn(
            "no Chinese font is installed: the map uses English words, and ids instead of Chinese names; "
            "install one, such as Noto Sans CJK SC",
            stacklevel=4,
        )
    return families + found[:1], bool(found)


def _known() -> list[str]:
    from matplotlib import font_manager

    names = set(font_manager.get_font_names())
    return [name for name in _CHINESE if name in names]


def _installed_since() -> list[str]:
    """Look for font files again: matplotlib keeps its list on disk and misses fonts installed later."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    new = set(font_manager.findSystemFonts()) - {entry.fname for entry in manager.ttflist}
    for file in sorted(new):
        stem = Path(file).stem.lower().replace("-", "").replace("_", "")
        if any(part in stem for part in _FILES) and _CHINESE:
            manager.addfont(file)
    return _known()


def is_cjk(char: str) -> bool:
    """Return whether a character needs a Chinese, Japanese or Korean font."""
    return "⺀" <= char <= "鿿" or "가" <= char <= "힣" or "豈" <= char <= "﫿" or "＀" <= char <= "￯"


def short(text: str, most: int = 40) -> str:
    """Return a text on one line, its end cut where it is long."""
    flat = " ".join(text.split())
    return flat if width(flat) <= most else flat[: max(int(most * len(flat) / width(flat)) - 1, 1)] + "…"


def wrapped(text: str, most: int, lines: int = 3) -> str:
    """Return a text in lines of about ``most`` Latin letters; Chinese characters are twice as wide."""
    flat = short(text, most * lines)
    per_line = max(round(most * len(flat) / max(width(flat), 1)), 1)
    return textwrap.fill(flat, per_line)


def width(text: str) -> int:
    """Return the width in Latin letters."""
    return sum(2 if is_cjk(char) else 1 for char in text)
