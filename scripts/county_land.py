"""The land of the invented sample county: water, places, names and roads, in metres from its middle.

A river, a reservoir and towns come first, then villages and hamlets around them. Roads are a tree over neighbouring
places (none crosses water but at the bridges), with main roads along the shortest ways between towns and some loops.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import networkx as nx
import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Delaunay, cKDTree

TOWNS: Final = (  # (km east, km north), rural kinds
    (0.3, -0.5, ""), (-9.0, -6.0, "农村"), (-3.0, -10.5, "农村"), (7.5, -8.6, "农村"),
    (10.6, -1.0, "农村;偏远"), (7.0, 7.6, "农村"), (-1.4, 9.8, "农村"), (-10.6, 1.6, "农村;偏远"),
)  # fmt: skip
NATIONAL, PROVINCIAL = ((2, 0), (0, 6)), ((7, 0), (0, 4))
COUNTY_ROADS: Final = ((1, 0), (1, 2), (3, 0), (3, 4), (5, 4), (5, 6), (7, 6), (1, 7), (2, 3))
RESERVOIR, ISLAND = (-7_200.0, 7_400.0, 1_500.0), 470.0
BRIDGES: Final = (-9_300.0, -650.0, -150.0, 8_800.0)
LIMITS: Final = {"国道": "70", "省道": "60"}

HEADS: Final = "云溪岭松柏梅竹柳杨桃杏枫桂莲荷泉潭沙石玉金银龙凤鹤燕鹿牛羊马虎青白红黄紫长高平安福禄永兴新"
TAILS: Final = "坪湾冲岗塘洲畈岭峪沟坳垭坝庄铺桥渡口台寨"


@dataclass(slots=True)
class Place:
    """Somewhere people live: metres east and north, what it is, its township and village."""

    x: float
    y: float
    kind: str  # block, street, village, hamlet, island, lonely
    town: int = 0
    village: int = -1
    name: str = ""
    people: int = 0
    older: int = 0
    young: int = 0
    code: str = ""


@dataclass(slots=True)
class County:
    """Everything of the county, in metres from its middle."""

    outline: Any
    river: Any
    water: Any
    places: list[Place] = field(default_factory=list)
    roads: list[tuple[Any, dict[str, str]]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    new_bridge: Any = None


def draw_land() -> County:
    """Return the outline, the river and the reservoir."""
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    radius = 14_600 + 900 * np.sin(3 * angle + 1) + 500 * np.sin(5 * angle)
    outline = shapely.Polygon(np.column_stack((radius * np.cos(angle), radius * np.sin(angle))))
    north = np.arange(-16_000, 16_001, 400.0)
    river = shapely.LineString(np.column_stack((river_x(north), north)))
    x, y, r = RESERVOIR
    lake = shapely.Point(x, y).buffer(r).difference(shapely.Point(x, y).buffer(ISLAND))
    return County(outline, river, shapely.union_all([river.buffer(60), lake]))


def river_x(north: Any) -> Any:
    """Return how far east the river is."""
    return 1_500 + 2_500 * np.sin(north / 5_200) + 700 * np.sin(north / 2_300 + 1)


def settle(county: County, rng: np.random.Generator) -> None:
    """Place streets of towns, villages and their hamlets, the island and a hamlet without a road."""
    for town, (km_east, km_north, _) in enumerate(TOWNS):
        size = (9, 8, 175.0) if town == 0 else (4, 4, 150.0)
        _grid(county, rng, town, (km_east * 1000, km_north * 1000), size)
    _grid(county, rng, 0, (3_150.0, -500.0), (4, 5, 190.0))  # the new quarter beyond the river
    _villages(county, rng)
    x, y, _ = RESERVOIR
    for k in range(6):
        at = 2 * np.pi * k / 6
        county.places.append(Place(x + 380 * np.cos(at), y + 380 * np.sin(at), "island", 6))
    county.places.append(Place(-13_300.0, -1_400.0, "lonely", 7))
    _name(county, rng)


def _grid(
    county: County,
    rng: np.random.Generator,
    town: int,
    middle: tuple[float, float],
    size: tuple[int, int, float],
) -> None:
    columns, rows, step = size
    turn = rng.uniform(-0.4, 0.4)
    for i in range(columns):
        for k in range(rows):
            u, v = (np.array([i - (columns - 1) / 2, k - (rows - 1) / 2]) + rng.normal(0, 0.1, 2)) * step
            x = middle[0] + u * np.cos(turn) - v * np.sin(turn)
            y = middle[1] + u * np.sin(turn) + v * np.cos(turn)
            if not county.water.buffer(60).contains(shapely.Point(x, y)):
                county.places.append(Place(x, y, "block" if town == 0 else "street", town))


def _villages(county: County, rng: np.random.Generator) -> None:
    """Scatter villages, and hamlets around each; none in water or in a town."""
    land = county.outline.buffer(-500).difference(county.water.buffer(150))
    lake = shapely.Point(*RESERVOIR[:2]).buffer(RESERVOIR[2] + 150)
    taken = [(p.x, p.y) for p in county.places]
    centres = np.array(TOWNS)[:, :2].astype(float) * 1000
    village = 0
    for _ in range(4_000):
        spot = rng.uniform(-14_500, 14_500, 2)
        if not land.difference(lake).contains(shapely.Point(spot)) or village == 112:
            continue
        if np.hypot(*(np.array(taken) - spot).T).min() < (900 if rng.random() < 0.25 else 1_500):
            continue
        town = int(np.hypot(*(centres - spot).T).argmin())
        county.places.append(Place(*spot, "village", town, village))
        taken.append((spot[0], spot[1]))
        for _ in range(rng.integers(1, 5)):
            at, far = rng.uniform(0, 2 * np.pi), rng.uniform(350, 1_000)
            hamlet = spot + far * np.array([np.cos(at), np.sin(at)])
            free = np.hypot(*(np.array(taken) - hamlet).T).min() > 260
            if free and land.difference(lake).contains(shapely.Point(hamlet)):
                county.places.append(Place(*hamlet, "hamlet", town, village))
                taken.append((hamlet[0], hamlet[1]))
        village += 1


def _name(county: County, rng: np.random.Generator) -> None:
    """Give towns, villages and hamlets names, no name twice."""
    every = [a + b for a in HEADS for b in TAILS]
    order = iter(rng.permutation(len(every)).tolist())
    county.names = ["示例县城关镇"] + [
        every[next(order)] + ("镇" if k < 4 else "乡") for k in range(1, len(TOWNS))
    ]
    villages: dict[int, str] = {}
    for place in county.places:
        if place.kind == "village":
            villages[place.village] = every[next(order)]
            place.name = villages[place.village] + "村"
        elif place.kind == "hamlet":
            place.name = every[next(order)][:1] + villages[place.village][:1] + "组"
        elif place.kind in ("island", "lonely"):
            place.name = "湖心岛" if place.kind == "island" else "云顶"
        else:
            place.name = "街区"


def build_roads(county: County, rng: np.random.Generator) -> None:
    """Connect the places: main roads between towns, a tree to everywhere, some loops."""
    ends = _bridge_ends()
    every = [p for p in county.places if p.kind not in ("island", "lonely")]
    points = np.round(np.array([(p.x, p.y) for p in every] + [e for pair in ends for e in pair]), 1)
    kinds = [p.kind for p in every] + ["bridge"] * (2 * len(ends))
    graph = _neighbours(county, points)
    for k in range(len(ends)):
        graph.add_edge(len(every) + 2 * k, len(every) + 2 * k + 1, weight=90.0, bridge=True)
    road = _classes(graph, points, kinds, rng)
    lines = _bend(graph, points, road, rng)
    for (a, b), line in zip(road, lines, strict=True):
        tags = {"道路等级": road[a, b], "单行": "", "桥梁": "是" if graph.edges[a, b].get("bridge") else "否"}
        tags["限速"] = LIMITS.get(road[a, b], "")
        if road[a, b] == "次干路" and rng.random() < 0.7:
            tags["单行"] = "正向" if rng.random() < 0.5 else "反向"
        county.roads.append((line, tags))
    ring = [(p.x, p.y) for p in county.places if p.kind == "island"]
    for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
        county.roads.append(
            (
                shapely.LineString(np.round([a, b], 1)),
                {"道路等级": "小路", "单行": "", "桥梁": "否", "限速": ""},
            )
        )


def _bridge_ends() -> list[tuple[tuple[float, float], tuple[float, float]]]:
    return [((float(river_x(y)) - 85, y), (float(river_x(y)) + 85, y)) for y in BRIDGES]


def _neighbours(county: County, points: npt.NDArray[np.float64]) -> nx.Graph:
    """Return places that are neighbours (Delaunay), without pairs that water parts."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(points)))
    shapely.prepare(county.water)
    for corner in Delaunay(points).simplices:
        for a, b in ((0, 1), (1, 2), (2, 0)):
            i, j = sorted((int(corner[a]), int(corner[b])))
            line = shapely.LineString(points[[i, j]])
            if line.length < 4_500 and not county.water.intersects(line) and county.outline.contains(line):
                graph.add_edge(i, j, weight=float(line.length))
    return graph


