"""Speed of every edge under a profile."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from access15.model import StreetNetwork, TravelProfile

Floats = npt.NDArray[np.float64]


def edge_speeds_kph(network: StreetNetwork, profile: TravelProfile) -> tuple[Floats, Floats]:
    """Return km/h of every edge forward and backward, NaN where the profile may not travel.

    A signed limit (times ``maxspeed_factor``) goes before the class speed, the class speed before the
    profile's flat speed; the surface caps either; the peak factor applies last.

    Returns
    -------
    forward, backward : (m,) float64
    """
    by_class = np.array([profile.class_kph.get(name, profile.speed_kph) for name in network.highway_classes])
    caps = np.array([profile.surface_cap_kph.get(name, np.inf) for name in network.surface_classes])
    base = by_class[network.highway] if network.n_edges else np.empty(0)
    cap = caps[network.surface] if network.n_edges else np.empty(0)
    out = []
    for access, limit in (
        (network.access_forward, network.maxspeed_forward_kph),
        (network.access_backward, network.maxspeed_backward_kph),
    ):
        kph = base
        if profile.maxspeed_factor is not None:
            kph = np.where(np.isnan(limit), base, limit * profile.maxspeed_factor)
        kph = np.minimum(kph, cap) * profile.peak_factor
        out.append(np.where((access & profile.access_bit) != 0, kph, np.nan))
    return out[0], out[1]
