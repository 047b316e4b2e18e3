"""Leave-one-out ablation: what the winner loses when one of its parts is set to neutral."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from agent.comparison import differences, fresh_instances, resolution, run_all, unit
from agent.executor import Executor
from agent.ledger import Settings
from agent.progress import View
from agent.statistics import paired_t_test
from search_space.ablate import leave_one_out
from search_space.render import render
from search_space.spec import Spec
from tracks.base import Objective
from tracks.evaluation import Evaluation
from tracks.registry import get_track
from tracks.submission import Submission

SEEDS = 3
"""Fresh instances of an ablation."""


def ablate(settings: Settings, executor: Executor, view: View, spec: Spec) -> dict[str, Any]:
    """Run the winner and each variant on the confirmation instances and compare them in pairs.

    A row's `delta` is variant minus winner in the verdict's unit, so a part that helps has a
    positive one; `interval` is its 95% t-interval over the instances. Where a variant failed on an
    instance there is no number, but the reason.
    """
    track = get_track(settings.track)
    max_steps = track.scales[settings.scale].max_steps
    winner = Submission(render(spec, max_steps))
    instances = fresh_instances(settings, winner, SEEDS)
    variants = leave_one_out(spec)
    view.phase("ablating", (1 + len(variants)) * len(instances))
    candidates = [("winner", winner)]
    for variant in variants:
        label = f"without {variant.name}"
        candidates.append((label, Submission(render(variant.spec, max_steps))))
    # instance by instance, so that each instance's data is built once
    tasks = [(*candidate, instance) for instance in instances for candidate in candidates]
    outcomes = run_all(executor, view, tasks, settings.objective)
    base, *others = (outcomes[index :: len(candidates)] for index in range(len(candidates)))
    rows = []
    for variant, outcome in zip(variants, others, strict=True):
        row = _row(base, outcome, settings.objective)
        replaced = " and without ".join([variant.replaced_by, *variant.also])
        rows.append({"kind": variant.name, "part": variant.part, "replaced_by": replaced, **row})
    return {
        "unit": unit(settings.objective, settings.track),
        "instances": [instance.drawn_from for instance in instances],
        "winner": [evaluation.score(settings.objective) for evaluation in base],
        "rows": rows,
    }


def _row(
    base: Sequence[Evaluation], variant: Sequence[Evaluation], objective: Objective
) -> dict[str, Any]:
    failures = [f"{v.state}: {v.reason}" for v in variant if not v.complete]
    if failures:
        return {"delta": None, "interval": None, "test": None, "failed": failures[0]}
    grid = resolution(objective, base[0].procedure)
    test = paired_t_test(differences(base, variant, objective), resolution=grid)
    return {"delta": test.mean, "interval": test.interval, "test": asdict(test), "failed": None}
