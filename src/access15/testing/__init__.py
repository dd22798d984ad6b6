"""Maps drawn in ASCII become street networks, so that a routing test is four lines long."""

from access15.testing.ascii_map import AsciiMap, street_map

__all__ = ["AsciiMap", "street_map"]
