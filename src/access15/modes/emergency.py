"""Ambulances: cars that are let in, on bus lanes and in pedestrian zones too, and that no turn restriction binds."""

from dataclasses import replace

from access15.modes.motorcar import MODE as CAR

MODE = replace(
    CAR,
    words=("by ambulance", "救护车"),
    classes=CAR.classes | {"pedestrian", "busway"},
    access_keys=(*CAR.access_keys, "emergency"),
    closed_by={},
    let_in=True,
    turn_rules=False,
)
