"""Supply against demand: who goes where when room is limited, and how much care is in reach of whom."""

from access15.capacity.assign import catchments
from access15.capacity.floating import floating_catchment

__all__ = ["catchments", "floating_catchment"]
