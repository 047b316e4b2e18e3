"""The sandbox of the optimizer host: its layers, its levels, and what honest code can still do."""

import errno
import json
import os
import socket
import subprocess
import sys

import pytest

from agent.report.sections.study import verdict_headline
from agent.study.evaluation_store import EvaluationStore
from helpers import ROOT, Call, Run, sources
from helpers.sources import with_step
from helpers.verdicts import verdict
from tracks.evaluation import State
from tracks.instance import official_instance
from tracks.isolation import landlock, sandbox, seccomp, system_calls
from tracks.isolation.launcher import Launcher
from tracks.isolation.levels import Level, weakest
from tracks.isolation.sandbox import Box, levels_for, probe
from tracks.procedure import Procedure
from tracks.submission import Submission

pytestmark = pytest.mark.processes

needs_full = pytest.mark.skipif(
    probe().level is not Level.FULL, reason=f"this machine has level {probe().level} only"
)
ADAMW = f"{ROOT}/submissions/adamw"
EVAL = ["eval", "--track", "mqar", "--scale", "tiny", "--submission", ADAMW]
EVERYTHING = {"unprivileged": "", "no_new_privs": "", "landlock": "", "seccomp": ""}


def test_levels_are_ordered() -> None:
    assert Level.FULL.holds(Level.SECCOMP)
    assert not Level.SECCOMP.holds(Level.FULL)
    assert Level.RLIMITS.holds(Level.RLIMITS)
    assert weakest([Level.FULL, Level.LANDLOCK, Level.SECCOMP]) is Level.LANDLOCK
    assert weakest([]) is Level.NONE


@pytest.mark.parametrize(
    ("missing", "level"),
    [
        ((), Level.FULL),
        (("landlock",), Level.SECCOMP),
        (("unprivileged",), Level.SECCOMP),
        (("seccomp",), Level.LANDLOCK),
        (("landlock", "seccomp"), Level.RLIMITS),
        (("no_new_privs",), Level.RLIMITS),
    ],
)
def test_a_layer_that_is_missing_lowers_the_level(missing: tuple[str, ...], level: Level) -> None:
    box = Box(EVERYTHING | dict.fromkeys(missing, "not here"))
    assert box.level is level
    assert all(f"{layer}: not here" in box.short_of("full") for layer in missing)


def test_a_layer_that_cannot_be_had_does_not_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    def nothing() -> None: ...

    monkeypatch.setattr(sandbox, "_drop_root", refuse)
    monkeypatch.setattr(sandbox, "_no_new_privs", nothing)
    monkeypatch.setattr(landlock, "restrict", nothing)
    monkeypatch.setattr(seccomp, "restrict", lambda **_: None)
    box = sandbox.close()
    assert box.level is Level.SECCOMP
    assert box.layers["unprivileged"] == "Operation not permitted"


@pytest.mark.parametrize(
    ("version", "files", "network", "scopes"),
    [(1, 13, 0, 0), (2, 14, 0, 0), (3, 15, 0, 0), (4, 15, 3, 0), (5, 16, 3, 0), (7, 16, 3, 3)],
)
def test_landlock_forbids_all_that_its_version_knows(
    version: int, files: int, network: int, scopes: int
) -> None:
    rules = landlock.ruleset(version)
    assert (rules.files, rules.network, rules.scopes) == (2**files - 1, network, scopes)


def test_every_call_has_a_number() -> None:
    words = f"{system_calls.HARMLESS} {system_calls.GPU_DRIVER} {system_calls.ATTACKS}".split()
    words += [*system_calls.CLOCKS.split(), "sched_getaffinity"]
    words += ["clone", "clone3", "kill", "tgkill", "prlimit64", "sendto", "recvfrom"]
    for architecture, numbers in system_calls.NUMBERS.items():
        lacking = {"poll", "time"} if architecture == "aarch64" else set()
        assert set(words) - set(numbers) == lacking
        assert set(numbers) == set(words) - lacking, "none is listed that is not used"
        assert len(set(numbers.values())) == len(numbers)


def test_elsewhere_than_on_a_cpu_the_sandbox_is_asked_for() -> None:
    assert levels_for("cpu", None) == (Level.FULL, probe().level)
    assert levels_for("cpu", Level.RLIMITS) == (Level.FULL, Level.RLIMITS)
    assert levels_for("cuda", None) == (Level.RLIMITS, Level.RLIMITS)
    assert levels_for("cuda", Level.SECCOMP) == (Level.SECCOMP, Level.SECCOMP)


@needs_full
def test_an_evaluation_says_its_level(run: Run) -> None:
    honest = run(sources.GRADIENT_DESCENT)
    assert honest.sandbox is Level.FULL
    for level in (Level.SECCOMP, Level.LANDLOCK, Level.RLIMITS):
        weaker = run(sources.GRADIENT_DESCENT, sandbox=level)
        assert weaker.sandbox is level
        assert weaker.curve == honest.curve, "the sandbox changes no bit"
    failed = run("1 / 0")
    assert (failed.state, failed.sandbox) == (State.EXCEPTION, Level.FULL)


