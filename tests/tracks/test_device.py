"""What a machine's GPU means for an evaluation, as far as a CPU can prove it."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from helpers import Run, sources
from helpers.sources import with_step
from tracks import device
from tracks.evaluation import Evaluation, State
from tracks.fused.attention import FusedAttention
from tracks.instance import OFFICIAL_SEEDS, official_instance
from tracks.isolation import protocol, trainer, wire
from tracks.isolation.evaluate import evaluate
from tracks.isolation.gpu_memory import GpuMemory, GpuTensors
from tracks.isolation.launcher import Launcher
from tracks.isolation.levels import Level
from tracks.isolation.limits import Limits
from tracks.isolation.mirror_memory import MirrorMemory
from tracks.isolation.protocol import (
    Boxed,
    Built,
    Done,
    Ended,
    Job,
    Layout,
    Progress,
    Ready,
    Role,
    Setup,
    Unprepared,
)
from tracks.isolation.remote_optimizer import RemoteOptimizer
from tracks.isolation.shared_tensors import SharedTensors
from tracks.isolation.workers import Worker, Workers
from tracks.procedure import Procedure, TrainerName, optimizer_device
from tracks.registry import get_track
from tracks.submission import Submission

DENORMAL = 1e-39
"""A float32 below the smallest normal one, 1.2e-38."""


@pytest.mark.processes
def test_no_child_of_a_cpu_evaluation_sees_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    body = "import os; print('sees', sorted((k, v) for k, v in os.environ.items() if 'DEV' in k))"
    with Launcher() as launcher:
        instance = official_instance("mqar", "tiny")
        result = evaluate(Submission(with_step(body)), instance, launcher, procedure=Procedure(80))
    assert "sees [('CUDA_VISIBLE_DEVICES', ''), ('HIP_VISIBLE_DEVICES', '')]" in result.log


def test_a_gpu_evaluation_sees_the_gpus_that_were_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    assert device.visible_to_children("cuda:0") == {"CUDA_VISIBLE_DEVICES": "3"} | device.REPEATABLE
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert "CUDA_VISIBLE_DEVICES" not in device.visible_to_children("cuda")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert not device.may_have_gpu()


SPY = """
import torch
asked = []
torch.backends.cuda.is_built = lambda: True
torch._C._accelerator_getAccelerator = lambda: torch.device("cuda")
for name in ("is_available", "device_count", "_lazy_init", "is_current_stream_capturing"):
    setattr(torch.cuda, name, lambda *_, name=name: asked.append(name) or False)
from tracks.isolation.zygote import warm_up
warm_up()
zygote = list(asked)
weight = torch.nn.Parameter(torch.zeros(2))
weight.grad = torch.zeros(2)
torch.optim.AdamW([weight]).step()
print(zygote, bool(asked))
"""


@pytest.mark.processes
def test_the_zygote_never_asks_cuda_for_its_state() -> None:
    """An optimizer's step does where torch is built for CUDA, which shows that the spy sees it."""
    root = Path(device.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", SPY], cwd=root, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[] True"


@dataclass
class Forked:
    """The processes that a launcher was asked for, in their order, and those it ended."""

    trainers: list[int] = field(default_factory=list)
    hosts: list[int] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)


@pytest.fixture
def forked() -> Forked:
    return Forked()


@pytest.fixture
def keeping(
    launcher: Launcher, forked: Forked, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Launcher]:
    """A launcher that keeps trainers and readies hosts as on a GPU, with its tensors on the CPU."""

    def fork(role: Role, *arguments: Any, **options: Any) -> int:
        pid = launcher.fork(role, *arguments, **options)
        (forked.trainers if role == "trainer" else forked.hosts).append(pid)
        return pid

    def end(pid: int, patience_s: float = 0.0) -> Ended:
        forked.ended.add(pid)
        return launcher.end(pid, patience_s)

    workers = Workers(fork, end, kept=True)
    with monkeypatch.context() as patch:
        patch.setattr(launcher, "workers", workers)
        yield launcher
    workers.release()


