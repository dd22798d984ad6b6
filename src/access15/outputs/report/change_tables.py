"""The tables of a comparison, for the terminal and the short report alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from access15.model import said_in
from access15.outputs._frames import NONE_AREA
from access15.outputs.change_figures import Changes
from access15.outputs.report.html import shown
from access15.outputs.report.report_table import Builder, Kind, Table
from access15.outputs.summary import text_table
from access15.outputs.words import Pair, Words, read_pairs, said, words

if TYPE_CHECKING:
    import pandas as pd

_FIGURES: dict[str, tuple[str, Kind, float]] = {
    "covered_before": ("covered_before", "count", 1),
    "covered_after": ("covered_after", "count", 1),
    "change": ("covered_change", "signed", 1),
    "gain": ("gain", "count", 1),
    "lose": ("lose", "count", 1),
    "by_population": ("by_population", "signed", 1),
    "faster": ("faster", "count", 1),
    "slower": ("slower", "count", 1),
    "rate_change": ("rate_change", "points", 100),
    "mean_change": ("mean_change_s", "points", 1 / 60),
    "p90_change": ("p90_change_s", "points", 1 / 60),
}
_SHOWN_PARTS: Final = ("inputs", "parameters", "profiles", "study", "crs")

WORDS: Final[dict[str, Pair]] = read_pairs("changes")


def change_tables(found: Changes, lang: str = "en", *, short: bool = False) -> dict[str, Table]:
    """Return the tables of a comparison by key; those without a row are left out, in ``short`` ones some columns too.

    Returns
    -------
    dict of str to Table
        ``totals, by_area, facilities, inputs``.
    """
    word = words(lang, WORDS)
    made = [
        _totals(found, word, short),
        _by_area(found, word, short),
        _facilities(found, word),
        _inputs(found, word),
    ]
    return {table.key: table for table in made if len(table.frame)}


def _totals(found: Changes, word: Words, short: bool) -> Table:
    table = found.table[found.table["area_id"].isna()]
    out = Builder(word)
    out.say("mode", table["mode"])
    out.add("min", "number", list(table["minutes"]))
    if (table["group"] != "all").any():
        out.add("group", "text", [word["all"] if g == "all" else said(word, g) for g in table["group"]])
    _add_figures(out, table, short)
    return out.done(word["totals_note"]).table("totals", word["totals"])


def _by_area(found: Changes, word: Words, short: bool) -> Table:
    """Return the areas at the headline, those where most people gain or lose first."""
    table = found.table
    mine = (table["mode"] == found.mode) & (table["minutes"] == found.minutes) & (table["group"] == "all")
    table = table[mine & table["area_id"].notna()]
    order = (table["gain"] + table["lose"] + table["by_population"].abs()).sort_values(
        ascending=False, kind="stable"
    )
    table = table.loc[order.index]
    names = {str(i): n or i for i, n in zip(found.areas["area_id"], found.areas["name"], strict=True)}
    names[NONE_AREA] = word["no_area"]
    out = Builder(word)
    out.add("area", "text", [names.get(str(i), i) for i in table["area_id"]])
    _add_figures(out, table, short)
    return out.table("by_area", word["by_area"].format(mode=said(word, found.mode), minutes=found.minutes))


def _add_figures(out: Builder, table: pd.DataFrame, short: bool) -> None:
    for head, (column, kind, factor) in _FIGURES.items():
        aside = head in ("faster", "slower") or (head == "by_population" and not table[column].any())
        if not (short and aside):
            out.add(head, kind, [value * factor for value in table[column]])


def _facilities(found: Changes, word: Words) -> Table:
    table = found.facilities[found.facilities["change"] != "same"]
    out = Builder(word)
    out.add("facility", "text", list(table["facility_id"]))
    out.add("name", "text", list(table["name"]))
    out.say("what", table["change"])
    out.add("moved_m", "count", list(table["moved_m"].where(table["change"] == "moved")))
    out.add("columns", "text", list(table["changed"]))
    return out.table("facilities", word["facilities"])


def _inputs(found: Changes, word: Words) -> Table:
    table = found.inputs[found.inputs["part"].isin(_SHOWN_PARTS)]
    out = Builder(word)
    for head in ("key", "before", "after"):
        out.add(head, "text", list(table[head]))
    return out.done(word["inputs_note"]).table("inputs", word["inputs"])


def lead(found: Changes, lang: str = "en") -> str:
    """Return the headline as one sentence."""
    word = words(lang, WORDS)
    if found.unchanged:
        return word["unchanged"]
    row = found.total()
    counts = {name: shown(row[name], "count") for name in ("gain", "lose")}
    counts |= {when: shown(row[f"covered_{when}"], "count") for when in ("before", "after")}
    rates = {f"rate_{when}": shown(row[f"rate_{when}"], "rate") for when in ("before", "after")}
    text = word["lead"].format(minutes=found.minutes, mode=said(word, found.mode), **counts, **rates)
    moved = row["by_population"]
    return text + (word["lead_people"].format(by_population=shown(moved, "signed")) if moved else "")


def change_text(found: Changes, lang: str = "en", top: int = 10) -> str:
    """Return a comparison as plain text: the headline, the tables (``top`` rows of each but the totals), what was left out.

    Parameters
    ----------
    found : Comparison
    lang : {"en", "zh"}
    top : int
        Rows of the tables by area, facility and input.
    """
    word = words(lang, WORDS)
    blocks = [word["title"].format(before=found.before, after=found.after), lead(found, lang)]
    for key, table in change_tables(found, lang, short=True).items():
        if key == "by_area" and found.unchanged:
            continue
        rows = list(table.frame.itertuples(index=False, name=None))
        kept = rows if key == "totals" else rows[:top]
        cells = [[shown(v, kind) for v, kind in zip(row, table.kinds, strict=True)] for row in kept]
        lines = [table.title, text_table([str(head) for head in table.frame.columns], cells)]
        if len(rows) > len(kept):
            lines.append(word["first_rows"].format(shown=len(kept), all=len(rows), file="--out"))
        blocks.append("\n".join(lines))
    if found.notes:
        blocks.append("\n".join([word["notes"], *(said_in(note, word["lang"]) for note in found.notes)]))
    return "\n\n".join(blocks) + "\n"