@needs_full
def test_honest_code_warns_draws_and_starts_threads(run: Run) -> None:
    body = """
import logging, sched, threading, time, warnings, xml, numpy
warnings.warn("careful")
logging.warning("noted")
thread = threading.Thread(target=print, args=["from a thread"])
thread.start()
thread.join()
time.sleep(0.001)
torch.set_num_threads(2)
torch.linalg.svd(torch.randn(8, 8)), torch.linalg.qr(torch.randn(8, 8))
torch.fft.fft(torch.ones(8))
numpy.random.default_rng(1).normal(size=3), numpy.linalg.eigh(numpy.eye(3))
torch.func.vmap(torch.sin)(torch.ones(3))
"""
    result = run(with_step(body))
    assert result.complete, result.reason
    for said in ("UserWarning: careful", "noted", "from a thread"):
        assert said in result.log


@needs_full
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("torch.zeros(2) @ torch.zeros(3)", "RuntimeError: inconsistent tensor size"),
        ("import not_there", "ModuleNotFoundError: No module named 'not_there'"),
        ("torch.compile(torch.sin)(torch.ones(2))", "torch.compile needs to"),
        ("open('/etc/passwd')", "PermissionError: [Errno 1] Operation not permitted"),
        ("import os; os.urandom(3)", "urandom"),
    ],
)
def test_what_fails_fails_with_its_own_line(run: Run, body: str, reason: str) -> None:
    result = run(with_step(body))
    assert result.state is State.EXCEPTION
    assert reason in result.reason
    assert body.split(";")[-1].strip() in "".join(result.traceback)


@needs_full
def test_a_call_that_only_an_attack_makes_is_named(run: Run) -> None:
    body = "import ctypes; ctypes.CDLL(None).ptrace(0, 0, 0, 0)"
    result = run(with_step(body), wall_s=30.0)
    assert result.state is State.FORBIDDEN
    assert result.reason == "made the system call ptrace: only an attack makes it"


@needs_full
def test_without_reports_the_kernel_ends_the_process(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on kernels that have no reports: a process of its own, which ptrace ends by SIGSYS."""
    code = "import ctypes; from tracks.isolation.sandbox import close; close(); "
    code += "ctypes.CDLL(None).ptrace(0, 0, 0, 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
    assert done.returncode == -31


@needs_full
def test_a_host_that_is_gone_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its listener hangs up; on older kernels to ask it for a report would never return."""
    ours, theirs = socket.socketpair()
    code = "import socket; from tracks.isolation.sandbox import close; "
    code += f"close(watcher=socket.socket(fileno={theirs.fileno()}))"
    command, environment = [sys.executable, "-c", code], {"PYTHONPATH": str(ROOT)}
    with ours, theirs:
        subprocess.run(command, cwd=ROOT, env=environment, pass_fds=[theirs.fileno()])
        _, (listener,), _, _ = socket.recv_fds(ours, 1, 1)
    asked: list[object] = []
    monkeypatch.setattr(seccomp.fcntl, "ioctl", lambda *words: asked.append(words))
    assert seccomp.attack_in(listener) == ""
    assert not asked
    os.close(listener)


def test_nothing_runs_in_a_weaker_sandbox_than_asked(call: Call) -> None:
    status, _, told = call(*EVAL, "--min-sandbox", "thick")
    assert status == 2
    assert "'full', 'seccomp', 'landlock', 'rlimits', 'none'" in told


def test_a_machine_without_the_level_says_so(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    box = Box(EVERYTHING | {"landlock": "Function not implemented"})
    monkeypatch.setattr("agent.cli.machine.probe", lambda: box)
    status, _, told = call(*EVAL, "--min-sandbox", "full")
    assert status == 2
    assert "level seccomp, not full (landlock: Function not implemented)" in told
    assert "--min-sandbox seccomp" in told


@needs_full
def test_the_level_is_recorded(call: Call) -> None:
    status, out, _ = call(*EVAL, "--json", "--min-sandbox", "full")
    assert status == 0
    assert json.loads(out)["sandbox"] == "full"


def test_a_host_that_falls_short_refuses_to_run(launcher: Launcher) -> None:
    """A fault of the machine, not of the submission, which has not begun."""
    from tracks.isolation.errors import HarnessError
    from tracks.isolation.evaluate import evaluate
    from tracks.isolation.limits import Limits

    limits = Limits(30.0, sandbox=Level.RLIMITS, least_sandbox=Level.SECCOMP)
    with pytest.raises(HarnessError, match="reaches only level rlimits, not seccomp"):
        evaluate(
            Submission(sources.GRADIENT_DESCENT),
            official_instance("mqar", "tiny"),
            launcher,
            procedure=Procedure(10),
            limits=limits,
        )


def test_what_a_weaker_sandbox_measured_does_not_count(tmp_path: object) -> None:
    store = EvaluationStore(ROOT / "nowhere")
    instance, submission = official_instance("mqar", "tiny"), Submission("x = 1")
    keys = {store.key(submission, instance, Procedure(10), "cpu", level) for level in Level}
    assert len(keys) == len(Level)


def test_a_verdict_below_full_says_so_in_its_headline() -> None:
    weak = verdict(sandbox=Level.SECCOMP)
    assert "The sandbox was of level seccomp only" in verdict_headline(weak)
    for level in (Level.FULL, None):
        assert "sandbox" not in verdict_headline(verdict(sandbox=level))


@needs_full
def test_threads_are_bounded(run: Run) -> None:
    body = """
import threading, time
count = 0
try:
    while count < 20_000:
        threading.Thread(target=time.sleep, args=[20], daemon=True).start()
        count += 1
except RuntimeError:
    pass
print("threads", count, flush=True)
raise SystemExit
"""
    result = run(with_step(body), memory_mb=16_384)
    assert 0 < int(result.log.split("threads ")[1].split()[0]) < 5_000
