"""A submission that misbehaves ends its own trial, with a state and a reason, and nothing else."""

import os
import socket
import threading
import time
from pathlib import Path

import pytest
import torch

from helpers import Run, sources
from helpers.sources import with_step
from tracks.evaluation import State
from tracks.instance import official_instance
from tracks.isolation import data_cache, wire
from tracks.isolation.data_cache import DataCache
from tracks.isolation.evaluate import KILLED, evaluate
from tracks.isolation.launcher import SOURCE, Launcher, module_path
from tracks.isolation.levels import Level
from tracks.isolation.limits import Limits
from tracks.isolation.protocol import Boxed, Job, Ready, Setup
from tracks.isolation.remote_optimizer import RemoteOptimizer
from tracks.isolation.shared_tensors import SharedTensors
from tracks.procedure import Procedure
from tracks.submission import InvalidSubmissionError, Submission, read_submission


def test_an_exception_comes_with_the_submissions_own_lines(run: Run) -> None:
    source = sources.SGD.replace("BODY", "self.explode()\n\n    def explode(self):\n        1 / 0")
    result = run(source)
    assert result.state is State.EXCEPTION
    assert result.reason == "ZeroDivisionError: division by zero"
    trace = "\n".join(result.traceback)
    assert "self.explode()" in trace
    assert "1 / 0" in trace
    assert "optimizer_host" not in trace


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("x = 1", "it defines no class Submission"),
        ("class Submission: pass", "not a subclass of torch.optim.Optimizer"),
        ("Submission = 3", "not a subclass of torch.optim.Optimizer"),
        (
            "import torch\nclass Submission(torch.optim.Optimizer):\n"
            "    def __new__(cls, params): return 5",
            "does not give a torch.optim.Optimizer",
        ),
        (with_step('p = self.param_groups[0]["params"][0]; p.data = p.data.double()'), "it turned"),
    ],
)
def test_breaking_the_contract_is_invalid(run: Run, source: str, reason: str) -> None:
    result = run(source)
    assert result.state is State.INVALID
    assert reason in result.reason


