"""The form of modded-nanogpt's track 3: a folder of results/ with a script that runs, and logs."""

import ast
import shlex
import statistics
from collections.abc import Sequence
from pathlib import Path

from agent.publish.contests import enclosed
from agent.publish.contests.contribution import Added, Contribution, Given
from agent.publish.contests.form import Form, require_none
from agent.publish.contests.logs import Log, read_logs
from agent.publish.contests.page import introduction, measured_here, paired_sentence, track_logs
from agent.publish.contests.track3_script import Script, diff, put_into
from agent.report.tables import number, table
from agent.study.errors import UserError
from agent.study.executor import Executor
from agent.verdict.statistics import MARGIN, SIGMA, TARGET, ZRule, z_rule
from tracks.base import Track
from tracks.instance import official_instance
from tracks.procedure import Procedure
from tracks.submission import Submission
from tracks.track3_groups import STEPS

RESULTS = "records/track_3_optimization/results"
README = "README.md"
RUN = "torchrun --standalone --nproc_per_node=$(nvidia-smi -L | wc -l)"


class Track3(Form):
    """RESULTS/DATE_NAME: the script with the winner in it, the logs of its runs, README.md."""

    name = "track3"

    def add(self, winner: Submission, track: Track, given: Given) -> Added:
        require_none(self.name, best=given.best, author=given.author, github_id=given.github_id)
        if given.script is None:
            raise UserError(
                "--to track3 needs --script FILE: the contest's train_gpt_simple.py, into which "
                "the winner is put"
            )
        script = _read(given.script)
        if enclosed.is_enclosed(script.source):
            edited = _with_winner(script, winner)
        else:
            edited = put_into(script, winner, winner.name, given.groups)
        logs = read_logs(given.logs)
        files = {README, script_name(winner.name)}
        for log in logs:
            if log.code.strip() != edited.strip():
                raise UserError(
                    f"--log {log.name}: its code is not the script with {winner.name} in it; give "
                    "the script that was run as --script"
                )
            if log.name in files:
                raise UserError(
                    f"--log {log.name}: the folder has a file of that name already; rename the log"
                )
            files.add(log.name)
        names = given.script.name, script_name(winner.name)
        return Added(edited, diff(script.source, edited, names), logs)

    def try_out(self, executor: Executor, winner: Submission, given: Given) -> None:
        """The winner and its copy in the script, on a stand-in of the script's parameters."""
        instance = official_instance(f"track3_{given.groups}")
        procedure = Procedure(eval_every=1, trainer="exact", length=STEPS)
        copy = enclosed.enclosed(winner, winner.name)
        start = enclosed.future_imports(winner)
        inside = Submission(f"{start}{copy}\nSubmission = {enclosed.FUNCTION}()\n")
        runs = [executor.submit(one, instance, procedure) for one in (winner, inside)]
        own, copied = (run.result() for run in runs)
        if not own.complete:
            raise UserError(
                f"{winner.name} fails on a stand-in of the script's parameters "
                f"({given.groups}): {own.state}: {own.reason}"
            )
        if own.curve != copied.curve:
            raise UserError(f"{winner.name} does something else inside a function of the script")

    def files(self, given: Contribution) -> dict[str, str]:
        folder = f"{RESULTS}/{given.date.replace('-', '')}_{given.name}"
        script = script_name(given.name)
        files = {
            README: "\n\n".join(_page(given, f"{folder}/{script}")) + "\n",
            script: given.added.script,
            **{log.name: log.text for log in given.added.logs},
            **track_logs(given, f"on_{given.track.name}"),
        }
        return {f"{folder}/{path}": text for path, text in files.items()}


def script_name(name: str) -> str:
    return f"train_gpt_simple_{name}.py"


def _read(path: Path) -> Script:
    try:
        return Script(str(path), path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise UserError(f"--script {path}: {reason}; expected train_gpt_simple.py") from error


def _with_winner(script: Script, winner: Submission) -> str:
    """A script that was exported before, with other settings perhaps."""
    try:
        name, source = enclosed.taken_out(script.source)
    except ValueError as error:
        raise script.refused(f"{error}; give the script as it was exported") from error
    if source != winner.source:
        raise script.refused(f"it holds {name} already, which is not {winner.name} as it is now")
    return script.source


def _page(given: Contribution, script: str) -> list[str]:
    return [
        *introduction(given),
        f"`{Path(script).name}` is the contest's script with this optimizer in place of its own; "
        "data, batch, model and loop are unchanged.",
        "## Result",
        *_result(given.added.logs),
        "## Rules",
        _rules(given),
        "## Run it",
        f"```\n{RUN} {script}\n```",
        *measured_here(given, paired_sentence(given), [_taking_out(given, script)]),
    ]


def _taking_out(given: Contribution, script: str) -> str:
    """The command that takes the submission out of the script."""
    words = ["autoresearch", "import", str(Path(script).parent), "--track", given.track_option]
    return shlex.join(words)


def _result(logs: Sequence[Log]) -> list[str]:
    if not logs:
        return [
            "The script has not been run: run it, several times, and export again with `--script` "
            "and a `--log` for every log. The numbers at the end are of another task."
        ]
    step, rule = earliest(logs)
    rows = [
        [log.name, str(number_), f"{trial[step]:.5f}"]
        for log in logs
        for number_, trial in enumerate(log.trials, 1)
    ]
    losses = [trial[step] for log in logs for trial in log.trials]
    rows.append(["mean", "", f"{statistics.fmean(losses):.5f}"])
    return [
        f"**{step} steps**: mean {rule.mean:.5f} (n={len(losses)}).",
        table(["log", "run", f"val_loss at step {step}"], rows),
        f"`({TARGET} - mean) * sqrt(n) = {rule.statistic:.5f} {'>=' if rule.holds else '<'} "
        f"{MARGIN}`: the rule {'holds' if rule.holds else 'does not hold'} (p = {rule.p:.2g}).",
    ]


def earliest(logs: Sequence[Log]) -> tuple[int, ZRule]:
    """The first step at which all runs together are below the target by the rule, or the last.

    The step is the same for all runs, as the contest wants it. Raises UserError where no step was
    evaluated in all.
    """
    runs = [trial for log in logs for trial in log.trials]
    common = sorted(set.intersection(*map(set, runs)))
    if not common:
        raise UserError("--log: no step was evaluated in all runs; expected runs of one script")
    rules = {s: z_rule([losses[s] for losses in runs], TARGET, SIGMA, MARGIN) for s in common}
    return next(
        ((s, rule) for s, rule in rules.items() if rule.holds), (common[-1], rules[common[-1]])
    )


def _rules(given: Contribution) -> str:
    logs = given.added.logs
    runs = sum(len(log.trials) for log in logs)
    not_run = "not run yet"
    step, rule = earliest(logs) if logs else (0, None)
    statistic = f"{number(rule.statistic)}, {MARGIN} is asked for" if rule else not_run
    imports = ", ".join(sorted(_imports(given.submission)))
    rows = [
        ["data, batch size and architecture of the baseline", "the edit is of the optimizer alone"],
        ["one forward-backward pass a step", "the loop is the script's"],
        [f"below {TARGET} with significance", statistic],
        ["all code in the log", f"the script, in {len(logs)} logs" if logs else not_run],
        ["no optimizer library", f"it imports {imports}"],
        ["no decision by the validation loss", f"step {step} in {runs} runs" if logs else not_run],
    ]
    return table(["rule", "here"], rows)


def _imports(submission: Submission) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(submission.source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found
