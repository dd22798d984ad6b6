"""What lies within reach: polygons, the streets themselves, and rasters of times."""

from access15.isochrones.polygons import ISOCHRONE_REACH_M, isochrones
from access15.isochrones.reached_edges import reached_edges
from access15.isochrones.surface import TimeSurface, time_surface

__all__ = ["ISOCHRONE_REACH_M", "TimeSurface", "isochrones", "reached_edges", "time_surface"]
