"""Planned estates: people who are going to live somewhere, and from when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from access15.arrays import Floats, Objects
from access15.crs import to_crs
from access15.errors import InputError
from access15.model import Population
from access15.sources import columns as words
from access15.sources.population import read_population
from access15.sources.positions import degree_columns, unique_ids
from access15.sources.table import Source, note
from access15.sources.tables import read_table

PLANNED_PEOPLE: Final = (
    "planned_people",
    "people_planned",
    "规划人口",
    "规划居住人口",
    "规划居住人口数",
    "入住人口",
)
YEARS: Final = ("year", "opening_year", "建成年份", "交付年份", "入住年份", "投用年份", "年份")


@dataclass(frozen=True, slots=True, eq=False)
class Estates:
    """Planned estates.

    Attributes
    ----------
    people : Population
        One cell per estate.
    name : (n,) object array of str
    year : (n,) float64
        When people move in, NaN where the file does not say.
    """

    people: Population
    name: Objects
    year: Floats

    def __len__(self) -> int:
        return len(self.people)


def read_estates(
    path: Source,
    *,
    year: int | None = None,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    datum: str = "wgs84",
    decimal: str | None = None,
    hidden: str = "leave",
    accept_datum: bool = False,
) -> Estates:
    """Read planned estates from a table or a layer of points or polygons.

    Parameters
    ----------
    path : path
        With ``id, name, planned_people, year`` and a place (``lon, lat``, or the shapes of a layer), in WGS 84 where
        there are no shapes; further columns of people by group (``65+``) are read as those of a population.
    year : int, optional
        Leave out estates that open later; one without a year counts as open, and is told of.
    columns : mapping, optional
        ``{field: column}`` for ``id, lon, lat, population``.
    layer : str, optional
    datum : {"wgs84", "gcj02", "bd09"}
        Datum of longitudes and latitudes.
    decimal, hidden, accept_datum
        As in `access15.read_population`.

    Raises
    ------
    MissingFileError, InputError, CRSError
        If the file cannot be read, or no estate is left.
    """
    given = dict(columns or {})
    table = read_table(
        path,
        layer=layer,
        known=[*PLANNED_PEOPLE, *YEARS, *words.FACILITY["name"]],
        degrees=degree_columns(given),
        decimal=decimal,
        hidden=hidden,
    )
    if "population" not in given and table.find(words.POPULATION["population"]) is None:
        planned = table.find(PLANNED_PEOPLE)
        if planned is None:
            raise InputError(
                f"{table.source} has no column of planned people: name it planned_people; {table.choice('planned_people')}"
            )
        given["population"] = planned
    people = read_population(
        path,
        columns=given,
        layer=layer,
        datum=datum,
        decimal=decimal,
        hidden=hidden,
        accept_datum=accept_datum,
    )
    names, years = table.find(words.FACILITY["name"]), table.find(YEARS)
    id_column = given.get("id") or table.find(words.POPULATION["id"])
    ids = unique_ids(table, id_column, range(len(table)))
    row = {name: i for i, name in enumerate(ids)}
    at = np.array([row[str(i)] for i in people.cell_id], np.intp)
    opens = np.full(len(at), np.nan) if years is None else table.number(years)[at]
    name = np.array(
        [text or str(i) for text, i in zip(table.text(names)[at], people.cell_id, strict=True)], object
    )
    found = Estates(people, name, opens)
    return found if year is None else _opened(found, year, table.source)


def _opened(estates: Estates, year: int, source: str) -> Estates:
    """Return the estates that have opened by a year."""
    unknown = np.isnan(estates.year)
    keep = unknown | (estates.year <= year)
    if not keep.any():
        raise InputError(
            f"{source}: no estate opens by {year}: the first opens in {np.nanmin(estates.year):g}"
        )
    if unknown.any():
        note(
            f"{source}: {int(unknown.sum())} of {len(estates)} estates have no opening year and count as open by {year}"
        )
    old = estates.people
    people = Population.of(
        old.x[keep], old.y[keep], old.people[keep], old.crs, cell_id=old.cell_id[keep],
        groups={group: values[keep] for group, values in old.groups.items()},
    )  # fmt: skip
    return Estates(people, estates.name[keep], estates.year[keep])


def with_estates(population: Population, estates: Estates) -> Population:
    """Return a population with the people of estates as further cells, ``estate <id>``.

    A group that the estates do not tell of gets nobody there; this is told.
    """
    import shapely

    new = estates.people
    unknown = [group for group in population.groups if group not in new.groups]
    if unknown:
        note(
            f"the estates do not say how many people are {', '.join(unknown)}: they count among all residents only"
        )
    x, y = to_crs(new.x, new.y, new.crs, population.crs)
    groups = {
        group: np.concatenate((values, new.groups.get(group, np.zeros(len(new)))))
        for group, values in population.groups.items()
    }
    outlines = population.outlines
    if outlines is not None:
        half = float(np.sqrt(np.median(shapely.area(outlines)))) / 2
        outlines = np.concatenate((outlines, shapely.box(x - half, y - half, x + half, y + half)))
    return Population(
        cell_id=np.concatenate((population.cell_id, [f"estate {i}" for i in new.cell_id])),
        x=np.concatenate((population.x, x)), y=np.concatenate((population.y, y)),
        people=np.concatenate((population.people, new.people)), crs=population.crs, groups=groups,
        cell_size=population.cell_size, outlines=outlines,
        villages=population.villages,
        village=None if population.village is None else np.append(population.village, np.full(len(new), -1)),
        provenance={**population.provenance, "planned estates": len(new), "people in planned estates": new.total},
    )  # fmt: skip
