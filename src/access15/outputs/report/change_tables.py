"""The tables of a comparison, for the terminal and the short report alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from access15.outputs._frames import NONE_AREA
from access15.outputs.change_figures import Changes
from access15.outputs.report.html import shown
from access15.outputs.report.report_table import Builder, Kind, Table
from access15.outputs.summary import text_table
from access15.outputs.words import Pair, Words, said, words

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
_TOLD_PARTS: Final = ("inputs", "parameters", "profiles", "study", "crs")

WORDS: Final[dict[str, Pair]] = {
    "title": ("What changed: {before} → {after}", "方案对比：{before} → {after}"),
    "kicker": ("Two results compared", "两次结果对比"),
    "lead": (
        "Within {minutes:g} minutes ({mode}), {gain} people gain access and {lose} lose it: {before} people were covered, "
        "{after} are now ({rate_before} → {rate_after} of residents).",
        "按{mode}{minutes:g}分钟计，{gain} 人由未覆盖变为覆盖，{lose} 人由覆盖变为未覆盖；覆盖人口由 {before} 人变为 {after} 人"
        "（覆盖率 {rate_before} → {rate_after}）。",
    ),
    "lead_people": (
        " Of the change, {by_population} is through people who came or went.",
        "其中 {by_population} 人为人口增减所致。",
    ),
    "unchanged": (
        "Nothing changed: no figure, no cell and no service point differs.",
        "没有变化：全部数字、人口单元和医疗服务点均相同。",
    ),
    "totals": ("All residents and groups", "全部常住人口与各人群"),
    "totals_note": (
        "Gain: covered only after. Lose: covered only before. Both are counted as the people before. Through people: change in "
        "people covered because people came or went. Gain − lose + through people = change.",
        "“受益”指仅在之后覆盖的人口，“受损”指仅在之前覆盖的人口，均按之前的人口计。“人口变动”指因人口增减造成的覆盖人口变化。"
        "受益 − 受损 + 人口变动 = 变化。",
    ),
    "by_area": ("By area: {mode}, {minutes:g} min", "分区：{mode}，{minutes:g} 分钟"),
    "facilities": ("Service points that differ", "有变化的医疗服务点"),
    "facilities_none": ("No service point differs.", "医疗服务点没有变化。"),
    "inputs": ("Inputs and parameters that differ", "有变化的输入与参数"),
    "inputs_note": (
        "From the provenance of both results; versions and counts that differ stand in the GeoPackage.",
        "依据两次结果的来源信息；版本与计数的差别见 GeoPackage。",
    ),
    "inputs_none": ("No input and no parameter differs.", "输入与参数没有变化。"),
    "notes": ("What only one of the two has", "仅一方具有的内容（英文原始记录）"),
    "covered_before": ("covered before", "之前覆盖"),
    "covered_after": ("covered after", "之后覆盖"),
    "change": ("change", "变化"),
    "gain": ("gain", "受益"),
    "lose": ("lose", "受损"),
    "by_population": ("through people", "人口变动"),
    "faster": ("faster", "时间缩短"),
    "slower": ("slower", "时间延长"),
    "rate_change": ("rate, points", "覆盖率变化（百分点）"),
    "mean_change": ("mean, min", "平均时间变化（分钟）"),
    "p90_change": ("P90, min", "P90变化（分钟）"),
    "facility": ("id", "编号"),
    "what": ("what changed", "变化内容"),
    "moved_m": ("moved, m", "移动距离（米）"),
    "columns": ("columns that differ", "变化的字段"),
    "key": ("fact", "项目"),
    "before": ("before", "之前"),
    "after": ("after", "之后"),
}


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
        out.add("group", "text", [word["all"] if g == "all" else g for g in table["group"]])
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
    table = found.inputs[found.inputs["part"].isin(_TOLD_PARTS)]
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
        blocks.append("\n".join([word["notes"], *found.notes]))
    return "\n\n".join(blocks) + "\n"
