"""Rasters of people per cell, read in blocks; cells become points at their centres."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from access15.arguments import say
from access15.arrays import Bools, Floats, Ints
from access15.crs import crs_name, parse_crs
from access15.errors import CRSError, InputError
from access15.model import Note, Population, tell, with_notes
from access15.sources.formats import raster_driver
from access15.sources.table import existing

RASTERS = (".tif", ".tiff", ".vrt", ".img", ".asc")
"""Endings of the names of rasters."""

_MOST_CELLS = 4_000_000_000
"""A raster of all of China with cells of 100 m has 3.2 billion."""

_MOST_BLOCK_CELLS = 64_000_000
"""Cells that must be in memory at once: 0.5 GB."""

_MOST_KEPT = 60_000_000
"""Cells with people that are kept, some 10 GB."""

_BLOCK_CELLS = 4_000_000


def read_raster(file: Path, groups: Mapping[str, Path], crs: str | None) -> Population:
    """Return the people of a raster of counts; see `access15.sources.read_population`.

    Parameters
    ----------
    file : Path
    groups : mapping of str to Path
        Rasters of groups on the same grid.
    crs : str or None
        CRS of a raster that does not state it.
    """
    with _opened(file) as raster:
        system = _crs(file, raster, crs)
        rows, columns, people, counts = _counts(raster)
        grid = _grid(raster)
        transform = raster.transform
    _refuse_empty(file, people, counts)
    odd = counts["negative"] + counts["not_finite"]
    notes = [
        Note(
            "cells that are no number of people",
            odd,
            "cells are negative or not a number and count as nobody: check the raster",
            "个单元为负数或非数值，按无人计：请核对栅格",
        )
    ]
    by_group, lost = {}, {}
    for name, path in groups.items():
        by_group[name], lost[name] = _group(existing(path), grid, file, rows, columns, people)
    check_groups(file.name, people, by_group)
    for name, counts_of in by_group.items():
        notes += _group_notes(file, name, (rows, columns), people, counts_of, lost[name])
    tell((one for one in notes if one.count), file.name)
    a, b, c, d, e, f = tuple(transform)[:6]
    x = a * (columns + 0.5) + b * (rows + 0.5) + c
    y = d * (columns + 0.5) + e * (rows + 0.5) + f
    facts = {
        "source": file.name,
        "unit": "people per cell, taken as the file gives them, not resampled",
        **counts,
        "kept": len(people),
        "people": float(people.sum()),
        **({"groups": lost} if lost else {}),
    }
    return Population(
        cell_id=np.array([f"r{r}c{c}" for r, c in zip(rows.tolist(), columns.tolist(), strict=True)], object),
        x=x, y=y, people=people, crs=system, groups=by_group,
        cell_size=(float(np.hypot(a, d)), float(np.hypot(b, e))),
        provenance=with_notes(facts, notes),
    )  # fmt: skip


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    import rasterio

    try:
        with rasterio.open(file, driver=raster_driver(file)) as raster:
            check_raster_size(file, raster)
            if raster.count != 1:
                raise InputError(
                    f"{file} has {raster.count} bands: give a raster with one band of people per cell"
                )
            yield raster
    except (rasterio.errors.RasterioError, rasterio.errors.CRSError, ValueError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{file} cannot be read as a raster ({error}): download or export it again"
        ) from error


def check_raster_size(file: Path, raster: Any) -> None:
    """Refuse a raster too large to be people of one study, by what it declares, before any of it is read.

    Parameters
    ----------
    file : Path
    raster : rasterio.DatasetReader
    """
    cells, block = (
        raster.width * raster.height,
        raster.block_shapes[0][0] * raster.width if raster.count else 0,
    )
    if cells > _MOST_CELLS or block > _MOST_BLOCK_CELLS:
        raise InputError(
            f"{file} declares {raster.width:,} × {raster.height:,} cells, more than can be read: clip it to the place of the study"
        )


def _crs(file: Path, raster: Any, given: str | None) -> str:
    if raster.crs is None:
        if given is None:
            raise CRSError(
                f"{file} does not state its CRS: set it in the file, or say {say('crs', 'EPSG:4326', 'population')}"
            )
        return crs_name(parse_crs(given))
    name = crs_name(raster.crs.to_wkt())
    if given is not None and not parse_crs(given).equals(parse_crs(name), ignore_axis_order=True):
        raise CRSError(
            f"{file} says it is in {name[:60]}, but {given!r} is stated: correct the file, or leave out "
            + say("crs", given, "population")
        )
    return name


def _grid(raster: Any) -> tuple[Any, ...]:
    return (raster.width, raster.height, tuple(raster.transform)[:6], raster.crs)


def _blocks(raster: Any) -> Iterator[tuple[int, Floats, Bools, int]]:
    """Yield ``(first row, values, has data)`` in strips of whole block rows."""
    from rasterio.windows import Window

    tall = raster.block_shapes[0][0]
    strip = max(tall, (_BLOCK_CELLS // raster.width) // tall * tall)
    scale, offset = raster.scales[0], raster.offsets[0]
    for top in range(0, raster.height, strip):
        window = Window(0, top, raster.width, min(strip, raster.height - top))
        values = raster.read(1, window=window).astype(np.float64) * scale + offset
        stated = raster.read_masks(1, window=window) > 0
        known = stated & np.isfinite(values)
        yield top, values, known, int((stated & ~known).sum())


def _counts(raster: Any) -> tuple[Ints, Ints, Floats, dict[str, int]]:
    rows, columns, people = [], [], []
    kept = 0
    counts = {
        "cells": raster.width * raster.height,
        "without_data": 0,
        "without_people": 0,
        "negative": 0,
        "not_finite": 0,
    }
    for top, values, known, odd in _blocks(raster):
        counts["not_finite"] += odd
        counts["without_data"] += int((~known).sum())
        counts["negative"] += int((known & (values < 0)).sum())
        counts["without_people"] += int((known & (values == 0)).sum())
        r, c = np.nonzero(known & (values > 0))
        rows.append(r + top)
        columns.append(c)
        people.append(values[r, c])
        kept += len(r)
        if kept > _MOST_KEPT:
            raise InputError(
                f"the raster has more than {_MOST_KEPT:,} cells with people: clip it to the place of the study"
            )
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(people), counts


def _refuse_empty(file: Path, people: Floats, counts: Mapping[str, int]) -> None:
    if len(people):
        return
    if counts["without_data"] == counts["cells"]:
        raise InputError(
            f"{file} has no data in any cell: check its no-data value and that it covers the place"
        )
    raise InputError(
        f"{file} has no people in any cell ({counts['without_people']:,} cells are 0, {counts['negative']:,} negative): "
        "check that it is a raster of people"
    )


def _group(
    file: Path, grid: tuple[Any, ...], base: Path, rows: Ints, columns: Ints, people: Floats
) -> tuple[Floats, dict[str, float]]:
    """Return a group's people in the kept cells, and what lies elsewhere."""
    out = np.zeros(len(rows))
    total, negative, unknown, lived = 0.0, 0, 0, 0.0
    with _opened(file) as raster:
        _same_grid(file, base, _grid(raster), grid)
        for top, values, known, _ in _blocks(raster):
            here = slice(*np.searchsorted(rows, (top, top + len(values))))
            r, c = rows[here] - top, columns[here]
            unknown += int((~known[r, c]).sum())
            lived += float(people[here][~known[r, c]].sum())
            negative += int((known[r, c] & (values[r, c] < 0)).sum())
            usable = np.where(known & (values > 0), values, 0.0)
            out[here] = usable[r, c]
            total += float(usable.sum())
    if unknown == len(rows):
        raise InputError(
            f"{file} has no data where {base.name} has people: check its no-data value and its place"
        )
    lost = {"people_in_dropped_cells": max(total - float(out.sum()), 0.0)}
    return out, lost | {
        "cells_without_data": unknown,
        "people_without_group": lived,
        "cells_negative": negative,
    }


