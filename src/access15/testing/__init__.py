"""Small networks for tests: maps drawn in ASCII, and straight streets from arrays."""

from access15.testing.ascii_map import AsciiMap, street_map
from access15.testing.straight import straight_streets

__all__ = ["AsciiMap", "straight_streets", "street_map"]
