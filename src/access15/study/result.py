"""What a run found, and the files it becomes."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
from access15.study import provenance
from access15.study.clock import Clock, Progress
from access15.study.figures import figures
from access15.study.stages import Inputs
from access15.units import slugs

if TYPE_CHECKING:
    import folium
    import geopandas as gpd
    import pandas as pd

    from access15.outputs import Findings, Referral
    from access15.outreach import Outreach
    from access15.study.scenarios import ScenarioResult
    from access15.study.study import Study

PLAN: Final = "A"
"""Id of the plan of a run."""


@dataclass(frozen=True, slots=True, eq=False)
class StudyResult:
    """What a run found; immutable. Everything that was not computed is None.

    Attributes
    ----------
    study : Study
    inputs : Inputs
        ``network, facilities, population, areas``.
    times : mapping of str to NearestTimes
        By mode.
    coverages : mapping of str to Coverage
        By mode.
    hashes : mapping
        ``{role: {file, sha256}}`` of the inputs.
    seconds : mapping of str to float
        Time each stage took.
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
    scenarios : mapping of str to ScenarioResult
        By name: those of the study, and the plan as ``with the proposed sites``.
    referral : Referral or None
        From every service point to the nearest of the next tier, where there are tiers.
    """

    study: Study
    inputs: Inputs
    times: Mapping[str, NearestTimes]
    coverages: Mapping[str, Coverage]
    hashes: Mapping[str, Mapping[str, str]]
    seconds: Mapping[str, float]
    isochrones: gpd.GeoDataFrame | None = None
    gaps: Gaps | None = None
    candidates: Facilities | None = None
    plan: SitingPlan | None = None
    frontier: pd.DataFrame | None = None
    robustness: pd.DataFrame | None = None
    catchments: Catchments | None = None
    outreach: Outreach | None = None
    settlements: gpd.GeoDataFrame | None = None
    critical: CriticalStreets | None = None
    scenarios: Mapping[str, ScenarioResult] = field(default_factory=dict)
    referral: Referral | None = None

    @property
    def crs(self) -> str:
        """The metric CRS of the study."""
        return self.inputs.network.crs

    @property
    def coverage(self) -> Coverage:
        """Coverage of the headline mode."""
        return self.coverages[self.study.settings.analysis.headline_case.mode]

    def figures(self) -> dict[str, float]:
        """Return the headline figures as a flat table, see `access15.study.figures.figures`."""
        return figures(self)

    def provenance(self) -> dict[str, Any]:
        """Return where the figures come from: inputs, versions, profiles, parameters, counts, seconds."""
        settings = self.study.settings
        return {
            "study": self.study.name,
            "crs": self.crs,
            "inputs": provenance.plain(self.hashes),
            "versions": provenance.versions(),
            "profiles": provenance.profile_tables(self.times),
            "parameters": provenance.parameters(settings, self.study.file.parent),
            "counts": provenance.plain(provenance.counts(self.inputs, self.times, self.coverages)),
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
        }

    def layers(self) -> dict[str, pd.DataFrame]:
        """Return the layers of the coverage GeoPackage by name; those of parts not computed are left out."""
        from access15.study.layers import layers_of

        return layers_of(self)

    def to_gpkg(self, path: str | os.PathLike[str], lang: str = "en") -> Path:
        """Write the coverage GeoPackage, whole or not at all; return its path."""
        from access15.outputs import write_geopackage

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
        from access15.outputs import write_table

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
        from access15.outputs import plot_coverage
        from access15.study.layers import sites_layer

        analysis, given = self.study.settings.analysis, self.inputs
        headline = analysis.headline_case
        plot_coverage(
            self.times[headline.mode],
            given.population,
            minutes=headline.minutes,
            classes=analysis.minutes,
            network=given.network,
            facilities=given.facilities,
            areas=given.areas,
            gaps=self.gaps,
            sites=sites_layer(self),
            title=f"{self.study.name}: {headline.mode}, {headline.minutes:g} min",
            path=path,
            lang=lang,
            dpi=dpi,
        )
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
        given, headline = self.inputs, self.study.settings.analysis.headline_case
        layers = []
        if given.areas is not None:
            layers.append(self.coverage.areas_on_map(given.areas, headline.minutes, "all"))
        if self.gaps is not None:
            layers.append(self.gaps.on_map())
        layers.append(facilities_on_map(given.facilities))
        if self.plan is not None and self.candidates is not None:
            layers.append(self.plan.sites_on_map(self.candidates))
        return interactive_map(layers, given.network, tiles, **more)

    def findings(self, compared: Mapping[str, StudyResult] | None = None) -> Findings:
        """Return what was found as the report and its tables read it.

        Parameters
        ----------
        compared : mapping of str to StudyResult, optional
            Other runs for the same people, by name, beside the scenarios of this one.
        """
        from access15.outputs import Findings
        from access15.study.scenarios import compared_runs

        given, headline = self.inputs, self.study.settings.analysis.headline_case
        return Findings(
            name=self.study.name,
            network=given.network,
            facilities=given.facilities,
            population=given.population,
            areas=given.areas,
            times=self.times,
            coverages=self.coverages,
            headline_case=headline.mode,
            minutes=headline.minutes,
            gaps=self.gaps,
            catchments=self.catchments,
            candidates=self.candidates,
            plan=self.plan,
            frontier=self.frontier,
            robustness=self.robustness,
            targets=self._targets(),
            provenance=self.provenance(),
            compared=compared_runs(self, compared or {}),
            outreach=self.outreach,
            isochrones=self.isochrones,
            referral=self.referral,
            dispatch_minutes=self.study.settings.emergency.dispatch_minutes,
            critical=self.critical,
        )

    def _targets(self) -> dict[tuple[str, float], float]:
        settings = self.study.settings
        cases = {str(case): case for case in settings.analysis.cases}
        return {(cases[name].mode, cases[name].minutes): share for name, share in settings.targets.items()}

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
        from access15.outputs import write_report

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
        from access15.outputs import report_tables, write_workbook

        return write_workbook(path, report_tables(self.findings(compared), lang), lang)

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
        also : sequence of {"parquet", "csv"}
            Also write each layer as a file of this kind, into the folder ``layers``.

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
            with clock.stage(f"write layers as {ending}"):
                tables = self.to_tables(out / "layers", ending)
            written |= {f"layers/{path.name}": path for path in tables.values()}
        return written

    def _write_run(self, path: str | os.PathLike[str]) -> Path:
        """Write figures and provenance as JSON."""
        from access15.outputs import replacing

        content = {"figures": self.figures(), **self.provenance()}
        with replacing(path) as temp:
            temp.write_text(
                json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", "utf-8"
            )
        return Path(path)

    def summary(self, lang: str = "en") -> str:
        """Return the results as plain-text tables, in English (``en``) or Chinese (``zh``)."""
        from access15.outputs import PROPOSED, summary_text
        from access15.outputs import words as report_words

        headline = self.study.settings.analysis.headline_case
        text = summary_text(
            self.coverages,
            headline_case=headline.mode,
            minutes=headline.minutes,
            areas=self.inputs.areas,
            gaps=() if self.gaps is None else self.gaps,
            plans=None if self.plan is None else {PLAN: self.plan},
            facilities=self.inputs.facilities,
            outreach=self.outreach,
            catchments=None if self.gaps is None else self.catchments,
            title=self.study.name,
            lang=lang,
        )
        plan = report_words(lang)["plan_name"]
        told = [
            f"{plan if name == PROPOSED else name}: {found.comparison.lead(lang)}"
            for name, found in self.scenarios.items()
        ]
        return "\n".join([text, *told, ""]) if told else text

    def __repr__(self) -> str:
        headline = self.study.settings.analysis.headline_case
        rate = self.coverage.rate(headline.minutes)
        return f"<StudyResult {self.study.name}: {headline.mode} {headline.minutes:g} min {rate:.1%}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"
