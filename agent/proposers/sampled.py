"""Proposals sampled by Optuna from the search space, published recipes first."""

import hashlib

import optuna

from agent.ledger import SamplerName
from agent.proposal import Proposal
from search_space.part import Structure
from search_space.recipes import RECIPES
from search_space.render import render
from search_space.sample import can_sample, sample_spec, trial_params
from tracks.submission import Submission


def enqueue_recipes(study: optuna.Study, structure: Structure) -> None:
    """Queue every recipe for models of `structure` that the study does not have yet."""
    for name, spec in RECIPES.items():
        if can_sample(spec, structure):
            params = trial_params(spec, structure)
            attributes = {"origin": "recipe", "label": name}
            study.enqueue_trial(params, user_attrs=attributes, skip_if_exists=True)


def sampler(name: SamplerName, seed: int, number: int) -> optuna.samplers.BaseSampler:
    """The sampler of trial `number`.

    A function of the study's seed and the number alone, so that a resumed study draws what an
    uninterrupted one would have drawn from the same results.
    """
    digest = hashlib.sha256(f"{seed}/{number}".encode()).digest()
    drawn = int.from_bytes(digest[:4], "big")
    if name == "random":
        return optuna.samplers.RandomSampler(seed=drawn)
    return optuna.samplers.TPESampler(seed=drawn)


def propose(trial: optuna.Trial, structure: Structure, max_steps: int) -> Proposal:
    """Sample a spec, or take the one that was queued, and render it for runs of `max_steps`."""
    spec = sample_spec(trial, structure)
    origin = trial.user_attrs.get("origin", "sampled")
    label = trial.user_attrs.get("label", spec.label)
    return Proposal(Submission(render(spec, max_steps)), origin, label, spec)
