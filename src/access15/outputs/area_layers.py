"""The old place of the ids that stand for cells in no area and for a study without areas."""

from access15.outputs._frames import ALL_AREA, NONE_AREA

__all__ = ["ALL_AREA", "NONE_AREA"]
