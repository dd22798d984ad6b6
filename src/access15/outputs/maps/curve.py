"""The curve of coverage against the number of sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

import numpy as np

from access15.arrays import Floats
from access15.errors import InputError
from access15.outputs.maps.checks import check_options
from access15.outputs.maps.coverage import Path
from access15.outputs.maps.sheet import Sheet, SheetOptions
from access15.outputs.palette import GETS, INK, LACKS, hex_color

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


_SIZE = (7.6, 5.0)  # inches


def plot_frontier(
    frontier: pd.DataFrame,
    *,
    targets: Sequence[float] = (0.8, 0.9, 0.95),
    title: str | None = None,
    ax: Axes | None = None,
    path: Path | None = None,
    lang: str = "en",
    **more: Unpack[SheetOptions],
) -> Axes:
    """Draw how many residents each number of new sites can cover.

    Parameters
    ----------
    frontier : DataFrame
        ``sites, people, rate, status, bound``, from `access15.frontier`.
    targets : sequence of float
        Shares to mark, 0 to 1; each that is reached is named with the fewest sites for it.
    title, ax, path, lang, **more
        As in `access15.plot_coverage`; ``crs`` and ``attribution`` are not used.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no row, or a column is missing.
    OutputError
        If the file cannot be written.
    """
    from matplotlib.ticker import MaxNLocator

    check_options(plot_frontier, more)
    _check(frontier)
    sheet = Sheet(title, (), ax=ax, path=path, lang=lang, **more)
    if ax is None:
        _paper(sheet)
    axes, word = sheet.axes, sheet.word
    sites, rate = frontier["sites"].to_numpy(float), frontier["rate"].to_numpy(float)
    proven = (frontier["status"] == "optimal").to_numpy()
    everybody = _everybody(frontier)
    bound = frontier["bound"].to_numpy(float) / everybody
    blue, orange, ink = (hex_color(rgb) for rgb in (GETS, LACKS, INK))
    axes.plot(sites, rate, color=blue, lw=1.8, zorder=3)
    for mask, fill, key in ((proven, blue, "curve_best"), (~proven, "white", "curve_found")):
        if mask.any():
            dots = axes.plot(sites[mask], rate[mask], ls="", marker="o", ms=5.5, mfc=fill, mec=blue, zorder=4)
            sheet.handles.append((dots[0], word[key]))
    if "objective" not in frontier and (~proven).any():
        line = axes.plot(sites, bound, color=orange, lw=1.4, ls=(0, (5, 2)), zorder=2)
        sheet.handles.append((line[0], word["curve_bound"]))
    axes.set_ylim(min(float(rate.min()) - 0.04, 0.95), 1.02)
    axes.set_xlim(-0.3, max(float(sites.max()), 1) + 0.3)
    _targets(sheet, sites, rate, targets)
    axes.set_xlabel(word["new_sites"], size=10, **sheet.put)
    axes.set_ylabel(word["curve_y"], size=10, **sheet.put)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
    axes.tick_params(labelsize=9, colors=ink)
    axes.grid(axis="y", color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    heading = title if title is not None else word["curve_title"]
    axes.set_title(heading, loc="left", size=13, weight="bold", pad=12, **sheet.put)
    sheet.legend("", 9, loc="lower right", bbox_to_anchor=(1.0, 0.04))
    return sheet.save()


def _check(frontier: pd.DataFrame) -> None:
    for name in ("sites", "people", "rate", "status", "bound"):
        if name not in getattr(frontier, "columns", ()):
            raise InputError(f"the curve has no column {name!r}: make it with access15.frontier")
    if not len(frontier) or not np.isfinite(frontier[["sites", "rate"]].to_numpy(float)).all():
        raise InputError("there is no coverage to draw: the curve has no rows, or nobody lives in the cells")


def _everybody(frontier: pd.DataFrame) -> float:
    """Return all residents: people divided by their share, where anybody is covered."""
    people, rate = frontier["people"].to_numpy(float), frontier["rate"].to_numpy(float)
    most = int(np.argmax(rate))
    return float(people[most] / rate[most]) if rate[most] > 0 else 1.0


def _paper(sheet: Sheet) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from access15.outputs.maps.axes import MapAxes

    figure = Figure(figsize=_SIZE, facecolor="white")
    FigureCanvasAgg(figure)
    sheet.take(figure.add_axes((0.1, 0.15, 0.86, 0.73), axes_class=MapAxes))
    figure.text(0.99, 0.015, f"{sheet.date}   ·   access15", size=7.5, ha="right", **sheet.put)


def _targets(sheet: Sheet, sites: Floats, rate: Floats, targets: Sequence[float]) -> None:
    """Mark each target with the fewest sites for it."""
    for share in targets:
        if not (np.isfinite(share) and 0 <= share <= 1):
            raise InputError(f"a target is a share from 0 to 1, not {share!r}")
        low, _ = sheet.axes.get_ylim()
        enough = sites[rate >= share]
        if share < low or not len(enough):
            continue
        first = float(enough.min())
        sheet.axes.plot(
            [sheet.axes.get_xlim()[0], first, first],
            [share, share, low],
            color="#888888",
            lw=0.9,
            ls=":",
            zorder=1,
            scalex=False,
            scaley=False,
        )
        sheet.axes.annotate(
            sheet.word["curve_needs"].format(rate=share, n=f"{first:g}"),
            (sheet.axes.get_xlim()[0], share),
            (5, 2.5),
            textcoords="offset points",
            size=8.5,
            **sheet.put,
        )
