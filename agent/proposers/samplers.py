"""Samplers for Optuna that draw the same again: its own, and proposers of whole specs."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from agent.proposers.bandit import choose, payoffs
from agent.proposers.candidates import Candidates, Screen
from agent.proposers.evolution import Evolution
from agent.proposers.forest import Forest
from agent.proposers.parzen import Parzen
from agent.proposers.prior import Prior
from agent.proposers.proposer import FAILED, Proposer, Seen, ranked
from agent.proposers.refinement import refinement
from agent.study.remembered import remembered
from agent.study.samplers import TURNS, SamplerName
from agent.study.trial_table import REFINES
from search_space.part import Structure
from search_space.sample import TrialParams, record, sample_spec
from search_space.spec import Spec

PROPOSERS: dict[str, Proposer] = {
    "forest": Forest(),
    "parzen": Parzen(),
    "evolution": Evolution(),
}
PROPOSED_BY = "proposed_by"
"""Attribute of a trial: which of several proposers made it."""
CANDIDATES = "screened"
"""Attribute of a trial: the specs that were screened for it, and their places."""
ROUNDS = 3
"""Of candidates for a trial that learns from candidates, each round from those before it."""
FIRST_DRAWS = 10
"""Trials that are drawn at random before any is modelled; Optuna's TPE has as many."""


def make_sampler(
    name: SamplerName,
    seed: int,
    structure: Structure,
    screen: Screen | None = None,
    *,
    refines: bool = False,
) -> BaseSampler:
    """The sampler of this name for a study's proposals; `screen` and `refines`, whether some
    trials only move the numbers of the best, are for proposers of whole specs."""
    if name == "bandit":
        return SpecSampler(PROPOSERS, seed, structure, screen, refines=refines)
    if name in PROPOSERS:
        return SpecSampler({name: PROPOSERS[name]}, seed, structure, screen, refines=refines)
    return RepeatableSampler(name, seed)


