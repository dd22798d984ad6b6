"""What if a clinic opened, closed or moved? The nearest times follow at once."""

from access15.whatif.by_mode import WhatIfByMode
from access15.whatif.edit_changes import Changes
from access15.whatif.scenario import WhatIf

__all__ = ["Changes", "WhatIf", "WhatIfByMode"]
