"""The map of one case as a sheet: what it says in its title, the map, its key, gaps and sites beside it, its sources."""

from __future__ import annotations

import math
from datetime import date as day
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.crs import WGS84, to_crs
from access15.outputs.atomic import replacing
from access15.outputs.findings import Findings
from access15.outputs.maps.fonts import fonts, is_cjk
from access15.outputs.maps.parts import LETTERS
from access15.outputs.maps.sheet import checked_path
from access15.outputs.one_case import case_figures as case
from access15.outputs.one_case.dots import MOST_DOTS, Steps, kinds, radii, time_steps
from access15.outputs.one_case.key import class_words, dot_marks, dot_sizes, gap_sign, ramp_marks, reach_sign
from access15.outputs.one_case.marks import WHITE, Dots, Group, Mark, Shape, Squares, Text, badge, clinic, pin
from access15.outputs.one_case.names_on_map import text_width
from access15.outputs.one_case.picture import POINT, draw
from access15.outputs.one_case.scene import Scene, scene
from access15.outputs.one_case.words import WORDS as MAP_WORDS
from access15.outputs.palette import BOUNDARY, GAP_INK, PLAN, QUIET, TEXT, edge_of
from access15.outputs.words import Pair, Words, words

if TYPE_CHECKING:
    import os

    from matplotlib.axes import Axes

WORDS: Final[dict[str, Pair]] = {
    "sheet_title": (
        "{name}: {un} of {N} residents do not reach care in {t:g} minutes {way}",
        "{name}：{N} 人中有 {un} 人{way} {t:g} 分钟到不了医疗服务点",
    ),
    "sheet_title_all": (
        "{name}: all {N} residents reach care in {t:g} minutes {way}",
        "{name}：{N} 人{way} {t:g} 分钟全部能到医疗服务点",
    ),
    "sheet_title_none": ("{name}: no residents are known", "{name}：无常住人口数据"),
    "sheet_plan": ("{p} sites would reach {gain} of them", "建 {p} 个点可覆盖其中 {gain} 人"),
    "sheet_plan_one": ("one site would reach {gain} of them", "建一个点可覆盖其中 {gain} 人"),
    "sheet_case": ("One case throughout: {mode}, {t:g} minutes.", "全图同一口径：{mode}{t:g} 分钟。"),
    "sheet_dots": ("People at each dot", "每个圆点的人数"),
    "sheet_gap": ("service gap: beyond {t:g} min", "服务盲区：{t:g} 分钟到不了"),
    "sheet_badge": ("gap, most people first", "盲区次序，人多者在前"),
    "sheet_pin": ("proposed site, first to open first", "建议布点，按建设先后"),
    "sheet_reach": ("newly reached from that site", "该点建成后新覆盖的范围"),
    "sheet_clinic": ("hospital · township or centre · village", "县级 · 乡镇 · 村级机构"),
    "sheet_border": ("boundary of areas", "区域界"),
    "sheet_gaps": ("Largest gaps", "最大的盲区"),
    "sheet_gaps_of": ("Largest gaps, {k} of {n}", "盲区（前 {k} 处，共 {n} 处）"),
    "sheet_gaps_unit": ("people · min", "人数 · 分钟"),
    "sheet_sites": ("Sites in order", "布点（按先后）"),
    "sheet_sites_unit": ("newly reached → coverage", "新增覆盖 → 覆盖率"),
    "sheet_globe": ("graticule only, no borders", "经纬网示意，不绘国界"),
    "sheet_elsewhere": (
        "Gaps and sites of another case are not on this map.",
        "按其他口径计算的盲区和布点不在本图。",
    ),
    "sheet_publish": ("(before publication)", "（公开前须依法送审）"),
}

_WIDE: Final = 1100.0
_SIDE: Final = 286.0
_EDGE: Final = 26.0
_UNIT: Final = 1.5
_LATIN: Final = 1.1
"""Letters of the picture's font beside those of the page."""

_PLAIN: Final = 0.97
"""The same of letters that are not bold."""

_MOST_GAPS: Final = 6
_MOST_SITES: Final = 8
_LETTERED: Final = 12
_TOWN: Final = 5
_MANY_GAPS: Final = 40


