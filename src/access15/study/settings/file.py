"""What a study is made of: the tables of ``study.toml`` as frozen dataclasses, checked on the way in."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from access15.errors import InputError, MissingFileError
from access15.network import SEASONS
from access15.outputs import PROPOSED
from access15.outreach import OutreachRules
from access15.siting import MODELS, SIZES, finds_size, model_of, objectives, sizes_of, sizes_text, takers
from access15.sources import KINDS
from access15.study.settings import toml as t
from access15.study.settings.capacity import CapacityRates
from access15.study.settings.emergency import Emergency
from access15.study.settings.scenarios import Scenario
from access15.study.settings.terrain import TerrainInput
from access15.study.settings.tiers import TierInput
from access15.units import check_date, minutes_label, slug, slugs

JUNCTIONS = "junctions"
GRID = "grid"
OSM = "osm"
OBJECTIVES = objectives()


def case_name(mode: str, minutes: float) -> str:
    """Return the name of a figure's case: ``walk-elder`` and 7.5 → ``walk_elder_7_5``."""
    return f"{slug(mode)}_{minutes_label(minutes)}"


@dataclass(frozen=True, slots=True)
class About:
    """``[study]``: the name of the study and the folder its results go to (``results`` beside the file)."""

    name: Annotated[str, t.text]
    out: Annotated[Path | None, t.path] = None


Box = tuple[float, float, float, float]

_datum = t.one_of("wgs84", "gcj02", "bd09")
_decimal = t.one_of(".", ",")
_hidden = t.one_of("leave", "keep")


def _clip(value: Any, at: t.KeyPath) -> Path | Box:
    """Read the path of a layer of polygons, or ``[west, south, east, north]`` in degrees."""
    if isinstance(value, str):
        return t.path(value, at)
    numbers = [v for v in value if isinstance(v, (int, float))] if isinstance(value, list) else []
    if len(numbers) != 4 or len(value) != 4:
        raise at.error(f"must be a path or [west, south, east, north] in degrees, not {value!r}")
    return float(numbers[0]), float(numbers[1]), float(numbers[2]), float(numbers[3])


def _cache(value: Any, at: t.KeyPath) -> bool | Path:
    """Read true, false or the path of a folder."""
    return value if isinstance(value, bool) else t.path(value, at)


@dataclass(frozen=True, slots=True)
class NetworkInput:
    """``[network]``: the streets; ``crs`` replaces the metric CRS chosen by place.

    ``clip`` is a layer of polygons or ``[west, south, east, north]``: streets outside it, and outside
    ``buffer_m`` around it, are left out. ``columns`` and ``layer`` are for layers of road lines
    (``{ class = "道路等级" }``). ``elevation`` is a raster or several, for modes that follow slopes
    (``walk-slope``); ``cache`` keeps the built network: true, or a folder. ``incomplete = true`` reads an OSM file
    although more than 1 % of the vertices of its streets are missing. ``season`` is what streets are read for,
    ``country`` an ISO 3166 code for defaults that differ by country. ``datum`` is that of a road layer.
    """

    path: Annotated[Path, t.path]
    crs: Annotated[str | None, t.text] = None
    clip: Annotated[Path | Box | None, _clip] = None
    buffer_m: Annotated[float, t.number] = 0.0
    columns: Annotated[Mapping[str, str] | None, t.map_of(t.text)] = None
    layer: Annotated[str | None, t.text] = None
    elevation: Annotated[tuple[Path, ...], t.list_of(t.path)] = ()
    cache: Annotated[bool | Path, _cache] = False
    incomplete: Annotated[bool, t.switch] = False
    season: Annotated[str, t.one_of(*SEASONS)] = SEASONS[0]
    country: Annotated[str | None, t.text] = None
    datum: Annotated[str, _datum] = "wgs84"

    def __post_init__(self) -> None:
        if self.buffer_m and self.clip is None:
            raise InputError("buffer_m widens a clip area: add clip, or leave buffer_m out")


def _spread(value: Any, at: t.KeyPath) -> str:
    """Read ``buildings``, ``streets``, ``centre`` or the path of a raster or of buildings."""
    return value if value in ("buildings", "streets", "centre") else str(t.path(value, at))


