"""From an Optuna trial to a spec, and from a spec to the parameters that make a trial sample it."""

from dataclasses import dataclass, field

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
)

from search_space.part import Param, Structure
from search_space.recipes import RECIPES
from search_space.spec import Spec
from search_space.walk import Decisions, can_sample, walk

TrialParams = dict[str, str | float]
GATE = FloatDistribution(0.0, 1.0)
"""A gate is open if a number from 0 to 1 is below its chance."""


def sample_spec(trial: optuna.trial.BaseTrial, structure: Structure = "any") -> Spec:
    """Ask `trial` for the parts of one or two phases, and for the numbers of these parts.

    Parts without effect on models of `structure` are not offered; "any" offers all.
    """
    return walk(_Sampled(trial), structure)


def random_specs(count: int, seed: int, structure: Structure = "any") -> list[Spec]:
    """Specs that random search would propose; the same for the same seed."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed))
    return [sample_spec(study.ask(), structure) for _ in range(count)]


def tune_spec(trial: optuna.Trial, spec: Spec, structure: Structure = "any") -> Spec:
    """The parts of `spec` with numbers from `trial`; optional numbers that are off stay off."""
    return walk(_Tuned(trial), structure, spec)


def trial_params(spec: Spec, structure: Structure = "any") -> TrialParams:
    """Parameters to enqueue so that `sample_spec` gives `spec`. Raises ValueError if none do."""
    return record(spec, structure).params


def recipes_for(structure: Structure) -> dict[str, Spec]:
    """The recipes that can be sampled for models of `structure`, by name."""
    return {name: spec for name, spec in RECIPES.items() if can_sample(spec, structure)}


def record(spec: Spec, structure: Structure = "any") -> "Recorded":
    """The decisions of a spec, as parameters of a trial. Raises ValueError if none give it."""
    if len(spec.phases) > 2:
        raise ValueError(f"one or two phases can be sampled, not {len(spec.phases)}")
    recorded = Recorded()
    walk(recorded, structure, spec)
    return recorded


def distribution(param: Param, low: float, high: float) -> FloatDistribution:
    """From which a trial draws the number, or one less the number."""
    if param.complement:
        return FloatDistribution(round(1 - high, 12), round(1 - low, 12), log=True)
    return FloatDistribution(low, high, log=param.log)


class _Sampled(Decisions):
    """Decisions by an Optuna trial."""

    def __init__(self, trial: optuna.trial.BaseTrial) -> None:
        self.trial = trial

    def gate(self, name: str, chance: float, known: bool | None) -> bool:
        return self._suggest(name, GATE) < chance

    def part(self, name: str, offered: list[str], known: str | None) -> str:
        return str(self.trial.suggest_categorical(name, offered))

    def number(
        self, name: str, param: Param, low: float, high: float, known: float | None
    ) -> float:
        drawn = self._suggest(name, distribution(param, low, high))
        # at an end of the range the subtraction may round to a number outside
        return min(max(1 - drawn, low), high) if param.complement else drawn

    def _suggest(self, name: str, drawn_from: FloatDistribution) -> float:
        return self.trial.suggest_float(name, drawn_from.low, drawn_from.high, log=drawn_from.log)


class _Tuned(_Sampled):
    """Numbers by an Optuna trial, all other decisions as in the known spec."""

    def gate(self, name: str, chance: float, known: bool | None) -> bool:
        return bool(known)

    def part(self, name: str, offered: list[str], known: str | None) -> str:
        return str(known)


@dataclass
class Recorded(Decisions):
    """The decisions of a known spec, as parameters of a trial and what they are drawn from."""

    params: TrialParams = field(default_factory=dict)
    distributions: dict[str, BaseDistribution] = field(default_factory=dict)

    def gate(self, name: str, chance: float, known: bool | None) -> bool:
        self._keep(name, chance / 2 if known else (1 + chance) / 2, GATE)
        return bool(known)

    def part(self, name: str, offered: list[str], known: str | None) -> str:
        if known not in offered:
            raise ValueError(f"{name}: {known} cannot be sampled; there are: {', '.join(offered)}")
        self._keep(name, known, CategoricalDistribution(offered))
        return known

    def number(
        self, name: str, param: Param, low: float, high: float, known: float | None
    ) -> float:
        assert known is not None
        if not low <= known <= high:
            raise ValueError(f"{name}: {known:g} is outside the sampled range, {low:g} to {high:g}")
        drawn_from, drawn = distribution(param, low, high), 1 - known if param.complement else known
        # as above
        self._keep(name, min(max(drawn, drawn_from.low), drawn_from.high), drawn_from)
        return known

    def _keep(self, name: str, value: str | float, drawn_from: BaseDistribution) -> None:
        self.params[name] = value
        self.distributions[name] = drawn_from