def fresh(launcher: Launcher, source: str, track: str = "random_teacher") -> Evaluation:
    """With processes that are forked for this evaluation alone."""
    kept, launcher.workers = launcher.workers, Workers(launcher.fork, launcher.end, kept=False)
    try:
        return measured(launcher, source, track)
    finally:
        launcher.workers = kept


def measured(launcher: Launcher, source: str, track: str = "random_teacher") -> Evaluation:
    instance = official_instance(track, "small")
    return evaluate(Submission(source), instance, launcher, procedure=Procedure(10))


def test_a_kept_trainer_gives_the_bits_of_a_fresh_one(keeping: Launcher, forked: Forked) -> None:
    noise = sources.WELL_BEHAVED["noise"]
    for track in ("random_teacher", "mqar", "random_teacher"):
        kept = measured(keeping, noise, track)
        once = fresh(keeping, noise, track)
        assert kept.complete, kept.reason
        assert (kept.curve, kept.last_train_loss) == (once.curve, once.last_train_loss)
    assert len(forked.trainers) == 1
    assert len(forked.hosts) == 4, "one for each evaluation, and the next one's"


@pytest.mark.parametrize(
    ("body", "state"),
    [("1 / 0", State.EXCEPTION), ("import os; os._exit(3)", State.CRASH),
     ("import time; time.sleep(60)", State.TIMEOUT), ("bytearray(2**33)", State.MEMORY)],
)  # fmt: skip
def test_who_follows_a_failure_is_measured_as_ever(
    keeping: Launcher, body: str, state: State
) -> None:
    failed = evaluate(
        Submission(with_step(body)),
        official_instance("random_teacher", "small"),
        keeping,
        procedure=Procedure(10),
        limits=Limits(wall_s=3.0, memory_mb=256),
    )
    assert failed.state is state
    honest = sources.GRADIENT_DESCENT
    assert measured(keeping, honest).curve == fresh(keeping, honest).curve


