"""``access15 site``: where the next service points should go."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from access15.cli import _options as options
from access15.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


class _Objective(click.Option):
    """The option that names a siting model; its help lists the models, which are looked up only when it is read."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help."""
        from access15.siting import objectives

        first, *others = objectives()
        self.help = f"What sites are chosen for: {first} unless one of these is named: {', '.join(others)}."
        return super().get_help_record(ctx)


@click.command()
@options.network_option
@options.terrain_options
@options.facilities_options
@options.population_options
@options.areas_options
@click.option(
    "--candidates",
    required=True,
    help="Where sites may go: junctions, grid, osm, or a table or layer of points.",
)
@options.candidates_options
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    help="With osm: public building, industrial building, elder care; all unless named.",
)
@click.option(
    "--spacing", "spacing_m", type=float, help="Step of a grid, or least distance of candidates, metres."
)
@click.option("--allowed", type=click.Path(path_type=Path), help="Polygons that sites must lie in.")
@click.option("--forbidden", type=click.Path(path_type=Path), help="Polygons that sites must not lie in.")
@click.option("--p", type=int, help="How many sites.")
@click.option(
    "--target", type=float, help="Share of residents to reach, such as 0.9, with as few sites as can be."
)
@click.option(
    "--budget",
    type=float,
    help="What all sites may cost together; the layer of candidates has a column cost.",
)
@click.option(
    "--time-limit",
    "time_limit_s",
    type=float,
    default=60.0,
    show_default=True,
    help="Seconds to prove the best.",
)
@click.option(
    "--objective",
    cls=_Objective,
)
@click.option(
    "--weight",
    "group_weights",
    multiple=True,
    callback=options.weights,
    metavar="GROUP=NUMBER",
    help="How much a member of a group counts, such as 65+=1.5.",
)
@click.option("--frontier", type=int, metavar="N", help="Also print what 1, 2, … N sites can cover at most.")
@click.option(
    "--robustness", is_flag=True, help="Also print how often each site is chosen when assumptions move."
)
@options.mode_option
@options.cutoff_option
@options.direction_option
@options.geopackage_option
@options.lang_option
def command(
    out: Path,
    lang: str,
    mode: str,
    minutes: float,
    candidates: str,
    kinds: tuple[str, ...],
    spacing_m: float | None,
    allowed: Path | None,
    forbidden: Path | None,
    p: int | None,
    target: float | None,
    budget: float | None,
    time_limit_s: float,
    objective: str | None,
    group_weights: dict[str, float] | None,
    frontier: int | None,
    robustness: bool,
    **given: Any,
) -> None:
    """Propose sites that reach the most people, or the fewest sites that reach a share; write a GeoPackage."""
    from access15.cli._geopackage import write_parts
    from access15.siting import objectives
    from access15.sources import KINDS
    from access15.study import Siting

    objective = objective or objectives()[0]
    _check(p, target, budget, spacing_m, objective, frontier)
    siting = Siting(
        candidates,
        mode,
        minutes,
        p,
        target,
        spacing_m,
        time_limit_s=time_limit_s,
        objective=objective,
        weights=group_weights,
        frontier=frontier,
        robustness=robustness,
        budget=budget,
        kinds=kinds or KINDS,
        allowed=allowed,
        forbidden=forbidden,
        **options.file_keys("candidates", "candidate_"),
    )
    study = options.study_of(modes=(mode,), minutes=(minutes,), siting=siting, **given)
    result = write_parts(study, out, ("siting",), lang)
    if result.frontier is not None:
        click.echo(_curve(result.frontier, lang))
    if result.robustness is not None:
        click.echo(_firmness(result.robustness, lang))


def _curve(table: pd.DataFrame, lang: str) -> str:
    """Return the curve of coverage by number of sites as a text table."""
    from access15.outputs import said, text_table, words

    word, zh = words(lang), lang == "zh"
    rows = [
        [
            str(row["sites"]),
            f"{row['people']:,.0f}",
            f"{row['rate']:.1%}",
            f"{row['gain']:,.0f}",
            said(word, row["status"]) or "",
        ]
        for row in table.to_dict("records")
    ]
    reached = [
        f"{share:.0%} {'需' if zh else 'with'} {table.loc[table['rate'] >= share, 'sites'].min():g}"
        for share in (0.8, 0.9, 0.95)
        if (table["rate"] >= share).any()
    ]
    heads = (
        ["布点数", "覆盖人口", "覆盖率", "新增覆盖", "状态"]
        if zh
        else ["sites", "people", "rate", "gain", "status"]
    )
    title = "各布点数可覆盖的最多人口" if zh else "Most people by number of sites"
    return "\n".join([title, text_table(heads, rows), *([", ".join(reached)] if reached else [])])


def _firmness(table: pd.DataFrame, lang: str) -> str:
    """Return how often each site is chosen as a text table."""
    from access15.outputs import text_table

    zh = lang == "zh"
    of = " / " if zh else " of "
    ranks = table["rank"].astype(object).where(table["rank"].notna(), "-")
    rows = [
        [str(name), str(rank), f"{count}{of}{runs}", f"{near}{of}{runs}"]
        for name, rank, count, near, runs in zip(
            table["candidate_id"], ranks, table["chosen_in"], table["near_in"], table["runs"], strict=True
        )
    ]
    heads = (
        ["候选点", "序号", "入选次数", "邻近入选"] if zh else ["candidate", "rank", "chosen in", "near in"]
    )
    title = "敏感性试算中的布点" if zh else "Sites in sensitivity runs"
    return "\n".join([title, text_table(heads, rows)])


def _check(
    p: int | None,
    target: float | None,
    budget: float | None,
    spacing_m: float | None,
    objective: str,
    frontier: int | None,
) -> None:
    from access15.siting import model_of, sizes_of, sizes_text

    model_of(objective, "--objective")
    if frontier is not None and frontier < 1:
        raise InputError(f"--frontier must be 1 or more, not {frontier}")
    if len(sizes_of(objective)) > 1 and sum(size is not None for size in (p, target, budget)) != 1:
        raise InputError(f"name {sizes_text(objective, '--')}")
    if budget is not None and not 0 < budget < math.inf:
        raise InputError(f"--budget must be above 0, in the unit of the candidates' cost, not {budget:g}")
    if p is not None and p < 1:
        raise InputError(f"--p must be 1 or more, not {p}")
    if target is not None and not 0 < target <= 1:
        raise InputError(f"--target must be a share above 0 and at most 1, such as 0.9, not {target:g}")
    if spacing_m is not None and not spacing_m >= 0:
        raise InputError(f"--spacing must be 0 or more metres, not {spacing_m:g}")
