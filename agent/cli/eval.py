"""`autoresearch eval`: one submission on one instance."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from agent.cli import inputs, output
from agent.cli.machine import Limits
from agent.cli.options import Json, Task, files_of, option, require_text
from agent.study.errors import UserError
from tracks.procedure import TrainerName
from tracks.submission import Submission

if TYPE_CHECKING:
    from tracks.evaluation import Evaluation
    from tracks.rules.rulebook import Finding

SILENCE_S = 30.0
"""Between two lines that say how far a run is."""
LABELS = 21
"""Columns for what the numbers are, at least."""
SHOWN, WIDTH = 20, 200
"""Lines, and characters of a line, that are shown of what a submission printed."""


@dataclass(frozen=True)
class OneRun(Task):
    """One run: its instance, its trainer and how often the metric is evaluated."""

    instance: str | None = option(
        "An instance drawn from this text [default: the official instance]."
    )
    trainer: TrainerName = option(
        "exact: upstream's bits; fused: equal up to rounding and much faster.", default="exact"
    )
    eval_every: int | None = option(
        "Evaluate the metric every N steps [default: the objective's].", min=1
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        require_text("--instance", self.instance)
        steps = self.track.scales[self.scale].max_steps
        if self.eval_every and self.eval_every > steps:
            raise UserError(
                f"--eval-every {self.eval_every}: a run has {steps} steps; expected at most that"
            )

    def measured(self, candidate: Submission, asked: Limits) -> "Evaluation":
        """The evaluation of a submission."""
        with asked.launcher() as launcher:
            # importing torch takes seconds, in which the zygote imports it as well
            from agent.study.local_executor import LocalExecutor
            from tracks.instance import drawn_instance, official_instance
            from tracks.procedure import Procedure

            drawn = official_instance(self.track.name, self.scale)
            if self.instance:
                drawn = drawn_instance(self.track.name, self.instance, self.scale)
            every = self.eval_every or self.track.eval_every[self.aim]
            how = Procedure(every, self.trainer)
            said = _Steps(self.track.scales[self.scale].max_steps)
            with LocalExecutor(launcher, 1, None, asked.bounds(), [asked.device]) as executor:
                return executor.submit(candidate, drawn, how, said).result()


class _Steps:
    """Says how far a long run is, on standard error."""

    def __init__(self, last: int) -> None:
        self._last, self._said = last, time.monotonic()

    def __call__(self, step: int) -> None:
        if time.monotonic() >= self._said + SILENCE_S:
            self._said = time.monotonic()
            output.say(f"autoresearch: step {step} of {self._last}", stderr=True)


def eval(
    task: OneRun,
    limits: Limits,
    submission: Path = typer.Option(..., help="File that defines Submission, or its folder."),
    results_json: Path | None = typer.Option(None, help="Write the result to this file too."),
    anyway: bool = typer.Option(False, "--anyway", help="Measure a file that breaks a rule, too."),
    as_json: Json = False,
) -> None:
    """Measure one submission on one instance of a track.

    A file that breaks a rule of `autoresearch check` is not run, unless --anyway is given. What
    the submission prints is shown on standard error, each line after `submission |`.

    Exit status: 0 when it ran, target met or missed; 2 for bad input; 3 when it failed in training.

    \b
    Examples, of a file such as `autoresearch space render adamw -o mine.py` writes:
      autoresearch eval --track mqar --submission mine.py
      autoresearch eval --track random_teacher --submission mine.py --results-json result.json
      autoresearch eval --track mqar --submission mine.py --instance any-text --json
    """
    candidate = inputs.read_candidate(submission)
    reads = [Path(candidate.path), *files_of(task.track)]
    output.require_outputs({"--results-json": results_json}, reads)
    findings = inputs.read_rules(candidate) if anyway else inputs.require_allowed(candidate)
    evaluation = task.measured(candidate, limits.on(task.track, task.scale))
    from tracks.result_file import result_record

    record = result_record(evaluation, candidate.name, candidate.path, task.aim)
    record["findings"] = [asdict(finding) for finding in findings]
    if results_json:
        output.write_file("--results-json", results_json, json.dumps(record, indent=2) + "\n")
    if as_json:
        output.print_json(record)
    else:
        _show_notes(candidate, findings, evaluation.log)
    if not evaluation.complete:
        _fail(candidate, evaluation)
    if not as_json:
        _show(record, task.track.metric.name)


def _fail(candidate: Submission, evaluation: "Evaluation") -> None:
    """Report a failed evaluation and end the verb."""
    from tracks.evaluation import State
    from tracks.rules.hints import with_hint

    for line in evaluation.traceback:
        output.say(line, stderr=True)
    why = with_hint(evaluation.reason, evaluation.traceback)
    reason = f"{candidate.path}: {evaluation.state}: {why}"
    if evaluation.state is State.INVALID:
        raise UserError(f"{reason}; expected a class Submission(torch.optim.Optimizer)")
    output.say(f"autoresearch: {reason}", stderr=True)
    raise typer.Exit(output.FAILED)


def _show_notes(candidate: Submission, findings: "Sequence[Finding]", log: str) -> None:
    """On standard error: the findings in the file, and the end of what it printed."""
    for finding in findings[:SHOWN]:
        output.say(f"{candidate.path}:{finding.line}: {finding.labelled}", stderr=True)
    printed = log.splitlines()
    if len(findings) > SHOWN or len(printed) > SHOWN:
        counts = f"{len(findings)} findings and {len(printed)} printed lines"
        shown = f"at most {SHOWN} of each shown; --json has all"
        output.say(f"autoresearch: {counts}, {shown}", stderr=True)
    for line in printed[-SHOWN:]:
        output.say(f"submission | {line[:WIDTH]}", stderr=True)


def _show(record: dict[str, Any], metric: str) -> None:
    steps, total = record["steps_to_target"], record["max_steps"]
    reached = f"met at step {steps}" if steps else "missed"
    last = record["curve"][-1][0] if record["curve"] else total
    end = "final" if last == total else f"step {last}"
    training_s, all_s = record["training_wall_time_s"], record["duration_s"]
    output.say(
        f"{record['submission']} on {record['track']}, {record['scale']} scale, "
        f"instance {record['drawn_from'] or 'official'}, device {record['device']}, "
        f"sandbox {record['sandbox']}"
    )
    target = record[f"target_{metric}"]
    evaluated = f"(evaluated every {min(record['eval_every'], total)} of {total} steps)"
    rows = {
        f"{end} {metric}": repr(record[f"final_eval_{metric}"]),
        f"best {metric}": repr(record[f"best_eval_{metric}"]),
        f"initial {metric}": repr(record[f"initial_eval_{metric}"]),
        **({} if target is None else {f"target {target!r}": f"{reached} {evaluated}"}),
        "last train loss": repr(record["last_train_loss"]),
        "time": f"{training_s:.1f} s training, {all_s:.1f} s in all",
    }
    width = max(LABELS, *map(len, rows))
    for name, value in rows.items():
        output.say(f"  {name:<{width}} {value}")
