"""Proposers of whole specs as a sampler of Optuna's: which of them makes a trial, and from what."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState

from agent.proposers.bandit import choose, payoffs
from agent.proposers.candidates import Candidates, Screen
from agent.proposers.prior import Prior
from agent.proposers.proposer import FAILED, RUNNING, Proposer, Seen, ranked
from agent.proposers.refinement import refinement
from agent.proposers.repeatable_sampler import RepeatableSampler, seed_of
from agent.study.records import Ending
from agent.study.remembered import remembered
from agent.study.samplers import FIRST_DRAWS, REFINED, turns
from agent.study.trial_table import OUTCOME, REFINES
from search_space.part import Structure
from search_space.sample import TrialParams, record, sample_spec
from search_space.spec import Spec

PROPOSED_BY = "proposed_by"
"""Attribute of a trial: which of several proposers made it."""
CANDIDATES = "screened"
"""Attribute of a trial: the specs that were screened for it, and their places."""


class SpecSampler(RepeatableSampler):
    """Proposers of specs as a sampler of Optuna's, with a seed of its own for every trial.

    The first trials are random, until enough are finished; then a proposer makes a whole spec, and
    Optuna is given its decisions as the parameters of the trial. Of several proposers a bandit
    chooses one for each trial, by how often the trials of each succeeded. With a screen several
    specs are proposed for each trial, and the best new one of them becomes it; where the screen is
    searched, the first trials and one of three of the others are chosen from all these candidates.
    With `refines` one of three, or of two, is a refinement of the best complete ones.
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
        self._turns = turns(searched=bool(screen and screen.searched))
        self._places: dict[int, tuple[float, float]] = {}
        """Of finished trials, by number."""
        self._proposed_by: dict[int, str] = {}
        """Of the same trials; empty where one proposer made all."""
        self._known: dict[int, Seen | None] = {}
        """Those that are remembered, by number."""
        self._params: TrialParams = {}

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        seen, screen = self._seen(study), self._screen
        first = len(seen) < FIRST_DRAWS
        if first and screen is None:
            self._params = {}
            return {}
        if screen:
            self._update_candidates(study, trial.number)
            if unmeasured := self._candidates.unmeasured():
                self._measured(study, trial, unmeasured, screen)
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
        """A refinement, which is noted at the trial; None where it is not the turn of one, and
        where what was moved has no effect at the screen."""
        if not self._refines or trial.number % self._turns:
            return None
        for _ in range(REFINED if self._screen else 1):
            spec = refinement(seen, self._structure, draw)
            if spec is None:
                return None
            measured = self._measured(study, trial, [spec], self._screen) if self._screen else []
            if not measured or self._candidates.new(measured):
                study._storage.set_trial_user_attr(trial._trial_id, REFINES, True)  # noqa: SLF001
                return spec
        return None

    def _proposed(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        seen: Sequence[Seen],
        draw: np.random.Generator,
    ) -> Spec:
        """Learned from `seen`, the best of several where there is a screen.

        In its turn, and where nothing is seen yet, a trial is a candidate of any trial instead:
        there are many more of them, each measured where a run costs little. That ends where many
        of them are equally good there.
        """
        name, screen, candidates = self._turn(trial.number), self._screen, self._candidates
        proposer = self._proposers[name]
        if screen is None:
            self._credit(study, trial, name)
            return proposer.propose(seen, self._structure, draw)[0]
        searches = screen.searched and (not seen or trial.number % self._turns == 1)
        if searches and not candidates.exhausted():
            measured = candidates.search(proposer, self._structure, draw, screen)
            self._keep(study, trial, measured)
            chosen = candidates.promising()
            if chosen:
                return chosen
        else:
            if seen:
                self._credit(study, trial, name)
            source = proposer if seen else Prior()
            specs = source.propose(seen, self._structure, draw, screen.count)
            measured = self._measured(study, trial, specs, screen)
        return ranked(candidates.new(measured) or measured)[0].spec

    def _measured(
        self, study: optuna.Study, trial: FrozenTrial, specs: Sequence[Spec], screen: Screen
    ) -> list[Seen]:
        """At the screen, and kept with the trial."""
        measured = screen.measured(specs)
        self._keep(study, trial, measured)
        return measured

    def _keep(self, study: optuna.Study, trial: FrozenTrial, measured: Sequence[Seen]) -> None:
        written = self._candidates.keep(trial.number, measured)
        study._storage.set_trial_system_attr(trial._trial_id, CANDIDATES, written)  # noqa: SLF001

    def _update_candidates(self, study: optuna.Study, number: int) -> None:
        """Those of other trials, and which trials before this one are remembered or still run."""
        self._candidates.begin(number)
        trials = study.get_trials(deepcopy=False)
        for other in trials:
            if other.number != number and CANDIDATES in other.system_attrs:
                ended = other.state.is_finished()
                self._candidates.add(other.number, other.system_attrs[CANDIDATES], ended=ended)
        tried = (
            self._known.get(one.number) if one.state.is_finished() else self._read(one)
            for one in trials
            if one.number < number
        )
        self._candidates.tried = [one for one in tried if one]

    def _turn(self, number: int) -> str:
        """The name of the proposer whose turn a trial is."""
        if len(self._proposers) == 1:
            (name,) = self._proposers
            return name
        results = [
            (self._proposed_by[number], None if stopped else value)
            for number, (stopped, value) in sorted(self._places.items())
        ]
        return choose(payoffs(results, self._proposers), {}, self._seed, number)

    def _credit(self, study: optuna.Study, trial: FrozenTrial, name: str) -> None:
        """Note which of several proposers made a trial alone."""
        if len(self._proposers) > 1:
            study._storage.set_trial_system_attr(trial._trial_id, PROPOSED_BY, name)  # noqa: SLF001

    def _seen(self, study: optuna.Study) -> list[Seen]:
        """The remembered trials that have a spec, each spec once."""
        trials = {trial.number: trial for trial in study.get_trials(deepcopy=False)}
        for number, trial in trials.items():
            if number not in self._places and trial.state.is_finished() and not _again(trial):
                self._places[number] = place(trial)
                self._proposed_by[number] = trial.system_attrs.get(PROPOSED_BY, "")
        # in order, although trials end in another
        numbers = remembered(sorted(self._places), self._places.__getitem__)
        before = self._known
        # no others, so that a resumed study has the same
        self._known = {
            number: before[number] if number in before else self._read(trials[number])
            for number in numbers
        }
        seen: dict[str, Seen] = {}
        for one in filter(None, self._known.values()):
            seen.setdefault(one.spec.identifier, one)
        return list(seen.values())

    def _read(self, trial: FrozenTrial) -> Seen | None:
        """None without a spec, and where it is from when the space had other parts."""
        fixed = optuna.trial.FixedTrial(trial.params)
        try:
            return Seen(sample_spec(fixed, self._structure), place(trial)) if trial.params else None
        except ValueError:
            return None


def _again(trial: FrozenTrial) -> bool:
    """Whether it proposed what the study had: that did not fail, though Optuna is told so."""
    return bool(trial.user_attrs.get(OUTCOME, {}).get("state") == Ending.DUPLICATE)


def place(trial: FrozenTrial) -> tuple[float, float]:
    """Of a trial among the others, as `Seen` has it."""
    if trial.state is TrialState.COMPLETE:
        return (0.0, float(trial.value or 0.0))
    if not trial.state.is_finished():
        return RUNNING
    # a trial that failed higher up has passed a rung, and is no better for it
    if trial.state is TrialState.PRUNED and trial.last_step is not None:
        return (1 / (1 + trial.last_step), trial.intermediate_values[trial.last_step])
    return FAILED
