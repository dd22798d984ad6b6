"""Points onto streets: the nearest permitted edge, where along it, and how far off it."""

from __future__ import annotations

import numpy as np

from access15.arrays import Floats, Ints
from access15.crs import is_geographic, to_crs
from access15.errors import CRSError, InputError
from access15.model import LinkedPoints, LinkReason, StreetNetwork, TravelProfile
from access15.network.choices import MAX_SNAP_M, Choices, Found, Role
from access15.network.segments import SegmentIndex


def link_index(network: StreetNetwork, profile: TravelProfile, role: Role) -> SegmentIndex | None:
    """Return the grid over the edges that `link_points` links to (built once); None if there are none."""
    return Choices.of(network, profile, role).index


def link_points(
    network: StreetNetwork,
    x: Floats,
    y: Floats,
    crs: str,
    profile: TravelProfile,
    *,
    role: Role = "origin",
    max_snap_m: float = MAX_SNAP_M,
    what: str = "points",
) -> LinkedPoints:
    """Project points onto the nearest edge that leads somewhere and at which people of the profile can stand.

    Parameters
    ----------
    network : StreetNetwork
    x, y : (k,) float64
        Positions in ``crs``.
    crs : str
        CRS of the positions.
    profile : TravelProfile
        Decides which edges count.
    role : {"origin", "destination"}
        An origin must be able to leave its edge for the rest of the network, a destination to be reached.
    max_snap_m : float
        Points further off are unlinked, with the reason.
    what : str
        What the points are, for messages.

    Returns
    -------
    LinkedPoints
        With reason `LinkReason.PAST_FRAGMENT` where a nearer street leads nowhere, and `LinkReason.ON_MOTORWAY`
        where no other street is near enough.

    Raises
    ------
    InputError
        If the profile may use no street at all, or ``max_snap_m`` is not above 0.
    CRSError
        If a position cannot be expressed in the network's CRS, or longitude and latitude look swapped.
    """
    if not max_snap_m > 0:
        raise InputError(f"max_snap_m must be above 0, not {max_snap_m!r}")
    choices, k = Choices.of(network, profile, role), len(x)
    index = choices.index or choices.motorways
    if index is None:
        return LinkedPoints(
            np.full(k, -1, np.int32),
            np.full(k, np.nan),
            np.full(k, np.inf),
            np.full(k, LinkReason.NO_STREETS, np.uint8),
        )
    points = np.column_stack(to_crs(x, y, crs, network.crs))
    found = Found.within(points, choices.index, max_snap_m)
    choices.amend(points, found, max_snap_m)
    lost = np.flatnonzero(found.reason == LinkReason.TOO_FAR)
    _refuse_swapped(x, y, crs, lost, index, network.crs, what)
    found.leg_m[lost] = Found.within(points[lost], index, np.inf).leg_m
    linked = found.edge >= 0
    if choices.fragments is not None and linked.any():
        nearer = Found.within(points, choices.fragments, float(found.leg_m[linked].max()))
        past = linked & (nearer.edge >= 0) & (nearer.leg_m < found.leg_m)
        found.reason[past] = LinkReason.PAST_FRAGMENT
    return LinkedPoints(found.edge, found.fraction, found.leg_m, found.reason)


def _refuse_swapped(
    x: Floats,
    y: Floats,
    crs: str,
    lost: Ints,
    index: SegmentIndex,
    network_crs: str,
    what: str,
) -> None:
    """Raise if most of the points far from any street would be among the streets with x and y exchanged."""
    if not len(lost) or not is_geographic(crs) or np.abs(x[lost]).max() > 90:
        return
    px, py = to_crs(y[lost], x[lost], crs, network_crs)
    pad = MAX_SNAP_M
    inside = (px > index.x0 - pad) & (px < index.x0 + index.nx * index.size + pad)
    inside &= (py > index.y0 - pad) & (py < index.y0 + index.ny * index.size + pad)
    if inside.mean() > 0.5:
        row = lost[0]
        who = f"the {what}" if len(lost) == len(x) else f"{len(lost)} of the {len(x)} {what}"
        raise CRSError(
            f"longitude and latitude of {who} look swapped: ({x[row]:g}, {y[row]:g}), point {row + 1}, lies among the "
            "streets only the other way round; exchange the two columns there"
        )
