"""People within reach of every junction: plain searches, or a hierarchy where that is quicker."""

from access15.all_origins.reach_surface import reach_surface

__all__ = ["reach_surface"]