def case_words(lang: str) -> dict[str, str]:
    """Return the words of the sheet in one language."""
    return words(lang, {**case.WORDS, **case.SIDES, **MAP_WORDS, **WORDS})


def case_sheet(
    findings: Findings,
    path: str | os.PathLike[str] | None,
    lang: str = "en",
    *,
    dpi: int = 150,
    date: str = "",
) -> Axes:
    """Draw the sheet, whole or not at all; return axes whose units are pixels.

    Parameters
    ----------
    findings : Findings
    path : path or None
        Ends in ``.png``, ``.pdf`` or ``.svg``.
    lang : {"en", "zh"}
    dpi : int
        Dots per inch of a PNG, which is 11 inches wide.
    date : str
        On the sheet; today by default.
    """
    target = None if path is None else checked_path(Path(path))
    figures, word = case.figures_of_case(findings), case_words(lang)
    names = [*findings.area_names().values(), *findings.facility_names().values(), findings.name]
    families, whole = fonts([*names, *word.values()])
    if not whole:
        word = case_words("en")

    def shown(text: str) -> str:
        return (
            text
            if whole or not any(map(is_cjk, text))
            else "".join(c for c in text if not is_cjk(c)).strip(" ,")
        )

    count = 0 if findings.gaps is None else len(findings.gaps)
    head, top = _head(figures, word, _WIDE - 2 * _EDGE)
    side, low = _side(figures, word)
    drawn = scene(
        figures,
        word,
        wide=_WIDE - 3 * _EDGE - _SIDE,
        tallest=max(980.0, low),
        least=max(640.0, low),
        unit=_UNIT,
        badges=_LETTERED if count > _MANY_GAPS else _TOWN,
        clinics_named=True,
    )
    tall = top + drawn.frame.tall + 66
    axes = _paper(_WIDE, tall)
    clip = _map(axes, drawn, (_EDGE, top), families, shown)
    draw(axes, [*_moved(head, 0, 0), *_moved(side, _WIDE - _EDGE - _SIDE, top)], families, shown)
    foot = _foot(figures, word, date or day.today().isoformat(), _WIDE - 2 * _EDGE)
    draw(axes, _moved(foot, _EDGE, top + drawn.frame.tall + 20), families, shown)
    axes.set_label(shown(next(m.text for m in head if isinstance(m, Text))))
    clip.set_zorder(50)
    if target is not None:
        kind = target.suffix[1:].lower()
        meta: dict[str, dict[str, Any]] = {
            "png": {"Software": "access15"},
            "pdf": {"CreationDate": None},
            "svg": {"Date": None},
        }
        with replacing(target) as temp:
            axes.figure.figure.savefig(temp, dpi=dpi, format=kind, metadata=meta[kind])
    return axes


def case_picture(
    findings: Findings, path: str | os.PathLike[str], lang: str, *, key: bool = False, dpi: int = 220
) -> Path:
    """Draw the map of the page alone, or with its key, for a document; return its path."""
    target = checked_path(Path(path))
    figures, word = case.figures_of_case(findings), case_words(lang)
    families, whole = fonts(
        [*findings.area_names().values(), *findings.facility_names().values(), *word.values()]
    )
    if not whole:
        word = case_words("en")
    drawn = scene(figures, word, wide=640.0, tallest=660.0, least=460.0, unit=1.35)

    def shown(text: str) -> str:
        return text if whole or not any(map(is_cjk, text)) else ""

    axes = _paper(drawn.frame.wide, drawn.frame.tall + (70 if key else 0))
    _map(axes, drawn, (0.0, 0.0), families, shown)
    if key:
        draw(axes, _moved(_key(figures, drawn, word), 0.0, drawn.frame.tall + 8), families, shown)
    with replacing(target) as temp:
        axes.figure.figure.savefig(temp, dpi=dpi, format="png", metadata={"Software": "access15"})
    return target


