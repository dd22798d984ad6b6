"""Supply against demand: who goes where when capacity is limited, and how much care is in reach of whom."""

from access15.capacity.assign import catchments, recommend
from access15.capacity.floating import floating_catchment
from access15.capacity.supply import RATES, capacity_from_supply

__all__ = [
    "RATES",
    "capacity_from_supply",
    "catchments",
    "floating_catchment",
    "recommend",
]
