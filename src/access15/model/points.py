"""Where care is given, where people live, and the areas a planner reports on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from access15.arrays import ArrayLike, Bools, Floats, Int32s, Objects
from access15.errors import InputError
from access15.model._base import freeze
from access15.model._html import table_page
from access15.model.villages import Villages

FACILITY_TEXTS: Final = ("name", "tier", "services", "hours", "kind", "capacity_limit", "town", "village")
FACILITY_NUMBERS: Final = ("capacity", "cost", "beds", "doctors", "floor_area_m2")
"""Columns of facilities besides ids and positions; empty, or NaN, where the source says nothing."""


_UNNAMED: Final = np.empty(0, object)
"""Stands for a column that no source names."""


def _check_positions(noun: str, x: Floats, y: Floats, crs: str) -> None:
    if not crs:
        raise InputError(f"{noun} has no CRS: name one, such as EPSG:4326")
    bad = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    if len(bad):
        raise InputError(
            f"{noun} row {bad[0] + 1} has no coordinates ({len(bad)} rows in all): fill or remove them"
        )


def _check_ids(noun: str, ids: Objects) -> None:
    values, counts = np.unique(ids.astype(str), return_counts=True)
    if len(values) < len(ids):
        twice = values[counts > 1]
        raise InputError(
            f"{noun} id {twice[0]!r} stands {counts.max()} times ({len(twice)} ids repeat): ids must be unique"
        )


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Facilities:
    """Service points, existing or candidate; immutable.

    Attributes
    ----------
    id, name, tier, services, hours : (n,) object arrays of str
        Ids are text and unique; the others may be empty strings. ``services`` is ``;``-separated.
    x, y : (n,) float64
        Positions in ``crs`` (x = easting or longitude).
    capacity : (n,) float64
        People the facility can serve, NaN where unknown.
    capacity_limit : (n,) object array of str
        What an inferred capacity comes from: ``doctors``, ``beds`` or ``floor area``; empty where it is stated or
        unknown.
    beds, doctors, floor_area_m2 : (n,) float64
        What there is, floor area in square metres; NaN where unknown, which is never 0.
    cost : (n,) float64
        Cost of a candidate in the unit of its source, NaN where unknown.
    town, village : (n,) object arrays of str
        Township and administrative village that the source names, empty where it names none.
    kind : (n,) object array of str
        Source kind of a candidate (``junction``, ``village collective house`` …); empty otherwise.
    crs : str
        CRS of the positions.
    set_aside : tuple of (id, reason)
        Rows of the source that are not service points, and why.
    label : str
        Name of the service-point set, such as ``care``.
    provenance : mapping
        Source, datum, and what was dropped or repaired, with counts.
    """

    id: Objects
    x: Floats
    y: Floats
    crs: str
    name: Objects
    tier: Objects
    services: Objects
    hours: Objects
    kind: Objects
    capacity: Floats
    capacity_limit: Objects
    beds: Floats
    doctors: Floats
    floor_area_m2: Floats
    cost: Floats
    set_aside: tuple[tuple[str, str], ...] = field(default=(), metadata={"fingerprint": False})
    label: str = "care"
    provenance: Mapping[str, Any] = field(default_factory=dict, metadata={"fingerprint": False})
    town: Objects = field(default_factory=lambda: _UNNAMED, metadata={"fingerprint": False})
    village: Objects = field(default_factory=lambda: _UNNAMED, metadata={"fingerprint": False})

    def __post_init__(self) -> None:
        n = len(self.id)
        for name in ("town", "village"):
            if getattr(self, name) is _UNNAMED:
                object.__setattr__(self, name, np.full(n, "", object))
        for name in ("id", *FACILITY_TEXTS):
            freeze(self, name, object, n)
        for name in ("x", "y", *FACILITY_NUMBERS):
            freeze(self, name, np.float64, n)
        _check_positions("facilities", self.x, self.y, self.crs)
        _check_ids("facility", self.id)

    @classmethod
    def of(
        cls,
        x: ArrayLike,
        y: ArrayLike,
        crs: str,
        *,
        ids: Any = None,
        label: str = "care",
        **columns: Any,
    ) -> Facilities:
        """Return facilities at given positions; ids default to ``1, 2, …`` and texts to empty.

        Parameters
        ----------
        x, y : array-like of float
            Positions in ``crs``.
        crs : str
            Such as ``"EPSG:4326"``.
        ids : sequence of str, optional
            Unique ids.
        label : str
            Name of the service-point set.
        **columns
            ``name``, ``tier``, ``services``, ``hours``, ``kind``, ``town``, ``village``, ``capacity_limit``, ``capacity``, ``cost``, ``beds``,
            ``doctors``, ``floor_area_m2``, ``set_aside``, ``provenance``.
        """
        xs, ys = np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(y, float))
        n = len(xs)
        texts: dict[str, Any] = {k: columns.pop(k, None) for k in FACILITY_TEXTS}
        blank: dict[str, Any] = {
            k: np.full(n, "", object) if v is None else np.asarray(v, object) for k, v in texts.items()
        }
        numbers = {k: columns.pop(k, None) for k in FACILITY_NUMBERS}
        known: dict[str, Any] = {
            k: np.full(n, np.nan) if v is None else np.asarray(v, float) for k, v in numbers.items()
        }
        return cls(
            id=np.array([str(i + 1) for i in range(n)] if ids is None else [str(i) for i in ids], object),
            x=xs,
            y=ys,
            crs=crs,
            label=label,
            **blank,
            **known,
            **columns,
        )

    def __len__(self) -> int:
        return len(self.id)

    def __repr__(self) -> str:
        aside = f", {len(self.set_aside)} set aside" if self.set_aside else ""
        return f"<Facilities {self.label}: {len(self):,} points{aside}, {self.crs}>"

    def _repr_html_(self) -> str:
        import pandas as pd

        columns = {name: getattr(self, name) for name in ("id", "name", "tier", "capacity")}
        return table_page(repr(self), pd.DataFrame(columns))


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Population:
    """People by cell; immutable. Every cell has people (empty cells are not kept).

    Attributes
    ----------
    cell_id : (n,) object array of str
        Unique ids.
    x, y : (n,) float64
        Cell positions (centres, or a point on the surface) in ``crs``.
    people : (n,) float64
        Residents, finite and not negative.
    groups : dict of str to (n,) float64
        People of each group, such as ``"65+"``.
    crs : str
        CRS of the positions.
    cell_size : (float, float) or None
        Width and height of a raster cell in CRS units; None for points or polygons.
    outlines : (n,) object array of shapely polygons, or None
        Cell shapes where the source has them.
    villages : Villages or None
        Administrative villages and communities, where the source names them.
    village : (n,) int32, or None
        Row of the village each cell belongs to, -1 for none; None without villages.
    provenance : mapping
        Source, and what was dropped or repaired, with counts.
    """

    cell_id: Objects
    x: Floats
    y: Floats
    people: Floats
    crs: str
    groups: Mapping[str, Floats] = field(default_factory=dict)
    cell_size: tuple[float, float] | None = None
    outlines: Objects | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict, metadata={"fingerprint": False})
    villages: Villages | None = field(default=None, metadata={"fingerprint": False})
    village: Int32s | None = field(default=None, metadata={"fingerprint": False})

    def __post_init__(self) -> None:
        n = len(self.people)
        freeze(self, "cell_id", object, n)
        for name in ("x", "y", "people"):
            freeze(self, name, np.float64, n)
        groups = {str(k): np.ascontiguousarray(v, float) for k, v in self.groups.items()}
        for name, values in {"people": self.people, **groups}.items():
            bad = np.flatnonzero(~np.isfinite(values) | (values < 0))
            if values.shape != (n,) or len(bad):
                row = f"row {bad[0] + 1} ({values[bad[0]]})" if len(bad) else f"shape {values.shape}"
                raise InputError(f"population column {name!r}: {row} is not a number of people of 0 or more")
            values.flags.writeable = False
        object.__setattr__(self, "groups", groups)
        if self.outlines is not None:
            freeze(self, "outlines", object, n)
        if (self.village is None) != (self.villages is None):
            raise InputError("village and villages of a population go together: pass both or neither")
        if self.village is not None:
            freeze(self, "village", np.int32, n)
        _check_positions("population", self.x, self.y, self.crs)
        _check_ids("population cell", self.cell_id)

    @classmethod
    def of(cls, x: ArrayLike, y: ArrayLike, people: ArrayLike, crs: str, **more: Any) -> Population:
        """Return a population of points; ids default to ``1, 2, …`` (`more` goes to the constructor)."""
        counts = np.atleast_1d(np.asarray(people, float))
        ids = more.pop("cell_id", None)
        return cls(
            cell_id=np.array(
                [str(i + 1) for i in range(len(counts))] if ids is None else [str(i) for i in ids], object
            ),
            x=np.atleast_1d(np.asarray(x, float)),
            y=np.atleast_1d(np.asarray(y, float)),
            people=counts,
            crs=crs,
            **more,
        )

    @property
    def total(self) -> float:
        """All residents."""
        return float(self.people.sum())

    def __len__(self) -> int:
        return len(self.people)

    def __repr__(self) -> str:
        groups = f", groups {', '.join(self.groups)}" if self.groups else ""
        return f"<Population {self.total:,.0f} people in {len(self):,} cells{groups}, {self.crs}>"

    def _repr_html_(self) -> str:
        import pandas as pd

        everybody = {"all": self.total} | {name: float(people.sum()) for name, people in self.groups.items()}
        frame = pd.DataFrame({"group": list(everybody), "people": list(everybody.values())})
        return table_page(repr(self), frame)


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Areas:
    """Areas to report on (townships, wards); immutable.

    Attributes
    ----------
    id, name : (n,) object arrays of str
        Ids are text, unique, and kept unchanged (``"001"`` stays ``"001"``).
    polygons : (n,) object array of shapely (Multi)Polygons in ``crs``
    crs : str
    provenance : mapping
        Source, and what was repaired, with counts.
    flags : dict of str to (n,) bool
        Which areas are of a kind that planning treats apart, such as ``"rural"`` or ``"urban village"``.
    doctors : (n,) float64, or None
        Village doctors there are, NaN where unknown; None where the source has no such column.
    """

    id: Objects
    name: Objects
    polygons: Objects
    crs: str
    provenance: Mapping[str, Any] = field(default_factory=dict, metadata={"fingerprint": False})
    flags: Mapping[str, Bools] = field(default_factory=dict)
    doctors: Floats | None = None

    def __post_init__(self) -> None:
        n = len(self.id)
        for name in ("id", "name", "polygons"):
            freeze(self, name, object, n)
        if self.doctors is not None:
            freeze(self, "doctors", np.float64, n)
        flags = {str(k): np.array(v, bool) for k, v in self.flags.items()}
        for name, values in flags.items():
            if values.shape != (n,):
                raise InputError(f"area flag {name!r} has shape {values.shape}, expected {n} values")
            values.flags.writeable = False
        object.__setattr__(self, "flags", flags)
        if not self.crs:
            raise InputError("areas have no CRS: name one, such as EPSG:4326")
        _check_ids("area", self.id)

    def __len__(self) -> int:
        return len(self.id)

    def __repr__(self) -> str:
        return f"<Areas {len(self):,}, {self.crs}>"

    def _repr_html_(self) -> str:
        import pandas as pd

        return table_page(repr(self), pd.DataFrame({"id": self.id, "name": self.name}))
