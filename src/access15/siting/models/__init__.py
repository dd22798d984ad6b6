"""The siting models, in the order in which they are listed: a model is its file here and its line here."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import Final

from access15.errors import InputError
from access15.siting.model import SIZES, Model, Need, Option, Size

_ORDER: Final = (
    "max_coverage",
    "partial_cover",
    "budget_coverage",
    "set_cover",
    "backup_coverage",
    "capacitated_coverage",
    "worst_area",
    "area_target",
    "p_median",
    "capacitated_p_median",
    "p_center",
    "kolm_pollak",
)

_DECLARED: Final[list[Model]] = [import_module(f"{__name__}.{name}").MODEL for name in _ORDER]

MODELS: Final[dict[str, Model]] = {model.name: model for model in _DECLARED}
"""Every model that a plan can name. The first is what is asked for unless another is named."""

DEFAULT: Final = _DECLARED[0].name


def objectives() -> tuple[str, ...]:
    """Return the names that can be asked for; the others are variants of them: the size that is given says which."""
    return tuple(name for name, model in MODELS.items() if model.variant_of is None)


def model_of(objective: object, what: str = "objective") -> Model:
    """Return the model of an objective.

    Parameters
    ----------
    objective : str
    what : str
        What the message calls it.

    Raises
    ------
    InputError
        If there is none; the message names the nearest and all others.
    """
    found = MODELS.get(objective) if isinstance(objective, str) else None
    if found is not None and found.variant_of is None:
        return found
    if found is not None:
        sizes = " and ".join(found.sizes)
        raise InputError(
            f"{what} {objective!r} is {found.variant_of} with a {sizes}: name that and give the {sizes}"
        )
    known = objectives()
    near = difflib.get_close_matches(str(objective).lower().replace("_", "-"), known, 1, cutoff=0.6)
    advice = f"did you mean {near[0]!r}? There are" if near else "use one of"
    raise InputError(f"{what} {objective!r} is not known: {advice} {', '.join(known)}")


def sizes_of(objective: str) -> dict[Size, Need]:
    """Return the ways of saying how large a plan for an objective is, those of its variants included."""
    found = dict(MODELS[objective].sizes)
    for model in MODELS.values():
        if model.variant_of == objective:
            found |= model.sizes
    return {size: found[size] for size in SIZES if size in found}


def finds_size(objective: str) -> bool:
    """Return whether a model finds the number of sites itself unless one is given."""
    return "needs" not in sizes_of(objective).values()


def sizes_text(objective: str, prefix: str = "") -> str:
    """Return what a model needs to know how many sites there should be, for messages: ``either p (how many sites) or …``."""
    named = [f"{prefix}{size} ({SIZES[size]})" for size in sizes_of(objective)]
    return f"either {' or '.join(named)}, one of them" if len(named) > 1 else "".join(named)


def takers(option: Option) -> list[str]:
    """Return the objectives that take an option."""
    return list(dict.fromkeys(model.objective for model in MODELS.values() if option in model.takes))


def variant(objective: str, sizes: set[Size]) -> Model:
    """Return the model that answers for an objective when these sizes are given."""
    for model in MODELS.values():
        if model.variant_of == objective and sizes and sizes == set(model.sizes):
            return model
    return MODELS[objective]
