"""Proposals sampled from the search space, after the queued ones."""

from agent.study.errors import UserError
from agent.study.proposal import Proposal
from agent.study.records import Origin, Queued
from agent.study.study import Study
from agent.study.trials import RunningTrial
from search_space.baselines import BASELINES
from search_space.part import Structure
from search_space.render import render
from search_space.sample import recipes_for, sample_spec, trial_params, tune_spec
from search_space.spec import make_spec
from tracks.submission import Submission

OTHER_SPACE = ("does not support dynamic value space", "different log configuration")
"""Optuna's messages when choices or ranges of a study differ in kind from those it began with."""


def enqueue_recipes(study: Study, structure: Structure) -> None:
    """Queue every recipe for models of `structure` that the study does not have."""
    for name, spec in recipes_for(structure).items():
        queued = Queued(origin=Origin.RECIPE, label=name)
        study.enqueue(trial_params(spec, structure), queued, once=True)


def enqueue_earlier(study: Study, structure: Structure) -> None:
    """Queue what the study takes over from earlier ones, as far as the space has it."""
    for earlier in study.settings.warm_start:
        queued = Queued(origin=Origin.EARLIER, label=earlier.label)
        try:
            params = trial_params(make_spec(earlier.spec), structure)
        except ValueError:
            continue
        study.enqueue(params, queued, once=True)


def enqueue_baseline(study: Study, name: str, structure: Structure) -> None:
    """Queue a baseline with its known numbers, so that tuning can only improve on them."""
    queued = Queued(origin=Origin.TUNED, label=name)
    study.enqueue(trial_params(BASELINES[name], structure), queued, once=True)


def propose(
    trial: RunningTrial, structure: Structure, max_steps: int, tuned: str | None = None
) -> Proposal:
    """Sample a spec, or take the queued one, and render it for runs of `max_steps`.

    With `tuned`, the name of a baseline, only its numbers are sampled.
    """
    if tuned:
        spec = tune_spec(trial.optuna, BASELINES[tuned], structure)
        return Proposal(Submission(render(spec, max_steps)), Origin.TUNED, tuned, spec)
    try:
        spec = sample_spec(trial.optuna, structure)
    except ValueError as error:
        if not any(message in str(error) for message in OTHER_SPACE):
            raise
        raise UserError(
            f"study {trial.study_name} began when the search space had other parts or ranges: "
            "nothing can be sampled in it now; begin another, or continue with --proposer external"
        ) from error
    queued = trial.record().queued or Queued(origin=Origin.SAMPLED, label=spec.label)
    rendered = Submission(render(spec, max_steps))
    return Proposal(rendered, queued.origin, queued.label, spec, queued.hypothesis)
