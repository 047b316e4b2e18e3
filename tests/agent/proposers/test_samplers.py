"""What samplers draw: the same again after an interruption at any moment."""

import hashlib
from functools import partial
from typing import Any, get_args

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState, create_trial

from agent.proposers import spec_sampler
from agent.proposers.proposer import FAILED
from agent.proposers.repeatable_sampler import RepeatableSampler
from agent.proposers.samplers import PROPOSERS, make_sampler
from agent.proposers.spec_sampler import PROPOSED_BY, SpecSampler, place
from agent.study.remembered import REMEMBERED, remembered
from agent.study.samplers import FIRST_DRAWS, SCREENING, SamplerName
from search_space.mutate import Drawn
from search_space.sample import record, sample_spec
from search_space.walk import walk

TRIALS = 16
"""Enough to have left the random start, which takes ten."""


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
    study = optuna.create_study(sampler=make_sampler(name, seed, "attention"))
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
    cut.sampler = make_sampler(name, 7, "attention")
    resumed = optuna.Trial(cut, trial._trial_id)  # noqa: SLF001
    sample_spec(resumed, "attention")
    assert values(cut.get_trials()[-1]) == values(whole.get_trials()[-1])


@pytest.mark.parametrize("name", ["forest", "parzen", "evolution", "bandit"])
def test_a_proposer_makes_the_rest_of_an_interrupted_trial(name: SamplerName) -> None:
    whole = study_of(name, TRIALS)
    cut = study_of(name, TRIALS - 1)
    trial = cut.ask()
    trial.suggest_float("averaging.used", 0.0, 1.0)
    cut.sampler = make_sampler(name, 7, "attention")
    resumed = optuna.Trial(cut, trial._trial_id)  # noqa: SLF001
    sample_spec(resumed, "attention")
    assert values(cut.get_trials()[-1]) == values(whole.get_trials()[-1])
    assert values(whole.get_trials()[-1]) != values(study_of("random", TRIALS).get_trials()[-1])


@pytest.mark.parametrize("name", ["forest", "parzen", "evolution"])
def test_the_first_trials_are_those_of_random_search(name: SamplerName) -> None:
    ours, random = study_of(name, 11).get_trials(), study_of("random", 11).get_trials()
    assert [values(trial) for trial in ours[:10]] == [values(trial) for trial in random[:10]]
    assert values(ours[10]) != values(random[10])


def test_the_bound_on_what_is_remembered_changes_nothing_at_200_trials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw = np.random.default_rng(0)
    specs = [walk(Drawn(draw), "attention") for _ in range(200)]
    decided = [record(spec, "attention") for spec in specs]

    def proposed(most: int) -> tuple[list[Any], int]:
        monkeypatch.setattr(spec_sampler, "remembered", partial(remembered, most=most))
        read: list[int] = []
        whole = SpecSampler._read  # noqa: SLF001
        monkeypatch.setattr(
            SpecSampler, "_read", lambda self, trial: read.append(1) or whole(self, trial)
        )
        study = optuna.create_study(sampler=make_sampler("forest", 7, "attention"))
        study.add_trials(
            create_trial(params=one.params, distributions=one.distributions, value=number * 7 % 199)
            for number, one in enumerate(decided)
        )
        trial = study.ask()
        sample_spec(trial, "attention")
        monkeypatch.undo()
        return values(study.get_trials()[-1]), len(read)

    unbounded, read = proposed(10**9)
    assert read == len(specs)
    assert proposed(REMEMBERED) == (unbounded, read)
    bounded, read = proposed(20)
    assert bounded != unbounded
    assert read == 20, "what is forgotten is not read either"


def test_the_bandit_gives_trials_to_the_proposer_that_pays() -> None:
    """With results that get better only where `parzen` proposed, it soon has most trials."""
    study = optuna.create_study(sampler=make_sampler("bandit", 7, "attention"))
    for number in range(60):
        trial = study.ask()
        sample_spec(trial, "attention")
        name = study.trials[-1].system_attrs.get(PROPOSED_BY)
        assert (name in PROPOSERS) == (number >= FIRST_DRAWS)
        study.tell(trial, -float(number) if name == "parzen" else 100.0 + number)
    names = [trial.system_attrs.get(PROPOSED_BY) for trial in study.trials]
    assert names[40:].count("parzen") > 12
    assert len(set(names[FIRST_DRAWS:])) == len(PROPOSERS)


def test_all_proposers_can_be_asked_for_and_screened() -> None:
    names = {*PROPOSERS, "bandit"}
    assert names == set(SCREENING) == {*get_args(SamplerName)} - {"tpe", "random"}


def test_trials_of_another_space_teach_nothing() -> None:
    study = study_of("parzen", 10)
    other = {"direction.gone": FloatDistribution(0, 1)}
    study.add_trial(create_trial(params={"direction.gone": 0.5}, distributions=other, value=-1.0))
    trial = study.ask()
    assert sample_spec(trial, "attention")


def test_places_are_ordered_as_trials_end() -> None:
    ended = [
        create_trial(value=3.0),
        create_trial(value=4.0),
        create_trial(state=TrialState.PRUNED, intermediate_values={0: 9.0, 1: 8.0}),
        create_trial(state=TrialState.PRUNED, intermediate_values={0: 1.0}),
        create_trial(state=TrialState.PRUNED, intermediate_values={0: 2.0}),
        create_trial(state=TrialState.FAIL),
        create_trial(state=TrialState.FAIL, intermediate_values={0: 0.5}),
    ]
    places = [place(trial) for trial in ended]
    assert places == sorted(places)
    assert {place(trial) for trial in [*ended[-2:], create_trial(state=TrialState.PRUNED)]} == {
        FAILED
    }


def test_trials_and_seeds_differ() -> None:
    study = study_of("random", 3)
    other = study_of("random", 1, seed=8)
    drawn = [values(trial) for trial in (*study.get_trials(), *other.get_trials())]
    assert all(a != b for i, a in enumerate(drawn) for b in drawn[:i])
    first = dict(drawn[0])
    numbers = [value for value in first.values() if isinstance(value, float)]
    assert len(set(numbers)) == len(numbers), "parameters of one trial share their draws"
