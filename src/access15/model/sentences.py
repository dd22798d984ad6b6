"""What the program says of what it did, in Chinese: reasons, counts and notes of plans, by the English text it keeps.

Results keep one text, the English one, so that ``run.json`` and comparisons stay the same in every language. What
stands in ``sentences.csv`` beside this file gives the Chinese: a line is a text, or a pattern with ``{places}`` for names,
numbers and other texts, which are looked up in turn.
"""

from __future__ import annotations

import csv
import json
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

_NUMBERS: Final = {"all", "count", "minutes", "seconds", "metres", "row", "people", "rate", "share", "number"}
"""Places for numbers only."""

_PLACE: Final = re.compile(r"\{(\w+)\}")
_DEPTH: Final = 4


@cache
def sentences() -> dict[str, str]:
    """Return the Chinese of every English text and pattern."""
    with Path(__file__).with_name("sentences.csv").open(encoding="utf-8", newline="") as file:
        return {row["en"]: row["zh"] for row in csv.DictReader(file)}


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the patterns, those that say most themselves first."""
    found = [(english, chinese) for english, chinese in sentences().items() if "{" in english]
    found.sort(key=lambda pair: -len(_PLACE.sub("", pair[0])))
    return tuple((re.compile(_expression(english), re.DOTALL), chinese) for english, chinese in found)


def _expression(english: str) -> str:
    parts, at = [], 0
    for place in _PLACE.finditer(english):
        what = r"-?[\d.,]*\d(?:e[+-]?\d+)?%?" if place[1] in _NUMBERS else ".+?"
        parts += [re.escape(english[at : place.start()]), f"(?P<{place[1]}>{what})"]
        at = place.end()
    return "".join([*parts, re.escape(english[at:])])


@lru_cache(maxsize=16384)
def in_chinese(text: str) -> str:
    """Return a text of the program in Chinese; the text itself where no words are known, as for names.

    Parameters
    ----------
    text : str
        A sentence, several with ``;`` between them, or one after a name: ``r12: a pharmacy``.
    """
    found = _of(text, 0)
    if found is not None:
        return found
    for mark, between in (("; ", "；"), (" · ", " · ")):
        parts = text.split(mark)
        if len(parts) > 1 and any(in_chinese(part) != part for part in parts):
            return between.join(map(in_chinese, parts))
    name, mark, rest = text.partition(": ")
    if mark and rest:
        before, after = in_chinese(name), in_chinese(rest)
        if (before, after) != (name, rest):
            return f"{before}：{after}"
    return text


def _of(text: str, depth: int) -> str | None:
    plain = sentences().get(text)
    if plain is not None or depth > _DEPTH:
        return plain
    for pattern, chinese in _patterns():
        found = pattern.fullmatch(text)
        if found:
            parts = {name: _part(part, depth) for name, part in found.groupdict().items()}
            return _PLACE.sub(lambda place, parts=parts: parts[place[1]], chinese)  # type: ignore[misc]
    return None


def _part(text: str, depth: int) -> str:
    found = _of(text, depth + 1)
    return text if found is None else found


def said_in(text: str, lang: str) -> str:
    """Return a text of the program in a language, ``en`` or ``zh``."""
    return in_chinese(text) if lang == "zh" else text


def facts_in_chinese(value: Any) -> Any:
    """Return what a text, a list or a table says in Chinese, down to its last value; notes become their Chinese line.

    Parameters
    ----------
    value : str, list, mapping or anything else
        Keys of mappings stay. A text that is a JSON list or table is read as one.
    """
    if isinstance(value, str):
        if value[:1] in "[{" and value[-1:] in "]}":
            try:
                return json.dumps(facts_in_chinese(json.loads(value)), ensure_ascii=False)
            except (ValueError, RecursionError):
                return value
        return in_chinese(value)
    if isinstance(value, dict):
        if "zh" in value and "en" in value:
            return str(value.get("text_zh") or f"{value['zh']}：{value.get('count', '')}")
        return {key: facts_in_chinese(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [facts_in_chinese(item) for item in value]
    return value
