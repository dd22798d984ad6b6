"""What lies within reach: polygons, and the streets themselves."""

from access15.isochrones.polygons import ISOCHRONE_REACH_M, isochrones
from access15.isochrones.streets import reached_edges

__all__ = ["ISOCHRONE_REACH_M", "isochrones", "reached_edges"]