@dataclass(frozen=True, slots=True)
class FacilitiesInput:
    """``[facilities]``: a file of service points, or ``osm = true`` to take them from OSM tags.

    With ``osm = true`` the tags are read from ``path``, or from the network's file where there is none.
    ``columns`` names columns of the file that are called differently (``{ id = "机构代码" }``). ``keep`` and ``drop``
    name columns, or tags of OSM, and the values meant (``{ type = ["clinic", "health post"] }``).
    ``decimal`` is what separates decimals where the file's numbers do not tell; ``hidden`` is whether hidden rows and columns of a workbook
    are read; ``accept_datum`` keeps ``datum`` where the streets speak for another one.
    """

    path: Annotated[Path | None, t.path] = None
    osm: Annotated[bool, t.switch] = False
    points: Annotated[str, t.one_of("care", "primary")] = "care"
    datum: Annotated[str, _datum] = "wgs84"
    columns: Annotated[Mapping[str, str] | None, t.map_of(t.text)] = None
    layer: Annotated[str | None, t.text] = None
    crs: Annotated[str | None, t.text] = None
    keep: Annotated[Mapping[str, tuple[str, ...]] | None, t.map_of(t.list_of(t.word))] = None
    drop: Annotated[Mapping[str, tuple[str, ...]] | None, t.map_of(t.list_of(t.word))] = None
    decimal: Annotated[str | None, _decimal] = None
    hidden: Annotated[str, _hidden] = "leave"
    accept_datum: Annotated[bool, t.switch] = False

    def __post_init__(self) -> None:
        if self.path is None and not self.osm:
            raise InputError('names no service points: add path = "clinics.csv" or osm = true')


@dataclass(frozen=True, slots=True)
class PopulationInput:
    """``[population]``: where people live; ``groups`` names a raster or a column for each group.

    ``datum``, ``decimal``, ``hidden`` and ``accept_datum`` are as those of ``[facilities]``. ``join`` puts a table without
    positions onto the polygons of ``[areas]``, or of the layer ``join_to``: it names the table's column of codes or names,
    or says ``code`` or ``name``. ``spread`` puts people of large polygons where they live: ``buildings`` of the OSM file of
    the streets, ``streets``, the path of a raster or of buildings, or ``centre`` to leave them at one point. ``total`` is how
    many people there should be.
    """

    path: Annotated[Path, t.path]
    groups: Annotated[Mapping[str, str] | None, t.map_of(t.text)] = None
    columns: Annotated[Mapping[str, str] | None, t.map_of(t.text)] = None
    layer: Annotated[str | None, t.text] = None
    crs: Annotated[str | None, t.text] = None
    datum: Annotated[str, _datum] = "wgs84"
    decimal: Annotated[str | None, _decimal] = None
    hidden: Annotated[str, _hidden] = "leave"
    accept_datum: Annotated[bool, t.switch] = False
    join: Annotated[str | None, t.text] = None
    join_to: Annotated[Path | None, t.path] = None
    spread: Annotated[str | None, _spread] = None
    keep: Annotated[Mapping[str, tuple[str, ...]] | None, t.map_of(t.list_of(t.word))] = None
    drop: Annotated[Mapping[str, tuple[str, ...]] | None, t.map_of(t.list_of(t.word))] = None
    total: Annotated[float | None, t.number] = None

    def __post_init__(self) -> None:
        if self.join_to is not None and self.join is None:
            raise InputError('join_to needs join: add join = "code" or join = "name"')


@dataclass(frozen=True, slots=True)
class AreasInput:
    """``[areas]``: the areas to report on, and the columns of their id, name, kind and village doctors.

    ``flags`` names the column of the kinds (``rural``, ``remote`` …), ``doctors`` that of how many village doctors
    there are, ``population`` that of official numbers of people, with which those read are compared. ``crs`` is for a layer that does not state it, ``datum`` moves polygons drawn on Chinese maps.
    """

    path: Annotated[Path, t.path]
    id: Annotated[str, t.text] = "id"
    name: Annotated[str, t.text] = "name"
    layer: Annotated[str | None, t.text] = None
    flags: Annotated[str | None, t.text] = None
    doctors: Annotated[str | None, t.text] = None
    population: Annotated[str | None, t.text] = None
    crs: Annotated[str | None, t.text] = None
    datum: Annotated[str, _datum] = "wgs84"


