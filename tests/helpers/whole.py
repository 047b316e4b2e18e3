"""Whole studies as processes, each with what it says in a file."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from helpers import ROOT

# nothing is better by so much, so the stages after the verdict are left out
SHORT = ("--no-recipes", "--no-transfer", "--no-ablation", "--no-commit", "--min-effect", "1000")
STUDY = ("run", "--track", "mqar", "--scale", "small", "--budget", "6", "--study", "s", *SHORT)
PATIENCE_S = 600.0
Begin = Callable[..., "subprocess.Popen[str]"]


@contextmanager
def beginning(root: Path) -> Iterator[Begin]:
    """Begins a verb in a folder below `root`; what it says goes to the file `said` there."""
    with ExitStack() as stack:

        def begun(folder: str, *words: str, said: str = "said") -> "subprocess.Popen[str]":
            (root / folder / "submissions").mkdir(parents=True, exist_ok=True)
            started = subprocess.Popen(
                [sys.executable, "-m", "agent", *words],
                cwd=root / folder,
                # one that is killed leaves a temporary folder
                env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(root)},
                stdout=subprocess.DEVNULL,
                stderr=stack.enter_context((root / folder / said).open("w")),
                text=True,
            )
            stack.callback(started.wait)
            stack.callback(started.kill)
            return started

        yield begun


def wait_for(text: str, file: Path, process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + PATIENCE_S
    while text not in file.read_text():
        assert process.poll() is None, file.read_text()
        assert time.monotonic() < until, file.read_text()
        time.sleep(0.05)


def curves(folder: Path) -> list[str]:
    return [file.read_text() for file in sorted(folder.glob("runs/s/trials/*/curve.csv"))]
