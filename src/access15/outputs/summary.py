"""Results as plain-text tables for the terminal, aligned also where the text is Chinese."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from access15.errors import InputError
from access15.model import Areas, Coverage, GapKind, Gaps, SitingPlan, said_in
from access15.outputs._frames import NONE_AREA, case_names
from access15.outputs.findings import PLAN, Findings
from access15.outputs.words import Pair, Words, read_pairs, said, words

if TYPE_CHECKING:
    from access15.outreach import Outreach

LONG: Final = 20
"""Rows of a table that still fit on one screen; of a longer one only the worst are shown."""

_LOST: Final = ("uncovered", "unreachable", "unlinked")

WORDS: Final[dict[str, Pair]] = read_pairs("summary")


def display_width(text: str) -> int:
    """Return how many terminal columns a text takes: wide characters two, combining marks none.

    Widths are those of Unicode Standard Annex 11 (East Asian Width W and F).
    """
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _cut(text: str, width: int) -> str:
    """Return a text no wider than ``width``, with ``..`` where it was cut."""
    if display_width(text) <= width:
        return text
    out, used = "", 0
    for char in text:
        used += _char_width(char)
        if used > width - 2:
            break
        out += char
    return out + ".."


def text_table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, max_column: int = 40) -> str:
    """Return a table as text: columns of numbers to the right, others to the left.

    Parameters
    ----------
    headers : sequence of str
    rows : sequence of sequences of str
        Each as long as ``headers``. Line breaks become spaces.
    max_column : int
        Widest column in terminal columns; longer text is cut and ends in ``..``.

    Returns
    -------
    str
        Lines without a final line break, no trailing blanks.

    Raises
    ------
    InputError
        If a row is longer or shorter than the headers.
    """
    for i, row in enumerate(rows):
        if len(row) != len(headers):
            raise InputError(f"table row {i + 1} has {len(row)} cells for {len(headers)} columns")
    table = [[_cut(" ".join(str(cell).split()), max_column) for cell in row] for row in [headers, *rows]]
    widths = [max(display_width(row[i]) for row in table) for i in range(len(headers))]
    numeric = [all(_is_number(row[i]) for row in table[1:]) and len(table) > 1 for i in range(len(headers))]
    lines = []
    for row in table:
        cells = [
            " " * (width - display_width(cell)) + cell
            if right
            else cell + " " * (width - display_width(cell))
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _is_number(cell: str) -> bool:
    return cell in ("", "-") or cell.lstrip("-+").replace(",", "").replace(".", "").rstrip(" %").isdigit()


def _count(value: float) -> str:
    return "-" if not math.isfinite(value) else f"{value:,.0f}"


def _rate(value: float) -> str:
    return "-" if not math.isfinite(value) else f"{value:.1%}"


def _minutes(seconds: float) -> str:
    return "-" if not math.isfinite(seconds) else f"{seconds / 60:.1f}"


def summary_text(found: Findings, lang: str = "en", *, top: int = 5) -> str:
    """Return what a run found as plain text.

    The first table has one row per case and cut-off, over all residents. With areas there is one by area at the
    headline cut-off; of more than `LONG` those with the most people not covered.

    Parameters
    ----------
    found : Findings
    lang : {"en", "zh"}
    top : int
        Gaps to list; the rest is summed.

    Returns
    -------
    str
        Ends in a line break.
    """
    word, areas = words(lang, WORDS), found.areas
    blocks = [found.name] if found.name else []
    blocks.append(f"{word['coverage']}\n{_coverage_table(found.coverages, word)}")
    if areas is not None:
        case = case_names(found.coverages)[found.headline_case][1]
        blocks.append(_area_table(case, found.coverage, found.minutes, areas, word))
    if found.gaps is not None:
        blocks.append(_gap_table(found.gaps, found.facility_names(), areas, word, top))
        full = found.catchments
        if full is not None and full.overflow.sum() > 0:
            blocks[-1] += "\n" + word["no_room"].format(people=_count(float(full.overflow.sum())))
    if found.outreach is not None and len(found.outreach.gaps):
        blocks.append(_outreach_table(found.outreach, word))
    if found.plan is not None:
        blocks.append(_plan_table(PLAN, found.plan, word))
    return "\n\n".join(blocks) + "\n"


def _coverage_table(coverages: Mapping[str, Coverage], word: Words) -> str:
    rows = []
    for coverage in coverages.values():
        table = coverage.table
        totals = table[table["area_id"].isna() & (table["group"] == "all")]
        for row in totals.sort_values("minutes").to_dict("records"):
            counts = [_count(row[status]) for status in _LOST]
            figures = [_count(row["people"]), _count(row["covered"]), _rate(row["rate"]), *counts]
            rows.append(
                [_code(row["points"], word), _code(row["mode"], word), f"{row['minutes']:g}", *figures]
            )
    heads = [word[head] for head in ("points", "mode", "min", "people_short", "covered", "rate_short")]
    heads += [str(said(word, status)) for status in _LOST]
    if len({row[0] for row in rows}) == 1:
        heads, rows = heads[1:], [row[1:] for row in rows]
    return text_table(heads, rows)


def _area_table(case: str, coverage: Coverage, minutes: float, areas: Areas, word: Words) -> str:
    names = {str(i): str(name) or str(i) for i, name in zip(areas.id, areas.name, strict=True)}
    names[NONE_AREA] = word["no_area_short"]
    summary = coverage.summary[coverage.summary["area_id"].notna()]
    table = coverage.table[(coverage.table["minutes"] == minutes) & (coverage.table["group"] == "all")]
    if table.empty:
        raise InputError(f"the coverage has no figure for {minutes:g} min: compute it with this cut-off")
    covered = dict(zip(table["area_id"], table["covered"], strict=True))
    rows, beyond = [], []
    for row in summary.to_dict("records"):
        within = covered.get(row["area_id"], 0.0)
        beyond.append(row["people"] - within)
        share = within / row["people"] if row["people"] > 0 else math.nan
        figures = [_count(row["people"]), _count(within), _rate(share), _count(row["people"] - within)]
        times = [_minutes(row["mean_s"]), _minutes(row["p90_s"])]
        rows.append([names.get(row["area_id"], str(row["area_id"])), *figures, *times])
    heads = ["area", "people_short", "covered", "rate_short", "not_covered", "mean", "p90"]
    worst = sorted(range(len(rows)), key=lambda i: -beyond[i])
    shown, rest = (worst[:LONG], worst[LONG:]) if len(rows) > LONG else (list(range(len(rows))), [])
    lines = [
        word["by_area"].format(case=_code(case, word), minutes=minutes),
        text_table([word[head] for head in heads], [rows[i] for i in shown]),
    ]
    if rest:
        lines.append(word["areas_more"].format(more=len(rest), people=_count(sum(beyond[i] for i in rest))))
    return "\n".join(lines)


def _gap_table(gaps: Gaps, sites: Mapping[str, str], areas: Areas | None, word: Words, top: int) -> str:
    title = word["gaps"].format(mode=_code(gaps.origin.profile.name, word), minutes=gaps.minutes)
    small = _left_out(gaps, word)
    if not len(gaps):
        return "\n".join([title, word["none"], *small])
    places = {} if areas is None else dict(zip(areas.id, areas.name, strict=True))
    table = gaps.table.sort_values("rank")
    kinds = ["kind"] if (table["kind"] != GapKind.DISTANCE).any() else []
    rows = []
    for row in table.head(top).to_dict("records"):
        place, nearest = _known(places, row["area_id"]), _known(sites, row["nearest_facility"])
        texts = [_code(row[column], word) for column in [*kinds, "reason", "recommendation"]]
        rows.append(
            [str(row["rank"]), _count(row["people"]), place, nearest, _minutes(row["median_s"]), *texts]
        )
    heads = ["rank_short", "people_short", "area", "nearest", "median", *kinds, "reason", "recommendation"]
    lines = [title, text_table([word[head] for head in heads], rows)]
    rest = table["people"].iloc[top:]
    if len(rest):
        lines.append(word["gaps_more"].format(more=len(rest), people=_count(float(rest.sum()))))
    return "\n".join([*lines, *small])


def _outreach_table(plan: Outreach, word: Words) -> str:
    """Return how many gaps and people each form of service has, and what becomes of the circuits."""
    table = plan.gaps.table
    rows = [
        [_code(form, word), _count(len(part)), _count(float(part["people"].sum()))]
        for form, part in table.groupby("recommendation")
    ]
    lines = [
        word["outreach"],
        text_table([word[head] for head in ("recommendation", "gap_count", "people_short")], rows),
    ]
    made = plan.circuits
    if len(made):
        people, hours = (_count(float(made[column].sum())) for column in ("people", "vehicle_hours"))
        bases = _count(made["base_id"].nunique())
        lines.append(
            word["circuits"].format(circuits=_count(len(made)), bases=bases, people=people, hours=hours)
        )
    for problem, part in table[table["problem"].notna()].groupby("problem"):
        line = word["no_circuit"].format(
            gaps=_count(len(part)), people=_count(float(part["people"].sum())), problem=_code(problem, word)
        )
        lines.append(line)
    return "\n".join(lines)


def _left_out(gaps: Gaps, word: Words) -> list[str]:
    """Return a line on the gaps that were too small for the table, where there are any."""
    counts = gaps.table.attrs.get("left_out") or {}
    if not counts.get("gaps"):
        return []
    return [word["gaps_small"].format(more=f"{counts['gaps']:,}", people=_count(counts["people"]))]


def _text(value: Any) -> str:
    return "-" if value is None or value != value or value == "" else str(value)


def _code(value: Any, word: Words) -> str:
    """Return a mode, reason or model as it is typed, in Chinese the word for it."""
    return _text(value if word["html_lang"] == "en" else said(word, value))


def _known(names: Mapping[Any, Any], key: Any) -> str:
    return _text(names.get(key) or key)


def _plan_table(plan_id: str, plan: SitingPlan, word: Words) -> str:
    limit = "" if math.isnan(plan.minutes) else f" {plan.minutes:g} {word['min']}"
    title = word["plan"].format(
        plan=plan_id,
        model=_code(plan.model, word),
        mode=_code(plan.origin.profile.name, word),
        limit=limit,
        p=plan.p,
        status=_code(plan.status, word),
        objective=f"{plan.objective:,.1f}",
        bound=f"{plan.bound:,.1f}",
        gap=f"{plan.gap:.2%}",
    )
    rows = [
        [
            str(row["rank"]),
            _text(row["candidate_id"]),
            _code(row["source"], word),
            _count(row["gain"]),
            _count(row["cumulative_people"]),
            _rate(row["cumulative_rate"]),
        ]
        for row in plan.table.to_dict("records")
    ]
    heads = ["rank_short", "candidate", "source", "gain", "cumulative", "rate_short"]
    lines = [title]
    if rows:
        lines.append(text_table([word[head] for head in heads], rows[:LONG]))
    if len(rows) > LONG:
        lines.append(word["sites_more"].format(more=len(rows) - LONG, rate=rows[-1][-1]))
    return "\n".join([*lines, *(f"{word['note']}: {said_in(note, word['lang'])}" for note in plan.notes)])