def _key(figures: case.Figures, drawn: Scene, word: Words) -> list[Mark]:
    """Return the key below a map: classes, sizes of dots, signs."""
    out = _grown(ramp_marks(drawn.steps, figures.findings.minutes, word))
    if drawn.per_root:
        out += _moved(_grown(dot_marks(drawn.per_root / _KEY_SIZE, word)), 355, 0)
    else:
        out.append(Text(355, 14, word["key_cells"] if drawn.per_root is None else "", 12, anchor="start"))
    signs: list[tuple[list[Mark], str]] = [
        ([gap_sign()], "key_gap"),
        ([reach_sign()], "key_reach"),
        (list(clinic(10, 7, 9)), "key_clinic"),
    ]
    for i, (sign, name) in enumerate(signs):
        out += _moved(sign, 490, 18 * i + (22 if drawn.per_root is None else 2))
        out.append(Text(516, 18 * i + (33 if drawn.per_root is None else 13), word[name], 12, anchor="start"))
    return out


_KEY_SIZE: Final = 1.35


def _grown(marks: list[Mark]) -> list[Mark]:
    """Return the marks of a key larger."""
    from dataclasses import replace

    out: list[Mark] = []
    for mark in marks:
        if isinstance(mark, Shape):
            out.append(replace(mark, lines=tuple(line * _KEY_SIZE for line in mark.lines)))
        elif isinstance(mark, Text):
            out.append(replace(mark, x=mark.x * _KEY_SIZE, y=mark.y * _KEY_SIZE, size=mark.size * 1.2))
        elif isinstance(mark, Dots):
            radius = mark.radius * _KEY_SIZE
            out.append(replace(mark, x=mark.x * _KEY_SIZE, y=mark.y * _KEY_SIZE, radius=radius))
    return out


