"""Bicycles, with and without a motor."""

from access15.modes.travel_mode import CLOSED_GROUNDS, PERSON_SIZED, ROADS, TravelMode

MODE = TravelMode(
    words=("by bicycle", "骑行"),
    classes=ROADS | {"path", "cycleway"},
    access_keys=("access", "vehicle", "bicycle"),
    oneway_keys=("oneway", "oneway:bicycle"),
    closed_by={"motorroad": "yes"},
    stopped_by=CLOSED_GROUNDS | PERSON_SIZED,
    pixel_m=10.0,
    contraflow=True,
)
