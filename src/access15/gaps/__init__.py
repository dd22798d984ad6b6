"""Who is missed, where and why: groups of under-served cells, ranked."""

from access15.gaps.find import find_gaps

__all__ = ["find_gaps"]
