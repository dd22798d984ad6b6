"""The figures of the first page, all of one case: what the headline counts, with and without the plan."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from access15.arrays import Bools, Floats, Rows
from access15.outputs.findings import Findings, place_rows
from access15.outputs.words import Pair, Words, said, words

WORDS: Final[dict[str, Pair]] = {
    "places": ("areas", "区域"),
    "place_side": ("{place}, {side}", "{place}{side}"),
    "place_none": ("outside all areas", "各区域之外"),
    "site_unnamed": ("site {n}", "第 {n} 个点"),
    "side_middle": ("the middle", "中部"),
    "side_alone": ("the {side}", "{side}"),
    "site_source": ("{place}, {source}", "{place}，{source}"),
    "point_in": ("an unnamed service point in {place}", "{place}一处未具名服务点"),
    "way_other": ("({mode})", "按{mode}"),
    "way_walk": ("on foot", "步行"),
    "way_walk-elder": ("on foot at an older person's pace", "按老年人步速步行"),
    "way_wheelchair": ("by wheelchair", "乘轮椅"),
    "way_bike": ("by bicycle", "骑自行车"),
    "way_ebike": ("by e-bike", "骑电动自行车"),
    "way_drive": ("by car", "驾车"),
    "way_drive-peak": ("by car at peak hours", "高峰期驾车"),
    "way_ambulance": ("by ambulance", "乘救护车"),
    "list_more": ("{names} and {more} more", "{names}等 {more} 处"),
    "list_two": ("{first} and {last}", "{first}、{last}"),
}

_LONGEST_NAME: Final = 32

_SIDES: Final = ("E", "NE", "N", "NW", "W", "SW", "S", "SE")
SIDES: Final[dict[str, Pair]] = {
    "side_E": ("east", "东部"),
    "side_NE": ("north-east", "东北部"),
    "side_N": ("north", "北部"),
    "side_NW": ("north-west", "西北部"),
    "side_W": ("west", "西部"),
    "side_SW": ("south-west", "西南部"),
    "side_S": ("south", "南部"),
    "side_SE": ("south-east", "东南部"),
}

_CHINESE_UNITS: Final = (
    (r"[乡镇]$", "乡镇"),
    (r"街道$", "街道"),
    (r"(乡|镇|街道)$", "乡镇街道"),
    (r"(村|社区)$", "村居"),
)


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """One area: its people, those covered today and with the plan (NaN without one in this case)."""

    name: str
    people: float
    covered: float
    planned: float
    sites: int

    @property
    def rate(self) -> float:
        """The share covered today."""
        return self.covered / self.people

    def short(self, target: float, planned: bool = False) -> int:
        """Return how many people are missing to the target."""
        return people_short(target, self.people, self.planned if planned else self.covered)


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What the first page says, in numbers; times of a cell in seconds, ``inf`` where nothing is reached."""

    findings: Findings
    people: Floats
    seconds: Floats
    within: Bools
    planned: Bools | None
    target: float | None
    areas: tuple[AreaFigures, ...]

    @property
    def total(self) -> float:
        """All residents."""
        return float(self.people.sum())

    @property
    def covered(self) -> float:
        """People covered today."""
        return float(self.people[self.within].sum())

    @property
    def after(self) -> float:
        """People covered with the plan; NaN without one in this case."""
        return math.nan if self.planned is None else float(self.people[self.planned].sum())

    @property
    def below(self) -> list[AreaFigures]:
        """Areas that miss the target today."""
        return [a for a in self.areas if self.target is not None and a.short(self.target)]

    @property
    def left(self) -> list[AreaFigures]:
        """Areas that miss the target with the plan too."""
        return [a for a in self.below if self.target is not None and a.short(self.target, planned=True)]


def people_short(target: float, people: float, covered: float) -> int:
    """Return how many more must be covered for the target, 0 where it is met."""
    missing = target * people - covered
    return 0 if missing <= 1e-9 * max(people, 1.0) else math.ceil(missing)


def same_case(findings: Findings, profile: str, minutes: float) -> bool:
    """Return whether a part of the study was computed for the headline's mode and minutes."""
    return findings.times[findings.headline_case].profile.name == profile and findings.minutes == minutes


def page_words(word: Words) -> dict[str, str]:
    """Return the words for places and ways in the language of a page."""
    return words("en" if word["html_lang"] == "en" else "zh", {**WORDS, **SIDES})


def gaps_here(figures: Figures) -> bool:
    """Return whether the gaps of the study are of the case of the page."""
    gaps = figures.findings.gaps
    return gaps is not None and same_case(figures.findings, gaps.origin.profile.name, gaps.minutes)


