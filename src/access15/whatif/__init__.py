"""What if a clinic opened, closed or moved? The nearest times follow at once."""

from access15.whatif.scenario import WhatIf

__all__ = ["WhatIf"]
