"""T12: every mode at every cut-off, and around the headline."""

from __future__ import annotations

from typing import Any, Final

from access15.model import NearestTimes
from access15.outputs.findings import Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.report.table_figures import TOTAL, summary_of
from access15.outputs.words import Words
from access15.units import check_minutes

_QUANTILES: Final = (80, 90, 95)

_SHOWN: Final = 90


def _build(findings: Findings, word: Words) -> Builder:
    out, modes = Builder(word), list(findings.coverages)
    found = [findings.times[case] for case in modes]
    out.say("points", [times.origin.label for times in found])
    out.say("mode", modes)
    out.add("speed", "number", [times.profile.speed_kph for times in found])
    for cut in _cuts(findings):
        rates = [_rate(times, findings.population.people, cut) for times in found]
        out.add("rate_at", "rate", rates, minutes=cut)
    for share in _QUANTILES:
        seconds = [summary_of(findings.coverages[case], f"p{share}_s", [TOTAL])[0] for case in modes]
        out.add("p_min", "minutes", [s / 60 for s in seconds], on_page=share == _SHOWN, share=share)
    return out.done(word["note"].format(minutes=findings.minutes))


def _cuts(findings: Findings) -> tuple[float, ...]:
    """Return the cut-offs of the study and five minutes around the headline, those the times reach."""
    cuts = {*findings.coverage.minutes, findings.minutes + 5}
    if findings.minutes > 5:
        cuts.add(findings.minutes - 5)
    limit = min(times.limit_s for times in findings.times.values())
    return check_minutes(sorted(cut for cut in cuts if cut * 60 <= limit))


def _rate(times: NearestTimes, people: Any, minutes: float) -> float:
    total = float(people.sum())
    return float(people[times.within(minutes)].sum()) / total if total > 0 else float("nan")


TABLE = ReportTable(
    id="T12",
    title=("Sensitivity", "敏感性"),
    about="coverage at every threshold, five minutes around the headline included",
    build=_build,
    note=(
        "Share of all residents by mode and threshold, the headline {minutes:g} ± 5 min included: a cut-off is a cliff. "
        "Px: minutes within which x % of all residents are reached; empty where they are not.",
        "各出行方式、各时间阈值下的覆盖率，含 {minutes:g}±5 分钟：阈值附近的变化说明结果对阈值的敏感程度。"
        "Px 为 x % 常住人口可达所需分钟数，达不到则为空。",
    ),
    words={
        "points": ("service-point set", "服务点集合"),
        "speed": ("speed, km/h", "速度（公里/小时）"),
        "rate_at": ("rate within {minutes:g} min", "{minutes:g}分钟覆盖率"),
    },
    on_page=("mode", "rate_at"),
)
