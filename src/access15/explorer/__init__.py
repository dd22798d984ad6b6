"""The explorer: drag a clinic, watch who gains. A page in the browser, served by this machine alone."""

from access15.explorer.show import Window, explore, open_explorer

__all__ = ["Window", "explore", "open_explorer"]
