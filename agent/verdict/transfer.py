"""Transfer: one optimizer, unchanged, on small tasks of other kinds, against tuned references.

The figure is a ratio: the fewest steps in which a reference reaches the final loss of its whole
run, over the fewest in which the candidate does. A schedule that ends with the run reaches its best
loss at its end, so a file that takes `max_steps` runs for several lengths, from half to twice the
reference's whole run, and the reference for those up to the whole. Another file runs for twice the
reference's steps, and the reference for its whole run alone.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.study.executor import Executor
from agent.study.progress import View
from agent.verdict.comparison import Contender, Task, failure, run_each
from agent.verdict.comparison_keys import instance_texts
from agent.verdict.references.files import references
from agent.verdict.transfer_record import Draw, TransferRecord, WorkloadRow, scores_of
from search_space.defaults import constructor
from tracks.device import CPU
from tracks.evaluation import Evaluation
from tracks.instance import Instance, drawn_instance
from tracks.procedure import Procedure
from tracks.registry import workloads
from tracks.submission import Submission
from tracks.workload import EVALUATIONS, LONGEST, Workload

DRAWS = 3
SHORT = 4
"""A short run has this part of the steps."""
OWN_LENGTH = 400
"""Steps for which a file without `max_steps` is made, unless it is said: those of the suite."""
LENGTHS = (0.5, 0.7, 1.0, 1.4, 2.0)
"""Of the candidate's runs, as multiples of the reference's whole run."""
FEW_LENGTHS = (0.5, 1.0, 2.0)
"""The same where runs are short."""
Run = tuple[Task, Procedure]


@dataclass(frozen=True)
class Design:
    """`draws` instances of each workload of `only`, or of all, drawn from `key`.

    `short` runs have a quarter of the steps and fewer lengths, and meet no reference that was tuned
    for the workload; without `per_workload` no runs do. A file whose constructor takes no
    `max_steps` meets references that run for `own_length` steps, but never for more than `LONGEST`.
    Runs are on `device`, by default that of the executor.
    """

    key: str
    draws: int = DRAWS
    short: bool = False
    own_length: int = OWN_LENGTH
    only: Sequence[str] = ()
    per_workload: bool = True
    device: str | None = None

    @classmethod
    def of_a_winner(cls, key: str, own_length: int) -> "Design":
        """Short runs, on the CPU: it is faster for students of that size, and has the sandbox."""
        return cls(key, draws=1, short=True, own_length=own_length, device=CPU)


def takes_length(submission: Submission) -> bool:
    """Whether the constructor of its `Submission`, or the one it inherits, takes `max_steps`."""
    made = constructor(ast.parse(submission.source))
    given = [*made.args.args, *made.args.kwonlyargs] if made else []
    return any(argument.arg == "max_steps" for argument in given)


def transfer(
    executor: Executor, view: View, candidate: Contender, design: Design
) -> TransferRecord:
    """The candidate and the references on the same held-out instances of every workload.

    Raises TrackError where a package that workloads read is missing.
    """
    name, submission = candidate
    chosen = [it for it in workloads() if not design.only or it.name in design.only]
    trials = [_Trial(workload, submission, design) for workload in chosen]
    runs = [run for trial in trials for run in trial.runs(name)]
    view.phase(f"trying {name} on other tasks", len(runs))
    ended = iter(run_each(executor, view, runs, "final", design.device))
    rows = tuple(trial.row(ended) for trial in trials)
    own_length = None if takes_length(submission) else _own_length(design)
    about = (submission.digest, design.key, design.short, design.device or executor.device)
    return TransferRecord(*about, rows, scores_of(rows), own_length)


def _own_length(design: Design) -> int:
    return min(design.own_length, LONGEST)


class _Trial:
    """The runs on one workload, whose references take `length` steps."""

    def __init__(self, workload: Workload, submission: Submission, design: Design) -> None:
        self._name, self._submission = workload.name, submission
        self._adapts = takes_length(submission)
        whole = workload.length if self._adapts else _own_length(design)
        self._length = max(2, whole // SHORT if design.short else whole)
        per_workload = design.per_workload and not design.short
        self._references = references(workload.name, per_workload=per_workload)
        about = (submission.digest, "", workload.name, "full")
        texts = instance_texts(design.key, *about, design.draws)
        self._instances = [drawn_instance(workload.name, text) for text in texts]
        lengths: Sequence[float] = FEW_LENGTHS if design.short else LENGTHS
        lengths = lengths if self._adapts else (1, 2)
        self._steps = [round(it * self._length) for it in lengths]
        self._reference_steps = [round(it * self._length) for it in lengths if it <= 1]

    def runs(self, candidate: str) -> Iterator[Run]:
        """For each instance: the candidate's, then the references'."""
        for instance in self._instances:
            for steps in self._steps:
                yield self._run(f"{candidate}, {steps} steps", self._submission, instance, steps)
            for label, submission in self._references.items():
                for steps in self._reference_steps:
                    yield self._run(f"{label}, {steps} steps", submission, instance, steps)

    def row(self, ended: Iterator[Evaluation]) -> WorkloadRow:
        """From the evaluations of `runs`, in their order."""
        draws, seconds = [], 0.0
        for instance in self._instances:
            ours = [next(ended) for _ in self._steps]
            theirs = {
                label: [next(ended) for _ in self._reference_steps] for label in self._references
            }
            seconds += sum(it.duration_s for runs in (ours, *theirs.values()) for it in runs)
            draws.append(self._draw(instance, ours, theirs))
        return WorkloadRow(self._name, self._length, seconds, tuple(draws))

    def _draw(
        self,
        instance: Instance,
        ours: Sequence[Evaluation],
        theirs: Mapping[str, Sequence[Evaluation]],
    ) -> Draw:
        """The last of a reference's runs is its whole run."""
        failed = self._failure(ours)
        draw = Draw(instance.drawn_from or "", {}, {}, failed, {})
        for label, runs in theirs.items():
            draw.losses[label] = loss = runs[-1].last if runs[-1].complete else None
            draw.steps[label] = None
            if loss is not None:
                draw.reference_steps[label] = _steps_to(runs, loss) or self._length
                draw.steps[label] = None if failed else _steps_to(ours, loss)
        return draw

    def _failure(self, ours: Sequence[Evaluation]) -> str:
        """The first failure; beyond its own length a file without `max_steps` may do anything."""
        meant = ours if self._adapts else ours[:1]
        return next((failure(it) for it in meant if not it.complete), "")

    def _run(self, name: str, submission: Submission, instance: Instance, steps: int) -> Run:
        every = max(1, self._length // EVALUATIONS)
        procedure = Procedure(every, "fused", False, True, steps=steps, length=steps)
        return (f"{self._name}: {name}", submission, instance), procedure


def _steps_to(evaluations: Sequence[Evaluation], loss: float) -> int | None:
    """The fewest steps after which any of them had at most this loss; None where none had."""
    reached = [
        step
        for it in evaluations
        if it.complete
        for step, value in it.curve
        if step and value <= loss
    ]
    return min(reached, default=None)
