"""``[emergency]`` of a study: ambulances and referral."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from access15.study.settings import toml as t


@dataclass(frozen=True, slots=True)
class Emergency:
    """``[emergency]``: what the table of referral and emergency assumes.

    ``dispatch_minutes`` pass before an ambulance leaves: at most 3 minutes for 95 % of calls is the published norm.
    ``referral_mode`` is how patients go on to the next tier.
    """

    dispatch_minutes: Annotated[float, t.number] = 3.0
    referral_mode: Annotated[str, t.mode] = "drive"
