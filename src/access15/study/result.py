"""What a run found, and the files it becomes."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from access15.model import (
    Catchments,
    Coverage,
    CriticalStreets,
    Facilities,
    Gaps,
    NearestTimes,
    SitingPlan,
    facilities_on_map,
    interactive_map,
)
from access15.outputs import (
    PROPOSED,
    Compared,
    Comparison,
    Findings,
    Referral,
    layers_of,
    map_findings,
    replacing,
    report_tables,
    summary_text,
    words,
    write_document,
    write_geopackage,
    write_report,
    write_table,
    write_workbook,
)
from access15.study import provenance
from access15.study.clock import Clock, Progress
from access15.study.comparing.pair import pair
from access15.study.comparing.runs import compared as changes
from access15.study.comparing.sides import side_of
from access15.study.figures import figures
from access15.study.input_notes import study_notes
from access15.study.stages import Inputs
from access15.study.study_file import StudyFile
from access15.units import slugs

if TYPE_CHECKING:
    import folium
    import geopandas as gpd
    import pandas as pd

    from access15.outreach import Outreach
    from access15.sources import Estates

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioResult:
    """A scenario of a study and what it changes; immutable.

    Attributes
    ----------
    result : StudyResult
        Times and coverage under the scenario; it has no isochrones, gaps or plan.
    comparison : Comparison
        Against today.
    estates : Estates or None
        The planned estates of the scenario.
    """

    result: StudyResult
    comparison: Comparison
    estates: Estates | None = None


class _Part(Generic[T]):
    """A part of what was found, read as if it were the result's own."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, result: Any, owner: type) -> T:
        part: Any = self if result is None else getattr(result.found, self._name)
        return part  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, eq=False)
