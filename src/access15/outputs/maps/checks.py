"""What every drawing function checks before it draws."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from access15.errors import InputError
from access15.model import Areas, Facilities, Gaps, StreetNetwork, expect
from access15.outputs.maps.sheet import SheetOptions

_NOUNS: Final = {
    "network": (StreetNetwork, "from read_network"),
    "facilities": (Facilities, "from read_facilities"),
    "areas": (Areas, "from read_areas"),
    "gaps": (Gaps, "from find_gaps"),
}


def check_options(plot: Callable[..., Any], more: Mapping[str, Any], **given: object) -> None:
    """Raise unless a drawing function was given what it can draw.

    Parameters
    ----------
    plot : function
        The one that was called.
    more : mapping of str to object
        Its options beside those it names.
    **given
        ``network, facilities, areas, gaps``, as they were given; None is none.

    Raises
    ------
    InputError
        If an option is not known, naming the nearest, ``dpi`` is no number of dots, or something given is
        not of its class.
    """
    known = [name for name in inspect.signature(plot).parameters if name != "more"]
    known += SheetOptions.__annotations__
    for name in more:
        if name not in SheetOptions.__annotations__:
            near = difflib.get_close_matches(name, known, 1)
            advice = f"did you mean {near[0]!r}?" if near else f"it takes {', '.join(known)}"
            raise InputError(f"{plot.__name__} has no option {name!r}: {advice}")
    dpi = more.get("dpi", 1)
    if not (isinstance(dpi, (int, float, np.number)) and np.isfinite(dpi) and dpi >= 1):
        raise InputError(f"dpi must be a number of dots per inch such as 150, not {dpi!r}")
    for name, value in given.items():
        if value is not None:
            expect(value, _NOUNS[name][0], name, _NOUNS[name][1])
