"""Options that several commands share, and the study they add up to."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from access15.errors import InputError

if TYPE_CHECKING:
    from access15.study import (
        FacilitiesInput,
        GapRules,
        NetworkInput,
        Outreach,
        Siting,
        Study,
        TerrainInput,
    )

F = TypeVar("F", bound=Callable[..., Any])

_FILE = click.Path(path_type=Path)
_OSM = (".pbf", ".osm", ".osm.bz2", ".osm.gz", ".osm.xml")


def _minutes(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[float, ...] | None:
    """Read ``5,10,15``."""
    if value is None:
        return None
    from access15.units import check_minutes

    numbers = []
    for word in value.replace("，", ",").split(","):
        try:
            numbers.append(float(word))
        except ValueError:
            raise InputError(
                f"--minutes must be numbers above 0, not {word.strip()!r}: use for example 5,10,15"
            ) from None
    return check_minutes(numbers, "--minutes")


def _one_cutoff(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """Read ``15``."""
    found = _minutes(_ctx, _param, value)
    if found is not None and len(found) > 1:
        raise InputError(f"--minutes takes one number here, not {value}")
    return None if found is None else found[0]


def _mode(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    from access15.profiles import mode_name

    return mode_name(value)


def _modes(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, ...]:
    """Read ``walk,drive``."""
    return tuple(dict.fromkeys(_mode(_ctx, _param, word.strip()) for word in value.split(",")))


def _groups(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    """Read ``65+=p65.tif``."""
    out: dict[str, str] = {}
    for item in value:
        name, equals, source = item.partition("=")
        if not equals or not name or not source:
            raise InputError(f"--group must be NAME=FILE, such as 65+=p65.tif, not {item!r}")
        if name in out:
            raise InputError(f"--group names {name!r} twice: name every group once")
        out[name] = str(Path(source).resolve()) if Path(source).is_file() else source
    return out


def weights(_ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, float] | None:
    """Read ``65+=1.5``, several times; None without any."""
    out: dict[str, float] = {}
    for item in value:
        name, _, number = item.rpartition("=")
        try:
            out[name.strip()] = float(number)
        except ValueError:
            name = ""
        if not name.strip():
            raise InputError(f"{param.opts[0]} must be NAME=NUMBER, such as 65+=1.5, not {item!r}")
    return out or None


def _choice(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> None:
    """Read ``type=clinic``, several times, and put it aside for `file_keys`."""
    out: dict[str, tuple[str, ...]] = {}
    for item in value:
        column, equals, word = (part.strip() for part in item.partition("="))
        if not equals or not column or not word:
            raise InputError(f"{param.opts[0]} must be COLUMN=VALUE, such as type=clinic, not {item!r}")
        out[column] = (*out.get(column, ()), word)
    _keep(ctx, param, out or None)


def _stack(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Return one decorator for several, the first listed shown first."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Put what belongs to the streets aside for `network_input`."""
    ctx.meta[f"access15.{param.name}"] = value


