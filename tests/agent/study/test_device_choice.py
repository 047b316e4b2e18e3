"""Which device a study computes on, and that it keeps it."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from agent.cli.machine import AnyMachine
from agent.proposers.gates.fingerprint import fingerprints
from agent.report.repeat import eval_command, evaluation_commands
from agent.study import device_choice
from agent.study.bounds import Bounds
from agent.study.device_choice import Choice, default_jobs, faster, spread_over
from agent.study.errors import UserError
from agent.study.ledger import Ledger
from agent.study.local_executor import LocalExecutor
from agent.study.workspace import Workspace
from helpers import Call
from tracks import device as devices
from tracks.evaluation import Evaluation, State
from tracks.instance import Instance, official_instance
from tracks.procedure import Procedure
from tracks.registry import get_track
from tracks.submission import Submission


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_choice, "gpus", lambda: 2)
    monkeypatch.setattr(device_choice, "cores", lambda: 32)
    monkeypatch.setattr(device_choice, "gpu_bytes", lambda: 80e9)
    monkeypatch.setattr(devices, "may_have_gpu", lambda: True)


def seconds(gpu: float, cpu: float) -> Callable[[str], float]:
    return lambda device: cpu if device == "cpu" else gpu


@pytest.mark.usefixtures("two_gpus")
def test_auto_takes_what_does_more_runs_a_second_and_says_so() -> None:
    assert faster("mqar", "full", seconds(1.0, 40.0)) == Choice(
        "cuda", "a run of mqar takes 1 s on a GPU, 40 s on a core"
    )
    # 32 cores at 4 s do 8 runs a second, 2 GPUs at 1 s do 2
    assert faster("mqar", "full", seconds(1.0, 4.0)).device == "cpu"
    assert faster("mqar", "full", seconds(0.0, 4.0)).device == "cpu", "adamw fails on the GPU"
    assert faster("mqar", "full", seconds(1.0, 0.0)).device == "cuda"


@pytest.mark.usefixtures("two_gpus")
def test_jobs_and_devices_follow_the_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    assert spread_over("cuda") == ["cuda:0", "cuda:1"]
    assert spread_over("cpu") == ["cpu"]
    assert default_jobs("cuda") == 16
    monkeypatch.setattr(device_choice, "gpu_bytes", lambda: 12e9)
    assert default_jobs("cuda") == 8, "4 fit into the memory of each"
    monkeypatch.setattr(device_choice, "cores", lambda: 4)
    assert default_jobs("cuda") == 2
    assert default_jobs("cpu") == 4


def test_without_a_gpu_auto_is_the_cpu_and_nothing_is_timed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(devices, "may_have_gpu", lambda: False)
    monkeypatch.setattr(device_choice, "choose", lambda *_: pytest.fail("timed"))
    assert AnyMachine(device="auto").on(get_track("mqar")).device == "cpu"
    monkeypatch.undo()
    with pytest.raises(UserError, match="'cuda' is not available; this machine has: cpu"):
        AnyMachine(device="cuda").on(get_track("mqar"))


def test_a_study_keeps_its_kind_of_device(call: Call, study: str) -> None:
    opened = Ledger(Workspace(Path.cwd())).open(study)
    moved = replace(opened.settings, device="cuda")
    opened.optuna.set_user_attr("settings", asdict(moved))
    status, _, said = call("run", "--resume", study)
    assert status == 2
    assert f"study {study} computes on cuda, not on cpu" in said
    assert "start a new study" in said
    opened.optuna.set_user_attr("settings", asdict(opened.settings))
    assert call("run", "--resume", study, "--device", "mps")[0] == 2
    assert call("run", "--resume", study, "--device", "cpu", "--no-commit")[0] == 0


@pytest.mark.processes
def test_only_a_device_that_was_asked_for_gives_published_figures(call: Call) -> None:
    small = ("run", "--track", "mqar", "--scale", "tiny", "--budget", "1", "--no-commit")
    assert call(*small, "--study", "as-usual")[0] == 0
    settings = Ledger(Workspace(Path.cwd())).open("as-usual").settings
    assert (settings.device, settings.official_device) == ("cpu", "cpu")


class Fake:
    """Stands for the evaluation of a submission and for the launchers of several devices."""

    broken = False

    def __init__(self, device: str) -> None:
        self.device = device
        self.workers = self

    def release(self) -> None: ...

    def close(self) -> None: ...


INSTANCE, PROCEDURE = official_instance("mqar", "tiny"), Procedure(80)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """(submission, device of the launcher, device) of every evaluation."""
    evaluations: list[tuple[str, str, str]] = []
    states = {"greedy": [State.MEMORY, State.COMPLETE], "huge": [State.MEMORY, State.MEMORY]}

    def evaluate(
        submission: Submission, instance: Instance, launcher: Any, *, device: str, **_: Any
    ) -> Evaluation:
        evaluations.append((submission.source, launcher.device, device))
        left = states.get(submission.source)
        return Evaluation(instance, left.pop(0) if left else State.COMPLETE, PROCEDURE)

    monkeypatch.setattr("agent.study.measurer.evaluate", evaluate)
    monkeypatch.setattr("agent.study.measurer.Launcher", Fake)
    return evaluations


def executor_on(*spread: str) -> LocalExecutor:
    first: Any = Fake(devices.kind(spread[0]))
    return LocalExecutor(first, 1, None, Bounds(10.0), spread)


def test_evaluations_go_to_the_least_busy_device(seen: list[tuple[str, str, str]]) -> None:
    with executor_on("cuda:0", "cuda:1") as executor:
        with (
            executor.measurer.devices.least_busy("cuda") as first,
            executor.measurer.devices.least_busy("cuda") as second,
        ):
            assert {first, second} == {"cuda:0", "cuda:1"}
        with executor.measurer.devices.least_busy("cuda") as first:
            executor.submit(Submission("a"), INSTANCE, PROCEDURE).result()
    assert first != seen[0][2]


def test_a_gpu_without_a_number_is_the_first(seen: list[tuple[str, str, str]]) -> None:
    """As `eval --device cuda` has it; torch refuses to compute on `cuda` alone."""
    with executor_on("cuda") as executor:
        executor.submit(Submission("a"), INSTANCE, PROCEDURE).result()
    with executor_on("cpu") as executor:
        executor.submit(Submission("b"), INSTANCE, PROCEDURE, device="cuda").result()
    assert seen == [("a", "cuda", "cuda:0"), ("b", "cuda", "cuda:0")]


def test_published_figures_may_come_from_another_device(seen: list[tuple[str, str, str]]) -> None:
    with executor_on("cuda:0") as executor:
        executor.submit(Submission("a"), INSTANCE, PROCEDURE).result()
        executor.submit(Submission("b"), INSTANCE, PROCEDURE, device="cpu").result()
    assert seen == [("a", "cuda", "cuda:0"), ("b", "cpu", "cpu")]


def test_fingerprints_are_taken_on_the_cpu(seen: list[tuple[str, str, str]]) -> None:
    with executor_on("cuda:0") as executor:
        fingerprints(executor, [Submission("a")])
    assert {device for _, *devices in seen for device in devices} == {"cpu"}


def test_who_lacks_gpu_memory_is_run_again_alone(seen: list[tuple[str, str, str]]) -> None:
    with executor_on("cuda:0") as executor:
        measured = [
            executor.submit(Submission(name), INSTANCE, PROCEDURE).result().state
            for name in ("greedy", "huge")
        ]
    assert measured == [State.COMPLETE, State.MEMORY]
    assert [name for name, *_ in seen] == ["greedy", "greedy", "huge", "huge"]
    with executor_on("cpu") as executor:
        executor.submit(Submission("again"), INSTANCE, PROCEDURE).result()
    assert [name for name, *_ in seen].count("again") == 1


def test_commands_that_repeat_name_the_device() -> None:
    command = eval_command("mqar", "a.py", 1, "full")
    commands = evaluation_commands(command, ["draw"], device="cuda")
    assert commands == [
        "autoresearch eval --track mqar --submission a.py --eval-every 1",
        "autoresearch eval --track mqar --submission a.py --eval-every 1 --device cuda "
        "--trainer fused --instance draw",
    ]
    assert evaluation_commands(command, ["draw"], trainer="exact")[1] == (
        "autoresearch eval --track mqar --submission a.py --eval-every 1 --instance draw"
    )
