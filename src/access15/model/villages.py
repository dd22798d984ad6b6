"""Administrative villages and communities, which people and service points are counted by."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import numpy as np

from access15.arrays import Bools, Objects
from access15.model._base import freeze

_COMMITTEE: Final = re.compile(r"(村民委员会|村委会|居民委员会|居委会|村委|居委)$")


def plain_name(text: str) -> str:
    """Return the name of a village or township as it is compared: without spaces and the word for its committee."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
    return _COMMITTEE.sub("", plain)


@dataclass(frozen=True, slots=True, eq=False)
class Villages:
    """Administrative villages (行政村) and urban communities (社区); immutable.

    Attributes
    ----------
    id : (v,) object array of str
        Unique: the statistical code, else township and name.
    name, town : (v,) object arrays of str
        Name of the village and of its township; the latter may be empty.
    community : (v,) bool
        Which are urban communities (居委会) and no villages.
    """

    id: Objects
    name: Objects
    town: Objects
    community: Bools

    def __post_init__(self) -> None:
        n = len(self.id)
        for name in ("id", "name", "town"):
            freeze(self, name, object, n)
        freeze(self, "community", np.bool_, n)

    def __len__(self) -> int:
        return len(self.id)

    def __repr__(self) -> str:
        return (
            f"<Villages {int((~self.community).sum()):,} villages, {int(self.community.sum()):,} communities>"
        )
