"""What a network holds: length by class and mode, components, where speeds come from, what was dropped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.model import STANDING, StreetNetwork, TravelProfile
from access15.modes import MODES
from access15.network.delays import delays_by_kind
from access15.network.fitness import closing_tags
from access15.network.islands import linkable
from access15.network.routing_graph import routing_graph
from access15.network.speeds import RULE_TEXT, SpeedRule, edge_speed_rules
from access15.profiles import BIKE, DRIVE, WALK

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class NetworkSummary:
    """Figures of a street network; prints as tables in notebooks.

    Attributes
    ----------
    lengths : DataFrame
        ``highway, km`` and ``km_<profile>``: length of each class, and what each profile may travel at least
        one way. Longest first; the last row, ``all``, is the total.
    components : DataFrame
        ``profile, km, components, largest_share, linkable_share``: permitted length, pieces that do not meet,
        the share of the longest, and the share points may be linked to (streets of a component worth
        travelling on).
    speeds : DataFrame
        ``profile, rule, km, share``: length by what decided the speed, each direction counted.
    delays : DataFrame
        ``profile, delay, s, share, source``: seconds lost at one thing each, and what all of them take of the
        time of all streets, each direction counted; ``turn`` with ``sharp_turn``.
    closed : DataFrame
        ``profile, tag, km, places``: what is closed to a profile because it does not suit its mode (steps, kerbs,
        slopes for wheelchairs), length of streets and number of nodes; empty for modes that no such rule binds.
    standing : DataFrame
        ``profile, street, km, share``: length of what each profile may travel by whether one can step on or off
        there (`access15.model.STANDING`).
    notes : mapping of str to value
        The network's provenance: source, what was dropped and why, repairs, elevation.
    """

    lengths: pd.DataFrame
    components: pd.DataFrame
    speeds: pd.DataFrame
    delays: pd.DataFrame
    closed: pd.DataFrame
    standing: pd.DataFrame
    notes: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return the tables as lists of rows, for JSON; ``closed`` only where it has any."""
        tables = {name: getattr(self, name) for name in _TABLES}
        return {
            name: table.to_dict("records") for name, table in tables.items() if name != "closed" or len(table)
        }

    def __str__(self) -> str:
        notes = "\n".join(f"{key}: {value}" for key, value in _flat(self.notes))
        tables = [table for name in _TABLES if len(table := getattr(self, name))]
        return "\n\n".join([*(table.to_string(index=False) for table in tables), notes])

    def _repr_html_(self) -> str:
        import pandas as pd

        notes = pd.DataFrame(list(_flat(self.notes)), columns=["about", "value"])
        notes["value"] = notes["value"].astype(str)
        parts = (
            ("Length", self.lengths),
            ("Components", self.components),
            ("What decides the speed", self.speeds),
            ("What takes time besides", self.delays),
            ("What does not suit the mode", self.closed),
            ("Where one steps on and off", self.standing),
            ("Source, dropped, repaired", notes),
        )
        return "".join(
            f"<h4>{title}</h4>{table.to_html(index=False)}" for title, table in parts if len(table)
        )


_TABLES: Final = ("lengths", "components", "speeds", "delays", "closed", "standing")


def _flat(notes: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in notes.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}: ")
        else:
            yield f"{before}{key}", value


def network_summary(
    network: StreetNetwork, profiles: Sequence[TravelProfile] = (WALK, BIKE, DRIVE)
) -> NetworkSummary:
    """Return the figures of a network as some profiles see it.

    Parameters
    ----------
    network : StreetNetwork
    profiles : sequence of TravelProfile
        Default: walk, bike and drive.

    Raises
    ------
    InputError
        If a profile follows slopes and the network has no elevation.
    """
    import pandas as pd

    rules = {profile.name: edge_speed_rules(network, profile) for profile in profiles}
    return NetworkSummary(
        lengths=_lengths(network, rules),
        components=pd.DataFrame(
            [_components(network, profile, rules[profile.name]) for profile in profiles],
            columns=["profile", "km", "components", "largest_share", "linkable_share"],
        ),
        speeds=_speeds(network, rules),
        delays=_delays(network, [p for p in profiles if np.any(rules[p.name])]),
        closed=_closed(network, profiles, rules),
        standing=_standing(network, rules),
        notes=_notes_for(network, [profile.mode for profile in profiles]),
    )


def _notes_for(network: StreetNetwork, modes: Iterable[str]) -> dict[str, Any]:
    """Return a network's provenance, without what concerns other modes than some."""
    others = set(MODES) - set(modes)
    return {key: value for key, value in network.provenance.items() if key not in others}


