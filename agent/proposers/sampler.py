"""Proposals sampled by Optuna from the search space, published recipes first."""

import hashlib
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial

from agent.study.errors import UserError
from agent.study.ledger import SamplerName
from agent.study.proposal import Hypothesis, Proposal
from search_space.baselines import BASELINES
from search_space.part import Structure
from search_space.recipes import RECIPES
from search_space.render import render
from search_space.sample import can_sample, sample_spec, trial_params, tune_spec
from tracks.submission import Submission

DYNAMIC = "does not support dynamic value space"
"""What Optuna says when the choices of a study are no longer those that it began with."""


def enqueue_recipes(study: optuna.Study, structure: Structure) -> None:
    """Queue every recipe for models of `structure` that the study does not have yet."""
    for name, spec in RECIPES.items():
        if can_sample(spec, structure):
            params = trial_params(spec, structure)
            attributes = {"origin": "recipe", "label": name}
            study.enqueue_trial(params, user_attrs=attributes, skip_if_exists=True)


class RepeatableSampler(BaseSampler):
    """Optuna's sampler of this name, seeded anew for every trial and every parameter of it.

    What is drawn depends on the study's seed, the trial's number, the parameter and the results
    before it alone, so that a study that was killed, even between two parameters of a trial,
    draws on resuming what it would have drawn without the interruption.
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
        digest = hashlib.sha256(f"{self._seed}/{trial.number}/{parameter}".encode()).digest()
        seed = int.from_bytes(digest[:4], "big")
        return RandomSampler(seed=seed) if self._name == "random" else TPESampler(seed=seed)


def enqueue_baseline(study: optuna.Study, name: str, structure: Structure) -> None:
    """Queue a baseline as it is known, so that tuning can only improve on that."""
    params = trial_params(BASELINES[name], structure)
    attributes = {"origin": "tuned", "label": name}
    study.enqueue_trial(params, user_attrs=attributes, skip_if_exists=True)


def propose(
    trial: optuna.Trial, structure: Structure, max_steps: int, tuned: str | None = None
) -> Proposal:
    """Sample a spec, or take the one that was queued, and render it for runs of `max_steps`.

    With `tuned`, the name of a baseline, only its numbers are sampled.
    """
    if tuned:
        spec = tune_spec(trial, BASELINES[tuned], structure)
        return Proposal(Submission(render(spec, max_steps)), "tuned", tuned, spec)
    try:
        spec = sample_spec(trial, structure)
    except ValueError as error:
        if DYNAMIC not in str(error):
            raise
        raise UserError(
            f"study {trial.study.study_name} began when the search space had other parts: "
            "nothing can be sampled in it now; begin another, or go on with --proposer outside"
        ) from error
    origin = trial.user_attrs.get("origin", "sampled")
    label = trial.user_attrs.get("label", spec.label)
    return Proposal(Submission(render(spec, max_steps)), origin, label, spec, _hypothesis(trial))


def _hypothesis(trial: optuna.Trial) -> Hypothesis | None:
    given = trial.user_attrs.get("hypothesis")
    return Hypothesis.from_json(given) if given else None
