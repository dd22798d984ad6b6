"""Columns that more than one layer has; English only where the name leaves something open."""

from __future__ import annotations

from access15.outputs.layers._layer import Column

CELL_ID = Column("cell_id", "text", ("", "格网编号"))
AREA_ID = Column("area_id", "text", ("", "统计单元代码"))
FACILITY_ID = Column("facility_id", "text", ("", "机构代码"))
NAME = Column("name", "text", ("", "名称"))
PEOPLE = Column("people", "number", ("", "常住人口"))
PEOPLE_OF_GROUP = Column("people_<group>", "number", ("", "{group}人口"), optional=True)
SNAPPED_M = Column("snapped_m", "number", ("distance to the street, m", "距道路（米）"))
STATUS = Column("status", "text", ("", "状态"))
POINTS = Column("points", "text", ("service-point set", "服务点集合"))
MODE = Column("mode", "text", ("", "出行方式"))
MINUTES = Column("minutes", "number", ("", "分钟"))
GROUP = Column("group", "text", ("", "人群"))
RANK = Column("rank", "whole", ("", "序号"))
KIND = Column("kind", "text", ("", "类型"))
REASON = Column("reason", "text", ("", "原因"))
WHY = Column("reason", "text", ("", "原因"), prose=True)
RECOMMENDATION = Column("recommendation", "text", ("", "建议"))
GAP_ID = Column("gap_id", "text", ("", "盲区编号"))
CIRCUIT_ID = Column("circuit_id", "text", ("", "线路编号"))
SERVED_BY = Column("served_by", "text", ("", "服务机构"))
PROBLEM = Column("problem", "text", ("", "未能安排的原因"))
PLAN_ID = Column("plan_id", "text", ("", "方案编号"))
CANDIDATE_ID = Column("candidate_id", "text", ("", "候选点编号"))
KEY = Column("key", "text", ("", "事项"))
CHANGE = Column("change", "text", ("", "变化"))
PEOPLE_BEFORE = Column("people_before", "number", ("", "之前人口"))
PEOPLE_AFTER = Column("people_after", "number", ("", "之后人口"))