def _closed(
    network: StreetNetwork, profiles: Sequence[TravelProfile], rules: Mapping[str, Any]
) -> pd.DataFrame:
    """Return the table of what does not suit a mode."""
    import pandas as pd

    rows = []
    for profile in profiles:
        ahead, behind = (rule == SpeedRule.CLOSED for rule in rules[profile.name])
        edges = np.flatnonzero(ahead | behind) if profile.travel_mode.fit_key else np.empty(0, int)
        km: dict[str, float] = defaultdict(float)
        places: dict[str, set[int]] = {}
        for edge, tag in zip(edges.tolist(), closing_tags(network, profile, edges), strict=True):
            if tag:
                km[tag] += float(network.length_m[edge]) / 1000
                if network.highway_classes[network.highway[edge]] == "barrier":
                    places.setdefault(tag, set()).add(int(network.node_id[network.edge_from[edge]]))
        rows += [
            {"profile": profile.name, "tag": tag, "km": length, "places": len(places.get(tag, ()))}
            for tag, length in sorted(km.items(), key=lambda item: (-item[1], item[0]))
        ]
    return pd.DataFrame(rows, columns=["profile", "tag", "km", "places"])


def _lengths(network: StreetNetwork, rules: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    n = len(network.highway_classes)
    columns = {"km": np.ones(network.n_edges, bool)}
    columns |= {f"km_{name}": (ahead | behind) != SpeedRule.CLOSED for name, (ahead, behind) in rules.items()}
    table = pd.DataFrame(
        {
            name: np.bincount(network.highway[which], network.length_m[which], minlength=n) / 1000
            for name, which in columns.items()
        }
    )
    table.insert(0, "highway", list(network.highway_classes))
    table = table[table["km"] > 0].sort_values("km", ascending=False, kind="stable")
    total = pd.DataFrame([{"highway": "all", **{name: float(table[name].sum()) for name in columns}}])
    return pd.concat([table, total], ignore_index=True)


def _components(network: StreetNetwork, profile: TravelProfile, rules: Any) -> dict[str, Any]:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    open_to = (rules[0] | rules[1]) != SpeedRule.CLOSED
    tail, head, length_m = network.edge_from[open_to], network.edge_to[open_to], network.length_m[open_to]
    total = float(length_m.sum())
    if not total:
        return {
            "profile": profile.name,
            "km": 0.0,
            "components": 0,
            "largest_share": np.nan,
            "linkable_share": np.nan,
        }
    shape = (network.n_nodes, network.n_nodes)
    graph = coo_matrix((np.ones(len(tail), np.int8), (tail, head)), shape=shape).tocsr()
    _, part = connected_components(graph, directed=False)
    by_part = np.bincount(part[tail], length_m)
    compiled = routing_graph(network, profile)
    usable = linkable(compiled, "origin") & linkable(compiled, "destination")
    return {
        "profile": profile.name,
        "km": total / 1000,
        "components": int((by_part > 0).sum()),
        "largest_share": float(by_part.max()) / total,
        "linkable_share": float(network.length_m[usable].sum()) / total,
    }


def _speeds(network: StreetNetwork, rules: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for name, directions in rules.items():
        both = np.concatenate(directions)
        km = np.bincount(both, np.tile(network.length_m, 2), minlength=len(SpeedRule)) / 1000
        total = float(km[1:].sum())
        rows += [
            {
                "profile": name,
                "rule": RULE_TEXT[rule],
                "km": float(km[rule]),
                "share": float(km[rule]) / total,
            }
            for rule in SpeedRule
            if rule != SpeedRule.CLOSED and km[rule] > 0
        ]
    return pd.DataFrame(rows, columns=["profile", "rule", "km", "share"])


def _standing(network: StreetNetwork, rules: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for name, (ahead, behind) in rules.items():
        open_to = (ahead | behind) != SpeedRule.CLOSED
        kind = network.standing[open_to] if len(network.standing) else np.zeros(int(open_to.sum()), np.uint8)
        km = np.bincount(kind, network.length_m[open_to], minlength=len(STANDING)) / 1000
        rows += [
            {"profile": name, "street": street, "km": float(km[i]), "share": float(km[i] / km.sum())}
            for i, street in enumerate(STANDING)
            if km[i] > 0
        ]
    return pd.DataFrame(rows, columns=["profile", "street", "km", "share"])


def _delays(network: StreetNetwork, profiles: Sequence[TravelProfile]) -> pd.DataFrame:
    """Return the table of delays; every profile may go somewhere."""
    import pandas as pd

    rows = []
    for profile in profiles:
        graph = routing_graph(network, profile)
        total_s = (graph.forward_ms[graph.forward].sum() + graph.backward_ms[graph.backward].sum()) / 1000
        rows += [
            {
                "profile": profile.name,
                "delay": kind,
                "s": profile.delay_s.get(kind, 0.0),
                "share": float(ahead[graph.forward].sum() + behind[graph.backward].sum()) / total_s,
                "source": profile.source_of(f"delay_s.{kind}"),
            }
            for kind, ahead, behind in delays_by_kind(network, profile)
        ]
    return pd.DataFrame(rows, columns=["profile", "delay", "s", "share", "source"])
