"""``[[tiers]]`` of a study: tiers and services with a cut-off and a mode of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from access15.study.settings import toml as t


@dataclass(frozen=True, slots=True)
class TierInput:
    """``[[tiers]]``: coverage by some of the service points, one such table each.

    ``of`` names tiers or services of the service points (``["村卫生室"]``, ``"中医"``), by which ``mode`` and within how many
    ``minutes`` they are to be reached; those of the headline unless named.
    """

    name: Annotated[str, t.text]
    of: Annotated[tuple[str, ...], t.list_of(t.text)]
    mode: Annotated[str | None, t.mode] = None
    minutes: Annotated[float | None, t.minutes] = None
