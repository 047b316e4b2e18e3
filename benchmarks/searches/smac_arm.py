"""SMAC3 on our space: the walk's decisions as a ConfigSpace with conditions and forbidden pairs."""

from collections.abc import Iterator
from tempfile import TemporaryDirectory
from typing import Any

from ConfigSpace import (
    Categorical,
    Configuration,
    ConfigurationSpace,
    EqualsCondition,
    Float,
    ForbiddenAndConjunction,
    ForbiddenEqualsClause,
    ForbiddenInClause,
)
from smac import HyperparameterOptimizationFacade, Scenario
from smac.initial_design import RandomInitialDesign
from smac.runhistory import StatusType, TrialInfo, TrialValue

from agent.study.samplers import FIRST_DRAWS
from search_space.part import Kind, Param, Part, Structure
from search_space.parts.schedule import PEAK
from search_space.registry import PHASE_KINDS, RUN_KINDS, get_kind
from search_space.spec import Spec, SpecJson, make_spec
from search_space.walk import OPTIONAL, SECOND_PHASE, START, acts_on
from searches.arm import Arm
from searches.outcome import Outcome

PHASES = "phases"


class SmacArm(Arm):
    """SMAC3 (Lindauer et al. 2022): its forest with expected improvement, by ask and tell."""

    def __init__(self, seed: int, structure: Structure, trials: int) -> None:
        space = SpaceBuilder(structure, seed).space
        self._folder = TemporaryDirectory()
        scenario = Scenario(
            space, n_trials=trials, deterministic=True, seed=seed,
            output_directory=self._folder.name,
        )  # fmt: skip
        first = RandomInitialDesign(scenario, n_configs=FIRST_DRAWS, max_ratio=1.0, seed=seed)
        self._smac = HyperparameterOptimizationFacade(
            scenario, lambda config, seed: 0.0, initial_design=first, overwrite=True,
            logging_level=False,
        )  # fmt: skip
        self._asked: TrialInfo | None = None
        self._worst = 0.0

    def propose(self) -> Spec:
        self._asked = self._smac.ask()
        return to_spec(self._asked.config)

    def learn(self, outcome: Outcome) -> None:
        assert self._asked is not None
        if outcome.value is None:
            # it models no infinite cost
            value = TrialValue(cost=self._worst, status=StatusType.CRASHED)
        else:
            self._worst = max(self._worst, outcome.value)
            value = TrialValue(cost=outcome.value)
        self._smac.tell(self._asked, value)


class SpaceBuilder:
    """The ConfigSpace of models of `structure`, with the probabilities of the prior.

    What the walk draws in order stands here as conditions: the numbers of a part need the part, an
    optional number its gate, the second phase the number of phases.
    """

    def __init__(self, structure: Structure, seed: int) -> None:
        self.space = ConfigurationSpace(seed=seed)
        self._structure = structure
        phases = Categorical(PHASES, [1, 2], default=1, weights=[1 - SECOND_PHASE, SECOND_PHASE])
        self.space.add(phases)
        self._second = (phases, 2)
        for kind in RUN_KINDS:
            self._add_kind("", kind, ())
        for prefix, needed in (("1.", ()), ("2.", (self._second,))):
            for kind in PHASE_KINDS:
                self._add_kind(prefix, kind, needed)
            self._forbid(prefix)
        self._add_number("2.from", START, START.low, START.high, (self._second,))

    def _acting(self, kind: Kind) -> list[Part]:
        return [p for p in kind.parts if p.name == kind.neutral or acts_on(p, self._structure)]

    def _add_kind(self, prefix: str, kind: Kind, needed: tuple[Any, ...]) -> None:
        names = [part.name for part in self._acting(kind)]
        others = len(names) - 1
        weights = [1 - kind.chance] + [kind.chance / others] * others if others else [1.0]
        name = f"{prefix}{kind.name}"
        chosen = Categorical(name, names, default=kind.neutral, weights=weights)
        self._add(chosen, needed)
        for param in kind.shared:
            if param is PEAK:
                self._add_peak(prefix, needed)
            else:
                self._add_param(f"{prefix}{kind.name}.{param.name}", param, needed)
        for part in self._acting(kind):
            for param in part.params:
                name = f"{prefix}{kind.name}.{part.name}.{param.name}"
                self._add_param(name, param, ((chosen, part.name),))

    def _add_peak(self, prefix: str, needed: tuple[Any, ...]) -> None:
        """One step size for the usual range, and one for each direction with another."""
        low, high = Part.step_sizes
        self._add_number(f"{prefix}schedule.lr", PEAK, low, high, needed)
        direction = self.space[f"{prefix}direction"]
        for part in get_kind("direction").parts:
            if part.step_sizes != Part.step_sizes:
                name = f"{prefix}schedule.{part.name}.lr"
                self._add_number(name, PEAK, *part.step_sizes, ((direction, part.name),))

    def _add_param(self, name: str, param: Param, needed: tuple[Any, ...]) -> None:
        if param.optional:
            gate = Categorical(f"{name}.used", [0, 1], default=0, weights=[1 - OPTIONAL, OPTIONAL])
            self._add(gate, needed)
            needed = ((gate, 1),)
        self._add_number(name, param, param.low, param.high, needed)

    def _add_number(
        self, name: str, param: Param, low: float, high: float, needed: tuple[Any, ...]
    ) -> None:
        if param.complement:
            low, high = round(1 - high, 12), round(1 - low, 12)
        self._add(Float(name, (low, high), log=param.log or param.complement), needed)

    def _add(self, parameter: Any, needed: tuple[Any, ...]) -> None:
        self.space.add(parameter)
        for parent, value in needed:
            self.space.add(EqualsCondition(parameter, parent, value))

    def _forbid(self, prefix: str) -> None:
        """A part beside a part that it does not allow."""
        for kind in PHASE_KINDS:
            for part in self._acting(kind):
                for other, allowed in part.requires.items():
                    names = [p.name for p in self._acting(get_kind(other))]
                    refused = [name for name in names if name not in allowed]
                    if refused:
                        here = ForbiddenEqualsClause(self.space[f"{prefix}{kind.name}"], part.name)
                        there = ForbiddenInClause(self.space[f"{prefix}{other}"], refused)
                        self.space.add(ForbiddenAndConjunction(here, there))


def to_spec(configuration: Configuration) -> Spec:
    """The spec that a configuration stands for."""
    values = dict(configuration)
    run = dict(_kinds(values, "", RUN_KINDS))
    phases = [dict(_kinds(values, "1.", PHASE_KINDS))]
    if values[PHASES] == 2:
        phases.append({"from": values["2.from"], **dict(_kinds(values, "2.", PHASE_KINDS))})
    return make_spec({**run, "phases": phases})


def _kinds(
    values: dict[str, Any], prefix: str, kinds: tuple[Kind, ...]
) -> Iterator[tuple[str, SpecJson]]:
    for kind in kinds:
        part = str(values[f"{prefix}{kind.name}"])
        made: SpecJson = {"part": part}
        for param in kind.params(part):
            owner = "" if param in kind.shared else f".{part}"
            name = f"{prefix}{kind.name}{owner}.{param.name}"
            if param is PEAK:
                name = f"{prefix}schedule.{values[f'{prefix}direction']}.lr"
                name = name if name in values else f"{prefix}schedule.lr"
            if param.optional and not values[f"{name}.used"]:
                made[param.name] = 0.0
                continue
            drawn = float(values[name])
            made[param.name] = 1 - drawn if param.complement else drawn
        yield kind.name, made
