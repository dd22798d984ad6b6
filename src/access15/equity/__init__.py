"""Who is worse off than others: how unequally times and access are spread over people."""

from access15.equity.measures import kappa_of, kolm_pollak, lorenz, theil_parts
from access15.equity.spread import equity

__all__ = [
    "equity",
    "kappa_of",
    "kolm_pollak",
    "lorenz",
    "theil_parts",
]
