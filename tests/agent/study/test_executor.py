"""Who is to blame when the evaluation processes fail: a submission, or the machine."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.search.loop import search
from agent.study.errors import MachineError
from agent.study.executor import Executor
from agent.study.known_good import cause
from agent.study.launchers import Launchers
from agent.study.ledger import Ledger
from agent.study.local_executor import LocalExecutor
from helpers import Call
from helpers.sources import GRADIENT_DESCENT
from helpers.studies import SETTINGS, finish
from helpers.views import Recorder
from tracks.evaluation import Evaluation, State
from tracks.instance import Instance, official_instance
from tracks.isolation.errors import DataError, EvaluationInterrupted, HarnessError
from tracks.isolation.evaluate import KILLED, evaluate
from tracks.isolation.launcher import Launcher
from tracks.procedure import Procedure
from tracks.submission import Submission

MINE = Submission("mine")
INSTANCE = official_instance("mqar", "small")
GONE = HarnessError("the zygote process is gone:\n  File x\nOSError: no memory")


class NoLauncher:
    """Stands for a launcher where nothing is evaluated."""

    broken = False

    def __init__(self, device: str = "cpu") -> None: ...

    @property
    def workers(self) -> "NoLauncher":
        return self

    def release(self) -> None: ...

    def close(self) -> None: ...


Evaluate = Callable[..., Evaluation]


@pytest.fixture
def executor(monkeypatch: pytest.MonkeyPatch) -> Executor:
    monkeypatch.setattr("agent.study.measurer.PAUSE_S", 0.0)
    monkeypatch.setattr("agent.study.measurer.Launcher", NoLauncher)
    return LocalExecutor(NoLauncher(), 2, None)  # type: ignore[arg-type]


def scripted(seen: list[Any], faults: list[Exception | None]) -> Evaluate:
    """Evaluations that raise what is in `faults`, in order, and then succeed."""

    def fake(
        submission: Submission, instance: Instance, launcher: Launcher, **given: Any
    ) -> Evaluation:
        seen.append((submission.name, instance.scale, given))
        fault = faults.pop(0) if faults else None
        if fault:
            raise fault
        return Evaluation(instance, State.COMPLETE, given["procedure"], curve=((0, 0.5),))

    return fake


def result(
    monkeypatch: pytest.MonkeyPatch, executor: Executor, faults: list[Exception | None]
) -> tuple[Evaluation, list[tuple[str, str]]]:
    seen: list[Any] = []
    monkeypatch.setattr("agent.study.measurer.evaluate", scripted(seen, faults))
    evaluation = executor.submit(MINE, INSTANCE, Procedure(1)).result()
    return evaluation, [(name, scale) for name, scale, _ in seen]


def test_an_honest_evaluation_whose_zygote_was_killed_counts(
    monkeypatch: pytest.MonkeyPatch, executor: Executor
) -> None:
    evaluation, seen = result(monkeypatch, executor, [GONE])
    assert evaluation.complete
    assert seen == [(MINE.name, "small"), ("adamw", "tiny"), (MINE.name, "small")]


def test_two_misfortunes_condemn_nobody(
    monkeypatch: pytest.MonkeyPatch, executor: Executor
) -> None:
    evaluation, seen = result(monkeypatch, executor, [GONE, None, GONE])
    assert evaluation.complete
    assert [name for name, _ in seen].count("adamw") == 2


def test_a_host_that_is_killed_is_evaluated_again(
    monkeypatch: pytest.MonkeyPatch, executor: Executor
) -> None:
    ends: list[str] = []

    def fake(submission: Submission, instance: Instance, *_: Any, **given: Any) -> Evaluation:
        if submission is MINE and ends:
            return Evaluation(instance, State.CRASH, given["procedure"], ends.pop())
        return Evaluation(instance, State.COMPLETE, given["procedure"], curve=((0, 0.5),))

    monkeypatch.setattr("agent.study.measurer.evaluate", fake)
    for kills, state in ((1, State.COMPLETE), (2, State.COMPLETE), (3, State.CRASH)):
        ends[:] = [KILLED] * kills
        assert executor.submit(MINE, INSTANCE, Procedure(1)).result().state is state
    ends[:] = ["the optimizer process exited with status 7"]
    assert executor.submit(MINE, INSTANCE, Procedure(1)).result().state is State.CRASH


def test_who_breaks_the_processes_alone_too_is_a_crash(
    monkeypatch: pytest.MonkeyPatch, executor: Executor
) -> None:
    evaluation, _ = result(monkeypatch, executor, [GONE, None, GONE, None, GONE])
    assert evaluation.state is State.CRASH
    assert evaluation.reason.endswith("the zygote process is gone: OSError: no memory")


def test_a_failed_control_is_no_crash_and_the_evaluation_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, executor: Executor
) -> None:
    evaluation, seen = result(monkeypatch, executor, [GONE, GONE, GONE, None])
    assert evaluation.complete
    assert [name for name, _ in seen].count("adamw") == 3


@pytest.mark.parametrize("fault", [GONE, OSError("no process")])
def test_three_failed_controls_in_a_row_end_the_run(
    monkeypatch: pytest.MonkeyPatch, executor: Executor, fault: Exception
) -> None:
    faults: list[Exception | None] = [GONE] * 4
    if isinstance(fault, OSError):

        def refuse(launcher: NoLauncher, device: str) -> None:
            raise fault

        monkeypatch.setattr(NoLauncher, "__init__", refuse)
    with pytest.raises(MachineError) as error:
        result(monkeypatch, executor, faults)
    said = str(error.value)
    assert said.startswith("the evaluation processes fail on this machine, with adamw as well: ")
    assert cause(fault) in said
    assert "autoresearch eval --track mqar --scale tiny" in said
    assert "\n" not in said


def test_data_that_cannot_be_built_is_not_the_submissions_fault(
    monkeypatch: pytest.MonkeyPatch, executor: Executor
) -> None:
    broken = HarnessError("building the data of mqar: ValueError")
    broken.__cause__ = DataError("building the data of mqar: ValueError")
    faults = [broken, *[None, broken] * 3]
    with pytest.raises(MachineError, match="building the data of mqar"):
        result(monkeypatch, executor, faults)


def test_failures_are_counted_in_a_row(monkeypatch: pytest.MonkeyPatch, executor: Executor) -> None:
    for _ in range(3):
        evaluation, _ = result(monkeypatch, executor, [GONE, GONE, GONE, None, None])
        assert evaluation.complete


def test_a_control_that_ends_badly_has_failed(
    monkeypatch: pytest.MonkeyPatch, executor: Executor
) -> None:
    def fake(submission: Submission, instance: Instance, *_: Any, **given: Any) -> Evaluation:
        if submission is MINE:
            raise GONE
        return Evaluation(instance, State.EXCEPTION, given["procedure"], "CUDA error")

    monkeypatch.setattr("agent.study.measurer.evaluate", fake)
    with pytest.raises(MachineError, match="adamw ends as exception: CUDA error"):
        executor.submit(MINE, INSTANCE, Procedure(1)).result()


def test_a_study_on_a_broken_machine_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
    executor: Executor,
    launcher: Launcher,
    ledger: Ledger,
) -> None:
    study = ledger.create("broken", replace(SETTINGS, budget=3))
    monkeypatch.setattr("agent.study.measurer.evaluate", scripted([], [GONE] * 100))
    with pytest.raises(MachineError):
        search(study, executor, Recorder(), None)
    assert study.finished() == []
    assert {trial.beginnings for trial in study.every_trial()} == {0}
    monkeypatch.setattr("agent.study.measurer.evaluate", evaluate)
    finish(launcher, study)
    assert [trial.number for trial in study.finished()] == [0, 1, 2]
    assert all(trial.complete for trial in study.finished())


@pytest.mark.processes
def test_the_command_line_says_what_is_wrong_and_how_to_go_on(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.study.measurer.PAUSE_S", 0.0)
    monkeypatch.setattr("agent.study.measurer.evaluate", scripted([], [GONE] * 100))
    status, _, err = call("run", "--track", "mqar", "--scale", "small", "--budget", "2")
    assert status == 1
    assert "with adamw as well: the zygote process is gone: OSError: no memory;" in err
    assert err.rstrip().endswith("continue with: autoresearch run --resume mqar-1")


def test_an_evaluation_alone_has_nothing_beside_it() -> None:
    launchers = Launchers(NoLauncher(), NoLauncher)  # type: ignore[arg-type]
    order: list[str] = []

    def alone() -> None:
        with launchers.alone():
            order.append("alone")

    def shared() -> None:
        with launchers.shared():
            order.append("shared")

    threads = [threading.Thread(target=task) for task in (alone, shared)]
    with launchers.shared():
        threads[0].start()
        while not launchers.waiting and threads[0].is_alive():
            pass
        threads[1].start()
        order.append("first")
    for thread in threads:
        thread.join()
    assert order == ["first", "alone", "shared"]


def test_closing_wakes_who_waits() -> None:
    launchers = Launchers(NoLauncher(), NoLauncher)  # type: ignore[arg-type]
    woken = threading.Event()

    def alone() -> None:
        with pytest.raises(EvaluationInterrupted), launchers.alone():
            pass
        woken.set()

    with launchers.shared():
        thread = threading.Thread(target=alone)
        thread.start()
        while not launchers.waiting and thread.is_alive():
            pass
        launchers.close()
        assert woken.wait(60)
    with pytest.raises(EvaluationInterrupted), launchers.shared():
        pass


@pytest.mark.processes
def test_eval_blames_the_submission_only_where_adamw_passes(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("agent.study.measurer.PAUSE_S", 0.0)
    (tmp_path / "mine.py").write_text(GRADIENT_DESCENT)
    words = ("eval", "--track", "mqar", "--scale", "small", "--submission", "mine.py")
    for faults, expected in (([GONE, None, GONE, None, GONE], 3), ([GONE] * 4, 1), ([GONE], 0)):
        monkeypatch.setattr("agent.study.measurer.evaluate", scripted([], [*faults]))
        status, _, err = call(*words)
        assert status == expected, err
        assert "internal error" not in err
