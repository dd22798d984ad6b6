"""Words for the values of columns: modes, models, statuses, kinds, reasons, recommendations."""

from __future__ import annotations

from typing import Final

from access15.model import GapKind, GapReason, GapService
from access15.outputs.words.vocabulary import Pair
from access15.profiles import PRESETS, profile_title
from access15.siting import MODELS

_OTHERS: Final[dict[str, Pair]] = {
    # status of a cell
    "covered": ("covered", "已覆盖"),
    "uncovered": ("uncovered", "未覆盖"),
    "unreachable": ("unreachable", "不可达"),
    "unlinked": ("unlinked", "未连接"),
    # status of a plan
    "optimal": ("proven optimal", "已证明最优"),
    "feasible": ("feasible, not proven optimal", "可行（未证明最优）"),
    "infeasible": ("infeasible", "无可行方案"),
    # recommendation where capacity is short
    "enough room": ("enough room", "能力满足"),
    "cannot be judged": ("cannot be judged", "无法判断"),
    "sub-centre or enlargement": ("sub-centre or enlargement", "增设社区卫生服务分中心或增加建设规模"),
    "branch or enlargement": ("branch or enlargement", "增设卫生院分院或增加建设规模"),
    "new point or enlargement": ("new point or enlargement", "增设服务点或增加建设规模"),
    # why a gap has no circuit
    "no street for vehicles near": ("no street for vehicles near", "附近无可通车道路"),
    "no base within a day": ("no base within a day", "一日内无机构可到达"),
    "day too short": ("day too short", "工作日时长不足"),
    "no vehicle left": ("no vehicle left", "车辆不足"),
    # source of a candidate
    "junction": ("junction", "道路交叉口"),
    "public building": ("public building", "公共房屋"),
    "industrial building": ("industrial building", "工业厂房"),
    "elder care": ("elder care", "养老设施"),
    "grid": ("grid", "格网"),
    # whether a target is met
    "yes": ("yes", "达标"),
    "no": ("no", "未达标"),
    "no target set": ("no target set", "未设目标"),
    # change of a facility
    "added": ("added", "新增"),
    "removed": ("removed", "撤销"),
    "moved": ("moved", "迁移"),
    "changed": ("changed", "属性变更"),
}


def mode_words() -> dict[str, Pair]:
    """Return what each mode is called, by its name: the title of its preset."""
    return {name: (profile_title(name), profile_title(name, "zh")) for name in PRESETS}


def model_words() -> dict[str, Pair]:
    """Return what each model of siting is called, by its name."""
    return {name: model.titles for name, model in MODELS.items()}


def codes() -> dict[str, Pair]:
    """Return the words for all values."""
    gaps = {str(term): term.titles for term in (*GapKind, *GapReason, *GapService)}
    return {**mode_words(), **model_words(), **gaps, **_OTHERS}
