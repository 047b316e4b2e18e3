"""Running submissions side by side on the same held-out instances."""

import math
from collections.abc import Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass
from functools import partial

from agent.study.executor import Executor
from agent.study.progress import View
from agent.study.records import Outcome
from agent.study.settings import Settings
from agent.verdict.comparison_keys import instance_texts
from agent.verdict.sequential import Analysis, Decision, analyse, plan
from tracks.base import Objective
from tracks.evaluation import DIVERGING, Evaluation
from tracks.instance import Instance, drawn_instance
from tracks.procedure import Procedure, search_procedure
from tracks.registry import get_track
from tracks.submission import Submission

Contender = tuple[str, Submission]
Task = tuple[str, Submission, Instance]
EvaluationPair = tuple[Evaluation, Evaluation]
"""The challenger's and the incumbent's."""


@dataclass(frozen=True)
class Bench:
    """Where a study compares: its settings, the executor and the view."""

    settings: Settings
    executor: Executor
    view: View

    @property
    def objective(self) -> Objective:
        return self.settings.objective

    @property
    def unit(self) -> str:
        """The unit of differences."""
        return "steps" if self.objective == "steps" else get_track(self.settings.track).metric.unit

    def held_out(
        self, key: str, submission: Submission, count: int, scale: str = "", against: str = ""
    ) -> list[Instance]:
        """Drawn from a comparison's key and the frozen submission, at the study's scale or `scale`.

        `against` is the digest of the opponent, empty where there is none. The first instances are
        the same for every `count`.
        """
        track, scale = self.settings.track, scale or self.settings.scale
        texts = instance_texts(key, submission.digest, against, track, scale, count)
        return [drawn_instance(track, text, scale) for text in texts]


def differences(
    better: Sequence[Evaluation], worse: Sequence[Evaluation], objective: Objective
) -> list[float]:
    """Advantage of each of `better`, in the unit of the objective; all must be complete."""
    return [
        b.comparable(objective) - a.comparable(objective)
        for a, b in zip(better, worse, strict=True)
    ]


def resolution(evaluations: Sequence[Evaluation], objective: Objective) -> float:
    """The grid on which these were measured, as a root mean square where it is not even."""
    squares = [evaluation.resolution(objective) ** 2 for evaluation in evaluations]
    return math.sqrt(sum(squares) / len(squares))


def failure(evaluation: Evaluation) -> str:
    return f"{evaluation.state}: {evaluation.reason}"


def counted(evaluation: Evaluation, objective: Objective) -> float | None:
    """The score; None where a run failed in a way that cannot be counted.

    A run that diverges has missed the target, which is censored at max_steps + 1 like every miss.
    A loss that is not a number cannot be compared.
    """
    if evaluation.complete:
        return evaluation.score(objective)
    instance = evaluation.instance
    if objective == "steps" and evaluation.state in DIVERGING:
        return get_track(instance.track).scales[instance.scale].max_steps + 1.0
    return None


def run_all(
    executor: Executor,
    view: View,
    tasks: Sequence[Task],
    objective: Objective,
    procedure: Procedure | None = None,
) -> list[Evaluation]:
    """Evaluate (name, submission, instance) tasks in parallel; results in the tasks' order."""
    procedure = procedure or search_procedure(get_track(tasks[0][2].track), objective)
    return run_each(executor, view, [(task, procedure) for task in tasks], objective)


def run_each(
    executor: Executor,
    view: View,
    runs: Sequence[tuple[Task, Procedure]],
    objective: Objective,
    device: str | None = None,
) -> list[Evaluation]:
    """The same for tasks with a procedure each, on the executor's device unless one is given."""
    futures: list[Future[Evaluation]] = []
    tasks_of: dict[Future[Evaluation], list[tuple[str, str]]] = {}
    for number, ((name, submission, instance), procedure) in enumerate(runs, 1):
        key = f"run {number}"
        size = procedure.last_step(get_track(instance.track).scales[instance.scale])
        advanced = partial(_advanced, view, key, name, size)
        futures.append(executor.submit(submission, instance, procedure, advanced, device))
        tasks_of.setdefault(futures[-1], []).append((key, name))
    for future in as_completed(tasks_of):
        evaluation = future.result()
        for key, name in tasks_of[future]:
            line = f"{name}: {Outcome.of(evaluation, objective)}"
            view.finished(key, line, failed=not evaluation.complete)
    return [future.result() for future in futures]


def _advanced(view: View, key: str, name: str, size: int, step: int) -> None:
    view.advanced(key, name, step / size)


def compare_sequentially(
    bench: Bench,
    contenders: tuple[Contender, Contender],
    key: str,
    level: float,
    title: str,
    *,
    min_effect: float = 0.0,
) -> tuple[list[Analysis], list[EvaluationPair]]:
    """Challenger and opponent on instances drawn from `key`, until an analysis decides at `level`
    or one of them fails.

    An opponent that diverges has missed the target; a challenger that does so has failed.
    """
    objective, most = bench.objective, bench.settings.seeds
    challenger, opponent = contenders
    instances = bench.held_out(key, challenger[1], most, against=opponent[1].digest)
    analyses: list[Analysis] = []
    pairs: list[EvaluationPair] = []
    for seeds, _ in plan(most):
        more = instances[len(pairs) : seeds]
        bench.view.phase(f"{title} on {seeds} held-out instances", 2 * len(more))
        tasks = [(*each, instance) for instance in more for each in contenders]
        outcomes = run_all(bench.executor, bench.view, tasks, objective)
        pairs += zip(outcomes[::2], outcomes[1::2], strict=True)
        if failed(pairs, objective):
            break
        effects = [_advantage(ours, theirs, objective) for ours, theirs in pairs]
        grid = resolution([e for pair in pairs for e in pair if e.complete], objective)
        analyses.append(analyse(effects, level, most, min_effect=min_effect, resolution=grid))
        if analyses[-1].decision != Decision.OPEN:
            break
    return analyses, pairs


def failed(pairs: Sequence[EvaluationPair], objective: Objective) -> tuple[int, Evaluation] | None:
    """The first run that no test can count: 0 for the challenger or 1 for the opponent, and it."""
    for pair in pairs:
        for who, evaluation in enumerate(pair):
            opponent_missed = who == 1 and counted(evaluation, objective) is not None
            if not (evaluation.complete or opponent_missed):
                return who, evaluation
    return None


def _advantage(ours: Evaluation, theirs: Evaluation, objective: Objective) -> float:
    if theirs.complete:
        return differences([ours], [theirs], objective)[0]
    missed = counted(theirs, objective)
    assert missed is not None, "pairs that cannot be counted end the comparison"
    return missed - ours.comparable(objective)
