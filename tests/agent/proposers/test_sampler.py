"""Proposals that Optuna samples: the same again after an interruption at any moment."""

import hashlib
from typing import Any

import optuna
import pytest

from agent.proposers.sampler import RepeatableSampler
from agent.study.settings import SamplerName
from search_space.sample import sample_spec

TRIALS = 16
"""Enough for TPE to have left its random start, which takes ten."""


class Interrupted(Exception):
    pass


class StopsAfter(RepeatableSampler):
    """Is killed, as it were, when it is asked for one parameter more than `draws`."""

    def __init__(self, name: SamplerName, seed: int, draws: int) -> None:
        super().__init__(name, seed)
        self.draws = draws

    def sample_independent(self, *args: Any) -> Any:
        if self.draws == 0:
            raise Interrupted
        self.draws -= 1
        return super().sample_independent(*args)


def values(trial: optuna.trial.FrozenTrial) -> list[Any]:
    return sorted(trial.params.items())


def made_up_result(trial: optuna.Trial) -> float:
    return hashlib.sha256(repr(sorted(trial.params.items())).encode()).digest()[0] / 255


def study_of(name: SamplerName, trials: int, seed: int = 7) -> optuna.Study:
    study = optuna.create_study(sampler=RepeatableSampler(name, seed))
    for _ in range(trials):
        trial = study.ask()
        sample_spec(trial, "attention")
        study.tell(trial, made_up_result(trial))
    return study


@pytest.mark.parametrize("name", ["tpe", "random"])
@pytest.mark.parametrize("draws", [0, 1, 4, 9])
def test_a_trial_interrupted_between_parameters_draws_the_rest_of_them(
    name: SamplerName, draws: int
) -> None:
    whole = study_of(name, TRIALS)
    cut = study_of(name, TRIALS - 1)
    cut.sampler = StopsAfter(name, 7, draws)
    trial = cut.ask()
    with pytest.raises(Interrupted):
        sample_spec(trial, "attention")
    cut.sampler = RepeatableSampler(name, 7)
    resumed = optuna.Trial(cut, trial._trial_id)  # noqa: SLF001
    sample_spec(resumed, "attention")
    assert values(cut.get_trials()[-1]) == values(whole.get_trials()[-1])


def test_trials_and_seeds_differ() -> None:
    study = study_of("random", 3)
    other = study_of("random", 1, seed=8)
    drawn = [values(trial) for trial in (*study.get_trials(), *other.get_trials())]
    assert all(a != b for i, a in enumerate(drawn) for b in drawn[:i])
    first = dict(drawn[0])
    numbers = [value for value in first.values() if isinstance(value, float)]
    assert len(set(numbers)) == len(numbers), "parameters of one trial share their draws"
