"""From an Optuna trial to a spec, and from a spec to the parameters that make a trial sample it."""

from collections.abc import Mapping
from typing import Any

import optuna

from search_space.part import Kind, Param, Part, Structure
from search_space.parts.schedule import PEAK
from search_space.recipes import RECIPES
from search_space.registry import PHASE_KINDS, RUN_KINDS, get_kind
from search_space.spec import Choices, Spec, SpecJson, make_spec

TrialParams = dict[str, str | float]

SECOND_PHASE = 0.3
"""Probability that a random spec has a second phase."""
OPTIONAL = 0.4
"""Probability that a random spec has a given optional parameter."""
START = Param("from", "", 0.02, 0.95, 0.05, "fraction of the run where the second starts", log=True)


def sample_spec(trial: optuna.Trial, structure: Structure = "any") -> Spec:
    """Ask `trial` for the parts of one or two phases, and for the numbers of these parts.

    Parts without effect on models of `structure` are not offered; "any" offers all.
    """
    return make_spec(_walk(_Trial(trial), structure, None))


def random_specs(count: int, seed: int, structure: Structure = "any") -> list[Spec]:
    """Specs that random search would propose; the same for the same seed."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed))
    return [sample_spec(study.ask(), structure) for _ in range(count)]


def tune_spec(trial: optuna.Trial, spec: Spec, structure: Structure = "any") -> Spec:
    """The parts of `spec` with numbers from `trial`; optional numbers that are off stay off."""
    return make_spec(_walk(_Numbers(trial), structure, spec))


def trial_params(spec: Spec, structure: Structure = "any") -> TrialParams:
    """Parameters to enqueue so that `sample_spec` gives `spec`. Raises ValueError if none do."""
    if len(spec.phases) > 2:
        raise ValueError(f"one or two phases can be sampled, not {len(spec.phases)}")
    record = _Record()
    _walk(record, structure, spec)
    return record.params


def can_sample(spec: Spec, structure: Structure) -> bool:
    """Whether `sample_spec` can give `spec`: every part has an effect on models of `structure`."""
    return len(spec.phases) <= 2 and all(_acts_on(part, structure) for part in spec.parts())


def recipes_for(structure: Structure) -> dict[str, Spec]:
    """The recipes that can be sampled for models of `structure`, by name."""
    return {name: spec for name, spec in RECIPES.items() if can_sample(spec, structure)}


def _walk(source: "_Trial", structure: Structure, spec: Spec | None) -> SpecJson:
    """The decisions in their order, each made by `source`, which gets the value in `spec`."""

    def kinds(these: tuple[Kind, ...], prefix: str, known: Choices | None) -> SpecJson:
        chosen: SpecJson = {}
        for kind in these:
            chosen[kind.name] = _walk_kind(source, prefix, kind, chosen, structure, known)
        return chosen

    run = kinds(RUN_KINDS, "", spec.run if spec else None)
    known = spec.phases if spec else (None, None)
    phases = [kinds(PHASE_KINDS, "", known[0])]
    if source.gate("phases", SECOND_PHASE, len(known) > 1 if spec else None):
        second = known[1]
        value = second.start if second else None
        begin = source.number("2.from", START, START.low, START.high, value)
        phases.append({"from": begin, **kinds(PHASE_KINDS, "2.", second)})
    return {**run, "phases": phases}


def _walk_kind(
    source: "_Trial",
    prefix: str,
    kind: Kind,
    chosen: Mapping[str, Any],
    structure: Structure,
    known: Choices | None,
) -> SpecJson:
    """One part that the parts chosen before it allow, with its numbers."""
    choice = known[kind.name] if known else None
    acting = [p for p in kind.parts if p.name != kind.neutral and _acts_on(p, structure)]
    offered = [p.name for p in acting if _allowed(p, chosen)]
    part = kind.neutral
    used = choice.part != kind.neutral if choice else None
    if offered and source.gate(f"{prefix}{kind.name}.used", kind.chance, used):
        missing = [p.name for p in acting if p.name not in offered]
        # Optuna allows one set of choices for one name
        name = f"{prefix}{kind.name}" + (f" but {', '.join(missing)}" if missing else "")
        part = source.part(name, offered, choice.part if choice else None)
    made: SpecJson = {"part": part}
    for param in kind.params(part):
        low, high = param.low, param.high
        owner = "" if param in kind.shared else f".{part}"
        if param is PEAK:
            direction = str(chosen["direction"]["part"])
            low, high = get_kind("direction").part(direction).step_sizes
            owner = f".{direction}" if (low, high) != Part.step_sizes else ""
        name = f"{prefix}{kind.name}{owner}.{param.name}"
        value = choice[param.name] if choice else None
        present = value != 0 if choice else None
        absent = param.optional and not source.gate(f"{name}.used", OPTIONAL, present)
        made[param.name] = 0.0 if absent else source.number(name, param, low, high, value)
    return made


def _acts_on(part: Part, structure: Structure) -> bool:
    return "any" in (structure, part.structure) or part.structure == structure


def _allowed(part: Part, chosen: Mapping[str, Any]) -> bool:
    return all(chosen[kind]["part"] in parts for kind, parts in part.requires.items())


class _Trial:
    """Decisions by an Optuna trial. A gate is open if a number in [0, 1] is below its chance."""

    def __init__(self, trial: optuna.Trial) -> None:
        self.trial = trial

    def gate(self, name: str, chance: float, open: bool | None) -> bool:
        return self.trial.suggest_float(name, 0.0, 1.0) < chance

    def part(self, name: str, offered: list[str], chosen: str | None) -> str:
        return str(self.trial.suggest_categorical(name, offered))

    def number(self, name: str, param: Param, low: float, high: float, value: Any) -> float:
        if param.complement:
            first, last = round(1 - high, 12), round(1 - low, 12)
            drawn = 1 - self.trial.suggest_float(name, first, last, log=True)
            # at an end of the range the subtraction may round to a number outside
            return min(max(drawn, low), high)
        return self.trial.suggest_float(name, low, high, log=param.log)


class _Numbers(_Trial):
    """Numbers by an Optuna trial, all other decisions as in the known spec."""

    def gate(self, name: str, chance: float, open: bool | None) -> bool:
        return bool(open)

    def part(self, name: str, offered: list[str], chosen: str | None) -> str:
        return str(chosen)


class _Record(_Trial):
    """Decisions of a spec, recorded as the parameters of a trial."""

    def __init__(self) -> None:
        self.params: TrialParams = {}

    def gate(self, name: str, chance: float, open: bool | None) -> bool:
        self.params[name] = chance / 2 if open else (1 + chance) / 2
        return bool(open)

    def part(self, name: str, offered: list[str], chosen: str | None) -> str:
        if chosen not in offered:
            raise ValueError(f"{name}: {chosen} cannot be sampled; there are: {', '.join(offered)}")
        self.params[name] = chosen
        return chosen

    def number(self, name: str, param: Param, low: float, high: float, value: Any) -> float:
        if not low <= value <= high:
            raise ValueError(f"{name}: {value:g} is outside the sampled range, {low:g} to {high:g}")
        self.params[name] = 1 - value if param.complement else value
        return float(value)