def _classes(
    graph: nx.Graph, points: npt.NDArray[np.float64], kinds: list[str], rng: np.random.Generator
) -> dict[tuple[int, int], str]:
    """Return the roads that are built and the class of each."""
    tree = cKDTree(points)
    middle = [int(tree.query((east * 1000, north * 1000))[1]) for east, north, _ in TOWNS]
    out: dict[tuple[int, int], str] = {}

    def price(a: int, b: int, data: dict[str, Any]) -> float:
        built = tuple(sorted((a, b))) in out
        return float(data["weight"]) * (0.55 if built else 1.0)

    for word, pairs in (("国道", NATIONAL), ("省道", PROVINCIAL), ("县道", COUNTY_ROADS)):
        for start, stop in pairs:
            path = nx.shortest_path(graph, middle[start], middle[stop], price)
            for a, b in pairwise(path):
                out.setdefault((min(a, b), max(a, b)), word)
    for a, b, data in graph.edges(data=True):
        data["weight"] *= 0.1 if (min(a, b), max(a, b)) in out else 1.0
    tree_only = nx.minimum_spanning_tree(graph)
    for village in (k for k, kind in enumerate(kinds) if kind == "village"):
        path = nx.shortest_path(tree_only, village, middle[0], "weight")
        for a, b in pairwise(path):
            if not {kinds[a], kinds[b]} <= {"block", "street"}:
                out.setdefault((min(a, b), max(a, b)), "乡道")
    for a, b in tree_only.edges:
        out.setdefault((min(a, b), max(a, b)), _byroad({kinds[a], kinds[b]}, rng))
    for a, b, data in graph.edges(data=True):
        town = {kinds[a], kinds[b]} <= {"block", "street"}
        share, longest = (0.62, 330) if town else (0.22, 1_800)
        if (min(a, b), max(a, b)) not in out and rng.random() < share and data["weight"] < longest:
            word = _byroad({kinds[a], kinds[b]}, rng)
            out[min(a, b), max(a, b)] = "小路" if not town and rng.random() < 0.4 else word
    return dict(sorted(out.items()))