@pytest.mark.parametrize(
    ("body", "state", "reason"),
    [
        ("import time; time.sleep(600)", State.TIMEOUT, "wall-clock"),
        ("x = torch.zeros(2**31)", State.MEMORY, "allocate memory"),
        ("x = bytearray(2**31)", State.MEMORY, "MemoryError"),
        ("p = self.param_groups[0]['params'][1]; p.fill_(float('nan'))", State.NONFINITE, "1 ("),
        ("while True: print('spam' * 1000)", State.OUTPUT, "printed more than"),
        ("import os; os._exit(7)", State.CRASH, "status 7"),
        ("import sys; sys.exit(0)", State.EXCEPTION, "SystemExit"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", State.CRASH, "SIGSEGV"),
        ("import os; os.kill(os.getpid(), 35)", State.CRASH, "signal 35"),
        ("raise RuntimeError('\\ud800 \\x1b[31m red')", State.EXCEPTION, "\ufffd \ufffd[31m red"),
        ("raise KeyboardInterrupt", State.EXCEPTION, "KeyboardInterrupt"),
        ("import os; os.write(3, b'garbage' * 100)", State.CRASH, "an unknown reply"),
        (
            "import os; os.write(os.open('/tmp/escaped', os.O_CREAT | os.O_WRONLY), b'x')",
            State.EXCEPTION,
            "Operation not permitted: '/tmp/escaped'",
        ),
    ],
)
def test_misbehaving_ends_the_trial(run: Run, body: str, state: State, reason: str) -> None:
    result = run(with_step(body), wall_s=5.0)
    assert result.state is state, result.reason
    assert reason in result.reason


@pytest.mark.parametrize(
    "answer",
    [
        '{"kind": "Failed", "state": "complete", "reason": "", "traceback": []}',
        '{"kind": "Failed", "state": ["list"], "traceback": 5}',
        '{"kind": "Fault", "traceback": "ours"}',
        "[]",
        "not json",
        "[" * 60_000,
    ],
)
def test_a_forged_answer_is_a_crash(run: Run, answer: str) -> None:
    """A host that answers in the harness's own words is neither believed nor does it break it."""
    body = f"""
import os, struct
answer = {answer!r}.encode()
os.write(3, b"f" + struct.pack("!I", len(answer)) + answer)
"""
    assert run(with_step(body)).state is State.CRASH


def test_a_host_that_says_that_it_was_killed_is_not_believed(run: Run) -> None:
    """What was killed from outside is measured again, with nothing beside it."""
    said = {"kind": "Failed", "state": "crash", "reason": KILLED}
    body = f"""
import json, os, struct, time
answer = json.dumps({said!r}).encode()
os.write(3, b"f" + struct.pack("!I", len(answer)) + answer)
time.sleep(1)
"""
    result = run(with_step(body))
    assert (result.state, result.reason) == (State.CRASH, f"it said that {KILLED}")


def test_cpu_time_is_bounded(run: Run) -> None:
    result = run(with_step("while True: pass"), cpu_s=1.0)
    assert result.state is State.TIMEOUT
    assert "CPU time" in result.reason


def test_limits_are_in_force(run: Run) -> None:
    body = """
import resource, os, sys
for name in ("CPU", "CORE", "FSIZE", "AS"):
    print(name, resource.getrlimit(getattr(resource, "RLIMIT_" + name)))
print("stdin", repr(sys.stdin.read()))
print("environment", sorted(os.environ))
def is_open(number):
    try:
        os.close(number)
    except OSError:
        return False
    return True
print("descriptors", [number for number in range(4, 1024) if is_open(number)], flush=True)
raise SystemExit
"""
    log = run(with_step(body), wall_s=30.0).log
    assert "CPU (30, 31)" in log
    assert "CORE (0, 0)" in log
    assert "FSIZE (0, 0)" in log
    assert "AS (-1" not in log
    assert "stdin ''" in log
    assert "descriptors []" in log, "the channel, number 3, is all that it has"


def test_the_zygote_finds_what_is_on_the_users_own_module_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Clusters keep packages where only PYTHONPATH says so."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", "packages", "/site"]))
    expected = [str(SOURCE), str(tmp_path / "packages"), "/site"]
    assert module_path() == os.pathsep.join(expected)


@pytest.mark.processes
def test_the_environment_is_scrubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret-key")
    body = "import os; print(dict(os.environ)); raise SystemExit"
    with Launcher() as launcher:
        instance = official_instance("random_teacher", "small")
        result = evaluate(Submission(with_step(body)), instance, launcher, procedure=Procedure(40))
    assert "PATH" in result.log
    assert "secret-key" not in result.log
    assert "ANTHROPIC" not in result.log


def test_data_cannot_be_forged(run: Run) -> None:
    """The data of an instance is sealed: nobody who finds its memory can map it for writing."""
    body = """
import glob, mmap, os, pathlib
def stat(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
zygote = os.getppid()
family = {zygote, int(stat(zygote)[1])}  # other evaluations on this machine are left in peace
for name in os.listdir("/proc"):
    try:
        if name.isdigit() and int(stat(name)[1]) == zygote and int(name) != os.getpid():
            family.add(int(name))
    except OSError:
        pass
refused = forged = 0
for path in [path for pid in family for path in glob.glob(f"/proc/{pid}/fd/*")]:
    try:
        if "memfd:autoresearch" in os.readlink(path):
            size = os.stat(path).st_size
            if size > 50_000:
                mmap.mmap(os.open(path, os.O_RDWR), size)[:] = bytes(size)
                forged += 1
    except OSError:
        refused += 1
print("refused", refused, "forged", forged)
"""
    honest = run(sources.GRADIENT_DESCENT)
    forger = run(with_step(body), sandbox=Level.RLIMITS)
    assert "refused 0" not in forger.log
    assert "forged 0" in forger.log
    assert forger.last == honest.last


def test_nothing_survives_a_trial(run: Run, tmp_path: Path) -> None:
    """A grandchild in a session of its own, twice forked, is found and killed."""
    body = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print("grandchild", os.getpid(), flush=True)
        time.sleep(600)
    os._exit(0)
