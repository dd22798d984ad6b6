"""The two sides side by side: shares, correlation, and the pairs that differ most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from places import columns_file, read_columns

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
ENGINES = ("valhalla", "osrm")
AGREE, WALK_WITHIN, DRIVE_WITHIN, SNAP_M = 0.05, 0.03, 0.10, 25.0


@dataclass(frozen=True)
class Routes:
    """Answers of all sides for the pairs of one place and mode.

    Attributes
    ----------
    ends : (n, 4) float64
        lon, lat, lon, lat as drawn.
    seconds, metres : mapping of side to (n,) float64
        NaN where there is no route. "both" is the geometric mean of the two engines: their levels cancel.
    off_m : (n,) float64
        The furthest that Valhalla or OSRM moved an end of the pair.
    """

    ends: Floats
    seconds: dict[str, Floats]
    metres: dict[str, Floats]
    off_m: Floats

    @property
    def all_found(self) -> Bools:
        """Pairs that every side routed."""
        return np.logical_and.reduce([np.isfinite(values) for values in self.seconds.values()])


def load(place: str, mode: str) -> Routes:
    """Read what both sides wrote."""
    sides = {side: _numbers(place, mode, side) for side in ("ours", *ENGINES)}
    ours = sides["ours"]
    ends = np.column_stack([ours[name] for name in ("lon", "lat", "lon_to", "lat_to")])
    off = [
        _metres_apart(ends[:, k : k + 2], np.column_stack((sides[engine][x], sides[engine][y])))
        for engine in ENGINES
        for k, (x, y) in ((0, ("lon", "lat")), (2, ("lon_to", "lat_to")))
    ]
    seconds = {side: columns["seconds"] for side, columns in sides.items()}
    seconds["both"] = np.sqrt(seconds["valhalla"] * seconds["osrm"])
    return Routes(
        ends,
        seconds,
        {side: columns["metres"] for side, columns in sides.items()},
        np.max(off, axis=0),
    )


def _numbers(place: str, mode: str, side: str) -> dict[str, Floats]:
    columns = read_columns(columns_file(place, mode, side))
    return {name: np.array(values, float) for name, values in columns.items()}


def _metres_apart(a: Floats, b: Floats) -> Floats:
    east = (a[:, 0] - b[:, 0]) * 111_320 * np.cos(np.radians(a[:, 1]))
    return np.asarray(np.hypot(east, (a[:, 1] - b[:, 1]) * 110_950))


def walking(routes: Routes) -> tuple[Bools, Floats]:
    """Return the pairs that count and our relative difference from the mean of the two engines, (n,)."""
    valhalla, osrm, ours = (routes.seconds[side] for side in ("valhalla", "osrm", "ours"))
    with np.errstate(invalid="ignore"):
        agree = np.abs(valhalla - osrm) <= AGREE * np.minimum(valhalla, osrm)
        return agree, ours / ((valhalla + osrm) / 2) - 1


def driving(routes: Routes, one: str, other: str) -> tuple[Bools, Floats, float, float]:
    """Return the pairs that count, their difference after division by the median ratio, that ratio, Spearman's rho."""
    from scipy.stats import spearmanr

    counts = routes.all_found & (routes.off_m <= SNAP_M)
    ratio = routes.seconds[one] / routes.seconds[other]
    median = float(np.median(ratio[counts]))
    rho = float(spearmanr(routes.seconds[one][counts], routes.seconds[other][counts]).statistic)
    return counts, ratio / median - 1, median, rho