def test_a_trainer_is_kept_only_once_its_host_is_gone(
    keeping: Launcher, forked: Forked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next host gets the same memory, in which the last one could still write."""
    give_back = keeping.workers.give_back
    kept = []

    def checked(trainer: Worker) -> bool:
        with pytest.raises(ProcessLookupError):
            os.kill(forked.hosts[0], 0)
        kept.append(give_back(trainer))
        return kept[-1]

    monkeypatch.setattr(keeping.workers, "give_back", checked)
    assert measured(keeping, sources.GRADIENT_DESCENT).complete
    assert kept == [True], "the trainer was kept"


def test_what_is_kept_can_be_released(keeping: Launcher, forked: Forked) -> None:
    measured(keeping, sources.GRADIENT_DESCENT)
    waiting = {*forked.trainers, *forked.hosts} - forked.ended
    assert len(waiting) == 2
    keeping.workers.release()
    for pid in waiting:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert measured(keeping, sources.GRADIENT_DESCENT).complete


def test_gpu_tensors_reach_another_process_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """The block, the ticket and the views, with CUDA's part played by the CPU's memory."""
    ticket = (0, b"handle", 2**21, 0, b"counter", 1, b"event", False)
    blocks: list[torch.UntypedStorage] = []

    def share(storage: torch.UntypedStorage) -> tuple[Any, ...]:
        blocks.append(storage)
        return ticket

    def opened(*given: Any) -> torch.UntypedStorage:
        assert given == ticket
        return blocks[-1]

    monkeypatch.setattr(torch.UntypedStorage, "_share_cuda_", share)
    monkeypatch.setattr(torch.UntypedStorage, "_new_shared_cuda", opened)
    monkeypatch.setattr(torch.cuda, "MemPool", object)
    monkeypatch.setattr(torch.cuda, "use_mem_pool", lambda pool: contextlib.nullcontext())
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    given = [torch.rand(5, 3), torch.rand(4, 2).T, torch.ones(()), torch.ones(7).half()]
    memory = GpuMemory("cpu")
    ours = memory.like(given)
    ours_end, theirs_end = socket.socketpair()
    with ours_end, theirs_end:
        wire.send(ours_end, Built(ours.layout, {}))
        theirs = GpuTensors.attach(wire.receive(theirs_end, Built).layout)
    for mine, original in zip(ours.tensors, given, strict=True):
        mine.copy_(original)
    for yours, original in zip(theirs.tensors, given, strict=True):
        assert torch.equal(yours, original)
        assert (yours.stride(), yours.dtype) == (original.stride(), original.dtype)
    memory.like(given)
    assert len(blocks) == 1, "the block is lent again, not allocated"
    memory.like([torch.empty(2**20)])
    assert len(blocks) == 2, "and grows where it must"


class Runtime:
    """CUDA's part in page-locking memory; `locked` are the addresses."""

    def __init__(self) -> None:
        self.locked: set[int] = set()

    def cudaHostRegister(self, address: int, size: int, flags: int) -> int:
        self.locked.add(address)
        return 0

    def cudaHostUnregister(self, address: int) -> None:
        self.locked.remove(address)


def test_a_host_on_the_cpu_steps_for_a_trainer_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both go through memory that both processes map, the GPU's part played by the CPU's."""
    runtime = Runtime()
    monkeypatch.setattr(torch.cuda, "cudart", lambda: runtime)
    memory = MirrorMemory("cpu")
    parameters = [torch.nn.Parameter(torch.rand(5, 3)), torch.nn.Parameter(torch.rand(4))]
    before = [parameter.detach().clone() for parameter in parameters]
    ours, theirs = socket.socketpair()

    def host() -> None:
        setup, (descriptor,) = wire.receive_with_descriptors(theirs, Setup)
        both = SharedTensors.attach(descriptor, setup.shared).tensors
        wire.send(theirs, Boxed(Level.FULL))
        wire.send(theirs, Ready(early_zero_grad=False))
        assert theirs.recv(3) == protocol.STEP + b"\1\1"
        for parameter, gradient in zip(both[:2], both[2:], strict=True):
            parameter.sub_(gradient)
        theirs.sendall(protocol.OK)

    thread = threading.Thread(target=host)
    thread.start()
    instance, limits = official_instance("mqar", "tiny"), Limits(1.0)
    job = Job(instance, "", Procedure(1, "fused"), "cpu", "cpu", limits, Layout((), 0))
    with ours, theirs:
        both = [*parameters, *parameters]
        optimizer = RemoteOptimizer(ours, parameters, memory.like(both), job)
        optimizer.build()
        optimizer.lend_gradients()
        for parameter in parameters:
            assert parameter.grad is not None
            parameter.grad.fill_(2.0)
        optimizer.begin_step()
        optimizer.end_step()
        thread.join()
    for parameter, was in zip(parameters, before, strict=True):
        torch.testing.assert_close(parameter.detach(), was - 2.0)
    for tensors in (both, [torch.empty(2**20)] * 2):
        lent = memory.like(tensors)
        lent.hand_over()
        assert lent.tensors[0].eq(0).all(), "lent again, and cleared"
        assert len(runtime.locked) == 1, "a larger block takes the place of the first"
    memory.close()
    assert not runtime.locked


@pytest.mark.parametrize(
    ("track", "trainer", "on", "steps_on"),
    [
        ("mqar", "fused", "cuda:1", "cpu"),
        ("mqar", "exact", "cuda:1", "cuda:1"),
        ("mqar", "fused", "cpu", "cpu"),
        ("probe_attention", "fused", "cuda:1", "cuda:1"),
    ],
)
def test_an_optimizer_steps_on_the_cpu_beside_closed_form_gradients(
    track: str, trainer: TrainerName, on: str, steps_on: str
) -> None:
    assert optimizer_device(get_track(track), Procedure(1, trainer), on) == steps_on


def flushes() -> bool:
    return (torch.tensor([DENORMAL]) * 1.0).item() == 0.0


@pytest.mark.parametrize(("name", "flushed"), [("exact", False), ("fused", True)])
def test_only_a_fused_evaluation_flushes_denormals(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: TrainerName, flushed: bool
) -> None:
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor cannot flush denormals")
    torch.set_flush_denormal(False)
    log = run(with_step(f"print('host', (torch.tensor([{DENORMAL}]) * 1.0).item())"), trainer=name)
    assert f"host {0.0 if flushed else torch.tensor(DENORMAL).item()}" in log.log
    assert trainer_flushes(monkeypatch, name) == {flushed}


def trainer_flushes(monkeypatch: pytest.MonkeyPatch, name: TrainerName) -> set[bool]:
    """Run a trainer in a thread, whose processor flags are its own, with a host that does nothing.

    Whether it flushes is asked whenever it computes a loss or a gradient.
    """
    seen: set[bool] = set()
    track, instance = get_track("mqar"), official_instance("mqar", "tiny")
    computes = type(track).loss

    def loss(*arguments: Any) -> Tensor:
        seen.add(flushes())
        return computes(*arguments)

    monkeypatch.setattr(type(track), "loss", loss)
    data = track.data(OFFICIAL_SEEDS, "tiny")
    shared = SharedTensors.like(data)
    for target, tensor in zip(shared.tensors, data, strict=True):
        target.copy_(tensor)
    shared.seal()
    coordinator, orders = socket.socketpair()
    ours, theirs = socket.socketpair()

    def host() -> None:
        _, (memory,) = wire.receive_with_descriptors(theirs, Setup)
        os.close(memory)
        wire.send(theirs, Boxed(Level.NONE))
        wire.send(theirs, Ready(early_zero_grad=False))
        while theirs.recv(64) not in (b"", b"q"):
            theirs.sendall(b"k")

    threads = [
        threading.Thread(target=host),
        threading.Thread(target=trainer.main, args=[[orders]]),
    ]
    for thread in threads:
        thread.daemon = True
        thread.start()
    job = Job(instance, "", Procedure(80, name), "cpu", "cpu", Limits(9.0), shared.layout)
    wire.send(coordinator, job, [os.dup(shared.descriptor), ours.detach()])
    while not isinstance(wire.receive(coordinator, Boxed, Progress, Done), Done):
        pass
    coordinator.close()
    for thread in threads:
        thread.join()
    orders.close()
    theirs.close()
    os.close(shared.descriptor)
    return seen


def step_seconds(scale: float, steps: int = 6) -> tuple[float, list[Tensor]]:
    """The fastest of some fused steps of a student whose logits are `scale` times as large."""
    track = get_track("random_teacher")
    data, model = track.data(OFFICIAL_SEEDS, "half"), track.student(OFFICIAL_SEEDS, "half")
    with torch.no_grad():
        weights = next(iter(model.parameters()))
        weights[: 2 * weights.shape[1]] *= scale
    assert isinstance(model, torch.nn.MultiheadAttention)
    fused, times = FusedAttention(model, data), []
    for rows in data.batch_indices[:steps]:
        started = time.perf_counter()
        fused.gradients(rows)
        times.append(time.perf_counter() - started)
    return min(times), [p.grad for p in model.parameters() if p.grad is not None]


def test_a_saturated_student_costs_no_more_than_a_fresh_one() -> None:
    """exp(-90) is a denormal number, which some processors handle a hundred times slower."""
    saturated = 9.0
    try:
        slow, exact = step_seconds(saturated)
        if not torch.set_flush_denormal(True):
            pytest.skip("this processor cannot flush denormals")
        fast, flushed = step_seconds(saturated)
        fresh, _ = step_seconds(1.0)
    finally:
        torch.set_flush_denormal(False)
    for one, other in zip(exact, flushed, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6 * float(one.abs().max()))
    if slow < 1.5 * fast:
        pytest.skip("this processor is not slowed down by denormals")
    assert fast < 2 * fresh


def test_a_device_that_cannot_be_used_is_no_fault_of_a_submission(launcher: Launcher) -> None:
    """Here torch is not built for CUDA, so a host that is told to use a GPU cannot."""
    host = launcher.workers.host("cuda:0")
    shared = SharedTensors.like([torch.zeros(2)])
    try:
        setup = Setup(shared.layout, "", False, "", "", 1.0, 100, Level.FULL, Level.NONE)
        wire.send(host.channel, setup, shared.descriptors)
        answer = wire.receive(host.channel, Unprepared)
    finally:
        launcher.workers.end(host)
        host.close()
        shared.hand_over()
    assert "Error" in answer.reason