def figures_of_case(findings: Findings) -> Figures:
    """Return the figures of the headline case."""
    times, people = findings.times[findings.headline_case], findings.population.people
    within, plan = times.within(findings.minutes), findings.plan
    planned = None
    if plan is not None and same_case(findings, plan.origin.profile.name, plan.minutes):
        planned = within | plan.covered
    return Figures(
        findings,
        people,
        times.seconds,
        within,
        planned,
        findings.targets.get((findings.headline_case, findings.minutes)),
        _areas(findings, within, planned),
    )


def _areas(findings: Findings, within: Bools, planned: Bools | None) -> tuple[AreaFigures, ...]:
    """Return the areas where somebody lives, the lowest share first."""
    if findings.areas is None:
        return ()
    row, people, n = findings.coverage.cell_area, findings.population.people, len(findings.areas)

    def count(which: Any) -> Floats:
        return np.bincount(row[which & (row >= 0)], people[which & (row >= 0)], n).astype(np.float64)

    everybody, today = count(np.ones(len(row), bool)), count(within)
    then = np.full(n, math.nan) if planned is None else count(planned)
    places = site_rows(findings) if planned is not None else np.zeros(0, int)
    sites = np.bincount(places[places >= 0], minlength=n)
    found = [
        AreaFigures(name, float(everybody[i]), float(today[i]), float(then[i]), int(sites[i]))
        for i, name in enumerate(area_labels(findings))
        if everybody[i] > 0
    ]
    return tuple(sorted(found, key=lambda area: (area.rate, -area.people)))


def plain_name(name: str, most: int = _LONGEST_NAME) -> str:
    """Return the part of a name before a bracket, cut where it is too long for a row."""
    text = re.split(r"\s*[(\uff08]", str(name).strip(), maxsplit=1)[0] or str(name)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def area_labels(findings: Findings) -> list[str]:
    """Return what the areas are called on a page: without brackets, and without the study's own name in front."""
    own, out = plain_name(findings.name), []
    for name in findings.area_names().values():
        text = plain_name(name)
        rest = text.removeprefix(own)  # 示例县城关镇 of 示例县; Monaco-Ville stays whole.
        out.append(rest if len(own) > 1 and len(rest) > 1 and ord(own[-1]) > 0x2E80 else text)
    return out


def point_labels(findings: Findings, word: Words, most: int = 48) -> dict[str, str]:
    """Return what every service point is called by id; one without a name by where it stands, never by its id.

    Names keep what stands in brackets where there is room for more than 48 letters.
    """
    out: dict[str, str] = {}
    for sites in (findings.facilities, *findings.own_points.values()):
        places = places_of(findings, sites.x, sites.y, sites.crs, word)
        for key, name, place in zip(sites.id, sites.name, places, strict=True):
            text = str(name).strip()
            named = bool(text) and text != str(key) and not re.fullmatch(r"[\d.\-_/#]+", text)
            short = text if most > 48 and len(text) <= most else plain_name(text, most)
            out.setdefault(str(key), short if named else word["point_in"].format(place=place))
    return out


def gap_places(findings: Findings, table: Any, word: Words) -> list[str]:
    """Return where the gaps of a table are, in words."""
    spots = table.geometry.representative_point()
    places = places_of(findings, spots.x.to_numpy(), spots.y.to_numpy(), str(table.crs), word)
    return [place or "" for place in places]


def site_places(figures: Figures, word: Words) -> list[str]:
    """Return where the sites of the plan are, in words, with the kind of building where it is known."""
    findings, plan, candidates = figures.findings, figures.findings.plan, figures.findings.candidates
    if plan is None or candidates is None:
        return []
    rows = plan.chosen
    places, out = places_of(findings, candidates.x[rows], candidates.y[rows], candidates.crs, word), []
    for k, (source, place) in enumerate(zip(plan.table.sort_values("rank")["source"], places, strict=True)):
        name = place or word["site_unnamed"].format(n=k + 1)
        known = source and source != "junction"
        out.append(word["site_source"].format(place=name, source=said(word, source)) if known else name)
    return out


def sources_of(findings: Findings) -> list[str]:
    """Return whose data these are: of streets, people and service points, each once."""
    nouns = (findings.network, findings.population, findings.facilities)
    said_ = [str(n.provenance.get("attribution") or n.provenance.get("source") or "") for n in nouns]
    return list(dict.fromkeys(text for text in said_ if text))


def way_of(findings: Findings, word: Words) -> str:
    """Return how people travel in the headline case, as part of a sentence."""
    case = findings.headline_case
    name = findings.times[case].profile.name
    if case.replace("_", "-") == name and f"way_{name}" in word:
        return word[f"way_{name}"]
    return word["way_other"].format(mode=mode_of(findings, word))