@dataclass(frozen=True, slots=True)
class Case:
    """One way of travelling and one cut-off in minutes."""

    mode: Annotated[str, t.mode]
    minutes: Annotated[float, t.minutes]

    def __str__(self) -> str:
        return case_name(self.mode, self.minutes)


@dataclass(frozen=True, slots=True)
class GapRules:
    """``gaps`` of ``[analysis]``: the case gaps are looked for at, and the thresholds of `find_gaps`.

    What is not named has the default of `access15.find_gaps`, where each threshold is explained.
    """

    mode: Annotated[str, t.mode]
    minutes: Annotated[float, t.minutes]
    cluster_minutes: Annotated[float | None, t.number] = None
    door_to_door: Annotated[bool | None, t.switch] = None
    off_street_m: Annotated[float | None, t.number] = None
    serve_minutes: Annotated[float | None, t.minutes] = None
    group_weights: Annotated[Mapping[str, float] | None, t.map_of(t.number)] = None
    area_factors: Annotated[Mapping[str, float] | None, t.map_of(t.number)] = None
    min_people: Annotated[float | None, t.number] = None
    detour_ratio: Annotated[float | None, t.number] = None
    fixed_clinic_people: Annotated[float | None, t.number] = None
    resident_people: Annotated[float | None, t.number] = None
    extension_minutes: Annotated[float | None, t.number] = None

    @property
    def thresholds(self) -> dict[str, Any]:
        """The thresholds that were named."""
        named = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)[2:]}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Analysis:
    """``[analysis]``: ways of travelling, cut-offs, the headline case and the case gaps are looked for at.

    The headline is the first mode at its largest cut-off unless named; gaps use the headline case unless
    named. ``direction`` replaces the profiles' own. ``critical_streets`` is how many streets to name whose closure
    would uncover the most people of the headline case. ``water`` is an OSM file or a layer that the walks beside
    the streets do not cross in isochrones. ``date`` is the day of the study, with which dates in files are compared; today unless named.
    """

    modes: Annotated[tuple[str, ...], t.list_of(t.mode)] = ("walk",)
    minutes: Annotated[tuple[float, ...], t.minutes_list] = (5.0, 10.0, 15.0)
    headline: Annotated[Case | None, t.table_of(Case)] = None
    gaps: Annotated[GapRules | None, t.table_of(GapRules)] = None
    direction: Annotated[str | None, t.one_of("to", "from")] = None
    max_snap_m: Annotated[float, t.number] = 5000.0
    critical_streets: Annotated[int | None, t.whole] = None
    water: Annotated[Path | None, t.path] = None
    date: Annotated[datetime.date | None, t.day] = None

    def __post_init__(self) -> None:
        for name, case in (("headline", self.headline), ("gaps", self.gaps)):
            if case is not None and case.mode not in self.modes:
                raise InputError(
                    f"{name} has mode {case.mode!r}, which is not in modes ({', '.join(self.modes)}): add it there"
                )
        if self.headline is not None and self.headline.minutes not in self.minutes:
            listed = ", ".join(f"{m:g}" for m in self.minutes)
            raise InputError(
                f"headline has {self.headline.minutes:g} minutes, which is not in minutes ({listed}): add it there"
            )

    @property
    def day(self) -> datetime.date:
        """The day of the study."""
        return check_date(self.date)

    @property
    def headline_case(self) -> Case:
        """The case of the headline figure."""
        return self.headline or Case(self.modes[0], self.minutes[-1])

    @property
    def gap_rules(self) -> GapRules:
        """The case gaps are looked for at, and their thresholds."""
        case = self.headline_case
        return self.gaps or GapRules(case.mode, case.minutes)

    @property
    def cases(self) -> tuple[Case, ...]:
        """Every mode with every cut-off, in the order of the file."""
        return tuple(Case(mode, minutes) for mode in self.modes for minutes in self.minutes)


def _candidates(value: Any, at: t.KeyPath) -> str:
    """Read ``junctions``, ``grid``, ``osm`` or the path of a layer."""
    return value if value in (JUNCTIONS, GRID, OSM) else str(t.path(value, at))


def _osm_or_path(value: Any, at: t.KeyPath) -> str:
    """Read ``osm`` or the path of a layer."""
    return OSM if value == OSM else str(t.path(value, at))


def _objective(value: Any, at: t.KeyPath) -> str:
    """Read the name of a siting model."""
    try:
        return model_of(value, "the objective").name
    except InputError as error:
        raise at.error(str(error)) from error


