"""Words for the values of columns: modes, models, statuses, kinds, reasons, recommendations."""

from __future__ import annotations

from typing import Final

from access15.model import GapKind, GapReason, GapService, in_chinese
from access15.outputs.words.vocabulary import Pair
from access15.profiles import PRESETS, profile_title, titled_profiles
from access15.siting import MODELS

_OTHERS: Final[dict[str, Pair]] = {
    # status of a cell
    "covered": ("covered", "已覆盖"),
    "uncovered": ("uncovered", "未覆盖"),
    "unreachable": ("unreachable", "不可达"),
    "unlinked": ("unlinked", "未接入路网"),
    # status of a plan
    "optimal": ("proven optimal", "已证明最优"),
    "feasible": ("feasible, not proven optimal", "可行（未证明最优）"),
    "infeasible": ("infeasible", "无可行方案"),
    # recommendation where capacity is short
    "enough room": ("enough room", "能力满足"),
    "cannot be judged": ("cannot be judged", "无法判断"),
    "sub-centre or enlargement": ("sub-centre or enlargement", "增设社区卫生服务分中心或增加建设规模"),
    "branch or enlargement": ("branch or enlargement", "增设乡镇卫生院分院或增加建设规模"),
    "doctor or more room": ("another doctor or more room", "增配乡村医生或增加业务用房"),
    "station or enlargement": ("another station or enlargement", "增设社区卫生服务站或增加建设规模"),
    "not primary care": ("no primary care, not counted", "非基层医疗卫生机构，不计负荷"),
    "new point or enlargement": ("new point or enlargement", "增设服务点或增加建设规模"),
    # rules of layout, and what a village without a clinic gets
    "township health centre": ("health centre of the township", "乡镇卫生院"),
    "community health centre": ("community health centre", "社区卫生服务中心"),
    "clinic of every village": ("clinic of every village", "村卫生室（每村一所）"),
    "station or centre": ("community health station or centre", "社区卫生服务中心（站）"),
    "own clinic": ("village clinic", "设置村卫生室"),
    "joint clinic": ("joint clinic", "联合设置村卫生室"),
    # kinds of proposed sites
    "new station": ("community health station", "社区卫生服务站"),
    "new sub-centre": ("community health sub-centre", "社区卫生服务分中心"),
    "new village clinic": ("village clinic", "村卫生室"),
    "new central village clinic": ("central village clinic", "中心村卫生室"),
    "new branch": ("branch of the township health centre", "乡镇卫生院分院"),
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
    # season of streets
    "all-year": ("all year", "全年"),
    "dry": ("dry", "旱季"),
    "wet": ("wet", "雨季"),
    "winter": ("winter", "冬季"),
    # groups of people
    "65+": ("65+", "65岁及以上"),
    "60+": ("60+", "60岁及以上"),
    "80+": ("80+", "80岁及以上"),
    "0-6": ("0-6", "0–6岁"),
    "0-14": ("0-14", "0–14岁"),
    # class of a street
    "motorway": ("motorway", "高速公路"),
    "trunk": ("trunk", "快速路"),
    "primary": ("primary", "主干路"),
    "secondary": ("secondary", "次干路"),
    "tertiary": ("tertiary", "支路"),
    "motorway_link": ("motorway link", "高速公路匝道"),
    "trunk_link": ("trunk link", "快速路匝道"),
    "primary_link": ("primary link", "主干路匝道"),
    "secondary_link": ("secondary link", "次干路匝道"),
    "tertiary_link": ("tertiary link", "支路匝道"),
    "unclassified": ("unclassified", "乡村道路"),
    "residential": ("residential", "街巷"),
    "living_street": ("living street", "生活街道"),
    "service": ("service", "内部通道"),
    "pedestrian": ("pedestrian", "步行街"),
    "footway": ("footway", "人行道"),
    "path": ("path", "小路"),
    "track": ("track", "机耕路"),
    "steps": ("steps", "台阶"),
    "cycleway": ("cycleway", "自行车道"),
    "bridleway": ("bridleway", "马道"),
    "corridor": ("corridor", "室内通道"),
    "road": ("road", "未分类道路"),
    # name of the service points where a study gives none
    "care": ("care", "全部医疗服务点"),
    "ambulance stations": ("ambulance stations", "急救站点"),
    # change of a facility
    "added": ("added", "新增"),
    "removed": ("removed", "撤销"),
    "moved": ("moved", "迁移"),
    "changed": ("changed", "属性变更"),
}


def source_words() -> dict[str, Pair]:
    """Return where the speeds of the presets come from, by the English text."""
    return {profile.source: (profile.source, in_chinese(profile.source)) for profile in PRESETS.values()}


def mode_words() -> dict[str, Pair]:
    """Return what each mode is called, by its name: the title of its profile."""
    return {name: (profile_title(name), profile_title(name, "zh")) for name in titled_profiles()}


def model_words() -> dict[str, Pair]:
    """Return what each model of siting is called, by its name."""
    return {name: model.titles for name, model in MODELS.items()}


def codes() -> dict[str, Pair]:
    """Return the words for all values."""
    gaps = {str(term): term.titles for term in (*GapKind, *GapReason, *GapService)}
    return {**mode_words(), **model_words(), **source_words(), **gaps, **_OTHERS}
