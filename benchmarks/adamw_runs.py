"""Runs of adamw that `gpu.py` measures: in the sandbox, and as a plain loop."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ADAMW = ROOT / "submissions" / "adamw" / "submission.py"
TRACKS = ("random_teacher", "mqar", "single_ar")

_launchers: dict[str, Any] = {}


def launcher(device: str) -> Any:
    from tracks.device import kind
    from tracks.isolation.launcher import Launcher

    if kind(device) not in _launchers:
        _launchers[kind(device)] = Launcher(device)
    return _launchers[kind(device)]


class Prepared:
    """A launcher, which loads torch while a plain loop runs, and the data of some tracks."""

    def __init__(self, device: str, tracks: Sequence[str] = TRACKS) -> None:
        self._device, self._tracks = device, tracks

    def __enter__(self) -> None:
        opened = launcher(self._device)

        def prepare() -> None:
            from tracks.instance import official_instance

            with suppress(Exception):  # the evaluation that needs it says why
                for track in self._tracks:
                    opened.data.prepare(official_instance(track))

        Thread(target=prepare, daemon=True).start()

    def __exit__(self, *error: object) -> None:
        for opened in _launchers.values():
            opened.close()
        _launchers.clear()


def evaluated(
    track: str,
    *,
    device: str,
    trainer: Any,
    source: str | None = None,
    sandbox: str | None = None,
    eval_every: int = 400,
) -> dict[str, Any]:
    """One evaluation of adamw, or of `source`, on the official instance."""
    from tracks.instance import official_instance
    from tracks.isolation.evaluate import evaluate
    from tracks.isolation.levels import Level
    from tracks.isolation.limits import Limits
    from tracks.procedure import Procedure
    from tracks.submission import Submission

    started = time.perf_counter()
    evaluation = evaluate(
        Submission(source or ADAMW.read_text()),
        official_instance(track),
        launcher(device),
        procedure=Procedure(eval_every, trainer),
        limits=Limits(wall_s=60.0, sandbox=Level(sandbox) if sandbox else None),
        device=device,
    )
    return {
        "state": evaluation.state,
        "reason": evaluation.reason,
        "traceback": evaluation.traceback,
        "sandbox": evaluation.sandbox,
        "final": evaluation.last if evaluation.curve else None,
        "curve": [value for _, value in evaluation.curve],
        "last": evaluation.last_train_loss,
        "training_s": round(evaluation.training_wall_time_s, 3),
        "seconds": round(time.perf_counter() - started, 3),
    }


def completed(track: str, **asked: Any) -> dict[str, Any]:
    """The same, which must not fail."""
    found = evaluated(track, **asked)
    if found["state"] != "complete":
        lines = "\n".join(found["traceback"])
        raise RuntimeError(f"{found['state']}: {found['reason']}\n{lines}")
    return found


def plain_runs(
    track: str, device: str, *, repeat: int = 1, eval_every: int = 0, workspace: bool = True
) -> list[dict[str, Any]]:
    """A plain loop in one process; tables need deterministic algorithms for equal bits on a GPU."""
    words = [str(ROOT / "benchmarks" / "plain_loop.py"), track, str(ADAMW), "--device", device]
    words += ["--repeat", str(repeat), "--eval-every", str(eval_every)]
    words += ["--deterministic"] if device != "cpu" and track != "random_teacher" else []
    lines = output_of(*words, workspace=workspace)
    return [json.loads(line) for line in lines.splitlines()]


def output_of(*words: str, workspace: bool = True) -> str:
    """What a script of this source tree prints; with the workspace of cuBLAS that ours have."""
    from tracks.device import REPEATABLE

    environment = REPEATABLE if workspace else {}
    done = subprocess.run(
        [sys.executable, *words],
        env={**os.environ, **source_path(), **environment}, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{words[0]}: exit status {done.returncode}: {done.stderr[-1000:]}")
    return done.stdout


def source_path() -> dict[str, str]:
    """The source tree, then where the user has packages."""
    path = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(path)}
