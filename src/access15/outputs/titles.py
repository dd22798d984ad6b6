"""What layers and their columns are called in a GIS, in English and Chinese; their names in the file never change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from access15.outputs.layers import layer_named
from access15.outputs.words import words


def layer_title(layer: str, lang: str = "en") -> str:
    """Return what a layer is called; its name where there is no other word."""
    words(lang)  # An unknown language is refused here too.
    return layer_named(layer).titles[lang == "zh"]


def column_titles(
    layer: str, columns: Iterable[str], aliases: Mapping[str, str], lang: str = "en"
) -> dict[str, str]:
    """Return what the columns of a layer are called, by name.

    Parameters
    ----------
    layer : str
        Name of the layer.
    columns : iterable of str
        Names of its columns.
    aliases : mapping of str to str
        The original text behind names that were made from one (``people_65plus``: ``people 65+``).
    lang : {"en", "zh"}

    Returns
    -------
    dict of str to str
        Only columns whose title says more than their name.
    """
    words(lang)
    known = layer_named(layer)
    titles = {name: known.column_title(name, aliases.get(name, ""), lang) for name in columns}
    return {name: title for name, title in titles.items() if title}
