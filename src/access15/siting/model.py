"""What a siting model is: the planner's question, what it takes, its unit and source, and the function that answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from access15.arrays import Floats
from access15.model import Areas, Facilities, Population, SitingPlan
from access15.siting.exact.solver import Deadline
from access15.siting.question import Question

Costs: TypeAlias = Mapping[str, float] | Sequence[float] | Floats


class Unit(NamedTuple):
    """What an objective is counted in, in English and Chinese, and whether less of it is better."""

    en: str
    zh: str
    less_is_better: bool


PEOPLE: Final = Unit("people", "人", False)
SHORT: Final = Unit("people short of the target", "人（未达标缺口）", True)
RATE: Final = Unit("coverage rate", "覆盖率", False)
SITES: Final = Unit("sites", "个布点", True)
PERSON_SECONDS: Final = Unit("person-seconds", "人·秒", True)
SECONDS: Final = Unit("seconds", "秒", True)
MINUTES: Final = Unit("minutes", "分钟", True)

Size: TypeAlias = Literal["p", "target", "budget"]
Option: TypeAlias = Literal[
    "p", "target", "budget", "capacity", "areas", "area_target", "kappa", "full_minutes", "modes"
]
Need: TypeAlias = Literal["needs", "may"]

SIZES: Final[Mapping[Size, str]] = {
    "p": "how many sites",
    "target": "the share of residents to reach",
    "budget": "what all sites may cost together",
}
"""What can say how large a plan is, with the words for it in messages."""


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What is asked for beside the question itself.

    Attributes
    ----------
    population : Population
    candidates : Facilities or None
    p : int or None
        Number of sites, checked.
    target : float or None
        Share of all residents, checked.
    budget : float or None
    costs : mapping of candidate id to float, sequence of float, or None
    areas : Areas or None
    area_target : float or None
        Share of its residents that every area is to reach, checked.
    kappa : float or None
        Per minute, below 0.
    deadline : Deadline
    notes : list of str
        What the planner should know; models add to it.
    """

    population: Population
    candidates: Facilities | None
    p: int | None
    target: float | None
    budget: float | None
    costs: Costs | None
    areas: Areas | None
    area_target: float | None
    kappa: float | None
    deadline: Deadline
    notes: list[str]

    @property
    def sites(self) -> int:
        """The number of sites, for models that need one."""
        assert self.p is not None, "a model that needs p is not asked without"
        return self.p


@dataclass(frozen=True, slots=True)
class Model:
    """One siting model. Everything that is particular to it stands in its file of `access15.siting.models`.

    Attributes
    ----------
    name : str
        Name of the objective, and of the model in plans.
    titles : (str, str)
        What reports call it, in English and Chinese.
    question : (str, str)
        What the planner asks, one plain sentence in English and Chinese.
    unit : Unit
        Of objective and bound.
    source : str
        Where the model was published.
    solve : callable
        From a question and its terms to a plan.
    takes : mapping of str to {"needs", "may"}
        The sizes (`SIZES`) and options it takes. Of several sizes that are needed exactly one is given; a model
        without one that is needed finds the number of sites itself.
    every_time : bool
        Whether it judges all travel times, so that these must be known without a limit; else it judges who is
        within the cut-off.
    variant_of : str, optional
        The objective it is asked for as, by giving the size that it needs (``target``, ``budget``).
    """

    name: str
    titles: tuple[str, str]
    question: tuple[str, str]
    unit: Unit
    source: str
    solve: Callable[[Question, Terms], SitingPlan]
    takes: Mapping[Option, Need]
    every_time: bool = False
    variant_of: str | None = None

    @property
    def objective(self) -> str:
        """The objective that it is asked for as."""
        return self.variant_of or self.name

    @property
    def sizes(self) -> dict[Size, Need]:
        """The ways of saying how large its plan is."""
        return {size: self.takes[size] for size in SIZES if size in self.takes}
