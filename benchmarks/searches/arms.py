"""The searches that are compared: each proposes the next spec and learns its result.

All draw from one space with one prior; a failed trial is told as the search loop tells it. For the
same seed all but SMAC3, ours and those that screen begin with the same random trials.
"""

import warnings
from collections.abc import Callable

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import Trial, TrialState

from agent.proposers.prior import Prior
from agent.proposers.repeatable_sampler import RepeatableSampler, seed_of
from agent.proposers.samplers import make_sampler
from agent.proposers.spec_sampler import SpecSampler
from agent.search.screening import Screening
from agent.study.samplers import DEFAULT, SamplerName
from search_space.part import Structure
from search_space.sample import sample_spec
from search_space.spec import Spec
from searches.arm import Arm
from searches.outcome import Outcome


class OptunaArm(Arm):
    """A sampler of Optuna's, or one written like it, in a study in memory."""

    def __init__(self, sampler: BaseSampler, structure: Structure) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._study = optuna.create_study(sampler=sampler)
        self._structure = structure
        self._trial: Trial | None = None

    def propose(self) -> Spec:
        self._trial = self._study.ask()
        return sample_spec(self._trial, self._structure)

    def learn(self, outcome: Outcome) -> None:
        assert self._trial is not None
        if outcome.value is not None:
            self._study.tell(self._trial, outcome.value)
        elif outcome.ranked_last:
            self._study.tell(self._trial, state=TrialState.PRUNED)
        else:
            self._study.tell(self._trial, state=TrialState.FAIL)


class GroupSampler(RepeatableSampler):
    """Optuna's TPE that models the parameters of each group of conditions jointly."""

    def __init__(self, seed: int) -> None:
        super().__init__("tpe", seed)
        self._grouping: tuple[int, BaseSampler] | None = None

    def _seeded(self, trial: optuna.trial.FrozenTrial, parameter: str = "") -> BaseSampler:
        """One sampler for the joint draws of a trial: it keeps the groups between two calls."""
        if not parameter and self._grouping and self._grouping[0] == trial.number:
            return self._grouping[1]
        with warnings.catch_warnings():
            # groups are an experiment of Optuna's
            warnings.simplefilter("ignore", ExperimentalWarning)
            seed = seed_of(self._seed, trial.number, parameter)
            sampler = TPESampler(seed=seed, multivariate=True, group=True)
        if not parameter:
            self._grouping = (trial.number, sampler)
        return sampler


def smac(seed: int, structure: Structure, trials: int) -> Arm:
    from searches.smac_arm import SmacArm

    return SmacArm(seed, structure, trials)


def screened(name: SamplerName, seed: int, structure: Structure, screen: Screening) -> Arm:
    """Each trial is the best of several; none is chosen from the candidates of others."""
    screen.searched = False
    return OptunaArm(make_sampler(name, seed, structure, screen), structure)


def ours(seed: int, structure: Structure, screen: Screening) -> Arm:
    """That of `autoresearch run --no-recipes`, but without a ladder."""
    screen.searched = True
    sampler = make_sampler(DEFAULT, seed, structure, screen, refines=True)
    return OptunaArm(sampler, structure)


Make = Callable[[int, Structure, int, Screening], Arm]
"""From the seed, the structure of the track's model, the number of trials, and what screens."""
ARMS: dict[str, Make] = {
    "random": lambda seed, on, *_: OptunaArm(RepeatableSampler("random", seed), on),
    "tpe": lambda seed, on, *_: OptunaArm(RepeatableSampler("tpe", seed), on),
    "group": lambda seed, on, *_: OptunaArm(GroupSampler(seed), on),
    "smac": lambda seed, on, trials, _: smac(seed, on, trials),
    "forest": lambda seed, on, *_: OptunaArm(make_sampler("forest", seed, on), on),
    "evolution": lambda seed, on, *_: OptunaArm(make_sampler("evolution", seed, on), on),
    "parzen": lambda seed, on, *_: OptunaArm(make_sampler("parzen", seed, on), on),
    "ours": lambda seed, on, _, screen: ours(seed, on, screen),
    "screened": lambda seed, on, _, screen: screened("forest", seed, on, screen),
    "screened-bandit": lambda seed, on, _, screen: screened("bandit", seed, on, screen),
    "screened-random": lambda seed, on, _, screen: OptunaArm(
        SpecSampler({"": Prior()}, seed, on, screen), on
    ),
}
