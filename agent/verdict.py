"""The verdict: challenger against incumbent on instances that neither has seen."""

from collections.abc import Sequence
from concurrent.futures import Future, as_completed
from dataclasses import asdict
from typing import Any

from agent.executor import Executor
from agent.ledger import Settings
from agent.outcome import describe, outcome
from agent.progress import View
from agent.statistics import PairedTest, paired_t_test
from tracks.base import Objective
from tracks.evaluation import Evaluation
from tracks.instance import Instance, fresh_instance, official_instance
from tracks.procedure import Procedure, official_procedure, search_procedure
from tracks.registry import get_track
from tracks.submission import Submission

ALPHA = 0.01
MEMORISED_LOG10 = 1.0
"""An official loss ten times below the fresh ones did not come from optimizing well."""
MEMORISED_STEPS = 0.1
"""Nor did steps to target that are better by a tenth of the run."""


def confirmation_instances(settings: Settings, challenger: Submission) -> list[Instance]:
    """Drawn from the study's secret and the frozen challenger: they exist only from then on."""
    return [
        fresh_instance(
            settings.track, f"{settings.secret}/{challenger.digest[:16]}/{index}", settings.scale
        )
        for index in range(settings.seeds)
    ]


def unit(objective: Objective, track: str) -> str:
    if objective == "steps":
        return "steps"
    return "log10 MSE" if get_track(track).metric.name == "mse" else "log10 error rate"


def confirm(
    settings: Settings,
    executor: Executor,
    view: View,
    challenger: tuple[str, Submission],
    incumbent: tuple[str, Submission],
) -> dict[str, Any]:
    """Run both on every confirmation instance, test, and say accepted or refused and why."""
    objective = settings.objective
    record: dict[str, Any] = {
        "accepted": False,
        "challenger": challenger[0],
        "challenger_digest": challenger[1].digest,
        "incumbent": incumbent[0],
        "incumbent_digest": incumbent[1].digest,
        "objective": objective,
        "unit": unit(objective, settings.track),
        "alpha": ALPHA,
        "pairs": [],
        "test": None,
        "memorised": False,
    }
    if challenger[1].digest == incumbent[1].digest:
        return record | {"reason": "the best trial is the incumbent itself"}
    official = official_instance(settings.track, settings.scale)
    view.phase("comparing with the incumbent on the official instance", 2)
    both = (challenger, incumbent)
    procedure = official_procedure(get_track(settings.track), objective)
    tasks = [(*each, official) for each in both]
    ours, theirs = run_all(executor, view, tasks, objective, procedure)
    if not theirs.complete:
        reason = f"the incumbent failed on the official instance: {theirs.reason}"
        return record | {"reason": reason}
    record["official"] = {
        "challenger": ours.score(objective),
        "incumbent": theirs.score(objective),
    }
    if ours.comparable(objective) >= theirs.comparable(objective):
        reason = f"no trial beat the incumbent {incumbent[0]} on the official instance"
        return record | {"reason": reason}
    instances = confirmation_instances(settings, challenger[1])
    view.phase("confirming on fresh instances", 2 * len(instances))
    tasks = [(*each, instance) for instance in instances for each in both]
    outcomes = run_all(executor, view, tasks, objective)
    pairs = list(zip(outcomes[::2], outcomes[1::2], strict=True))
    record["pairs"] = [_pair(a, b, objective) for a, b in pairs]
    for name, evaluation in zip((challenger[0], incumbent[0]) * len(pairs), outcomes, strict=True):
        if not evaluation.complete:
            reason = f"{name} failed on a fresh instance: {evaluation.state}: {evaluation.reason}"
            return record | {"reason": reason}
    test = compare(outcomes[::2], outcomes[1::2], objective)
    record |= {"test": asdict(test), "accepted": test.p < ALPHA}
    record["memorised"] = _memorised(settings, ours, [a for a, _ in pairs])
    return record | {"reason": _reason(record, test)}


def compare(
    better: Sequence[Evaluation], worse: Sequence[Evaluation], objective: Objective
) -> PairedTest:
    """Test whether `better` is so, pair by pair on equal instances; all must be complete."""
    differences = [
        b.comparable(objective) - a.comparable(objective)
        for a, b in zip(better, worse, strict=True)
    ]
    resolution = better[0].procedure.eval_every if objective == "steps" else 0.0
    return paired_t_test(differences, resolution=resolution)


def run_all(
    executor: Executor,
    view: View,
    tasks: Sequence[tuple[str, Submission, Instance]],
    objective: Objective,
    procedure: Procedure | None = None,
) -> list[Evaluation]:
    """Evaluate (name, submission, instance) tasks in parallel; results in the tasks' order."""
    procedure = procedure or search_procedure(get_track(tasks[0][2].track), objective)
    futures: list[Future[Evaluation]] = []
    tasks_of: dict[Future[Evaluation], list[tuple[str, str]]] = {}
    for number, (name, submission, instance) in enumerate(tasks, 1):
        key = f"run {number}"
        size = get_track(instance.track).scales[instance.scale].max_steps

        def advanced(step: int, key: str = key, name: str = name, size: int = size) -> None:
            view.advanced(key, name, step / size)

        futures.append(executor.submit(submission, instance, procedure, advanced))
        tasks_of.setdefault(futures[-1], []).append((key, name))
    for future in as_completed(tasks_of):
        evaluation = future.result()
        for key, name in tasks_of[future]:
            line = f"{name}: {describe(outcome(evaluation, objective))}"
            view.finished(key, line, failed=not evaluation.complete)
    return [future.result() for future in futures]


def _pair(ours: Evaluation, theirs: Evaluation, objective: Objective) -> dict[str, Any]:
    def value(evaluation: Evaluation) -> float | None:
        return evaluation.score(objective) if evaluation.complete else None

    instance = ours.instance
    return {
        "drawn_from": instance.drawn_from,
        "seeds": asdict(instance.seeds),
        "challenger": value(ours),
        "incumbent": value(theirs),
    }


def _memorised(settings: Settings, official: Evaluation, fresh: Sequence[Evaluation]) -> bool:
    objective = settings.objective
    mean = sum(evaluation.comparable(objective) for evaluation in fresh) / len(fresh)
    gap = mean - official.comparable(objective)
    steps = objective == "steps"
    return gap > (MEMORISED_STEPS * official.max_steps if steps else MEMORISED_LOG10)


def _reason(record: dict[str, Any], test: PairedTest) -> str:
    unit_name, incumbent = record["unit"], record["incumbent"]
    effect = f"{abs(test.mean):.3g} {unit_name}"
    if record["accepted"]:
        return f"better than {incumbent} by {effect} on fresh instances (p = {test.p:.2g})"
    if test.mean <= 0:
        reason = f"on fresh instances it is worse than {incumbent} by {effect}"
    else:
        reason = (
            f"better than {incumbent} by {effect} on fresh instances, but p = {test.p:.2g} "
            f"is not below {record['alpha']}"
        )
    if record["memorised"]:
        reason += (
            "; its official result does not carry over to fresh instances: "
            "it was fitted to the public seeds, or memorised from them"
        )
    return reason