def _paper(wide: float, tall: float) -> Axes:
    """Return axes over a whole figure; 100 pixels are an inch, y falls."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(wide / 100, tall / 100), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, wide)
    axes.set_ylim(tall, 0)
    return axes


def _map(axes: Axes, drawn: Scene, at: tuple[float, float], families: list[str], shown: Any) -> Any:
    """Draw the map into its frame; return the frame."""
    from matplotlib.patches import Rectangle

    wide, tall = drawn.frame.wide, drawn.frame.tall
    frame = Rectangle(at, wide, tall, facecolor="none", edgecolor="#c9c4b8", linewidth=POINT)
    axes.add_patch(frame)
    draw(axes, _moved(list(drawn.marks), *at), families, shown, clip=frame)
    return frame


def _moved(marks: list[Mark], dx: float, dy: float) -> list[Mark]:
    """Return marks moved by pixels."""
    from dataclasses import replace

    out: list[Mark] = []
    for mark in marks:
        if isinstance(mark, Dots | Squares):
            out.append(replace(mark, x=mark.x + dx, y=mark.y + dy))
        elif isinstance(mark, Group):
            out.append(replace(mark, marks=tuple(_moved(list(mark.marks), dx, dy))))
        elif isinstance(mark, Shape):
            out.append(replace(mark, lines=tuple(line + np.array([dx, dy]) for line in mark.lines)))
        else:
            out.append(replace(mark, x=mark.x + dx, y=mark.y + dy))
    return out


def _head(figures: case.Figures, word: Words, wide: float) -> tuple[list[Mark], float]:
    """Return title and subtitle, and where they end."""
    findings, total = figures.findings, figures.total
    beyond = total - figures.covered
    name, way = case.plain_name(findings.name, 60), case.way_of(findings, word)
    key = "sheet_title_none" if not total else "sheet_title" if beyond >= 0.5 else "sheet_title_all"
    title = word[key].format(name=name, un=f"{beyond:,.0f}", N=f"{total:,.0f}", t=findings.minutes, way=way)
    plan, gain = findings.plan, figures.after - figures.covered
    english = word["html_lang"] == "en"
    if figures.planned is not None and plan is not None and plan.p and gain >= 0.5:
        more = word["sheet_plan_one" if plan.p == 1 else "sheet_plan"].format(p=plan.p, gain=f"{gain:,.0f}")
        title += ("; " if english else "；") + more
    out: list[Mark] = []
    y = 22.0
    for line in _wrapped(title, 23, wide):
        y += 30
        out.append(Text(_EDGE, y, line, 23, bold=True, anchor="start"))
    parts = (
        []
        if not total
        else [word["ruler_today"].format(rate=case.percent(figures.covered / total, figures.target))]
    )
    if figures.target is not None:
        parts.append(word["ruler_target"].format(rate=case.whole_percent(figures.target)))
    if figures.planned is not None and total:
        parts.append(word["ruler_plan"].format(rate=case.percent(figures.after / total, figures.target)))
    said = [word["sheet_case"].format(mode=case.mode_of(findings, word), t=findings.minutes)]
    line = (", " if english else "，").join(parts)
    said += [line[:1].upper() + line[1:] + ("." if english else "。")] if parts else []
    foreign = findings.gaps is not None and not case.gaps_here(figures)
    if foreign or (plan is not None and figures.planned is None):
        said.append(word["sheet_elsewhere"])
    for line in _wrapped(case.joined(said, word), 13, wide):
        y += 20
        out.append(Text(_EDGE, y, line, 13, anchor="start", color=QUIET))
    return out, y + 16


def _wrapped(text: str, size: float, wide: float) -> list[str]:
    """Return a text in lines that fit a width; Chinese breaks anywhere, other text at spaces."""
    out, line = [], ""
    import re

    for piece in re.findall(r"[⺀-鿿！-～、。，；：（）]|[^\s⺀-鿿！-～、。，；：（）]+\s*|\s+", text):
        if line and text_width((line + piece).rstrip(), size) * _LATIN > wide and piece not in "，。；：、）":
            out.append(line.rstrip())
            line = ""
        line += piece
    return [*out, line.rstrip()] if line.strip() else out


def _side(figures: case.Figures, word: Words) -> tuple[list[Mark], float]:
    """Return the column beside the map, from its own top left, and where it ends."""
    findings = figures.findings
    steps = time_steps(findings.minutes, findings.coverage.minutes)
    per_root = radii(figures.people, _UNIT)[1] if len(figures.people) <= MOST_DOTS else None
    out, y = _classes(figures, steps, word)
    if per_root:
        y += 30
        out.append(Text(0, y, word["sheet_dots"], 13, bold=True, anchor="start"))
        x = 10.0
        for people in dot_sizes(per_root, _UNIT):
            r, one = per_root * math.sqrt(people), np.array([0])
            out.append(
                Dots(np.array([x + r]), np.array([y + 22]), np.array([r]), one, (WHITE,), (TEXT,), 0.9)
            )
            text = f"{people:,.0f}"
            out.append(Text(x + 2 * r + 6, y + 26, text, 12, anchor="start"))
            x += 2 * r + 30 + text_width(text, 12)
        y += 34
    elif per_root is None:
        y += 24
        out.append(Text(0, y, word["key_cells"], 12, anchor="start"))
    signs, y = _signs(figures, word, y + 18)
    out += signs
    for part in (_gap_rows, _site_rows):
        rows, y = part(figures, word, y)
        out += rows
    globe, y = _globe(figures, word, y + 18)
    return [*out, *globe], y


def _classes(figures: case.Figures, steps: Steps, word: Words) -> tuple[list[Mark], float]:
    """Return the time classes with the share of people in each; a bar stands at the limit."""
    kind = kinds(figures, steps)
    people = np.bincount(kind, figures.people, len(steps) + 1)
    total = max(figures.total, 1e-9)
    out: list[Mark] = [Text(0, 12, word["key_time"], 13, bold=True, anchor="start")]
    y, limit = 22.0, next(i for i, (end, _) in enumerate(steps) if end == figures.findings.minutes)
    for i, (text, color) in enumerate(class_words(steps, word)):
        if i > limit and not people[i:].any():
            break
        box = np.array([(0, y), (34, y), (34, y + 19), (0, y + 19)])
        out.append(Shape((box,), fill=color, stroke=edge_of(color), width=0.6))
        out.append(Text(46, y + 14, text, 12.5, anchor="start"))
        out.append(Text(_SIDE, y + 14, f"{people[i] / total:.1%}", 12.5, anchor="end", color=QUIET))
        y += 19
        if i == limit:
            out.append(Shape((np.array([(-5.0, y), (_SIDE, y)]),), False, stroke=TEXT, width=2))
    return out, y


def _signs(figures: case.Figures, word: Words, y: float) -> tuple[list[Mark], float]:
    findings = figures.findings
    rows: list[tuple[list[Mark], str]] = []
    if case.gaps_here(figures) and len(findings.gaps or ()):
        rows += [
            ([_big(gap_sign(0, 0), 1.5)], word["sheet_gap"].format(t=findings.minutes)),
            ([badge("A", 14, 7, 0.95)], word["sheet_badge"]),
        ]
    if figures.planned is not None and findings.plan is not None and findings.plan.p:
        rows += [
            ([pin(1, 14, 18, 0.95)], word["sheet_pin"]),
            ([_big(reach_sign(0, 0), 1.5)], word["sheet_reach"]),
        ]
    if len(findings.facilities):
        three: list[Mark] = [m for x, side in ((5, 13.0), (17, 11.0), (27, 8.5)) for m in clinic(x, 7, side)]
        rows.append((three, word["sheet_clinic"]))
    if findings.areas is not None and len(findings.areas):
        line = Shape(
            (np.array([(0.0, 7.0), (28.0, 7.0)]),), False, stroke=BOUNDARY, width=1.2, dash=(9, 3, 1.5, 3)
        )
        rows.append(([line], word["sheet_border"]))
    out: list[Mark] = []
    for sign, text in rows:
        out += _moved(sign, 2, y)
        out.append(Text(46, y + 12, text, 12.5, anchor="start"))
        y += 26
    return out, y


def _big(mark: Shape, times: float) -> Shape:
    from dataclasses import replace

    return replace(mark, lines=tuple(line * times for line in mark.lines))


def _list_head(title: str, unit: str, y: float) -> list[Mark]:
    rule = Shape((np.array([(0.0, y + 6), (_SIDE, y + 6)]),), False, stroke=TEXT, width=1)
    return [
        Text(0, y, title, 13, bold=True, anchor="start"),
        Text(_SIDE, y, unit, 11, anchor="end", color=QUIET),
        rule,
    ]


def _gap_rows(figures: case.Figures, word: Words, y: float) -> tuple[list[Mark], float]:
    findings, gaps = figures.findings, figures.findings.gaps
    if gaps is None or not case.gaps_here(figures) or not len(gaps):
        return [], y
    table = gaps.table.sort_values("rank").head(_MOST_GAPS if len(gaps) > _MANY_GAPS else _TOWN)
    places = case.gap_places(findings, table, word)
    key = "sheet_gaps" if len(table) == len(gaps) else "sheet_gaps_of"
    y += 26
    out = _list_head(word[key].format(k=len(table), n=len(gaps)), word["sheet_gaps_unit"], y)
    for letter, place, people, seconds in zip(
        LETTERS, places, table["people"], table["median_s"], strict=False
    ):
        y += 27
        minutes = f"{seconds / 60:.0f}" if math.isfinite(seconds) else "–"
        out += [badge(letter, 12, y - 1, 0.9), Text(32, y + 4, _cut(place, 180), 12.5, anchor="start")]
        out.append(
            Text(_SIDE, y + 4, f"{people:,.0f} · {minutes}", 12.5, bold=True, anchor="end", color=GAP_INK)
        )
    return out, y + 14


def _site_rows(figures: case.Figures, word: Words, y: float) -> tuple[list[Mark], float]:
    plan = figures.findings.plan
    if plan is None or figures.planned is None or not plan.p:
        return [], y
    table = plan.table.sort_values("rank").head(_MOST_SITES)
    y += 26
    out = _list_head(word["sheet_sites"], word["sheet_sites_unit"], y)
    for k, (place, gain, rate) in enumerate(
        zip(case.site_places(figures, word), table["gain"], table["cumulative_rate"], strict=False)
    ):
        y += 27
        text = f"{rate:.1%}" if plan.by_time else f"+{gain:,.0f} → {rate:.1%}"
        room = _SIDE - 40 - 1.08 * text_width(text, 12.5)
        out += [pin(k + 1, 12, y + 11, 0.85), Text(32, y + 4, _cut(place, room), 12.5, anchor="start")]
        out.append(Text(_SIDE, y + 4, text, 12.5, bold=True, anchor="end", color=PLAN))
    return out, y + 16


def _cut(text: str, wide: float) -> str:
    while text_width(text, 12.5) * _PLAIN > wide and len(text) > 4:
        text = text[:-2].rstrip() + "…"
    return text


def _globe(figures: case.Figures, word: Words, y: float) -> tuple[list[Mark], float]:
    """Return where in the world the map is, on a globe of the graticule alone: no coast, hence no border."""
    findings = figures.findings
    people = findings.population
    lon, lat = to_crs(np.array([np.mean(people.x)]), np.array([np.mean(people.y)]), people.crs, WGS84)
    middle = float(lon[0]) - 15.0, float(np.clip(lat[0] - 12, -60, 60))
    r, cx, cy = 38.0, 42.0, y + 40

    def seen(lons: Any, lats: Any) -> tuple[Any, Any, Any]:
        a, b, c = np.radians(lats), np.radians(lons) - math.radians(middle[0]), math.radians(middle[1])
        front = np.sin(c) * np.sin(a) + np.cos(c) * np.cos(a) * np.cos(b) >= 0
        x = cx + r * np.cos(a) * np.sin(b)
        return x, cy - r * (np.cos(c) * np.sin(a) - np.sin(c) * np.cos(a) * np.cos(b)), front

    turn, out = np.linspace(0, 2 * np.pi, 73), list[Mark]()
    ring = np.column_stack([cx + r * np.cos(turn), cy + r * np.sin(turn)])
    out.append(Shape((ring,), fill=WHITE, stroke=QUIET, width=0.9))
    grid = [(np.full(61, m), np.linspace(-90, 90, 61)) for m in range(-180, 180, 30)]
    grid += [(np.linspace(-180, 180, 121), np.full(121, p)) for p in range(-60, 61, 30)]
    for lons, lats in grid:
        x, gy, front = seen(lons, lats)
        edges = np.flatnonzero(np.diff(front.astype(int))) + 1
        for run in np.split(np.arange(len(x)), edges):
            if front[run[0]] and len(run) > 1:
                wide = 1.0 if (lats == 0).all() else 0.5
                out.append(
                    Shape(
                        (np.column_stack([x[run], gy[run]]),), False, stroke=BOUNDARY, width=wide, alpha=0.6
                    )
                )
    px, py, _ = seen(lon, lat)
    one = np.array([0])
    out.append(Dots(np.array([px[0]]), np.array([py[0]]), np.array([6.0]), one, (WHITE,), (GAP_INK,), 1.6))
    out.append(Dots(np.array([px[0]]), np.array([py[0]]), np.array([2.2]), one, (GAP_INK,), (GAP_INK,), 0.5))
    ns, ew = "N" if lat[0] >= 0 else "S", "E" if lon[0] >= 0 else "W"
    out.append(Text(94, cy - 2, f"{abs(lat[0]):.1f}° {ns}, {abs(lon[0]):.1f}° {ew}", 12, anchor="start"))
    out.append(Text(94, cy + 15, word["sheet_globe"], 11, anchor="start", color=QUIET))
    return out, y + 82


def _foot(figures: case.Figures, word: Words, date: str, wide: float) -> list[Mark]:
    """Return sources, reference system, date; in Chinese the field of the review number, empty."""
    findings = figures.findings
    from access15.crs import parse_crs

    system = (
        f"{findings.crs} ({parse_crs(findings.crs).name})"
        if len(findings.crs) < 30
        else parse_crs(findings.crs).name
    )
    parts = [*case.sources_of(findings), system, date, "access15"]
    text = "  ·  ".join(parts)
    if word["html_lang"] != "en":
        text = f"{word['review']}{'　' * 8}{word['sheet_publish']}  ·  {text}"
    out: list[Mark] = [
        Text(0, 16.0 * i, line, 11, anchor="start", color=QUIET)
        for i, line in enumerate(_wrapped(text, 11, wide))
    ]
    return out[:2]