def _byroad(kinds: set[str], rng: np.random.Generator) -> str:
    if kinds <= {"block", "street"}:
        return str(rng.choice(["主干路", "次干路", "支路", "街巷"], p=[0.08, 0.22, 0.3, 0.4]))
    return "机耕路" if rng.random() < 0.15 else "村道"


def _bend(
    graph: nx.Graph,
    points: npt.NDArray[np.float64],
    road: Iterable[tuple[int, int]],
    rng: np.random.Generator,
) -> list[Any]:
    """Return the roads as lines that bend, as far as none then crosses another."""
    pairs = list(road)
    lines = [shapely.LineString(points[[a, b]]) for a, b in pairs]
    near = shapely.STRtree(lines)
    for k, (a, b) in enumerate(pairs):
        if graph.edges[a, b].get("bridge") or lines[k].length < 60:
            continue
        around = [i for i in near.query(lines[k].buffer(300)) if i != k]
        for strength in (0.16, 0.08, 0.03):
            bent = _meander(points[a], points[b], strength * (0.3 if lines[k].length < 300 else 1), rng)
            if not any(_cross(bent, lines[i]) for i in around):
                lines[k] = bent
                break
    return lines


def _meander(
    start: npt.NDArray[np.float64], stop: npt.NDArray[np.float64], strength: float, rng: np.random.Generator
) -> Any:
    line = np.array([start, stop])
    for _ in range(1 if np.hypot(*(stop - start)) < 300 else 2):
        step = np.diff(line, axis=0)
        push = rng.normal(0, strength, len(step)).clip(-2 * strength, 2 * strength)
        mid = (line[1:] + line[:-1]) / 2 + np.column_stack((-step[:, 1], step[:, 0])) * push[:, None]
        line = np.insert(line, range(1, len(line)), np.round(mid, 1), axis=0)
    return shapely.LineString(line)


def _cross(one: Any, other: Any) -> bool:
    """Return whether two lines meet anywhere but at ends they share."""
    met = shapely.intersection(one, other)
    return (
        not met.is_empty
        and not met.difference(one.boundary.intersection(other.boundary).buffer(0.5)).is_empty
    )
