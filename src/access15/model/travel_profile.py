"""A way of travelling: who may use a street, and how fast."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from access15.errors import InputError
from access15.model.street_network import STANDING, WAITS
from access15.modes import MODES, Access, TravelMode, access_of

Mode: TypeAlias = str
"""The name of a mode, a key of `access15.modes.MODES`."""
Direction = Literal["to", "from"]
Slope = Literal["tobler"]
Rides = Literal["one", "any"]

DELAYS = (*WAITS, "junction", "turn", "sharp_turn", "u_turn", "ferry")
"""What a profile may wait for, seconds each: the points of `WAITS`, any junction, turns there, turning round, a ferry whose
interval is not mapped."""
MAX_DELAY_S = 3600.0

TOBLER_SOURCE = "Tobler 1993, Three presentations on geographical analysis and modeling (hiking function)"


def check_direction(direction: str) -> Direction:
    """Return ``direction`` if it is ``"to"`` or ``"from"``, else raise `InputError`."""
    if direction == "to":
        return "to"
    if direction == "from":
        return "from"
    raise InputError(f'direction must be "to" (people travel to facilities) or "from", not {direction!r}')


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class TravelProfile:
    """One way of travelling; immutable. Presets are in `access15.profiles`.

    Attributes
    ----------
    name : str
        As typed on the command line, such as ``"walk-elder"``.
    mode : str
        Which permission of the street decides: one of `access15.modes.MODES`, such as ``"foot"``.
    speed_kph : float
        Flat speed where no class speed is given, km/h.
    class_kph : mapping of str to float
        Speed by highway class, km/h; empty for walking, where every street has one speed.
    surface_cap_kph : mapping of str to float
        Highest speed on a surface, km/h.
    tracktype_cap_kph, smoothness_cap_kph : mapping of str to float
        Highest speed on a type of track and at a smoothness, km/h.
    access : mapping of str to {"yes", "no"}
        Highway classes that are open or closed to it unless a tag of the street says otherwise.
    maxspeed_factor : float or None
        Share of a signed speed limit that is driven. None: limits give no speed; except on foot nobody is faster.
    peak_factor : float
        Factor on every driving speed, 1 = free flow.
    delay_s : mapping of str to float
        Seconds lost at each thing of `DELAYS`; nothing is lost where none is given. ``junction``: reaching a
        node where at least three street pieces open to the mode meet. ``turn``, ``sharp_turn``: a turn there by
        90° and by 150° (`access15.network.turn_delays`). ``u_turn``: turning round at a dead end near a turn
        restriction. ``ferry``: the mean wait where no interval is mapped; half of `FERRY_INTERVAL_S` where none is given.
        The peak factor does not change delays.
    off_network_kph : float
        Speed of the leg between a point and its street, km/h; always on foot.
    direction : {"to", "from"}
        Default direction: people to facilities, or from the facility to people (ambulance).
    slope : {"tobler"} or None
        ``"tobler"``: streets uphill and downhill take longer by Tobler's hiking function, on networks with
        elevation. Only for people on foot.
    source : str
        Where the numbers come from.
    stand_on : tuple of str
        Kinds of streets (`STANDING`) at which points join the network besides ordinary ones, such as ``"bridge"``
        where houses stand on bridges.
    start_s : float
        Seconds before anybody leaves, part of every time: the dispatch of an ambulance.
    off_road_kph : mapping of str to float
        Speed on foot over land by class of the land cover, km/h, 0 = closed; used with a terrain only.
    rides : {"one", "any"}
        How often the vehicle may be left on a way over land: once, or as often as one likes.
    sources : mapping of str to str
        Where one number comes from, by its place, such as ``"class_kph.track"``; the others are from
        ``source``.
    """

    name: str
    mode: Mode
    speed_kph: float
    class_kph: Mapping[str, float] = field(default_factory=dict)
    surface_cap_kph: Mapping[str, float] = field(default_factory=dict)
    maxspeed_factor: float | None = None
    peak_factor: float = 1.0
    off_network_kph: float = 4.8
    direction: Direction = "to"
    source: str = ""
    slope: Slope | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    delay_s: Mapping[str, float] = field(default_factory=dict)
    stand_on: tuple[str, ...] = ()
    tracktype_cap_kph: Mapping[str, float] = field(default_factory=dict)
    smoothness_cap_kph: Mapping[str, float] = field(default_factory=dict)
    access: Mapping[str, str] = field(default_factory=dict)
    start_s: float = 0.0
    off_road_kph: Mapping[str, float] = field(default_factory=dict)
    rides: Rides = "one"

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise InputError(f"profile {self.name!r}: mode {self.mode!r} is not one of {', '.join(MODES)}")
        check_direction(self.direction)
        if self.slope not in (None, "tobler"):
            raise InputError(f'profile {self.name!r}: slope must be "tobler" or left out, not {self.slope!r}')
        if self.slope and not self.travel_mode.hikes:
            raise InputError(
                f"profile {self.name!r}: Tobler's function is for people on foot; leave slope out for {self.mode}"
            )
        speeds = {
            "speed_kph": self.speed_kph,
            "off_network_kph": self.off_network_kph,
            "peak_factor": self.peak_factor,
            **{f"class_kph[{k}]": v for k, v in self.class_kph.items()},
            **{f"surface_cap_kph[{k}]": v for k, v in self.surface_cap_kph.items()},
            **{f"tracktype_cap_kph[{k}]": v for k, v in self.tracktype_cap_kph.items()},
            **{f"smoothness_cap_kph[{k}]": v for k, v in self.smoothness_cap_kph.items()},
        }
        if self.maxspeed_factor is not None:
            speeds["maxspeed_factor"] = self.maxspeed_factor
        for name, value in speeds.items():
            if not math.isfinite(value) or not 0 < value <= 300:
                raise InputError(
                    f"profile {self.name!r}: {name} must be above 0 and at most 300, not {value!r}"
                )

        for name, value in self.off_road_kph.items():
            if not 0 <= value <= 300:
                raise InputError(
                    f"profile {self.name!r}: off_road_kph[{name}] must be 0 (closed) to 300, not {value!r}"
                )
        if self.rides not in ("one", "any"):
            raise InputError(f'profile {self.name!r}: rides must be "one" or "any", not {self.rides!r}')
        for kind in self.stand_on:
            if kind not in STANDING:
                raise InputError(
                    f"profile {self.name!r}: stand_on has {kind!r}: use {', '.join(STANDING[2:])}"
                )
        for name, word in self.access.items():
            if word not in ("yes", "no"):
                raise InputError(f'profile {self.name!r}: access[{name}] must be "yes" or "no", not {word!r}')
        if not 0 <= self.start_s <= MAX_DELAY_S:
            raise InputError(
                f"profile {self.name!r}: start_s must be 0 to {MAX_DELAY_S:g} seconds, not {self.start_s!r}"
            )
        for name, value in self.delay_s.items():
            if name not in DELAYS:
                raise InputError(
                    f"profile {self.name!r}: there is no delay {name!r}: use one of {', '.join(DELAYS)}"
                )
            if not 0 <= value <= MAX_DELAY_S:
                raise InputError(
                    f"profile {self.name!r}: delay_s[{name}] must be 0 to {MAX_DELAY_S:g} seconds, not {value!r}"
                )

    @property
    def access_bit(self) -> Access:
        """The permission bit this profile needs."""
        return access_of(self.mode)

    @property
    def travel_mode(self) -> TravelMode:
        """What its mode has of its own: access keys, barriers, whether turns are ruled."""
        return MODES[self.mode]

    def source_of(self, place: str) -> str:
        """Return where the number at ``place`` (``"speed_kph"``, ``"class_kph.track"``) comes from."""
        return self.sources.get(place, self.source)

    def with_slope(self, name: str | None = None) -> TravelProfile:
        """Return the same profile slowed by slopes; it is called ``<name>-slope`` unless named.

        Raises
        ------
        InputError
            If it is not a profile of people on foot.
        """
        return replace(
            self,
            name=name or f"{self.name}-slope",
            slope="tobler",
            sources={**self.sources, "slope": TOBLER_SOURCE},
        )

    def __repr__(self) -> str:
        return f"<TravelProfile {self.name}: {self.mode}, {self.speed_kph:g} km/h>"
