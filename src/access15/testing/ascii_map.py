r"""Street networks from a drawing.

Letters and digits are nodes; their place in the drawing is their place on the ground. Lines drawn
between them (``-``, ``|``, ``/``, ``\\``) are only for the eye: streets are named in ``ways``.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from access15.errors import InputError
from access15.model import Facilities, Population, StreetNetwork
from access15.network import StreetWays, build_network

CRS = "EPSG:32632"
"""A metric CRS; drawings have no place on Earth, so any will do."""


@dataclass(frozen=True, slots=True)
class AsciiMap:
    """A drawn street network and where its letters stand.

    Attributes
    ----------
    network : StreetNetwork
    places : dict of str to (x, y)
        Metres, for every letter of the drawing.
    """

    network: StreetNetwork
    places: dict[str, tuple[float, float]]

    def facilities(self, *letters: str) -> Facilities:
        """Return facilities at letters; the letter is the id."""
        x, y = zip(*(self.places[letter] for letter in letters), strict=True)
        return Facilities.of(x, y, CRS, ids=letters, name=list(letters))

    def population(self, people: Mapping[str, float]) -> Population:
        """Return people at letters; the letter is the cell id."""
        x, y = zip(*(self.places[letter] for letter in people), strict=True)
        return Population.of(x, y, list(people.values()), CRS, cell_id=list(people))


def street_map(
    drawing: str,
    ways: Mapping[str, Mapping[str, str]] | None = None,
    *,
    scale_m: float = 100.0,
    nodes: Mapping[str, Mapping[str, str]] | None = None,
    turns: Sequence[str] = (),
) -> AsciiMap:
    """Return the street network of a drawing.

    Parameters
    ----------
    drawing : str
        Letters and digits are nodes. One column is ``scale_m`` wide, one line ``scale_m`` high.
    ways : mapping of str to tags, optional
        ``"ABC"`` is a way from A over B to C with these OSM tags (``highway=residential`` where none is
        given). Default: every horizontal run of ``-`` and vertical run of ``|`` between two letters is a
        two-way street.
    scale_m : float
        Metres per character.
    nodes : mapping of str to tags, optional
        OSM tags of letters, such as ``{"B": {"barrier": "bollard"}}``.
    turns : sequence of str
        Turn restrictions by the names of the ways: ``"no AB B BC"`` or ``"no-left AB B BC"`` over a node, ``"only AB BC CD"`` over a
        way.

    Raises
    ------
    InputError
        If a letter stands twice or a way names one that is not drawn.

    Examples
    --------
    >>> drawn = street_map("A--B--C", {"ABC": {"highway": "footway"}})
    >>> round(float(drawn.network.length_m.sum()))
    600
    """
    lines = textwrap.dedent(drawing.strip("\n")).rstrip().split("\n")
    places: dict[str, tuple[float, float]] = {}
    for row, line in enumerate(lines):
        for column, letter in enumerate(line):
            if not letter.isalnum():
                continue
            if letter in places:
                raise InputError(f"the drawing has {letter!r} twice: use each letter once")
            places[letter] = (500_000 + column * scale_m, 5_000_000 - row * scale_m)
    drawn = dict(ways) if ways is not None else {name: {} for name in _runs(lines)}
    unknown = sorted({letter for name in drawn for letter in name} - set(places))
    if unknown:
        raise InputError(f"a way names {unknown[0]!r}, which is not drawn")
    ids = {letter: number for number, letter in enumerate(places)}
    order = [letter for name in drawn for letter in name]
    network = build_network(
        StreetWays(
            way_id=list(range(1, len(drawn) + 1)),
            tags=[{"highway": "residential", **tags} for tags in drawn.values()],
            size=[len(name) for name in drawn],
            node=np.array([ids[letter] for letter in order], np.int64),
            x=np.array([places[letter][0] for letter in order]),
            y=np.array([places[letter][1] for letter in order]),
            crs=CRS,
            restrictions=[_turn(text, list(drawn), ids) for text in turns],
            node_tags={ids[letter]: tags for letter, tags in (nodes or {}).items()},
            provenance={"source": "a drawing"},
        )
    )
    return AsciiMap(network, places)


def _runs(lines: list[str]) -> list[str]:
    """Return the pairs of letters that a straight run of ``-`` or ``|`` joins."""
    width = max(map(len, lines))
    rows = [line.ljust(width) for line in lines]
    columns = ["".join(row[i] for row in rows) for i in range(width)]
    found = []
    for texts, stroke in ((rows, "-"), (columns, "|")):
        for text in texts:
            letters = [(i, c) for i, c in enumerate(text) if c.isalnum()]
            for (i, a), (j, b) in pairwise(letters):
                if j > i + 1 and set(text[i + 1 : j]) == {stroke}:
                    found.append(a + b)
    return found


def _turn(text: str, ways: list[str], ids: Mapping[str, int]) -> tuple[tuple[int, ...], int, bool, str]:
    """Return a turn restriction as `StreetWays` holds it."""
    kind, *members = text.split()
    over_node = len(members) == 3 and len(members[1]) == 1
    via = ids[members.pop(1)] if over_node else -1
    only, _, turn = kind.partition("-")
    return tuple(ways.index(name) + 1 for name in members), via, only == "only", turn
