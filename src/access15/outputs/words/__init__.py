"""What is said, in English and Chinese: one look-up for every table, page, map and text.

A word that one table or page alone says stands in its own file; `words` takes those beside the shared ones. A key
means one thing in a look-up, and no pair stands twice.
"""

from __future__ import annotations

from collections.abc import Mapping

from access15.errors import InputError
from access15.outputs.words.codes import codes
from access15.outputs.words.vocabulary import SHARED, Pair, read_pairs

__all__ = ["Pair", "Words", "read_pairs", "said", "words"]

Words = Mapping[str, str]
"""Words of one language by key."""


def words(lang: str, own: Mapping[str, Pair] | None = None) -> dict[str, str]:
    """Return the words of one language: the shared ones, those for values (see `said`), and a file's own.

    Raises
    ------
    InputError
        If the language is neither ``en`` nor ``zh``.
    """
    if lang not in ("en", "zh"):
        raise InputError(f"language {lang!r} is not known: use en or zh")
    values = {
        f"={code}": pair for code, pair in codes().items()
    }  # A value may read as a head does: "capacity".
    return {key: pair[lang == "zh"] for key, pair in {**values, **SHARED, **(own or {})}.items()}


def said(word: Words, value: object) -> str | None:
    """Return the word for a value of a table, the value itself where there is none, None where missing."""
    if value is None or value != value or value == "":
        return None
    return word.get(f"={value}", str(value))