class RepeatableSampler(BaseSampler):
    """Optuna's sampler of this name, with a seed of its own for every trial and parameter.

    A draw depends only on the study's seed, the trial's number, the parameter and the results
    before it, so that a killed study, when resumed, draws what it would have drawn.
    """

    def __init__(self, name: SamplerName, seed: int) -> None:
        self._name, self._seed = name, seed

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return self._seeded(trial).infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return self._seeded(trial).sample_relative(study, trial, search_space)

    def sample_independent(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        sampler = self._seeded(trial, param_name)
        return sampler.sample_independent(study, trial, param_name, param_distribution)

    def _seeded(self, trial: FrozenTrial, parameter: str = "") -> BaseSampler:
        seed = seed_of(self._seed, trial.number, parameter)
        return RandomSampler(seed=seed) if self._name == "random" else TPESampler(seed=seed)


class SpecSampler(RepeatableSampler):
    """Proposers of specs as a sampler of Optuna's, with a seed of its own for every trial.

    The first trials are random, until enough are finished; then a proposer makes a whole spec, and
    Optuna is given its decisions as the parameters of the trial. Of several proposers a bandit
    chooses one for each trial, by how often the trials of each succeeded. With a screen several
    specs are proposed for each trial, also for the first ones, and the best of them becomes it; one
    trial of three learns from these candidates and not from trials. With `refines` one of three is
    a refinement of the best complete ones.
    """

    def __init__(
        self,
        proposers: Mapping[str, Proposer],
        seed: int,
        structure: Structure,
        screen: Screen | None = None,
        *,
        refines: bool = False,
    ) -> None:
        super().__init__("random", seed)
        self._refines, self._candidates = refines, Candidates()
        self._proposers, self._structure, self._screen = proposers, structure, screen
        self._places: dict[int, tuple[float, float]] = {}
        """Of finished trials, by number."""
        self._proposed_by: dict[int, str] = {}
        """Of the same trials; empty where one proposer made all."""
        self._known: dict[int, Seen | None] = {}
        """Those that were remembered at some time, by number."""
        self._params: TrialParams = {}

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        seen, screen = self._seen(study), self._screen
        first = len(seen) < FIRST_DRAWS
        if first and screen is None:
            self._params = {}
            return {}
        draw = np.random.default_rng(seed_of(self._seed, trial.number, "spec"))
        spec = None if first else self._refined(study, trial, seen, draw)
        if spec is None:
            spec = self._proposed(study, trial, [] if first else seen, draw)
        decisions = record(spec, self._structure)
        self._params = decisions.params
        return decisions.distributions

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return self._params

    def _refined(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        seen: Sequence[Seen],
        draw: np.random.Generator,
    ) -> Spec | None:
        """A refinement, which is noted at the trial; None where it is not the turn of one."""
        if not self._refines or trial.number % TURNS:
            return None
        spec = refinement(seen, self._structure, draw)
        if spec is not None:
            study._storage.set_trial_user_attr(trial._trial_id, REFINES, True)  # noqa: SLF001
        return spec

    def _proposed(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        seen: Sequence[Seen],
        draw: np.random.Generator,
    ) -> Spec:
        """Learned from `seen`, or drawn where that is empty; screened, if there is a screen.

        In its turn the proposer learns from the candidates of all trials instead: there are many
        more of them, each measured where a run costs little.
        """
        proposer = self._turn(study, trial) if seen else Prior()
        screen = self._screen
        if screen is None:
            return proposer.propose(seen, self._structure, draw)[0]
        learns = bool(seen) and trial.number % TURNS == 1
        known = self._candidates_of_others(study, trial) if learns else []
        measured: list[Seen] = []
        for _ in range(ROUNDS if learns else 1):
            learned_from = [*known, *measured] if learns else seen
            specs = proposer.propose(learned_from, self._structure, draw, screen.count)
            measured += screen.measured(specs)
        written = self._candidates.keep(trial.number, measured)
        study._storage.set_trial_system_attr(trial._trial_id, CANDIDATES, written)  # noqa: SLF001
        return ranked(measured)[0].spec

    def _candidates_of_others(self, study: optuna.Study, trial: FrozenTrial) -> list[Seen]:
        for other in study.get_trials(deepcopy=False):
            if CANDIDATES in other.system_attrs:
                self._candidates.read(other.number, other.system_attrs[CANDIDATES])
        return self._candidates.all_but(trial.number)

    def _turn(self, study: optuna.Study, trial: FrozenTrial) -> Proposer:
        """The proposer of a trial, which is noted there where it is one of several."""
        if len(self._proposers) == 1:
            (proposer,) = self._proposers.values()
            return proposer
        results = [
            (self._proposed_by[number], None if stopped else value)
            for number, (stopped, value) in sorted(self._places.items())
        ]
        name = choose(payoffs(results, self._proposers), {}, self._seed, trial.number)
        study._storage.set_trial_system_attr(trial._trial_id, PROPOSED_BY, name)  # noqa: SLF001
        return self._proposers[name]

    def _seen(self, study: optuna.Study) -> list[Seen]:
        """The remembered trials that have a spec, each spec once."""
        trials = {trial.number: trial for trial in study.get_trials(deepcopy=False)}
        for number, trial in trials.items():
            if number not in self._places and trial.state.is_finished():
                self._places[number] = place(trial)
                self._proposed_by[number] = trial.system_attrs.get(PROPOSED_BY, "")
        seen: dict[str, Seen] = {}
        # in order, although trials end in another
        for number in remembered(sorted(self._places), self._places.__getitem__):
            if number not in self._known:
                self._known[number] = self._read(trials[number])
            if one := self._known[number]:
                seen.setdefault(one.spec.identifier, one)
        return list(seen.values())

    def _read(self, trial: FrozenTrial) -> Seen | None:
        """None without a spec, and where it is from when the space had other parts."""
        fixed = optuna.trial.FixedTrial(trial.params)
        try:
            return Seen(sample_spec(fixed, self._structure), place(trial)) if trial.params else None
        except ValueError:
            return None


def place(trial: FrozenTrial) -> tuple[float, float]:
    """Of a finished trial among the others, as `Seen` has it."""
    if trial.state is TrialState.COMPLETE:
        return (0.0, float(trial.value or 0.0))
    if trial.last_step is not None:
        return (1 / (1 + trial.last_step), trial.intermediate_values[trial.last_step])
    return FAILED


def seed_of(seed: int, number: int, purpose: str) -> int:
    """Of one draw in a trial."""
    digest = hashlib.sha256(f"{seed}/{number}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