_MOST_EXCESS: Final = 0.01
"""More of a group than this share beyond the residents of their cells are no rounding: the two rasters do not belong together."""


def _group_notes(
    file: Path,
    name: str,
    cell: tuple[Ints, Ints],
    people: Floats,
    group: Floats,
    lost: Mapping[str, float],
) -> Iterator[Note]:
    """Yield what is odd about a group, cell by cell; refuse one with many more members than the residents of the cells."""
    known = max(float(group.sum()), 1e-9)
    excess = np.maximum(group - people, 0.0)
    odd = group > people * 1.001 + 0.5
    worst = int(np.argmax(excess))
    where = f"r{cell[0][worst]}c{cell[1][worst]}"
    if excess[odd].sum() > _MOST_EXCESS * known:
        raise InputError(
            f"{file.name}: in {int(odd.sum()):,} of {len(people):,} cells the group {name!r} has more people than live there "
            f"(cell {where}: {group[worst]:,.6g} of {people[worst]:,.6g}), {excess[odd].sum() / known:.1%} of the group: give both of "
            f"one year and one product, {say('groups', {name: '….tif'}, 'population')}"
        )
    yield Note(
        f"group {name}: more than residents",
        float(excess[odd].sum()),
        f"people of the group {name} are more than live in their cells ({int(odd.sum()):,} cells, most in {where})",
        f"人（群体 {name}）超出所在单元的人口（{int(odd.sum()):,} 个单元，最多为 {where}）",
    )
    yield Note(
        f"group {name}: in cells without people",
        lost["people_in_dropped_cells"],
        f"people of the group {name} are in cells where nobody lives and do not count",
        f"人（群体 {name}）位于无人口的单元，未计入",
    )
    blank = float(lost["people_without_group"])
    yield Note(
        f"group {name}: cells without data",
        blank,
        f"people live in {lost['cells_without_data']:,.0f} cells where the raster of the group {name} has no data: nobody there is counted "
        "as of the group",
        f"人所在的 {lost['cells_without_data']:,.0f} 个单元没有群体 {name} 的数据，按无该群体计",
        blank / float(people.sum()),
        "people",
    )


def _same_grid(file: Path, base: Path, grid: tuple[Any, ...], wanted: tuple[Any, ...]) -> None:
    size = abs(wanted[2][0]) + abs(wanted[2][1])
    shifted = np.abs(np.subtract(grid[2], wanted[2])).max() > size / 100
    if grid[:2] != wanted[:2] or shifted or grid[3] != wanted[3]:
        raise InputError(
            f"{file} is not on the grid of {base.name} ({grid[0]} × {grid[1]} against {wanted[0]} × {wanted[1]} cells, "
            "or another corner or CRS): export both from the same product"
        )


def check_groups(source: str, people: Floats, groups: Mapping[str, Floats]) -> None:
    """Refuse a group larger than everybody together.

    Parameters
    ----------
    source : str
        For the message.
    people : (n,) float64
    groups : dict of str to (n,) float64
    """
    for name, counts in groups.items():
        if counts.sum() > people.sum() * 1.001:
            raise InputError(
                f"{source}: group {name!r} has {counts.sum():,.0f} people, more than the {people.sum():,.0f} residents: "
                "check that the files or columns are not mixed up"
            )