class StudyResult:
    """What a run found, and the files it becomes; immutable. Everything that was not computed is None.

    Attributes
    ----------
    study : Study
    found : Findings
        All that was found, as every output reads it. What stands below is read from it.
    hashes : mapping
        ``{role: {file, sha256}}`` of the inputs.
    seconds : mapping of str to float
        Time each stage took.
    scenarios : mapping of str to ScenarioResult
        By name: those of the study, and the plan as ``with the proposed sites``.
    inputs : Inputs
        ``network, facilities, population, areas``.
    times : mapping of str to NearestTimes
        By mode.
    coverages : mapping of str to Coverage
        By mode.
    isochrones : GeoDataFrame or None
        ``facility_id, mode, minutes, geometry``.
    gaps : Gaps or None
    candidates : Facilities or None
    plan : SitingPlan or None
    frontier, robustness : DataFrame or None
        The curve of coverage by number of sites, and how often each site is chosen in sensitivity runs.
    catchments : Catchments or None
        Who goes where at the cut-off of the gaps, where service points have capacities.
    outreach : Outreach or None
        Recommendations and mobile circuits; ``gaps`` are then its gaps.
    settlements : GeoDataFrame or None
        Those that stay beyond the cut-off of the gaps.
    critical : CriticalStreets or None
        Streets whose closure would uncover the most people of the headline case.
    referral : Referral or None
        From every service point to the nearest of the next tier, where there are tiers.
    """

    study: StudyFile
    found: Findings
    hashes: Mapping[str, Mapping[str, str]]
    seconds: Mapping[str, float]
    scenarios: Mapping[str, ScenarioResult] = field(default_factory=dict)

    times: ClassVar[_Part[Mapping[str, NearestTimes]]] = _Part()
    coverages: ClassVar[_Part[Mapping[str, Coverage]]] = _Part()
    coverage: ClassVar[_Part[Coverage]] = _Part()
    crs: ClassVar[_Part[str]] = _Part()
    isochrones: ClassVar[_Part[gpd.GeoDataFrame | None]] = _Part()
    gaps: ClassVar[_Part[Gaps | None]] = _Part()
    candidates: ClassVar[_Part[Facilities | None]] = _Part()
    plan: ClassVar[_Part[SitingPlan | None]] = _Part()
    frontier: ClassVar[_Part[pd.DataFrame | None]] = _Part()
    robustness: ClassVar[_Part[pd.DataFrame | None]] = _Part()
    catchments: ClassVar[_Part[Catchments | None]] = _Part()
    outreach: ClassVar[_Part[Outreach | None]] = _Part()
    settlements: ClassVar[_Part[gpd.GeoDataFrame | None]] = _Part()
    critical: ClassVar[_Part[CriticalStreets | None]] = _Part()
    referral: ClassVar[_Part[Referral | None]] = _Part()

    @classmethod
    def of(
        cls,
        study: StudyFile,
        inputs: Inputs,
        times: Mapping[str, NearestTimes],
        coverages: Mapping[str, Coverage],
        hashes: Mapping[str, Mapping[str, str]],
        seconds: Mapping[str, float],
    ) -> StudyResult:
        """Return a result of times and coverage; `adding` puts in what else is computed."""
        settings, headline = study.settings, study.settings.analysis.headline_case
        cases = {str(case): case for case in settings.analysis.cases}
        targets = {(cases[name].mode, cases[name].minutes): share for name, share in settings.targets.items()}
        facts = {
            "study": study.name,
            "date": settings.analysis.day.isoformat(),
            "crs": inputs.network.crs,
            "inputs": provenance.plain(hashes),
            "versions": provenance.versions(),
            "profiles": provenance.profile_tables(times),
            "parameters": provenance.parameters(settings, study.file.parent),
            "notes": provenance.plain(study_notes(inputs.facts, times, inputs.population.people)),
            "counts": provenance.plain(provenance.counts(inputs, times, coverages)),
        }
        found = Findings(
            name=study.name,
            network=inputs.network,
            facilities=inputs.facilities,
            population=inputs.population,
            areas=inputs.areas,
            times=times,
            coverages=coverages,
            headline_case=headline.mode,
            minutes=headline.minutes,
            targets=targets,
            provenance=facts,
            own_points=inputs.own_points,
            terrain=inputs.terrain,
        )
        return cls(study, found, hashes, seconds)

    def adding(self, **parts: Any) -> StudyResult:
        """Return this result with more parts of `Findings`, or others."""
        return replace(self, found=replace(self.found, **parts))

    @property
    def inputs(self) -> Inputs:
        """Streets, service points, people and areas."""
        found = self.found
        dispatch = self.study.settings.emergency.dispatch_minutes
        return Inputs(
            found.network,
            found.facilities,
            found.population,
            found.areas,
            found.own_points,
            dispatch,
            found.terrain,
        )

    def figures(self) -> dict[str, float]:
        """Return the headline figures as a flat table, see `access15.study.figures.figures`."""
        return figures(self.found)

    def provenance(self) -> dict[str, Any]:
        """Return where the figures come from: inputs, versions, profiles, parameters, counts, seconds."""
        seconds = {stage: round(seconds, 3) for stage, seconds in self.seconds.items()}
        return {**self.found.provenance, "seconds": seconds}

    def layers(self) -> dict[str, pd.DataFrame]:
        """Return the layers of the coverage GeoPackage by name; those of parts not computed are left out."""
        return layers_of(self.found)

    def to_gpkg(self, path: str | os.PathLike[str], lang: str = "en") -> Path:
        """Write the coverage GeoPackage, whole or not at all; return its path."""
        return write_geopackage(path, self.layers(), self.crs, lang)

    def to_tables(self, folder: str | os.PathLike[str], ending: str = "parquet") -> dict[str, Path]:
        """Write every layer of the coverage GeoPackage as a file of its own, each whole or not at all.

        Parameters
        ----------
        folder : path
            Made if it does not exist.
        ending : {"parquet", "csv"}
            GeoParquet, or CSV in UTF-8 with a byte order mark, its geometry as WKT in the CRS of the study.

        Returns
        -------
        dict of str to Path
            The files by layer.
        """
        return {
            layer: write_table(Path(folder) / f"{layer}.{ending}", frame)
            for layer, frame in self.layers().items()
        }

    def map(self, path: str | os.PathLike[str], lang: str = "en", *, dpi: int = 150) -> Path:
        """Draw the headline case with gaps and proposed sites, whole or not at all; return its path.

        Parameters
        ----------
        path : path
            Ends in ``.png``, ``.pdf`` or ``.svg``.
        lang : {"en", "zh"}
        dpi : int
            Dots per inch of a PNG, which is 11 inches wide.
        """
        map_findings(self.found, path, lang, dpi=dpi)
        return Path(path)

    def explore(self, *, tiles: Any = None, **more: Any) -> folium.Map:
        """Return an interactive map of areas, gaps, service points and sites over the streets.

        Parameters
        ----------
        tiles : str, xyzservices provider or folium layer, optional
            Background, loaded from a server; None: no background, the map works offline.
        **more
            For `folium.Map`, such as ``height``.

        Raises
        ------
        MissingPackageError
            If ``access15[notebook]`` is not installed.
        """
        found, layers = self.found, []
        if found.areas is not None:
            layers.append(found.coverage.areas_on_map(found.areas, found.minutes, "all"))
        if found.gaps is not None:
            layers.append(found.gaps.on_map())
        layers.append(facilities_on_map(found.facilities))
        if found.plan is not None and found.candidates is not None:
            layers.append(found.plan.sites_on_map(found.candidates))
        return interactive_map(layers, found.network, tiles, **more)

    def findings(self, compared: Mapping[str, StudyResult] | None = None) -> Findings:
        """Return what was found as the report and its tables read it.

        Parameters
        ----------
        compared : mapping of str to StudyResult, optional
            Other runs for the same people, by name, beside the scenarios of this one.
        """
        if not compared:
            return self.found
        others, today = dict(self.found.compared), side_of(self)
        for name, other in compared.items():
            others[name] = Compared.of(other.found, changes(pair(today, side_of(other))).table)
        return replace(self.found, compared=others)

    def report(
        self,
        path: str | os.PathLike[str],
        lang: str = "en",
        *,
        compared: Mapping[str, StudyResult] | None = None,
    ) -> Path:
        """Write the report as one HTML file that works offline, whole or not at all; return its path.

        Parameters
        ----------
        path : path
            Ends in ``.html``.
        lang : {"en", "zh"}
        compared : mapping of str to StudyResult, optional
            Other runs for the same people, by name: table T10 shows them beside this one and its scenarios.
        """
        return write_report(path, self.findings(compared), lang)

    def tables(
        self,
        path: str | os.PathLike[str],
        lang: str = "en",
        *,
        compared: Mapping[str, StudyResult] | None = None,
    ) -> Path:
        """Write the tables of the report as an Excel workbook, whole or not at all; return its path.

        Parameters
        ----------
        path : path
            Ends in ``.xlsx``.
        lang, compared
            As in `report`.
        """
        return write_workbook(path, report_tables(self.findings(compared), lang), lang)

    def document(
        self,
        path: str | os.PathLike[str],
        lang: str = "en",
        *,
        compared: Mapping[str, StudyResult] | None = None,
    ) -> Path:
        """Write the report as a Word document that can be edited, whole or not at all; return its path.

        Parameters
        ----------
        path : path
            Ends in ``.docx``.
        lang, compared
            As in `report`.

        Raises
        ------
        MissingPackageError
            If ``access15[word]`` is not installed.
        """
        return write_document(path, self.findings(compared), lang)

    def write(
        self,
        folder: str | os.PathLike[str],
        progress: Progress | None = None,
        *,
        lang: str = "en",
        also: Sequence[str] = (),
    ) -> dict[str, Path]:
        """Write every file of a run into a folder; return them by name.

        ``coverage.gpkg``, ``map.png``, ``report.html``, ``tables.xlsx``, ``run.json``, and for every scenario
        ``changes_<scenario>.gpkg``.

        Parameters
        ----------
        folder : path
            Made if it does not exist.
        progress : callable, optional
            See `Study.run`.
        lang : {"en", "zh"}
            Language of the map, the report, the tables, and the titles and legends in the GeoPackages.
        also : sequence of {"parquet", "csv", "docx"}
            Also write each layer as a file of this kind, into the folder ``layers``; ``docx``: the report as a
            Word document, ``report.docx``.

        Raises
        ------
        OutputError
            If a file cannot be written; that file is then not left half-written.
        """
        out, clock = Path(folder), Clock(progress)
        writers: dict[str, Callable[[Path], Path]] = {
            "coverage.gpkg": partial(self.to_gpkg, lang=lang),
            "map.png": partial(self.map, lang=lang),
            "report.html": partial(self.report, lang=lang),
            "tables.xlsx": partial(self.tables, lang=lang),
            "run.json": self._write_run,
        }
        for scenario, name in slugs(self.scenarios).items():
            writers[f"changes_{name}.gpkg"] = partial(self.scenarios[scenario].comparison.to_gpkg, lang=lang)
        written = {}
        for name, write in writers.items():
            with clock.stage(f"write {name}"):
                written[name] = write(out / name)
        for ending in also:
            if ending == "docx":
                with clock.stage("write report.docx"):
                    written["report.docx"] = self.document(out / "report.docx", lang)
                continue
            with clock.stage(f"write layers as {ending}"):
                tables = self.to_tables(out / "layers", ending)
            written |= {f"layers/{path.name}": path for path in tables.values()}
        return written

    def _write_run(self, path: str | os.PathLike[str]) -> Path:
        """Write figures and provenance as JSON."""
        content = {"figures": self.figures(), **self.provenance()}
        with replacing(path) as temp:
            temp.write_text(
                json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", "utf-8"
            )
        return Path(path)

    def summary(self, lang: str = "en") -> str:
        """Return the results as plain-text tables, in English (``en``) or Chinese (``zh``)."""
        text, plan = summary_text(self.found, lang), words(lang)["plan_name"]
        lines = [
            f"{plan if name == PROPOSED else name}: {found.comparison.lead(lang)}"
            for name, found in self.scenarios.items()
        ]
        return "\n".join([text, *lines, ""]) if lines else text

    def __repr__(self) -> str:
        found = self.found
        rate = found.coverage.rate(found.minutes)
        return f"<StudyResult {found.name}: {found.headline_case} {found.minutes:g} min {rate:.1%}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"