@dataclass(frozen=True, slots=True)
class Siting:
    """``[siting]``: where new service points may go and how many there should be.

    ``candidates`` is ``junctions``, ``grid``, ``osm`` (places of some ``kinds`` in the file of the streets) or the
    path of a table or layer of points (``datum`` is that file's, as are ``candidate_columns``, ``candidate_layer``,
    ``candidate_crs``, ``candidate_keep``, ``candidate_drop``, ``decimal``, ``hidden`` and ``accept_datum``). They must lie inside the polygons of the layer ``allowed``
    and outside those of ``forbidden``. ``elder_care`` is ``osm`` or the path of a layer: the distance of every
    proposed site to it is reported, and candidates within ``elder_care_near_m`` come first.
    Either ``p`` sites are chosen, or as few as reach the share ``target`` of residents, or as many as a
    ``budget`` pays for: a candidate costs what its column ``cost`` says, else ``costs`` by kind (``{ "industrial
    building" = 80 }``). ``spacing_m`` thins candidates out, and is the step of a grid. ``objective``, ``weights`` and ``full_minutes`` are those of
    `access15.siting.locate`. ``area_target`` is the share every area is to reach first, for the objective that asks so; the
    target of the case in ``[targets]`` unless named. ``frontier`` is the number of sites up to which the curve of coverage is
    computed; with ``robustness`` the plan is made again under changed assumptions.
    """

    candidates: Annotated[str, _candidates] = JUNCTIONS
    mode: Annotated[str | None, t.mode] = None
    minutes: Annotated[float | None, t.minutes] = None
    p: Annotated[int | None, t.whole] = None
    target: Annotated[float | None, t.share] = None
    spacing_m: Annotated[float | None, t.number] = None
    datum: Annotated[str, _datum] = "wgs84"
    time_limit_s: Annotated[float, t.number] = 60.0
    objective: Annotated[str, _objective] = OBJECTIVES[0]
    weights: Annotated[Mapping[str, float] | None, t.map_of(t.number)] = None
    full_minutes: Annotated[float | None, t.number] = None
    budget: Annotated[float | None, t.number] = None
    costs: Annotated[Mapping[str, float] | None, t.map_of(t.number)] = None
    frontier: Annotated[int | None, t.whole] = None
    robustness: Annotated[bool, t.switch] = False
    kinds: Annotated[tuple[str, ...], t.list_of(t.one_of(*KINDS))] = KINDS
    allowed: Annotated[Path | None, t.path] = None
    forbidden: Annotated[Path | None, t.path] = None
    elder_care: Annotated[str | None, _osm_or_path] = None
    elder_care_near_m: Annotated[float | None, t.number] = None
    elder_care_datum: Annotated[str, _datum] = "wgs84"
    candidate_columns: Annotated[Mapping[str, str] | None, t.map_of(t.text)] = None
    candidate_layer: Annotated[str | None, t.text] = None
    candidate_crs: Annotated[str | None, t.text] = None
    candidate_keep: Annotated[Mapping[str, tuple[str, ...]] | None, t.map_of(t.list_of(t.word))] = None
    candidate_drop: Annotated[Mapping[str, tuple[str, ...]] | None, t.map_of(t.list_of(t.word))] = None
    decimal: Annotated[str | None, _decimal] = None
    hidden: Annotated[str, _hidden] = "leave"
    accept_datum: Annotated[bool, t.switch] = False
    area_target: Annotated[float | None, t.share] = None

    def __post_init__(self) -> None:
        self._check_sizes()
        if self.budget is None and self.costs is not None:
            raise InputError("costs are for a budget: name budget too, or leave costs out")
        if self.area_target is not None and "area_target" not in MODELS[self.objective].takes:
            raise InputError(
                f"area_target is for {' and '.join(takers('area_target'))}, not for {self.objective}: leave it out"
            )
        if self.elder_care is None and self.elder_care_near_m is not None:
            raise InputError(
                'elder_care_near_m needs elder_care: add the path of a layer, or elder_care = "osm"'
            )

    def _check_sizes(self) -> None:
        """Check that what says how many sites there should be fits the objective."""
        name, known = self.objective, sizes_of(self.objective)
        given = [size for size in SIZES if getattr(self, size) is not None]
        for size in given:
            if size in known:
                continue
            if finds_size(name) and not known:
                raise InputError(f"{name} finds the number of sites itself: leave {size} out")
            raise InputError(f"{size} is for {' and '.join(takers(size))}, not for {name}: leave it out")
        if len(given) > 1 or (not given and not finds_size(name)):
            raise InputError(f"{name} needs {sizes_text(name)}")

    @property
    def layer(self) -> str | None:
        """Path of the candidate layer, None for generated candidates."""
        return None if self.candidates in (JUNCTIONS, GRID, OSM) else self.candidates

    def case(self, analysis: Analysis) -> Case:
        """Return the case sites are chosen for; what is not named is as for gaps."""
        return Case(self.mode or analysis.gap_rules.mode, self.minutes or analysis.gap_rules.minutes)


