"""One run of a script of track 3 on an instance of tiny_lm, in this process.

The scripts are the work of others and run unconfined: only run a clone that you trust.
"""

import contextlib
import math
import os
import sys
import tempfile
import types
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor

from track3.adapt import Change, adapted
from track3.model import Diverged, Finished, Student
from track3.records import Entry
from tracks.byte_gpt import ByteGPT
from tracks.instance import drawn_instance
from tracks.registry import get_track

ONE_PROCESS = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1"}


class Alone:
    """torch.distributed of one process: to gather is to copy, to reduce is to do nothing."""

    ReduceOp = types.SimpleNamespace(SUM=0, AVG=1, MAX=2)

    def get_world_size(self) -> int:
        return 1

    def get_rank(self) -> int:
        return 0

    def is_initialized(self) -> bool:
        return True

    def all_gather(self, gathered: list[Tensor], given: Tensor) -> None:
        if gathered[0] is not given:
            gathered[0].copy_(given)

    def __getattr__(self, name: str) -> Any:
        if name in ("init_process_group", "destroy_process_group", "barrier", "is_available"):
            return lambda *_, **__: None
        if name in ("all_reduce", "broadcast"):
            return lambda *_, **__: None
        raise AttributeError(name)


def run(entry: Entry, scale: str, multiplier: float, drawn_from: str) -> float:
    """Bits per byte at the end of the run; infinite if it diverged."""
    student = prepared(entry, scale, drawn_from)
    steps = len(student.data.batch_indices)
    try:
        train(entry, student, Change(steps / entry.steps, multiplier))
    except (Diverged, torch.linalg.LinAlgError):
        # a decomposition fails where numbers are not finite
        return math.inf
    metric = student.measured[-1]
    return metric if math.isfinite(metric) else math.inf


def first_updates(entry: Entry, scale: str, *, adapted: bool) -> dict[str, Tensor]:
    """What the first two steps add to each parameter; not adapted, the script keeps its numbers of
    steps and its half precision."""
    student = prepared(entry, scale, "seed:track3-faithful")
    fraction = len(student.data.batch_indices) / entry.steps if adapted else 1.0
    student.data = student.data._replace(batch_indices=student.data.batch_indices[:2])
    before = {name: p.detach().clone() for name, p in student.named_parameters()}
    train(entry, student, Change(fraction, 1.0, keep_half=not adapted))
    return {name: p.detach() - before[name] for name, p in student.named_parameters()}


def prepared(entry: Entry, scale: str, drawn_from: str) -> Student:
    track, instance = get_track("tiny_lm"), drawn_instance("tiny_lm", drawn_from, scale)
    bare = track.student(instance.seeds, scale)
    assert isinstance(bare, ByteGPT)
    mean = 'reduction="mean"' in entry.script()
    return Student(track, bare, track.data(instance.seeds, scale), mean=mean)


def train(entry: Entry, student: Student, change: Change) -> None:
    batch = student.data.batch_indices.shape[1]
    values: dict[str, object] = {
        "mbs": batch,
        "8 * 64 * 1024": batch * student.data.train_inputs.shape[1],
        "HEAD_DIM": student.head_dim,
        # larger than a side of a matrix and smaller than a matrix, as there
        "max_preconditioner_dim": 4 * student.proj.weight.shape[1],
    }
    facts = entry.facts
    change = replace(change, values=values | facts.values, rates=facts.rates)
    program = compile(adapted(entry.script(), change), "track 3", "exec")
    with _machine(student, change, entry), contextlib.suppress(Finished):
        exec(program, _names(student))


def _names(student: Student) -> dict[str, Any]:
    """What the program finds in place of what was taken out of it."""

    data = student.data

    def batches(pattern: str, *_: object, **__: object) -> Iterator[tuple[Tensor, Tensor]]:
        order = data.batch_indices[:1] if "val" in str(pattern) else data.batch_indices
        for rows in (*order, data.batch_indices[0]):
            yield data.train_inputs[rows].long(), data.train_targets[rows].long()

    return {
        "__name__": "__main__",
        "dist": Alone(),
        "GPT": lambda **_: student,
        "distributed_data_generator": batches,
        "print0": lambda *_, **__: None,
    }


@contextlib.contextmanager
def _machine(student: Student, change: Change, entry: Entry) -> Iterator[None]:
    """One process without a GPU and a compiler, in an empty folder. Every group of parameters gets
    the multiplied its step size, and the first optimizer finds the track's initial parameters.
    """
    optimizer, add = torch.optim.Optimizer, torch.optim.Optimizer.add_param_group

    def multiplied(self: torch.optim.Optimizer, group: dict[str, Any]) -> None:
        student.restart_once()
        add(self, group)
        if "lr" in self.param_groups[-1]:
            self.param_groups[-1]["lr"] *= change.multiplier

    def as_it_is(function: Any = None, **_: object) -> Any:
        return function if function is not None else lambda f: f

    silent = {name: lambda *_, **__: None for name in ("set_device", "manual_seed_all")}
    settings = {k: change.setting(k, v) for k, v in entry.facts.settings.items()}
    before = os.getcwd()
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.dict(os.environ, ONE_PROCESS | settings),
        patch.object(sys, "argv", [os.devnull]),
        patch.object(sys, "path", [*sys.path, str(entry.packages)]),
        patch.object(optimizer, "add_param_group", multiplied),
        patch.object(torch, "compile", as_it_is),
        patch.multiple(torch.cuda, get_device_name=lambda *_: "none", **silent),
        open(os.devnull, "w") as nowhere,
        contextlib.redirect_stdout(nowhere),
    ):
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
