"""What an attack is: a small hostile submission, and what must come of it at each sandbox level."""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tracks.evaluation import State
from tracks.isolation.levels import Level
from tracks.isolation.system_calls import numbers
from tracks.procedure import TrainerName

LEVELS = (Level.FULL, Level.SECCOMP, Level.LANDLOCK, Level.RLIMITS)


class Outcome(StrEnum):
    REFUSED = "refused"
    """It got an error and nothing else; the run went on to the honest curve."""
    ENDED = "ended"
    """Its trial ended early, with one of the states that are admitted for it."""
    HARMLESS = "harmless"
    """It got no error and changed nothing: the honest curve."""
    CONTAINED = "contained"
    """It changed nothing but its own parameters, which it may set to anything; its run then
    comes to an end, or to one of its states."""
    SUCCEEDS = "succeeds"
    """It got what it wanted; the level is known to be too weak for it."""
    VARIES = "varies"
    """Succeeds or not, by the kernel, its settings, and the rights of who runs the tests."""
    NOT_RUN = "not run"
    """It could harm the machine where it is not sure to be stopped."""


@dataclass(frozen=True)
class Attack:
    """`outcomes` has a word for each of LEVELS. `body` runs at the first step and reports by
    `gained(what)`; an OSError that forbids is its refusal. A `source` takes the place of all else.

    `states` and `says` are what an early end may come to, and words of its reason at `full`.
    `landlock_abi` is the version of Landlock that the outcome at level landlock needs.
    """

    name: str
    outcomes: str
    body: str = ""
    source: str = ""
    states: tuple[State, ...] = ()
    says: str = ""
    kind: str = ""
    representative: bool = False
    wall_s: float = 20.0
    cpu_s: float | None = None
    memory_mb: int = 256
    trainer: TrainerName = "exact"
    landlock_abi: int = 1

    def expected(self, level: Level) -> Outcome:
        words = self.outcomes.replace(Outcome.NOT_RUN, "not_run").split()
        if len(words) == 1:
            words *= len(LEVELS)
        assert len(words) == len(LEVELS), self.name
        return Outcome(words[LEVELS.index(level)].replace("_", " "))

    def text(self, world: Mapping[str, Any]) -> str:
        """The submission, with what it knows of the world before it."""
        known = "".join(f"{name} = {value!r}\n" for name, value in world.items())
        if self.source:
            return self.source.replace("PREAMBLE", known + PREAMBLE)
        lines = "\n".join("        " + line for line in self.body.strip("\n").splitlines())
        return known + PREAMBLE + AT_FIRST_STEP.replace("        BODY", lines)


def of_kind(kind: str, *attacks: Attack) -> tuple[Attack, ...]:
    """The attacks of a kind; the first of them represents it in a short run of the tests."""
    return tuple(
        replace(attack, kind=kind, representative=number == 0)
        for number, attack in enumerate(attacks)
    )


MORE_CALLS: dict[str, dict[str, int]] = {
    "x86_64": {
        "shmget": 29, "vfork": 58, "semget": 64, "msgget": 68, "capset": 126, "personality": 135,
        "setpriority": 141, "chroot": 161, "tkill": 200, "sched_setaffinity": 203, "prctl": 157,
        "rt_sigqueueinfo": 129, "mq_open": 240, "inotify_init1": 294, "seccomp": 317,
        "memfd_create": 319, "arch_prctl": 158, "pidfd_send_signal": 424, "pidfd_open": 434,
        "openat2": 437, "pidfd_getfd": 438, "execve": 59, "signalfd4": 289, "timer_create": 222,
        "getrandom": 318, "syslog": 103, "setns": 308, "sethostname": 170, "settimeofday": 164,
        "kcmp": 312, "fanotify_init": 300, "landlock_create_ruleset": 444, "openat": 257,
        "process_madvise": 440, "setpgid": 109, "pipe2": 293, "splice": 275,
    },
    "aarch64": {
        "shmget": 194, "semget": 190, "msgget": 186, "capset": 91, "personality": 92,
        "setpriority": 140, "chroot": 51, "tkill": 130, "sched_setaffinity": 122, "prctl": 167,
        "rt_sigqueueinfo": 138, "mq_open": 180, "inotify_init1": 26, "seccomp": 277,
        "memfd_create": 279, "pidfd_send_signal": 424, "pidfd_open": 434,
        "openat2": 437, "pidfd_getfd": 438, "execve": 221, "signalfd4": 74, "timer_create": 107,
        "getrandom": 278, "syslog": 116, "setns": 268, "sethostname": 161, "settimeofday": 170,
        "kcmp": 272, "fanotify_init": 262, "landlock_create_ruleset": 444, "openat": 56,
        "process_madvise": 440, "setpgid": 154, "pipe2": 59, "splice": 76,
    },
}  # fmt: skip
CALLS = numbers() | MORE_CALLS.get(platform.machine(), {})

PREAMBLE = f"""
import ctypes, errno, os, sys, time, torch
CALLS = {json.dumps(CALLS)}
libc = ctypes.CDLL(None, use_errno=True)
FORBID = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EFBIG)

def call(name, *words):
    words = [CALLS.get(name, name), *words]
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in words]
    done = libc.syscall(*words)
    if done < 0:
        raise OSError(ctypes.get_errno(), f"{{name}}: {{os.strerror(ctypes.get_errno())}}")
    return done

def gained(*what):
    print("GAINED", *what, flush=True)

def refuse():
    raise PermissionError(errno.EPERM, "refused")
"""

AT_FIRST_STEP = """
def attempt(self):
    try:
        BODY
    except OSError as error:
        if error.errno not in FORBID:
            raise
        print("REFUSED", error, flush=True)

class Submission(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {"lr": 0.05})
        self.tried = False

    @torch.no_grad()
    def step(self, closure=None):
        if not self.tried:
            self.tried = True
            attempt(self)
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(group["lr"] * p.grad)
"""
"""Plain gradient descent, so that an attack which changes nothing has the honest curve."""