_FORMS = ("fixed_clinic_people", "resident_people", "extension_minutes")


@dataclass(frozen=True, slots=True)
class Outreach:
    """``[outreach]``: services that go to the people of the gaps; with this table mobile circuits are planned.

    ``fixed_clinic_people``, ``resident_people`` and ``extension_minutes`` are those of
    `access15.find_gaps`; ``stop_minutes`` to ``stop_within_m`` those of `access15.outreach.OutreachRules`.
    ``mode`` is the vehicles', ``bases`` the tiers of the facilities they start from (all unless named).
    ``settlements`` is ``osm`` or a file of points (``datum`` is that file's): those that stay beyond the cut-off are listed.
    """

    fixed_clinic_people: Annotated[float | None, t.number] = None
    resident_people: Annotated[float | None, t.number] = None
    extension_minutes: Annotated[float | None, t.minutes] = None
    stop_minutes: Annotated[float | None, t.minutes] = None
    day_minutes: Annotated[float | None, t.minutes] = None
    visits_per_month: Annotated[float | None, t.number] = None
    working_days: Annotated[float | None, t.number] = None
    vehicles: Annotated[int | None, t.whole] = None
    stop_within_m: Annotated[float | None, t.number] = None
    mode: Annotated[str, t.mode] = "drive"
    bases: Annotated[tuple[str, ...], t.list_of(t.text)] = ()
    settlements: Annotated[str | None, _osm_or_path] = None
    datum: Annotated[str, _datum] = "wgs84"

    def __post_init__(self) -> None:
        OutreachRules(**self.rules)

    @property
    def rules(self) -> dict[str, Any]:
        """The thresholds of `OutreachRules` that were named."""
        named = {f.name: getattr(self, f.name) for f in dataclasses.fields(OutreachRules)}
        return {name: value for name, value in named.items() if value is not None}

    @property
    def forms(self) -> dict[str, Any]:
        """The thresholds of `find_gaps` that were named."""
        return {name: getattr(self, name) for name in _FORMS if getattr(self, name) is not None}


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole ``study.toml``. Paths are relative to the folder of the file."""

    study: Annotated[About, t.table_of(About)]
    network: Annotated[NetworkInput, t.table_of(NetworkInput)]
    facilities: Annotated[FacilitiesInput, t.table_of(FacilitiesInput)]
    population: Annotated[PopulationInput, t.table_of(PopulationInput)]
    areas: Annotated[AreasInput | None, t.table_of(AreasInput)] = None
    capacity: Annotated[CapacityRates | None, t.table_of(CapacityRates)] = None
    analysis: Annotated[Analysis, t.table_of(Analysis)] = field(default_factory=Analysis)
    siting: Annotated[Siting | None, t.table_of(Siting)] = None
    outreach: Annotated[Outreach | None, t.table_of(Outreach)] = None
    terrain: Annotated[TerrainInput | None, t.table_of(TerrainInput)] = None
    emergency: Annotated[Emergency, t.table_of(Emergency)] = field(default_factory=Emergency)
    targets: Annotated[Mapping[str, float], t.map_of(t.share)] = field(default_factory=dict)
    scenarios: Annotated[tuple[Scenario, ...], t.tables_of(Scenario)] = ()
    tiers: Annotated[tuple[TierInput, ...], t.tables_of(TierInput)] = ()

    def __post_init__(self) -> None:
        names = [*(scenario.name for scenario in self.scenarios), PROPOSED]
        if len(slugs(names)) < len(names):
            again = next(name for name in names if names.count(name) > 1)
            why = "which is that of the plan" if again == PROPOSED else "twice"
            raise InputError(f"[[scenarios]] has the name {again!r} {why}: give each its own")
        if self.population.join is not None and self.population.join_to is None and self.areas is None:
            raise InputError(
                "[population] join needs polygons: add [areas], or join_to with the path of a layer"
            )
        if self.terrain is not None:
            alone = {
                "[analysis] critical_streets": self.analysis.critical_streets,
                "[outreach] circuits": self.outreach,
            }
            for name, asked in alone.items():
                if asked is not None:
                    raise InputError(f"{name} go along streets alone: leave them out, or leave [terrain] out")
        twice = [tier.name for tier in self.tiers]
        if len(set(twice)) < len(twice):
            again = next(name for name in twice if twice.count(name) > 1)
            raise InputError(f"[[tiers]] has the name {again!r} twice: give each its own")
        cases = [str(case) for case in self.analysis.cases]
        for name in self.targets:
            if name not in cases:
                raise InputError(f"[targets] {name} is no case of this study: use one of {', '.join(cases)}")
        forms = self.outreach.forms if self.outreach else {}
        for name in sorted(set(self.analysis.gap_rules.thresholds) & set(forms)):
            raise InputError(f"{name} stands in [analysis.gaps] and in [outreach]: leave it out of one")
        siting = self.siting
        if siting is not None and siting.case(self.analysis).mode not in self.analysis.modes:
            raise InputError(f"[siting] mode {siting.mode!r} is not in the modes of [analysis]: add it there")
        if (
            siting is not None
            and "area_target" in MODELS[siting.objective].takes
            and self.area_target is None
        ):
            raise InputError(
                f"[siting] {siting.objective} needs area_target, or a target of {siting.case(self.analysis)} in [targets]"
            )

    @property
    def area_target(self) -> float | None:
        """The share every area is to reach first: as ``[siting]`` says, else the target of its case."""
        siting = self.siting
        if siting is None or "area_target" not in MODELS[siting.objective].takes:
            return None
        return siting.area_target or self.targets.get(str(siting.case(self.analysis)))


def read_settings(path: Path) -> Settings:
    """Return the settings in a ``study.toml``.

    Raises
    ------
    MissingFileError
        If there is no such file.
    InputError
        If it is not valid TOML, or a table, key or value is not as it should be; the message names it.
    """
    raw = _load(path)
    if "base" in raw:
        return _beside(path, raw)
    return t.read_table(Settings, raw, t.KeyPath(path))


def _load(path: Path) -> Mapping[str, Any]:
    """Return the tables of a TOML file."""
    import tomllib

    try:
        # Notepad starts a file with a byte order mark, which TOML does not know.
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise MissingFileError(f"{path} does not exist: check the name of the study file") from error
    except IsADirectoryError as error:
        raise InputError(f"{path} is a folder: name the study file in it") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: save it as UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        twice = "twice" in str(error) or "overwrite" in str(error)
        remedy = (
            "put what belongs to one table or key in one place"
            if twice
            else "write Windows paths with / and texts in quotes"
        )
        raise InputError(f"{path} is not valid TOML: {error}; {remedy}") from error


@dataclass(frozen=True, slots=True)
class _Beside:
    """A file that names the study it changes: ``base``, and scenarios in place of those of the study."""

    base: Annotated[Path, t.path]
    scenarios: Annotated[tuple[Scenario, ...], t.tables_of(Scenario)]
    study: Annotated[About | None, t.table_of(About)] = None


def _beside(path: Path, raw: Mapping[str, Any]) -> Settings:
    """Return the settings of the study that ``base`` names, with the scenarios of this file in place of its own.

    Results go to a folder named as the file, beside it, unless ``[study] out`` says otherwise.
    """
    given = t.read_table(_Beside, raw, t.KeyPath(path))
    beneath = _load(given.base)
    if "base" in beneath:
        raise InputError(
            f"{path}: base names {given.base.name}, which has a base itself: name the study there"
        )
    study = t.read_table(Settings, beneath, t.KeyPath(given.base))
    about = given.study or About(study.study.name)
    out = about.out or path.parent / path.stem
    try:
        return dataclasses.replace(
            study, study=dataclasses.replace(about, out=out), scenarios=given.scenarios
        )
    except InputError as error:
        raise t.KeyPath(path).error(str(error)) from error
