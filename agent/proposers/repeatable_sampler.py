"""Optuna's own samplers, made to draw the same again after an interruption."""

import hashlib
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial

from agent.study.samplers import SamplerName


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


def seed_of(seed: int, number: int, purpose: str) -> int:
    """Of one draw in a trial."""
    digest = hashlib.sha256(f"{seed}/{number}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
