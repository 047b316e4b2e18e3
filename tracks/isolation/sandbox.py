"""The sandbox of an optimizer host, in layers of the operating system.

It is closed once torch is warm and before the submission's source is compiled. From then on the
process may compute, use the memory and the channel that it has, and end; it reaches no path, no
network, no process and no signal but its own. Linux on x86-64 and arm64; elsewhere limits alone.

Layers: no_new_privs; the user `nobody` in place of root; Landlock without a single allowed path; a
seccomp filter that allows the calls of a warm host, answers others with EPERM, and kills the
process for what only an attack calls.
"""

import ctypes
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from tracks.device import CPU
from tracks.isolation import landlock, seccomp
from tracks.isolation.levels import Level
from tracks.isolation.limits import die_with_parent

NOBODY = 65_534
PR_SET_NO_NEW_PRIVS = 38
NO_NEW_PRIVS, UNPRIVILEGED = "no_new_privs", "unprivileged"
LANDLOCK, SECCOMP = "landlock", "seccomp"
PROBE_S = 20.0


@dataclass(frozen=True)
class Box:
    """The layers: an empty text where one holds, else why it does not."""

    layers: dict[str, str] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        held = {layer for layer, missing in self.layers.items() if not missing}
        if {NO_NEW_PRIVS, UNPRIVILEGED, LANDLOCK, SECCOMP} <= held:
            return Level.FULL
        if {NO_NEW_PRIVS, SECCOMP} <= held:
            return Level.SECCOMP
        return Level.LANDLOCK if {NO_NEW_PRIVS, LANDLOCK} <= held else Level.RLIMITS

    def short_of(self, wanted: str) -> str:
        """Why the sandbox is weaker than requested, and what to do."""
        missing = "; ".join(f"{layer}: {why}" for layer, why in self.layers.items() if why)
        return (
            f"the sandbox reaches only level {self.level}, not {wanted} "
            f"({missing or 'nothing else was asked for'}); "
            f"--min-sandbox {self.level} accepts that"
        )


def levels_for(device: str, asked: Level | None) -> tuple[Level, Level]:
    """The level to close the sandbox to on a device, and the level that must hold.

    Without a request, the usual level of the device must hold, or all that this machine has.
    """
    if device == CPU:
        return Level.FULL, asked or probe().level
    return (asked or usual_level(device),) * 2


def usual_level(device: str) -> Level:
    """On a GPU the sandbox has not been tested: there it has to be requested."""
    return Level.FULL if device == CPU else Level.RLIMITS


def close(
    most: Level = Level.FULL, *, gpu: bool = False, watcher: socket.socket | None = None
) -> Box:
    """Close the sandbox around this process, irreversibly, as far as `most` and this system go.

    Call it while there is one thread: Landlock holds for the calling thread and those it starts.
    `watcher` gets the descriptor at which `seccomp.attack_in` reads what this process was stopped
    for; without it, or where the kernel has no such reports, the kernel ends the process by SIGSYS.
    With `gpu` the calls of a GPU's driver stay open, and there is no Landlock: the driver has
    started threads, which it would leave out.
    """
    if most in (Level.RLIMITS, Level.NONE):
        return Box()
    layers: dict[str, Callable[[], None]] = {UNPRIVILEGED: _drop_root, NO_NEW_PRIVS: _no_new_privs}
    if most in (Level.FULL, Level.LANDLOCK) and not gpu:
        layers[LANDLOCK] = landlock.restrict
    if most in (Level.FULL, Level.SECCOMP):
        layers[SECCOMP] = lambda: _filter(gpu, watcher)
    return Box({layer: _reason(apply) for layer, apply in layers.items()})


def _reason(apply: Callable[[], None]) -> str:
    try:
        apply()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _drop_root() -> None:
    """Become nobody where this is root, who could undo the other layers."""
    if os.getuid() and os.geteuid():
        return
    parent = os.getppid()
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    # the kernel forgets it with the user
    die_with_parent()
    if os.getppid() != parent:
        os._exit(1)


def _filter(gpu: bool, watcher: socket.socket | None) -> None:
    reported = False
    if watcher and not gpu:
        with suppress(OSError):
            listener = seccomp.report_attacks()
            reported = True
            try:
                socket.send_fds(watcher, [b"!"], [listener])
            finally:
                os.close(listener)
    seccomp.restrict(gpu=gpu, reported=reported)


def _no_new_privs() -> None:
    if not sys.platform.startswith("linux"):
        raise OSError(0, f"{sys.platform} has none")
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@cache
def probe() -> Box:
    """The layers of this machine, tried in a process of its own within hundredths of a second."""
    command = [sys.executable, "-P", "-S", "-m", __name__]
    source = str(Path(__file__).resolve().parents[2])
    env = {"PYTHONPATH": source, "PATH": os.environ.get("PATH", "")}
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PROBE_S)
        return Box(json.loads(done.stdout)["layers"])
    except (OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        return Box({"probe": f"it could not be tried: {error}"})


if __name__ == "__main__":
    print(json.dumps(asdict(close())), flush=True)
    os._exit(0)