def _keep_date(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    from access15.units import check_date

    _keep(ctx, param, None if value is None else check_date(value, param.opts[0]))


def date_of_study() -> datetime.date | None:
    """Return what ``--date`` says, None without it."""
    found = click.get_current_context().meta.get("access15.date")
    return found if isinstance(found, datetime.date) else None


_street_options = _stack(
    click.option(
        "--elevation",
        multiple=True,
        type=_FILE,
        expose_value=False,
        callback=_keep,
        help="Heights, for modes such as walk-slope: a GeoTIFF or SRTM .hgt.zip; once per tile.",
    ),
    click.option(
        "--cache",
        is_flag=True,
        expose_value=False,
        callback=_keep,
        help="Keep the built streets in the user's cache folder and use them next time.",
    ),
    click.option(
        "--season",
        type=click.Choice(["all-year", "dry", "wet", "winter"]),
        default="all-year",
        show_default=True,
        expose_value=False,
        callback=_keep,
        help="Season the streets are read for.",
    ),
    click.option(
        "--country",
        default="",
        expose_value=False,
        callback=_keep,
        metavar="CODE",
        help="Country for defaults that differ, such as NL (ISO 3166).",
    ),
    click.option(
        "--date",
        expose_value=False,
        callback=_keep_date,
        metavar="DAY",
        help="Day of the study, such as 2026-12-01, with which dates in files are compared; today unless named.",
    ),
    click.option(
        "--incomplete",
        is_flag=True,
        expose_value=False,
        callback=_keep,
        help="Read an OSM file although more than 1 % of the vertices of its streets are missing.",
    ),
)
terrain_options = _stack(
    click.option(
        "--land-cover",
        type=_FILE,
        expose_value=False,
        callback=_keep,
        help="Land that people cross between streets: a raster of land cover, or an OSM file for its land use.",
    ),
    click.option(
        "--legend",
        type=click.Choice(["worldcover", "cgls", "globeland30", "esri"]),
        expose_value=False,
        callback=_keep,
        help="What the codes of the land cover mean; worldcover unless named.",
    ),
    click.option(
        "--cell-m",
        type=float,
        default=100.0,
        show_default=True,
        expose_value=False,
        callback=_keep,
        help="Side of a cell of the land, metres.",
    ),
)
mode_option = click.option(
    "--mode",
    default="walk",
    show_default=True,
    callback=_mode,
    help="A travel profile, such as walk or drive, or a profile file (.toml).",
)
modes_option = click.option(
    "--mode",
    "modes",
    default="walk",
    show_default=True,
    callback=_modes,
    help="A travel profile or file (.toml), or several: walk,drive.",
)
cutoffs_option = click.option(
    "--minutes", default="5,10,15", show_default=True, callback=_minutes, help="Cut-offs in minutes."
)
cutoff_option = click.option(
    "--minutes", default="15", show_default=True, callback=_one_cutoff, help="Cut-off in minutes."
)
limit_option = click.option(
    "--minutes", callback=_one_cutoff, help="Limit in minutes; every reachable pair without one."
)
direction_option = click.option(
    "--direction",
    type=click.Choice(["to", "from"]),
    help="Travel to the facilities or from them; the profile's own unless named.",
)


def _columns(_ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, str] | None:
    """Read ``FIELD=COLUMN``, several times; None without any."""
    out: dict[str, str] = {}
    for item in value:
        field, equals, column = item.partition("=")
        if not equals or not field.strip() or not column.strip():
            raise InputError(f"{param.opts[0]} must be FIELD=COLUMN, such as id=code, not {item!r}")
        out[field.strip()] = column.strip()
    return out or None


def _keep_columns(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> None:
    _keep(ctx, param, _columns(ctx, param, value))


@dataclass(frozen=True, slots=True)
class FileOptions:
    """The options of a file, ``--NAME-column`` and the like.

    Attributes
    ----------
    what : str
    kinds : tuple of str
        Of `KINDS`.
    plain : tuple of str
        Kinds whose option is not preceded by the name: ``--datum`` is that of the facilities.
    like : str
        The file whose datum counts where none is named.
    """

    what: str
    kinds: tuple[str, ...]
    plain: tuple[str, ...] = ()
    like: str = ""


KINDS: Final = ("datum", "column", "layer", "crs", "keep", "drop")
"""Options that a file of points or people has."""

_KEYS: Final = {"column": "columns"}
"""Keys of a study that are called otherwise than the option."""

FILES: Final = {
    "network": FileOptions("the streets", ("datum", "column", "layer", "crs")),
    "facilities": FileOptions("the facilities", KINDS, plain=("datum", "keep", "drop")),
    "population": FileOptions("the people", KINDS),
    "area": FileOptions("the areas", ("datum", "layer", "crs")),
    "candidates": FileOptions("the candidates", KINDS, like="facilities"),
    "points": FileOptions("origins and destinations", KINDS, plain=KINDS),
    "origins": FileOptions("the origins", KINDS, like="points"),
    "destinations": FileOptions("the destinations", KINDS, like="points"),
}
"""Files of the command line. Streets take what layers of road lines need, areas name their columns with options of their own."""

_CRS_HELP: Final = {"network": "Metric CRS for {}, such as EPSG:4547; chosen by place unless named."}


def _file_options(name: str) -> Callable[[F], F]:
    """Return the options of a file; what they say is kept for `file_keys`."""
    given = FILES[name]
    what = given.what
    shown = "that of both" if given.like == "points" else "that of the facilities"
    example = "class=type" if name == "network" else "id=code"
    several = {"multiple": True, "metavar": "COLUMN=VALUE", "callback": _choice}
    how: dict[str, dict[str, Any]] = {
        "datum": {
            "type": click.Choice(["wgs84", "gcj02", "bd09"]),
            "default": None if given.like else "wgs84",
            "show_default": shown if given.like else True,
            "help": f"Datum of the coordinates of {what}.",
        },
        "column": {
            "multiple": True,
            "metavar": "FIELD=COLUMN",
            "callback": _keep_columns,
            "help": f"What a column of {what} is called, such as {example}; once per column.",
        },
        "layer": {"help": f"Layer or sheet of {what}."},
        "crs": {
            "help": _CRS_HELP.get(
                name, "CRS of {}, where the file does not state it, such as EPSG:4547."
            ).format(what)
        },
        "keep": several
        | {"help": f"Only {what} with this value in a column, or with this tag of OSM; once per value."},
        "drop": several
        | {"help": f"Not {what} with this value in a column, or with this tag of OSM; once per value."},
    }
    made: list[Callable[[F], F]] = []
    for kind in given.kinds:
        words = f"--{kind}" if kind in given.plain else f"--{name}-{kind}", f"{name}_{_KEYS.get(kind, kind)}"
        more: dict[str, Any] = {"expose_value": False, "callback": _keep} | how[kind]
        made.append(click.option(*words, **more))
    return _stack(*made)


network_option = _stack(
    click.option("--network", required=True, type=_FILE, help="Streets: .osm.pbf, .osm, or a road layer."),
    _file_options("network"),
    _street_options,
)
_table_options = _stack(
    click.option(
        "--decimal",
        type=click.Choice([".", ","]),
        expose_value=False,
        callback=_keep,
        help="What separates decimals in tables whose numbers do not tell.",
    ),
    click.option(
        "--hidden",
        type=click.Choice(["leave", "keep"]),
        default="leave",
        show_default=True,
        expose_value=False,
        callback=_keep,
        help="Hidden rows and columns of workbooks.",
    ),
    click.option(
        "--accept-datum",
        is_flag=True,
        expose_value=False,
        callback=_keep,
        help="Keep the datum where the streets speak for another one.",
    ),
)
points_options = _stack(
    *(_file_options(name) for name in ("points", "origins", "destinations")), _table_options
)
candidates_options = _file_options("candidates")


def file_keys(name: str, before: str = "", *, tables: bool = True) -> dict[str, Any]:
    """Return what the command line says of a file, by the keys of a study.

    Parameters
    ----------
    name : str
        Of `FILES`.
    before : str
        Stands before the keys but ``datum``: ``candidate_`` for ``candidate_columns``.
    tables : bool
        Whether what is said of all tables counts for it.
    """
    meta = click.get_current_context().meta
    given = FILES[name]
    found: dict[str, Any] = {}
    for kind in given.kinds:
        key = _KEYS.get(kind, kind)
        value = meta.get(f"access15.{name}_{key}")
        if value is None and given.like and (kind == "datum" or given.like == "points"):
            value = meta.get(f"access15.{given.like}_{key}")
        found[key if kind == "datum" else f"{before}{key}"] = value
    if tables:
        found |= {key: meta.get(f"access15.{key}") for key in ("decimal", "hidden", "accept_datum")}
    return {key: value for key, value in found.items() if value is not None}


facilities_options = _stack(
    click.option(
        "--facilities",
        required=True,
        type=_FILE,
        help="Service points: csv, xlsx, a layer, or an OSM extract.",
    ),
    _file_options("facilities"),
    _table_options,
    click.option(
        "--points",
        type=click.Choice(["care", "primary"]),
        default="care",
        show_default=True,
        help="What counts as a service point in an OSM extract.",
    ),
)
population_options = _stack(
    click.option(
        "--population",
        required=True,
        type=_FILE,
        help="People: a raster of counts, points, polygons or a table.",
    ),
    click.option(
        "--group",
        "groups",
        multiple=True,
        callback=_groups,
        metavar="NAME=FILE",
        help="A population group, such as 65+=p65.tif.",
    ),
    _file_options("population"),
    click.option(
        "--population-spread",
        metavar="WHERE",
        expose_value=False,
        callback=_keep,
        help="Spread people of large polygons: buildings, streets, a raster or layer of buildings, or centre.",
    ),
    click.option(
        "--population-join",
        metavar="COLUMN",
        expose_value=False,
        callback=_keep,
        help="Put a table without positions onto the areas by this column, or by code or name.",
    ),
)
areas_options = _stack(
    click.option("--areas", type=_FILE, help="Areas to report on: a layer of polygons."),
    click.option("--area-id", default="id", show_default=True, help="Column of the areas' ids."),
    click.option("--area-name", default="name", show_default=True, help="Column of the areas' names."),
    _file_options("area"),
)
geopackage_option = click.option("--out", required=True, type=_FILE, help="GeoPackage to write.")
lang_option = click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Language of the report, the tables, the map, the printed summary, and what a GIS shows.",
)
folder_option = click.option("--out", type=_FILE, help="Folder to write to.")


def facilities_input(facilities: Path, points: str) -> FacilitiesInput:
    """Return the facilities of the command line as a study has them."""
    from access15.study import FacilitiesInput

    osm = facilities.name.lower().endswith(_OSM)
    return FacilitiesInput(path=facilities, osm=osm, points=points, **file_keys("facilities"))


def network_input(network: Path) -> NetworkInput:
    """Return the streets of the command line as a study has them."""
    from access15.study import NetworkInput

    meta = click.get_current_context().meta
    kept = {
        name: meta[f"access15.{name}"]
        for name in ("elevation", "cache", "incomplete", "season", "country")
        if f"access15.{name}" in meta
    }
    return NetworkInput(network, **kept, **file_keys("network", tables=False))


def terrain_input() -> TerrainInput | None:
    """Return the land of the command line as a study has it, None without --land-cover."""
    from access15.study import TerrainInput

    meta = click.get_current_context().meta
    file: Path | None = meta.get("access15.land_cover")
    if file is None:
        if meta.get("access15.legend"):
            raise InputError("--legend is for a land cover: add --land-cover, or leave it out")
        return None
    cell_m = meta["access15.cell_m"]
    if file.name.lower().endswith(_OSM):
        return TerrainInput(osm=file, cell_m=cell_m)
    return TerrainInput(file, legend=meta.get("access15.legend"), cell_m=cell_m)


def study_of(
    *,
    network: Path,
    facilities: Path,
    points: str,
    population: Path,
    groups: dict[str, str],
    areas: Path | None,
    area_id: str,
    area_name: str,
    modes: tuple[str, ...],
    minutes: tuple[float, ...],
    direction: str | None = None,
    siting: Siting | None = None,
    gaps: GapRules | None = None,
    outreach: Outreach | None = None,
) -> Study:
    """Return the study that the options of a command describe."""
    from access15.study import (
        ALL_STATIONS,
        About,
        Analysis,
        AreasInput,
        Emergency,
        PopulationInput,
        Settings,
        Study,
    )

    meta = click.get_current_context().meta
    people = PopulationInput(
        population,
        groups=groups or None,
        join=meta.get("access15.population_join"),
        spread=meta.get("access15.population_spread"),
        **file_keys("population"),
    )
    settings = Settings(
        study=About(name=network.name.partition(".")[0]),
        network=network_input(network),
        facilities=facilities_input(facilities, points),
        population=people,
        areas=None
        if areas is None
        else AreasInput(areas, area_id, area_name, **file_keys("area", tables=False)),
        analysis=Analysis(modes=modes, minutes=minutes, direction=direction, gaps=gaps, date=date_of_study()),
        siting=siting,
        outreach=outreach,
        terrain=terrain_input(),
        emergency=Emergency(stations=(ALL_STATIONS,)),
    )
    tell_ambulances(modes)
    return Study(settings, Path("study.toml"))


def tell_ambulances(modes: Sequence[str]) -> None:
    """Warn that ambulances start from every service point that was named, after the usual dispatch."""
    import warnings

    from access15.profiles import profile_by_name
    from access15.study import Emergency

    if any(profile_by_name(mode).mode == "emergency" for mode in modes):
        warnings.warn(
            f"ambulances start from every service point named, {Emergency().dispatch_minutes:g} min after the call: "
            "name a file of the stations alone in --facilities",
            stacklevel=2,
        )