def unit_of(areas: tuple[AreaFigures, ...], word: Words) -> str:
    """Return what the areas are called together: in Chinese by the ends of their names."""
    if word["html_lang"] == "en" or not areas:
        return word["places"]
    for ends, unit in _CHINESE_UNITS:
        if all(re.search(ends, area.name) for area in areas):
            return unit
    return word["places"]


def site_rows(findings: Findings) -> Rows:
    """Return the row of the area each proposed site stands in, -1 for none."""
    plan, candidates = findings.plan, findings.candidates
    if plan is None or candidates is None:
        return np.zeros(0, int)
    x, y = candidates.x[plan.chosen], candidates.y[plan.chosen]
    rows: Rows = place_rows(findings, x, y, candidates.crs)
    return rows


def places_of(findings: Findings, x: Any, y: Any, crs: str, word: Words) -> list[str | None]:
    """Return where points stand in words: the area and the side of it; None where there are no areas."""
    import shapely

    from access15.crs import to_crs
    from access15.outputs._frames import moved

    areas = findings.areas
    if areas is None:
        return list(_sides_of_all(findings, x, y, crs, word))
    rows = place_rows(findings, x, y, crs)
    east, north = to_crs(x, y, crs, findings.crs)
    shapes = moved(areas.polygons, areas.crs, findings.crs)
    middle, size = shapely.centroid(shapes), np.sqrt(shapely.area(shapes))
    names = area_labels(findings)
    out: list[str | None] = []
    for row, e, n in zip(rows, east, north, strict=True):
        if row < 0:
            out.append(word["place_none"])
            continue
        dx, dy = e - middle[row].x, n - middle[row].y
        name = names[row]
        if math.hypot(dx, dy) < 0.12 * size[row]:
            out.append(name)
            continue
        side = word[f"side_{_SIDES[round(math.atan2(dy, dx) / (math.pi / 4)) % 8]}"]
        out.append(spaced(word["place_side"].format(place=name, side=side)))
    return out


def _sides_of_all(findings: Findings, x: Any, y: Any, crs: str, word: Words) -> list[str]:
    """Return on which side of all people points lie, where there are no areas."""
    from access15.crs import to_crs

    people = findings.population
    px, py = to_crs(people.x, people.y, people.crs, findings.crs)
    box = np.array([[np.min(px), np.max(px)], [np.min(py), np.max(py)]]) if len(people) else np.zeros((2, 2))
    middle, size = box.mean(axis=1), max(float(np.ptp(box, axis=1).max()), 1.0)
    out = []
    for east, north in zip(*to_crs(x, y, crs, findings.crs), strict=True):
        dx, dy = east - middle[0], north - middle[1]
        side = f"side_{_SIDES[round(math.atan2(dy, dx) / (math.pi / 4)) % 8]}"
        near = math.hypot(dx, dy) < 0.12 * size
        out.append(word["side_middle"] if near else word["side_alone"].format(side=word[side]))
    return out


def spaced(text: str) -> str:
    """Return a text with a space between Latin letters and Chinese ones, as Chinese pages set them."""
    text = re.sub(r"(?<=[A-Za-z])(?=[\u4e00-\u9fff])", " ", text)
    return re.sub(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z])", " ", text)


def joined(sentences: list[str], word: Words) -> str:
    """Return sentences behind each other: Chinese ones without a space."""
    return (" " if word["html_lang"] == "en" else "").join(sentences)


def percent(share: float, target: float | None = None) -> str:
    """Return a share with one decimal, rounded down where it would else read as the target it misses."""
    text = f"{share:.1%}"
    if target is not None and share < target and float(text[:-1]) >= 100 * target - 1e-9:
        return f"{math.floor(share * 1000) / 10:.1f}%"
    return text


def whole_percent(share: float) -> str:
    """Return a target as a planner writes it: no more decimals than it has."""
    return f"{100 * share:.4g}%"


def listed(names: list[str], word: Words, most: int = 3) -> str:
    """Return names as part of a sentence; of many the first."""
    separator = ", " if word["html_lang"] == "en" else "、"
    if len(names) > most:
        more = len(names) - most if word["html_lang"] == "en" else len(names)
        return word["list_more"].format(names=separator.join(names[:most]), more=more)
    if len(names) < 2:
        return "".join(names)
    return word["list_two"].format(first=separator.join(names[:-1]), last=names[-1])


def mode_of(findings: Findings, word: Words) -> str:
    """Return what the headline's mode is called."""
    return str(said(word, findings.headline_case))
