"""Screening: which candidate becomes the trial, and that a resumed study screens the same."""

from collections.abc import Sequence
from concurrent.futures import Future

import optuna
import pytest

from agent.proposers.samplers import FIRST_DRAWS, make_sampler
from agent.search.screening import Screening
from agent.study.bounds import Bounds
from agent.study.executor import Executor
from agent.study.task import Task
from search_space.sample import random_specs, sample_spec
from search_space.spec import Spec
from tracks.evaluation import Evaluation, State
from tracks.registry import get_track

MQAR = get_track("mqar")


class Told(Executor):
    """Ends evaluations with these accuracies in order; None is a failed one."""

    jobs, gpu_s = 1, 0.0

    def __init__(self, *accuracies: float | None) -> None:
        super().__init__("cpu", None, Bounds())
        self.accuracies, self.tasks = list(accuracies), list[Task]()

    def _begin(self, key: str, task: Task) -> Future[Evaluation]:
        self.tasks.append(task)
        found = self.accuracies.pop(0)
        state = State.NONFINITE if found is None else State.COMPLETE
        curve = () if found is None else ((80, found),)
        ended: Future[Evaluation] = Future()
        ended.set_result(
            Evaluation(
                task.instance, state, task.procedure, curve=curve, max_steps=80, duration_s=2.0
            )
        )
        return ended

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("accuracies", "chosen"),
    [((0.2, 0.9, 0.5), 1), ((None, 0.1, None), 1), ((0.5, 0.5, 0.4), 0), ((None, None, None), 0)],
)
def test_the_best_at_the_small_scale_is_chosen(
    accuracies: Sequence[float | None], chosen: int
) -> None:
    specs, executor = random_specs(3, 0, "tables"), Told(*accuracies)
    screening = Screening(executor, MQAR, "final", 7, 3)
    assert screening.best(specs) is specs[chosen]
    instances = {task.instance for task in executor.tasks}
    assert [(one.scale, one.official) for one in instances] == [("tiny", False)]
    assert screening.spent_s == 6.0


class Counting:
    """Chooses the last of the candidates, and keeps how many there were."""

    count = 4

    def __init__(self) -> None:
        self.asked: list[int] = []

    def best(self, specs: Sequence[Spec]) -> Spec:
        self.asked.append(len({spec.identifier for spec in specs}))
        return specs[-1]


@pytest.mark.parametrize("name", ["forest", "parzen", "evolution", "bandit"])
def test_every_sampled_trial_is_screened(name: str) -> None:
    screen = Counting()
    study = optuna.create_study(sampler=make_sampler(name, 3, "tables", screen))  # type: ignore[arg-type]
    for number in range(FIRST_DRAWS + 2):
        trial = study.ask()
        assert sample_spec(trial, "tables")
        study.tell(trial, float(number))
    assert screen.asked[:FIRST_DRAWS] == [4] * FIRST_DRAWS
    assert min(screen.asked) > 1
    assert len(screen.asked) == FIRST_DRAWS + 2
