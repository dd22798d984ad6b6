"""Who is worse off than others: how unequally times and access are spread over people."""

from access15.equity.spread import equity

__all__ = ["equity"]
