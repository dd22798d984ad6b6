"""Services that go to the people: extensions, resident staff, mobile circuits."""

from access15.outreach.plan import Outreach, bases_of_tier, follow_plan, plan_outreach
from access15.outreach.residents import name_residents
from access15.outreach.rules import OutreachRules
from access15.outreach.settlements import settlements_beyond

__all__ = [
    "Outreach",
    "OutreachRules",
    "bases_of_tier",
    "follow_plan",
    "name_residents",
    "plan_outreach",
    "settlements_beyond",
]
