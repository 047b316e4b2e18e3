"""Every attack, at every level of the sandbox, has the outcome that it must have."""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import attacks_bombs
import attacks_files
import attacks_kernel
import attacks_loops
import attacks_messages
import attacks_network
import attacks_processes
import attacks_sources
import attacks_tampering
import pytest
from attack import LEVELS, Attack, Outcome
from decoys import Decoys
from launchers import Launchers

from helpers import sources
from tracks.evaluation import Evaluation
from tracks.instance import official_instance
from tracks.isolation import landlock
from tracks.isolation.errors import HarnessError
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.isolation.levels import Level
from tracks.isolation.limits import Limits
from tracks.isolation.sandbox import Box, probe
from tracks.procedure import Procedure, TrainerName
from tracks.submission import Submission

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(
        not sys.platform.startswith("linux"), reason="decoys and sandbox are Linux's"
    ),
]
ATTACKS: tuple[Attack, ...] = (
    *attacks_files.ATTACKS,
    *attacks_processes.ATTACKS,
    *attacks_kernel.ATTACKS,
    *attacks_network.ATTACKS,
    *attacks_messages.ATTACKS,
    *attacks_tampering.ATTACKS,
    *attacks_sources.ATTACKS,
    *attacks_loops.ATTACKS,
    *attacks_bombs.ATTACKS,
)
INSTANCE = official_instance("random_teacher", "tiny")
MARGIN_S = 15.0
"""For a loaded machine; a loop that is not stopped goes on for ever."""
UNTOUCHED = {Outcome.REFUSED, Outcome.HARMLESS}


@pytest.fixture(scope="session")
def decoys() -> Iterator[Decoys]:
    # pytest's own folders are closed to other users, and root becomes another user in the sandbox
    with tempfile.TemporaryDirectory(prefix="redteam-") as folder:
        os.chmod(folder, 0o755)
        made = Decoys(Path(folder))
        yield made
        made.close()


@pytest.fixture(scope="session")
def launchers() -> Iterator[Launchers]:
    made = Launchers()
    yield made
    made.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "attack" not in metafunc.fixturenames:
        return
    every = metafunc.config.getoption("--campaign")
    cases = [
        pytest.param(attack, level, id=f"{attack.kind}-{attack.name}-{level}".replace(" ", "_"))
        for attack in ATTACKS
        for level in LEVELS
        if every or attack.representative
    ]
    metafunc.parametrize(("attack", "level"), cases)


def test_an_attack_has_the_outcome_that_it_must_have(
    attack: Attack,
    level: Level,
    launchers: Launchers,
    decoys: Decoys,
    record_property: Callable[[str, object], None],
) -> None:
    expected = attack.expected(level)
    if expected is Outcome.NOT_RUN:
        record_property("redteam", (attack.kind, attack.name, str(level), str(expected)))
        return
    if not had_here(level):
        pytest.skip(f"this machine has no sandbox of level {level}")
    if level is Level.LANDLOCK and landlock.version() < attack.landlock_abi:
        expected = Outcome.VARIES
    launcher, began = launchers.get(), time.monotonic()
    with decoys.watched() as happened:
        try:
            result = measure(launcher, attack.text(decoys.world), level, attack)
        except HarnessError:
            happened.append("broke the apparatus")
            result = None
    seconds = time.monotonic() - began
    if result:
        happened += gains(result, decoys.token)
        assert result.sandbox is level
    came = outcome(attack, result, happened)
    told = f"{happened} {result and (result.state, result.reason, result.log[-2000:])}"
    if expected is Outcome.CONTAINED and came in (Outcome.HARMLESS, Outcome.ENDED):
        # with what it may set, a run may come to anything; threads are not always fast enough
        assert result
        assert result.complete or result.state in attack.states, told
        came = Outcome.CONTAINED
    seen = expected if expected is Outcome.VARIES else came
    record_property("redteam", (attack.kind, attack.name, str(level), str(seen)))
    assert seen is expected, told
    if result and seen is Outcome.ENDED:
        assert result.state in attack.states, told
        assert level is not Level.FULL or attack.says in result.reason, told
    assert seconds < attack.wall_s + MARGIN_S
    if not launcher.broken:
        assert not children_of(launcher), "nothing is left running"
    if came not in UNTOUCHED:
        assert measure(launchers.get(), sources.GRADIENT_DESCENT, Level.FULL).curve == honest()


def test_with_the_list_of_calls_no_attack_may_succeed() -> None:
    assert len({(attack.kind, attack.name) for attack in ATTACKS}) == len(ATTACKS) > 60
    open_to = {Outcome.SUCCEEDS, Outcome.VARIES, Outcome.NOT_RUN}
    for attack in ATTACKS:
        assert not open_to & {attack.expected(Level.FULL), attack.expected(Level.SECCOMP)}, attack


def outcome(attack: Attack, result: Evaluation | None, happened: list[str]) -> Outcome:
    if happened or result is None:
        return Outcome.SUCCEEDS
    if not result.complete:
        return Outcome.ENDED
    if result.curve != honest(attack.trainer):
        return Outcome.CONTAINED
    return Outcome.REFUSED if "REFUSED" in result.log else Outcome.HARMLESS


def gains(result: Evaluation, token: str) -> list[str]:
    """What it says that it got, and every place where a secret turns up."""
    texts = [result.log, result.reason, *result.traceback]
    said = [line for line in result.log.splitlines() if line.startswith("GAINED")]
    return said + ["told a secret" for text in texts if token in text]


def measure(
    launcher: Launcher, source: str, level: Level, attack: Attack | None = None
) -> Evaluation:
    attack = attack or Attack("none", "harmless")
    limits = Limits(attack.wall_s, attack.memory_mb, 2**18, attack.cpu_s, level)
    procedure = Procedure(10, attack.trainer)
    return evaluate(Submission(source), INSTANCE, launcher, procedure=procedure, limits=limits)


@cache
def honest(trainer: TrainerName = "exact") -> tuple[tuple[int, float], ...]:
    with Launcher() as launcher:
        attack = Attack("none", "harmless", trainer=trainer)
        return measure(launcher, sources.GRADIENT_DESCENT, Level.RLIMITS, attack).curve


@cache
def had_here(level: Level) -> bool:
    layers = {"full": "", "seccomp": "landlock", "landlock": "seccomp"}
    left_out = dict.fromkeys([layers[level]], "left out") if level in layers else {}
    return level is Level.RLIMITS or Box(probe().layers | left_out).level is level


def children_of(launcher: Launcher) -> list[str]:
    """Of the zygote, to which whatever loses its parent falls."""
    return Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text().split()
