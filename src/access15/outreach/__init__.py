"""Services that go to the people: extensions, resident staff, mobile circuits."""

from access15.outreach.plan import Outreach, bases_of_tier, plan_outreach
from access15.outreach.rules import OutreachRules
from access15.outreach.settlements import settlements_beyond

__all__ = ["Outreach", "OutreachRules", "bases_of_tier", "plan_outreach", "settlements_beyond"]
