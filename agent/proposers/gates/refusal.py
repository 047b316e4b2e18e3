"""The gates before a trial: parse, rules, a smoke run, not a duplicate."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.proposers.gates.fingerprint import SAME, nearest_known, probes_for
from agent.proposers.gates.known import same_file
from agent.study.executor import Executor
from agent.study.known_good import smallest_scale
from agent.study.proposal import Proposal
from search_space.render import render
from search_space.switches import switches
from tracks.base import Track
from tracks.evaluation import DIVERGING, Evaluation
from tracks.instance import official_instance
from tracks.procedure import search_procedure
from tracks.rules.checker import broken, check
from tracks.rules.hints import with_hint
from tracks.submission import InvalidSubmissionError, Submission, parse_submission

LOG_LINES = 20
GateName = Literal["parse", "rules", "smoke", "duplicate"]


@dataclass(frozen=True)
class Refusal:
    """The gate that a candidate failed, and why; `log` is its output, traceback first."""

    gate: GateName
    reason: str
    log: str = ""


def refusal(
    proposal: Proposal, track: Track, executor: Executor, known: Sequence[tuple[str, Submission]]
) -> Refusal | None:
    """The first gate that `proposal` fails; None where it passes all.

    Divergence on the tiny instance passes: that is for the ladder to judge.
    """
    submission = proposal.submission
    try:
        parse_submission(submission)
    except InvalidSubmissionError as error:
        return Refusal("parse", str(error))
    breaches = broken(submission)
    if breaches:
        return Refusal("rules", "; ".join(f"line {one.line}: {one.text}" for one in breaches))
    if same := same_file(submission, known):
        return Refusal("duplicate", f"it is {same}, byte for byte")
    smoke = _smoke_run(proposal, track, executor)
    if not (smoke.complete or smoke.state in DIVERGING):
        log = "\n".join(last_lines(smoke))
        cause = with_hint(smoke.reason, smoke.traceback)
        reason = f"{smoke.state} on the {smoke.instance.scale} instance: {cause}"
        return Refusal("smoke", reason, log)
    # probes of other kinds of model do not matter here
    near = nearest_known(executor, submission, known, probes_for(track)) if known else None
    if near and near.distance <= SAME:
        reason = f"its updates are those of {near.name} (they differ by {near.distance:.1g})"
        return Refusal("duplicate", reason)
    return None


def last_lines(evaluation: Evaluation) -> list[str]:
    """Of its output, traceback first."""
    return [*evaluation.traceback, *evaluation.log.splitlines()[-LOG_LINES:]]


def findings(proposal: Proposal) -> list[str]:
    """What a person should check: suspect lines, and code that an ablation cannot take apart."""
    lines = [f"line {one.line}: {one.labelled}" for one in check(proposal.submission)]
    if not (proposal.spec or switches(proposal.submission.source)):
        lines.append("no switches: an ablation cannot separate its mechanisms")
    return lines


def _smoke_run(proposal: Proposal, track: Track, executor: Executor) -> Evaluation:
    """A whole run on the smallest official instance."""
    scale = smallest_scale(track)
    instance = official_instance(track.name, scale)
    submission = proposal.submission
    if proposal.spec:
        submission = Submission(render(proposal.spec, track.scales[scale].max_steps))
    procedure = search_procedure(track, track.objective)
    return executor.submit(submission, instance, procedure).result()
