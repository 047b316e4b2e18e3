"""`autoresearch eval`: one submission on one instance."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

from agent.cli import common
from agent.cli.machine import Device, MinSandbox, machine
from agent.study.errors import UserError
from agent.study.workspace import write_text
from tracks.isolation.launcher import Launcher
from tracks.printable import printable
from tracks.submission import Submission

if TYPE_CHECKING:
    from tracks.rules.rulebook import Finding

BAD_INPUT, FAILED = 2, 3
SHOWN, WIDTH = 20, 200
"""Lines and characters of a line that are shown of what a submission printed."""


def evaluate_submission(
    track: str = typer.Option(..., "--track", help="Track; see `autoresearch tracks`."),
    submission: Path = typer.Option(..., help="File that defines Submission, or its folder."),
    results_json: Path = typer.Option(None, help="Write the result to this file as well."),
    eval_every: int = typer.Option(
        None, min=1, help="Look at the metric every K steps [default: the objective's]."
    ),
    objective: str = typer.Option(
        None, help="What score means: final or steps [default: track's]."
    ),
    fresh: str = typer.Option(
        None, help="A fresh instance drawn from this text, not the official."
    ),
    trainer: str = typer.Option(
        "exact", help="exact, upstream's bits; or fused, equal up to rounding and much faster."
    ),
    scale: str = typer.Option("full", help="full, or small for a trial in a second."),
    timeout: str = typer.Option(
        None, help="Time limit, such as 90s or 30m [default: by adamw's time]."
    ),
    memory_mb: int = typer.Option(2048, min=64, help="Memory the optimizer may allocate, MiB."),
    min_sandbox: MinSandbox = None,
    device: Device = "cpu",
    anyway: bool = typer.Option(False, "--anyway", help="Measure a file that breaks a rule, too."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Measure one submission on the official instance of a track.

    A file that breaks a rule of `autoresearch check` is not run, unless --anyway is given. What
    the submission prints is shown on standard error, each line after `submission |`.

    Exit status: 0 when it ran, target met or not; 2 for bad input; 3 when it failed in training.

    \b
    Examples:
      autoresearch eval --track mqar --submission submissions/adamw/submission.py
      autoresearch eval --track random_teacher --submission mine.py --results-json result.json
      autoresearch eval --track mqar --submission mine.py --fresh any-text --json
    """
    candidate = common.read_candidate(submission)
    if results_json and not results_json.absolute().parent.is_dir():
        raise UserError(
            f"--results-json {results_json}: its folder does not exist; create it first"
        )
    findings = _findings(candidate, anyway)
    asked = machine(1, timeout, memory_mb, device, track, scale, min_sandbox)
    if fresh is not None and not fresh.strip():
        raise UserError("--fresh '': expected some text to draw the instance from")
    with Launcher(asked.device) as launcher:
        # importing torch takes seconds, which the zygote uses to do the same
        from agent.study.executor import Executor
        from tracks.evaluation import State
        from tracks.instance import fresh_instance, official_instance
        from tracks.procedure import Procedure
        from tracks.result_file import result_record
        from tracks.rules.hints import with_hint

        known = common.known_track(track)
        aim = common.known_objective(objective, known)
        common.known_scale(scale, known)
        steps = known.scales[scale].max_steps
        if eval_every and eval_every > steps:
            raise UserError(
                f"--eval-every {eval_every}: a run has {steps} steps; expected at most so many"
            )
        official = official_instance(track, scale)
        draw = official if fresh is None else fresh_instance(track, fresh, scale)
        procedure = Procedure(eval_every or known.eval_every[aim], common.known_trainer(trainer))
        spread = [asked.device]
        with Executor(
            launcher, 1, None, asked.wall_s, memory_mb, spread, asked.min_sandbox
        ) as executor:
            evaluation = executor.submit(candidate, draw, procedure).result()
    record = result_record(evaluation, candidate.name, candidate.path, aim)
    record["findings"] = [asdict(finding) for finding in findings]
    if results_json:
        try:
            write_text(results_json, json.dumps(record, indent=2) + "\n")
        except OSError as error:
            raise UserError(f"--results-json {results_json}: {error.strerror}") from error
    if as_json:
        common.print_json(record)
    else:
        _show(candidate, findings, evaluation.log)
    if evaluation.complete and not as_json:
        _print_summary(record, known.metric.name)
    if evaluation.complete:
        return
    for line in evaluation.traceback:
        typer.echo(line, err=True)
    told = with_hint(evaluation.reason, evaluation.traceback)
    reason = f"{candidate.path}: {evaluation.state}: {told}"
    if evaluation.state is State.INVALID:
        raise UserError(f"{reason}; expected a class Submission(torch.optim.Optimizer)")
    typer.echo(f"autoresearch: {printable(reason)}", err=True)
    raise typer.Exit(FAILED)


def _findings(candidate: Submission, anyway: bool) -> "list[Finding]":
    return common.read_rules(candidate) if anyway else common.require_allowed(candidate)


def _show(candidate: Submission, findings: "list[Finding]", log: str) -> None:
    """On standard error: what a person should read in the file, and the end of what it printed."""
    for finding in findings[:SHOWN]:
        where = f"{candidate.path}:{finding.line}"
        typer.echo(f"{where}: {finding.level} ({finding.rule}): {finding.text}", err=True)
    printed = log.splitlines()
    if len(findings) > SHOWN or len(printed) > SHOWN:
        typer.echo(
            f"autoresearch: {len(findings)} findings and {len(printed)} printed lines, "
            f"at most {SHOWN} of each shown; --json has all",
            err=True,
        )
    for line in printed[-SHOWN:]:
        kept = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line[:WIDTH])
        typer.echo(f"submission | {kept}", err=True)


def _print_summary(record: dict[str, Any], metric: str) -> None:
    console = common.console()
    steps = record["steps_to_target"]
    reached = f"met at step {steps}" if steps else "missed"
    drawn = f"instance {record['drawn_from'] or 'official'}"
    where = f"{record['scale']} scale, {drawn}, device {record['device']}"
    where += f", sandbox {record['sandbox']}"
    lines = [
        f"{record['submission']} on {record['track']}, {where}",
        f"  final {metric:<16}{record[f'final_eval_{metric}']!r}",
        f"  best {metric:<17}{record[f'best_eval_{metric}']!r}",
        f"  initial {metric:<14}{record[f'initial_eval_{metric}']!r}",
        f"  target {record[f'target_{metric}']!r:<15}{reached} "
        f"(looked every {record['eval_every']} of {record['max_steps']} steps)",
        f"  last train loss       {record['last_train_loss']!r}",
        f"  time                  {record['training_wall_time_s']:.1f} s training, "
        f"{record['duration_s']:.1f} s in all",
    ]
    for line in lines:
        console.print(Text(printable(line)), soft_wrap=True)
