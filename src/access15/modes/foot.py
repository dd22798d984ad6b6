"""People on foot."""

from access15.modes.travel_mode import CLOSED_GROUNDS, ROADS, WALKS, TravelMode

MODE = TravelMode(
    words=("on foot", "步行"),
    classes=ROADS | WALKS,
    access_keys=("access", "foot"),
    oneway_keys=("oneway:foot", "foot:oneway"),
    closed_by={"motorroad": "yes"},
    stopped_by=CLOSED_GROUNDS,
    pixel_m=10.0,
    pedestrian=True,
    hikes=True,
)