def table(places: list[str]) -> str:
    """Return the tables of the comparison as Markdown."""
    walk = [
        "| walking | pairs | no route: ours, Valhalla, OSRM | the two agree within 5 % | ours within 3 % | median difference |",
        "|---|---|---|---|---|---|",
    ]
    drive = [
        "| driving | pairs | ends within 25 m | compared | rank correlation | median ratio | within 10 % | where the engines agree |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for place in places:
        routes = load(place, "walk")
        agree, gap = walking(routes)
        missing = ", ".join(f"{np.isnan(routes.seconds[s]).sum():,}" for s in ("ours", *ENGINES))
        good = np.abs(gap[agree]) <= WALK_WITHIN  # no route of ours (NaN) is not within
        walk.append(
            f"| {place} | {len(gap):,} | {missing} | {agree.sum():,} | {good.mean():.1%} | {np.nanmedian(gap[agree]):+.2%} |"
        )
        routes = load(place, "drive")
        counts, apart, *_ = driving(routes, "osrm", "valhalla")
        agreed = counts & (np.abs(apart) <= DRIVE_WITHIN)
        for one, other in (("ours", "valhalla"), ("ours", "osrm"), ("ours", "both"), ("osrm", "valhalla")):
            counts, gap, median, rho = driving(routes, one, other)
            within, sure = ((np.abs(gap[which]) <= DRIVE_WITHIN).mean() for which in (counts, agreed))
            drive.append(
                f"| {place} | {len(gap):,} | {counts.sum():,} | {one} / {other} | {rho:.4f} | {median:.2f} | {within:.1%} | {sure:.1%} |"
            )
    return "\n".join([*walk, "", *drive])


def clock(places: list[str]) -> str:
    """Return how far the answers of all are from the quickest drive by Valhalla's own clock, as Markdown."""
    rows = [
        "| place | pairs | Valhalla's answer is over 2 %, 10 % slower | compared | rank correlation | within 10 % |",
        "|---|---|---|---|---|---|",
    ]
    for place in places:
        routes, other = load(place, "drive"), _numbers(place, "drive", "clock")
        answer = routes.seconds["valhalla"]
        routes.seconds["plain"] = other["plain"]
        routes.seconds["quickest"] = np.fmin.reduce([answer, *other.values()])
        for one, against in (
            ("ours", "plain"), ("osrm", "plain"), ("ours", "quickest"), ("osrm", "quickest"),
            ("valhalla", "quickest"),
        ):  # fmt: skip
            counts, gap, _, rho = driving(routes, one, against)
            slower = (answer / routes.seconds["quickest"])[counts] - 1
            late = ", ".join(f"{(slower > over).mean():.1%}" for over in (0.02, 0.1))
            near = (np.abs(gap[counts]) <= DRIVE_WITHIN).mean()
            rows.append(
                f"| {place} | {counts.sum():,} | {late} | {one} / {against} | {rho:.4f} | {near:.1%} |"
            )
    return "\n".join(rows)


def worst(place: str, mode: str, count: int = 10) -> str:
    """Return the pairs that differ most from both engines, as Markdown."""
    routes = load(place, mode)
    if mode == "walk":
        counts, gap = walking(routes)
    else:
        counts, first, _, _ = driving(routes, "ours", "valhalla")
        second = driving(routes, "ours", "osrm")[1]
        # What differs from one engine only is between the engines; the smaller difference counts.
        gap = np.where(
            np.sign(first) == np.sign(second), np.where(np.abs(first) < np.abs(second), first, second), 0
        )
    size = np.where(counts, np.nan_to_num(np.abs(gap), nan=np.inf), -1)
    rows = [
        f"| {place}, {mode} | from | to | ours, s | Valhalla, s | OSRM, s | difference |",
        "|---|---|---|---|---|---|---|",
    ]
    order = np.argsort(-size, kind="stable")
    # One pair per origin: its other pairs differ for the same reason.
    _, first_of = np.unique(routes.ends[order, :2], axis=0, return_index=True)
    for row in order[np.sort(first_of)][:count]:
        lon, lat, lon_to, lat_to = routes.ends[row]
        times = " | ".join(f"{routes.seconds[side][row]:.0f}" for side in ("ours", *ENGINES)).replace(
            "nan", "no route"
        )
        difference = f"{gap[row]:+.0%}" if np.isfinite(gap[row]) else ""
        rows.append(f"| {row} | {lat:.5f}, {lon:.5f} | {lat_to:.5f}, {lon_to:.5f} | {times} | {difference} |")
    return "\n".join(rows)
