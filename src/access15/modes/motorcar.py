"""Cars."""

from access15.modes.travel_mode import CAR_STOPS, CLOSED_GROUNDS, MOTORWAYS, PERSON_SIZED, ROADS, TravelMode

MODE = TravelMode(
    words=("by car", "驾车"),
    classes=MOTORWAYS | ROADS,
    access_keys=("access", "vehicle", "motor_vehicle", "motorcar"),
    oneway_keys=("oneway", "oneway:motor_vehicle"),
    closed_by={"service": "emergency_access"},
    stopped_by=CLOSED_GROUNDS | PERSON_SIZED | CAR_STOPS,
    pixel_m=15.0,
    turn_rules=True,
)
