"""Measure one optimizer, a class or a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from agent.api.options import (
    EvaluateOptions,
    Optimizer,
    TransferOptions,
    checked,
    chosen,
    submission_of,
    track_of,
    working_in,
)
from agent.cli import inputs
from agent.cli.eval import OneRun
from agent.cli.machine import CpuMachine, Limits
from agent.cli.transfer import Workloads

if TYPE_CHECKING:
    from agent.verdict.transfer_record import TransferRecord
    from tracks.evaluation import Evaluation


def evaluate(
    optimizer: Optimizer, track: str | Path, **options: Unpack[EvaluateOptions]
) -> "Evaluation":
    """Measure one optimizer on one instance of a track, in the sandbox.

    A class comes with the functions and constants of its module or notebook that it uses. What
    fails in training is a result with its state and reason.

    Raises UserError for wrong options, for what is wrong with a track, and for a file that breaks
    a rule unless `anyway`.
    """
    given = checked(EvaluateOptions, options)
    known = track_of(track)
    candidate = submission_of(optimizer, given.get("settings", {}))
    if not given.get("anyway", False):
        inputs.require_allowed(candidate)
    with working_in(given.get("workspace", "."), given.get("storage")):
        task = OneRun(known, **chosen(OneRun, given))
        return task.measured(candidate, Limits(**chosen(Limits, given)).on(known, task.scale))


def transfer(optimizer: Optimizer, **options: Unpack[TransferOptions]) -> "TransferRecord":
    """Try one optimizer, unchanged, on small tasks of other kinds, beside tuned AdamW and Muon.

    Raises UserError for wrong options, and for a file that breaks a rule.
    """
    given = checked(TransferOptions, options)
    candidate = submission_of(optimizer, given.get("settings", {}))
    inputs.require_allowed(candidate)
    asked = Workloads(**chosen(Workloads, given))
    with working_in(given.get("workspace", "."), given.get("storage")):
        return asked.tried(candidate, CpuMachine(**chosen(CpuMachine, given)).on())


def tracks() -> list[str]:
    """Names of the suite's tracks and of those that installed packages bring."""
    from tracks.registry import all_tracks, packaged_tracks

    return sorted({*all_tracks(), *packaged_tracks()})