time.sleep(0.5)
raise SystemExit
"""
    result = run(with_step(body), sandbox=Level.RLIMITS)
    pid = int(result.log.split("grandchild ")[1].split()[0])
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} survived")


def test_output_is_captured_and_the_run_goes_on(run: Run) -> None:
    result = run(with_step("print('hello from step')"))
    assert result.complete
    assert result.log.count("hello from step") == 40


def test_writing_after_the_step_changes_nothing() -> None:
    """The model reads the shared parameters once a step, so it cannot be scribbled over later."""
    ours, theirs = socket.socketpair()

    def host() -> None:
        setup, descriptors = wire.receive_with_descriptors(theirs, Setup)
        shared = SharedTensors.attach(descriptors[0], setup.shared)
        wire.send(theirs, Boxed(Level.NONE))
        wire.send(theirs, Ready(early_zero_grad=False))
        wire.receive_bytes(theirs, 2)
        shared.tensors[0].fill_(2.0)
        theirs.sendall(b"k")
        wire.receive_bytes(theirs, 1)
        shared.tensors[0].fill_(1e9)
        theirs.sendall(b"x")

    thread = threading.Thread(target=host, daemon=True)
    thread.start()
    parameter = torch.nn.Parameter(torch.zeros(3))
    room = SharedTensors.like([parameter, parameter])
    instance = official_instance("mqar")
    job = Job(instance, "", Procedure(1), "cpu", "cpu", Limits(1.0, 1), room.layout)
    optimizer = RemoteOptimizer(ours, [parameter], room, job)
    optimizer.build()
    parameter.grad = torch.ones(3)
    optimizer.begin_step()
    optimizer.end_step()
    ours.sendall(b"?")
    assert ours.recv(1) == b"x"
    thread.join()
    ours.close()
    theirs.close()
    assert parameter.tolist() == [2.0, 2.0, 2.0]


def test_the_host_keeps_no_seeds_in_its_setup(run: Run) -> None:
    """Of all messages the host holds its setup and its fork: neither names track or seeds."""
    body = """
import gc
for thing in gc.get_objects():
    kind = type(thing)
    if kind.__module__ == "tracks.isolation.protocol" and kind.__name__ not in ("Layout", "Slot"):
        print(kind.__name__, sorted(vars(thing)))
raise SystemExit
"""
    log = run(with_step(body), sandbox=Level.RLIMITS).log
    told = ["cpu_s", "flush_denormals", "gpu_rng", "least_sandbox", "length", "memory_mb"]
    told += ["rng", "sandbox", "shared", "source"]
    assert set(log.splitlines()) == {"Fork ['output', 'role']", f"Setup {told}"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file"),
        (b"", "empty"),
        (b"x" * (2**20 + 1), "at most 1048576 bytes"),
        (b"\x7fELF\x00\xff\xfe", "not UTF-8"),
        (b"def broken(:\n", "line 1: syntax error"),
        (b"x = 1\x00", "null bytes"),
        (b"x = " + b"-" * 200_000 + b"1", "nested too deeply|too many"),
    ],
)
def test_files_that_cannot_be_submissions(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "submission.py"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidSubmissionError, match=message):
        read_submission(path)


def test_instances_are_kept_by_size(launcher: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = DataCache(launcher.fork, launcher.end)
    small, tiny = (official_instance("mqar", scale) for scale in ("small", "tiny"))
    first = cache.prepare(small)
    size = first.result().layout.size
    monkeypatch.setattr(data_cache, "KEPT_BYTES", size + 1)
    cache.prepare(tiny).result()
    assert cache.prepare(tiny) is cache.prepare(tiny)
    assert cache.prepare(small) is not first, "both are more than may be kept"
    monkeypatch.setattr(data_cache, "KEPT_BYTES", 10 * size)
    kept = [cache.prepare(instance) for instance in (small, tiny)]
    for future in kept:
        future.result()
    assert [cache.prepare(instance) for instance in (small, tiny)] == kept
