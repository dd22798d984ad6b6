"""What readers of service points tell: a counted note per kind of row that was set aside, merged or taken apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

import numpy as np

from access15.arguments import say
from access15.arrays import Bools, Ints
from access15.model import Note, in_chinese, said_in
from access15.sources.doubles import SAME_PLACE_M
from access15.sources.service_points import CLOSED, NOT_CARE, Judged
from access15.sources.table import Table

NO_PLACE = " has no coordinates (empty, or 0, 0)"
"""How the reason of a row without a place ends."""

_ASIDE = {
    CLOSED: (
        "closed, suspended or not open yet",
        "行因停业、暂停或未开业而搁置",
        say("keep", {"<column>": "…"}),
    ),
    NOT_CARE: (
        "no care for everybody by name, type or tags",
        "行按名称、类别或标签不面向公众诊疗而搁置",
        say("keep", {"tier": "…"}),
    ),
}


def _rows(table: Table, rows: Collection[int]) -> str:
    return table.rows(np.isin(np.arange(len(table)), list(rows)))


def _rows_zh(table: Table, rows: Collection[int], most: int = 5) -> str:
    shown = "、".join(str(number) for number in table.row[sorted(rows)[:most]])
    return f"第 {shown} {'行' if table.unit == 'row' else '个要素'}" + (
        f" 等 {len(rows)} 处" if len(rows) > most else ""
    )


def placeless_note(table: Table, aside: Mapping[int, str]) -> Iterator[Note]:
    """Yield the note on rows without coordinates."""
    lost = [reason.removesuffix(NO_PLACE) for reason in aside.values() if reason.endswith(NO_PLACE)]
    if lost:
        yield Note(
            "facilities without coordinates",
            len(lost),
            f"of {len(table)} facilities are left out, they have no coordinates (first: {lost[0]}): fill them in",
            f"行没有坐标（首个：{in_chinese(lost[0])}），未计入",
        )


def _listed(reasons: Counter[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(
        f"{said_in(reason, lang)} {count}" for reason, count in reasons.most_common(8)
    )


def judged_notes(table: Table, seen: Judged) -> Iterator[Note]:
    """Yield the notes on what does not work, on what is no care for everybody, and on status words that are not known."""
    for kind, (what, chinese, remedy) in _ASIDE.items():
        rows = [row for row, (k, _) in seen.aside.items() if k == kind]
        reasons = Counter(short_reason(seen.aside[row][1]) for row in rows)
        listed, listed_zh = _listed(reasons, "en"), _listed(reasons, "zh")
        yield Note(
            f"facilities: {kind}",
            len(rows),
            f"of {len(table)} rows are set aside, {what}: {listed} ({_rows(table, rows)}); to count some of them name all values "
            f"that count in [facilities], {remedy}",
            f"{chinese}（{listed_zh}；{_rows_zh(table, rows)}）",
        )
    for column, (words, known) in seen.unknown.items():
        listed = ", ".join(f"{word!r} ({count})" for word, count in words.most_common(5))
        more = f" and {len(words) - 5} more words" if len(words) > 5 else ""
        what = "words are" if known else "column is"
        yield Note(
            f"facilities: status in {column}",
            sum(words.values()),
            f"of {len(table)} rows count although their status is not understood, the {what} not known: {column!r} says "
            f"{listed}{more}; leave out what is closed: {say('drop', {column: '…'})}",
            f"行的状态无法识别，已计入（{column!r}：{listed}{more}）",
        )


def short_reason(reason: str) -> str:
    """Return a reason without what is of one row only."""
    reason = re.sub(r"^(row|feature) \d+ ", "", reason)
    for mark in (" (", " by its name", ", it serves", ": ", " as row", " as feature"):
        reason = reason.split(mark)[0]
    return reason


def choice_note(table: Table, out: Collection[int], columns: Collection[str]) -> Iterator[Note]:
    """Yield the note on rows that ``keep`` and ``drop`` leave out."""
    named = ", ".join(map(repr, columns))
    if out:
        yield Note(
            "facilities: keep and drop",
            len(out),
            f"of {len(table)} rows are left out by keep and drop of {named} ({_rows(table, out)})",
            f"行按 keep 与 drop（{named}）未计入（{_rows_zh(table, out)}）",
        )


def multipoint_note(table: Table, part: Ints) -> Iterator[Note]:
    """Yield the note on multipoints, whose points are facilities each."""
    points = int((part > 0).sum())
    if points:
        where = table.rows(part == 1)
        yield Note(
            "facilities: multipoints",
            int((part == 1).sum()),
            f"multipoints count as {points} facilities, one per point ({where})",
            f"个多点要素按点计为 {points} 处",
        )


def price_note(column: str) -> Note:
    """Return the note on a column of consumer prices."""
    return Note(
        "facilities: price",
        1,
        f"column is not read as the cost of building: {column!r} looks like a price from a map service; if it is a cost say "
        + say("columns", {"cost": column}, "facilities"),
        f"列 {column!r} 疑为地图服务的消费价格，未作为建设成本读取",
    )


def double_notes(table: Table, same: Mapping[int, int], spot: Bools) -> Iterator[Note]:
    """Yield the notes on rows merged with an earlier one, and on those that stand where another one stands."""
    if same:
        yield Note(
            "facilities: doubles",
            len(same),
            f"of {len(table)} rows repeat an earlier one (one name or id within {SAME_PLACE_M:.0f} m) and are merged with it "
            f"({_rows(table, same)})",
            f"行与前面的行重复（{SAME_PLACE_M:.0f} 米内同名或同代码），已合并（{_rows_zh(table, same)}）",
        )
    if spot.any():
        yield Note(
            "facilities: one spot",
            int(spot.sum()),
            f"of {len(table)} rows stand exactly where an earlier one stands, under another name or id ({table.rows(spot)}): each "
            "counts; correct their places if they were guessed from an address",
            f"行与前面的行位置完全相同而名称或代码不同（{_rows_zh(table, np.flatnonzero(spot).tolist())}），均已计入",
        )
