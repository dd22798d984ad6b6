"""The words of the report and its tables, in English and Chinese."""

from __future__ import annotations

from typing import Final

from access15.errors import InputError
from access15.profiles import PRESETS, profile_title

WORDS: Final[dict[str, tuple[str, str]]] = {
    # heads of columns
    "code": ("code", "代码"),
    "name": ("name", "名称"),
    "residents": ("residents", "常住人口"),
    "service_points": ("service points", "医疗服务点"),
    "covered": ("covered", "覆盖人口"),
    "rate": ("coverage rate", "覆盖率"),
    "covered_case": ("{mode}, {minutes:g} min: covered", "{mode}{minutes:g}分钟：覆盖人口"),
    "rate_case": ("{mode}, {minutes:g} min: rate", "{mode}{minutes:g}分钟：覆盖率"),
    "uncovered": ("uncovered", "未覆盖人口"),
    "unreachable": ("unreachable", "不可达人口"),
    "unlinked": ("unlinked", "未连接人口"),
    "mean_min": ("mean time, min", "平均出行时间（分钟）"),
    "p_min": ("P{share} time, min", "P{share}出行时间（分钟）"),
    "target": ("target", "目标"),
    "target_met": ("target met?", "是否达标"),
    "mode": ("mode", "出行方式"),
    "minutes": ("minutes", "分钟"),
    "group": ("group", "人群"),
    "people": ("people", "人口"),
    "gap_to_total": ("gap to the total, percentage points", "与总体之差（百分点）"),
    "gap_id": ("gap", "盲区编号"),
    "rank": ("rank", "序号"),
    "place": ("place", "所在区域"),
    "people_of": ("of them {group}", "其中{group}"),
    "median_min": ("time to nearest, median, min", "到最近服务点时间中位数（分钟）"),
    "max_min": ("time to nearest, longest, min", "到最近服务点最长时间（分钟）"),
    "nearest": ("nearest service point", "最近医疗服务点"),
    "tier": ("tier", "机构类型"),
    "beds": ("beds", "床位数"),
    "doctors": ("doctors", "医师数"),
    "floor_area_m2": ("floor area, m²", "业务用房面积（平方米）"),
    "capacity_limit": ("what limits the capacity", "服务能力限制因素"),
    "limit_stated": ("as stated", "填报数"),
    "limit_unknown": ("cannot be judged", "无法判断"),
    "limit_doctors": ("doctors", "医师数"),
    "limit_beds": ("beds", "床位数"),
    "limit_floor area": ("floor area", "业务用房面积"),
    "per_doctors": ("{people:,g} people per doctor", "每名医师 {people:,g} 人"),
    "per_beds": ("{people:,g} people per bed", "每张床位 {people:,g} 人"),
    "per_floor area": ("{people:,g} people per m²", "每平方米 {people:,g} 人"),
    "list": (", ", "，"),
    "without_capacity": ("of them without a known capacity", "其中服务能力不明"),
    "known_capacity": ("known capacity, people", "已知服务能力（人）"),
    "capacity_people": ("service capacity, people", "服务能力（人）"),
    "nearest_people": ("people nearest to it", "就近服务人口"),
    "load_ratio": ("load ratio", "负荷率"),
    "allocated": ("allocated people", "分配人口"),
    "sent_away": ("of the nearest: served elsewhere", "就近人口中由他处服务"),
    "overflow": ("of the nearest: no room anywhere", "就近人口中无容量可分"),
    "kind": ("kind", "类型"),
    "reason": ("reason", "原因"),
    "priority": ("priority", "优先度"),
    "recommendation": ("recommendation", "建议"),
    "candidate": ("candidate", "候选点"),
    "source": ("source", "来源"),
    "lon": ("longitude", "经度"),
    "lat": ("latitude", "纬度"),
    "crs": ("CRS", "坐标系"),
    "gain": ("marginal people covered", "边际新增覆盖人口"),
    "cost": ("cost", "成本"),
    "elder_care_m": ("distance to elder care, m", "与养老设施的距离（米）"),
    "remote": ("remote?", "是否偏远"),
    "is_remote": ("remote", "偏远"),
    "standard": ("residents per doctor, standard", "配备标准（人/名）"),
    "doctors_need": ("doctors needed", "应配乡村医生"),
    "doctors_there": ("doctors there", "实有乡村医生"),
    "doctors_gap": ("gap", "缺口"),
    "way_id": ("OSM way or road number", "道路编号（OSM way）"),
    "street_class": ("class", "道路等级"),
    "bridge": ("bridge?", "是否桥梁"),
    "is_bridge": ("bridge", "桥梁"),
    "loses_care": ("people no longer covered", "失去覆盖人口"),
    "loses_all": ("people without any way to care", "完全不可达人口"),
    "closed_m": ("length closed, m", "封闭长度（米）"),
    "served_by": ("given by", "提供方"),
    "mobile_people": ("people of a mobile circuit", "巡回医疗服务人口"),
    "route_from": ("route from and to", "巡回线路起讫机构"),
    "visit": ("stop number", "停靠顺序"),
    "stops": ("stops of the route", "线路停靠点数"),
    "visits_per_month": ("visits a month", "每月次数"),
    "vehicle_hours": ("vehicle hours of the route, a month", "线路每月用车小时"),
    "alone_min": ("shortest trip to this stop alone, min", "单独出车最短时间（分钟）"),
    "problem": ("why there is no route", "无法巡回的原因"),
    "chosen_in": ("chosen in", "入选次数"),
    "runs": ("of sensitivity runs", "敏感性试验次数"),
    "cumulative": ("cumulative people covered", "累计覆盖人口"),
    "cumulative_rate": ("cumulative coverage", "累计覆盖率"),
    "scenario": ("scenario", "方案"),
    "beyond": ("people beyond or without access", "未覆盖合计"),
    "change_people": ("change in covered", "覆盖人口变化"),
    "change_rate": ("change, percentage points", "覆盖率变化（百分点）"),
    "points": ("service-point set", "服务点集合"),
    "speed": ("speed, km/h", "速度（公里/小时）"),
    "rate_at": ("rate within {minutes:g} min", "{minutes:g}分钟覆盖率"),
    "item": ("item", "事项"),
    "value": ("value", "数值"),
    "unit": ("unit", "单位"),
    "statement": ("what it means", "说明"),
    # words in rows
    "total": ("total", "合计"),
    "no_area": ("(in no area)", "（不属任何区域）"),
    "all": ("all residents", "全部常住人口"),
    "yes": ("yes", "达标"),
    "no": ("no", "未达标"),
    "no_target": ("no target set", "未设目标"),
    "unknown": ("cannot be judged", "无法判断"),
    "baseline": ("existing service points", "现状"),
    "plan_name": ("with the proposed sites", "建议布点后"),
    # titles of tables
    "T1": ("T1 Coverage", "T1 覆盖情况表"),
    "T2": ("T2 Key groups", "T2 重点人群"),
    "T3": ("T3 Supply and demand", "T3 供需匹配表"),
    "T4": ("T4 Village doctors", "T4 乡村医生配备表"),
    "T5": ("T5 Service gaps, ranked", "T5 服务盲区排序表"),
    "T5a": ("T5a Critical streets", "T5a 关键路段"),
    "T6": ("T6 Proposed sites", "T6 建议布点表"),
    "T7": ("T7 Mobile and small clusters", "T7 巡回医疗与延伸服务建议表"),
    "T10": ("T10 Before and after", "T10 方案对比表"),
    "T12": ("T12 Sensitivity", "T12 敏感性"),
    "caveats": ("Data and limits", "数据说明与局限"),
    "T1_note": (
        "Covered: the nearest service point is within the minutes named. The columns from uncovered to P90 are "
        "of {mode} at {minutes:g} min; covered + uncovered + unreachable + unlinked = residents. Mean time is weighted "
        "by people and over those who reach a service point; P90 is over all residents. Totals are sums of people. "
        "An empty time means that too few people reach a service point.",
        "覆盖指到最近医疗服务点的出行时间不超过所列分钟数。自“未覆盖人口”至“P90”各列按{mode}{minutes:g}分钟计；"
        "覆盖 + 未覆盖 + 不可达 + 未连接 = 常住人口。平均时间按人口加权，只计可达人口；P90 按全部常住人口计。"
        "合计为人数之和，不是覆盖率的平均。时间为空表示可达人口不足。",
    ),
    "T2_note": (
        "Each group against all residents, same mode and minutes.",
        "各人群与全部常住人口相比，出行方式与分钟数相同。",
    ),
    "T2_none": (
        "The population data carry no groups, so nothing can be said about key groups.",
        "人口数据不含分人群数据，重点人群无法判断。",
    ),
    "T3_note": (
        "{mode}, within {minutes:g} min. Load ratio = people who have the facility nearest / its capacity. Allocated: as "
        "many people as possible find room, then the least total travel time. An empty load cannot be judged.",
        "{mode}，{minutes:g}分钟内。负荷率 = 就近服务人口 / 服务能力。分配人口：先使能得到服务的人口最多，再使总出行时间最短。"
        "负荷率为空表示无法判断。",
    ),
    "T3_unknown": (
        "{n} of {all} facilities have no capacity in the data: they are taken to have room for whoever comes.",
        "{all} 个机构中有 {n} 个缺服务能力数据，计算时视为不受限制。",
    ),
    "T3_inferred": (
        "The capacity of {n} of {all} facilities is not stated and follows from their supply, the smallest of: {rates} (an assumption of "
        "this study).",
        "{all} 个机构中有 {n} 个未填报服务能力，按资源配置推算，取下列各项中最小者：{rates}（本研究假定）。",
    ),
    "T3a": ("T3a Supply and demand by area", "T3a 各区域供需匹配表"),
    "T3a_note": (
        "Load ratio = residents / capacity of the service points that stand in the area. Above 1: a sub-centre in urban areas, a "
        "branch in rural ones, or enlargement. Where a capacity is unknown the load is empty, and cannot be judged unless the known capacity "
        "is enough.",
        "负荷率 = 常住人口 / 区域内医疗服务点的服务能力。大于 1 时，城镇区域增设社区卫生服务分中心，农村区域增设卫生院分院，或增加建设规模。"
        "有服务能力不明的机构时负荷率为空，已知服务能力不足者无法判断。",
    ),
    "T4_note": (
        "One village doctor for about 1,000 residents, for about 500 in areas flagged as remote. Gap = need − there; a negative "
        "one is more than needed. Met: at most {tolerance:.0%} of the need is missing (about, 左右; a practice value).",
        "一千常住人口左右配备一名乡村医生，标为偏远的区域每五百常住人口左右一名。缺口 = 应配 − 实有，负数为超出。"
        "缺额不超过应配数的 {tolerance:.0%} 视为达标（“左右”，经验值）。",
    ),
    "T5_note": (
        "Clusters of people who are not within {minutes:g} min by {mode}, most people first. Priority = sum over the "
        "people of weight × min(1, (t − {minutes:g}) / {minutes:g}), 1 where no service point is reached; members of "
        "weighted groups count more, see the parameters. An empty time: not reached. Kind capacity: within reach, but every "
        "facility there is full.",
        "{mode}{minutes:g}分钟内不能到达的人口聚集区，按人口从多到少排列。优先度 = Σ 人口权重 × min(1, (t − {minutes:g}) / "
        "{minutes:g})，不可达计 1；重点人群权重见参数。时间为空表示不可达。类型为“服务能力”者在可达范围内，但机构均已满负荷。",
    ),
    "T5_small": (
        "{gaps:,} smaller gaps with {people:,.0f} people are not listed.",
        "另有 {gaps:,} 处较小盲区、{people:,.0f} 人未列出。",
    ),
    "T5a_note": (
        "One closure at a time, {mode} at {minutes:g} min: of {people:,.0f} people covered today, those who would no longer be. "
        "A closure stops everybody who passes along a piece of street between two junctions; a bridge is closed "
        "whole. Who lives along it still gets to its ends. Exact: no street left out uncovers more than "
        "{rest:,.0f} people.",
        "每次只封闭一处，按{mode}{minutes:g}分钟计：现状覆盖 {people:,.0f} 人中将失去覆盖的人口。封闭指两个路口之间的路段不得通行，"
        "桥梁整体封闭；沿线居民仍可到达路段两端。结果为精确值：未列路段封闭后失去覆盖的人口不超过 {rest:,.0f} 人。",
    ),
    "T5a_none": (
        "No closure of a single street uncovers anybody.",
        "封闭任一路段均不会使人口失去覆盖。",
    ),
    "T6_note": (
        "{model}, {mode}{limit}: {p} sites, {status}; objective {objective:,.1f}, proven bound {bound:,.1f}, gap {gap:.2%}. "
        "Sites stand in opening order.",
        "{model}，{mode}{limit}：{p} 个点，{status}；目标值 {objective:,.1f}，可证明的界 {bound:,.1f}，差距 {gap:.2%}。"
        "按建设先后排列。",
    ),
    "T6_firm": (
        "Chosen in: how many of the sensitivity runs choose the same site, or one as near as the study allows.",
        "“入选次数”为敏感性试验中选中该点（或规定距离内邻近点）的次数。",
    ),
    "T6_not_firm": (
        "Robustness over sensitivity runs was not asked for.",
        "未要求计算敏感性试验中的稳健性。",
    ),
    "T7_note": (
        "Gaps that get no clinic of their own. Circuits: {circuits:,}, bases: {bases}; they serve {people:,.0f} people with "
        "{hours:,.0f} vehicle hours a month: {stop:g} min at each stop, trips of at most {day:g} min. Stops and hours are of "
        "the whole route, which may stand in several rows. People whom a circuit serves are never counted as covered.",
        "未建议增设固定服务点的盲区。{circuits:,} 条巡回线路由 {bases} 个机构出发，服务 {people:,.0f} 人，每月用车 {hours:,.0f} 小时："
        "每点停留 {stop:g} 分钟，每次出车不超过 {day:g} 分钟。停靠点数与用车小时为整条线路的数，同一线路可列于多行。"
        "巡回医疗服务人口不计入覆盖人口。",
    ),
    "T10_note": (
        "Today and under each scenario. Gain: covered only under the scenario; lose: covered only today; both counted as "
        "the people of today. Mean time is over those who reach a service point: it can rise where a scenario reaches people for "
        "the first time. EDE (Kolm–Pollak, one κ for all scenarios) and Gini are over all residents, times capped at "
        "{cap:g} min (practice value). Overloaded: more people nearest to it than its capacity, at the case of the gaps, where "
        "capacities are known.",
        "现状与各方案的结果。“受益”指仅在方案中覆盖的人口，“受损”指仅在现状中覆盖的人口，均按现状人口计。平均时间只计可达人口，方案使远处人口首次可达时平均时间可能上升。EDE（Kolm–Pollak，各方案同一 κ）"
        "与基尼系数按全部常住人口计，时间以 {cap:g} 分钟封顶（经验值）。“超负荷”指最近人口超过服务能力的服务点，按盲区分析的情形计，仅计服务能力已知者。",
    ),
    "T10a": ("T10a Who gains and who loses, by area", "T10a 各区域受益与受损人口"),
    "T10a_note": (
        "At {mode}, {minutes:g} min. Areas and groups where nobody gains or loses are left out. The change in covered also holds "
        "people who came or went.",
        "按{mode}{minutes:g}分钟计，未列出无变化的区域与人群。覆盖人口变化含人口增减。",
    ),
    "T8": ("T8 New estates", "T8 新建住区同步配套表"),
    "T8_note": (
        "Service points within {minutes:g} min ({mode}) of each planned estate: those open under the scenario, and the proposed "
        "sites of this study. Capacity to add: the planned people, where no open service point serves them; whether those "
        "that do have room is not judged here.",
        "各规划住区 {minutes:g} 分钟（{mode}）内的医疗服务点：方案中已开放的与本研究建议布点。“需增服务能力”为无开放服务点覆盖的规划人口；"
        "已有服务点是否有余量此处不判断。",
    ),
    "estate": ("estate", "住区"),
    "planned_people": ("planned people", "规划人口"),
    "year": ("year", "投用年份"),
    "open_sites": ("open service points in time", "时限内已开放服务点"),
    "proposed_sites": ("proposed sites in time", "时限内建议布点"),
    "nearest_min": ("time to the nearest open one, min", "到最近开放服务点（分钟）"),
    "capacity_to_add": ("capacity to add, people", "需增服务能力（人）"),
    "judgement": ("judgement", "判断"),
    "served": ("served", "已覆盖"),
    "proposed_only": ("only by a proposed site", "仅由建议布点覆盖"),
    "alert": ("ALERT: nobody serves it", "警示：无服务点覆盖"),
    "gains": ("gain", "受益人口"),
    "loses": ("lose", "受损人口"),
    "p90_min": ("P90 time, min", "P90出行时间（分钟）"),
    "over_15": ("over 15 min or no access", "超过15分钟或不可达"),
    "over_30": ("over 30 min or no access", "超过30分钟或不可达"),
    "ede": ("EDE, min", "EDE（分钟）"),
    "gini": ("Gini", "基尼系数"),
    "overloaded": ("overloaded service points", "超负荷服务点"),
    "T9": ("T9 Referral", "T9 转诊"),
    "T9_note": (
        "From every service point to the nearest one of the next tier ({mode}). Points of the highest tier refer to nobody and are not "
        "listed, nor are {unknown:,} whose tier is not known. An empty time: none is reached.",
        "各机构到最近上一级机构的出行时间（{mode}）。最高一级机构不列；{unknown:,} 个类型不明的机构未列入。时间为空表示不可达。",
    ),
    "next_tier": ("next tier: nearest", "最近的上一级机构"),
    "next_tier_kind": ("its tier", "上一级机构类型"),
    "next_tier_min": ("time to it, min", "转诊时间（分钟）"),
    "T9a": ("T9a Emergency", "T9a 急救"),
    "T9a_note": (
        "Minutes from the call until an ambulance arrives: {dispatch:g} min until it leaves, then the way from the nearest service "
        "point to the patient. P50 and P90 are over all residents; empty where fewer are reached. Beyond: more than "
        "{minutes:g} min, or no way there. Take the service points as the ambulance stations of this study.",
        "从呼叫到救护车到达的分钟数：出车前 {dispatch:g} 分钟，加上从最近服务点到患者的时间。P50、P90 按全部常住人口计，可达人口不足则为空。"
        "“超时或不可达”为超过 {minutes:g} 分钟或不可达。本研究以医疗服务点为救护车站点。",
    ),
    "late_people": ("later or no access", "超时或不可达人口"),
    "T11": ("T11 Equity", "T11 公平性"),
    "T11_note": (
        "How equally times are spread over residents, each counted with their people. EDE (Kolm–Pollak): the minutes that would "
        "be as good if all needed the same. Gini and Theil: 0 where all need the same. Worst served: the 5 % of people "
        "with the longest way. Times are capped at {cap:g} min (practice value); people without a time count at the cap.",
        "出行时间在常住人口中的分布是否均等，按人口加权。EDE（Kolm–Pollak）：若人人相同，与现状同样好的分钟数。"
        "基尼系数与泰尔指数为 0 表示人人相同。“最远5%人口”为路程最长的 5 % 人口。时间以 {cap:g} 分钟封顶（经验值），不可达者按封顶值计。",
    ),
    "mean_capped_min": ("mean time, min", "平均出行时间（分钟）"),
    "theil": ("Theil", "泰尔指数"),
    "worst_min": ("mean of the worst served 5 %, min", "最远5%人口平均时间（分钟）"),
    "T11a": ("T11a Equity between areas", "T11a 区域间公平性"),
    "T11a_note": (
        "The Theil index of T11 within and between areas, and between areas of a kind and all others. Rates are of "
        "{minutes:g} min; times are capped at {cap:g} min.",
        "将 T11 的泰尔指数分解为区域内与区域间，以及某类区域与其余区域之间。覆盖率按{minutes:g}分钟计，时间以 {cap:g} 分钟封顶。",
    ),
    "division": ("division", "划分"),
    "between_areas": ("all areas", "各统计单元"),
    "theil_within": ("Theil within", "泰尔指数：组内"),
    "theil_between": ("Theil between", "泰尔指数：组间"),
    "between_share": ("share between", "组间占比"),
    "people_in": ("people there", "该类区域人口"),
    "mean_in": ("mean time there, min", "该类区域平均时间（分钟）"),
    "mean_out": ("mean time elsewhere, min", "其余区域平均时间（分钟）"),
    "rate_in": ("rate there", "该类区域覆盖率"),
    "rate_out": ("rate elsewhere", "其余区域覆盖率"),
    "rate_gap": ("gap, percentage points", "差距（百分点）"),
    "flag_urban": ("urban areas", "城镇区域"),
    "flag_rural": ("rural areas", "农村区域"),
    "flag_remote": ("remote areas", "偏远区域"),
    "flag_fast-growing": ("fast-growing areas", "人口快速增长区域"),
    "flag_urban village": ("urban villages", "城中村"),
    "T12_note": (
        "Share of all residents by mode and threshold, the headline {minutes:g} ± 5 min included: a cut-off is a cliff. "
        "Px: minutes within which x % of all residents are reached; empty where they are not.",
        "各出行方式、各时间阈值下的覆盖率，含 {minutes:g}±5 分钟：阈值附近的变化说明结果对阈值的敏感程度。"
        "Px 为 x % 常住人口可达所需分钟数，达不到则为空。",
    ),
    # modes, reasons, recommendations, models
    **{name: (profile_title(name), profile_title(name, "zh")) for name in PRESETS},
    "distance": ("distance", "距离"),
    "capacity": ("capacity", "服务能力"),
    "both": ("both", "距离与服务能力"),
    "nearest facility full": ("nearest facility full", "最近机构已满负荷"),
    "enlargement": ("enlargement", "增加建设规模"),
    "enough room": ("enough room", "能力满足"),
    "cannot be judged": ("cannot be judged", "无法判断"),
    "sub-centre or enlargement": ("sub-centre or enlargement", "增设社区卫生服务分中心或增加建设规模"),
    "branch or enlargement": ("branch or enlargement", "增设卫生院分院或增加建设规模"),
    "new point or enlargement": ("new point or enlargement", "增设服务点或增加建设规模"),
    "no road": ("no road", "无道路"),
    "island": ("island of streets", "路网孤岛"),
    "detour": ("detour", "绕行"),
    "too far": ("too far", "距离过远"),
    "fixed clinic": ("fixed clinic", "增设固定服务点"),
    "neighbour-village extension": ("neighbour-village extension", "邻（联）村延伸服务"),
    "resident service": ("resident service", "驻村服务"),
    "mobile circuit": ("mobile circuit", "巡回医疗"),
    "no street for vehicles near": ("no street for vehicles near", "附近无可通车道路"),
    "no base within a day": ("no base within a day", "一日内无机构可到达"),
    "day too short": ("day too short", "工作日时长不足"),
    "no vehicle left": ("no vehicle left", "车辆不足"),
    "junction": ("junction", "道路交叉口"),
    "public building": ("public building", "公共房屋"),
    "industrial building": ("industrial building", "工业厂房"),
    "elder care": ("elder care", "养老设施"),
    "grid": ("grid", "格网"),
    "max-coverage": ("maximal covering", "最大覆盖选址"),
    "partial-cover": ("fewest sites for a target share", "达到目标覆盖率的最少布点"),
    "set-cover": ("set covering", "集合覆盖"),
    "p-median": ("p-median", "P-中值"),
    "backup-coverage": ("backup coverage", "备份覆盖"),
    "capacitated-coverage": ("covering with capacity", "容量约束覆盖"),
    "budget-coverage": ("covering for a budget", "预算约束覆盖"),
    "worst-area": ("raise the worst area", "提升最低覆盖区域"),
    "capacitated-p-median": ("p-median with capacity", "容量约束P-中值"),
    "kolm-pollak": ("least equally-distributed equivalent time", "最小等价均等时间"),
    "p-center": ("p-center", "P-中心"),
    "optimal": ("proven optimal", "已证明最优"),
    "feasible": ("feasible, not proven optimal", "可行（未证明最优）"),
    "infeasible": ("infeasible", "无可行方案"),
    "limit": (" {minutes:g} min", "{minutes:g}分钟"),
}


def words(lang: str, table: dict[str, tuple[str, str]] = WORDS) -> dict[str, str]:
    """Return the words of one language.

    Raises
    ------
    InputError
        If the language is neither ``en`` nor ``zh``.
    """
    if lang not in ("en", "zh"):
        raise InputError(f"language {lang!r} is not known: use en or zh")
    return {key: pair[lang == "zh"] for key, pair in table.items()}


def said(word: dict[str, str], value: object) -> str | None:
    """Return the word for a value of a table, the value itself where there is none, None where missing."""
    if value is None or value != value or value == "":
        return None
    return word.get(str(value), str(value))
