"""The study loop: ask for proposals, evaluate them in parallel, tell the ledger."""

import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass

import optuna
from optuna.trial import FrozenTrial, TrialState

from agent.executor import Executor
from agent.ledger import DUPLICATE, StudyLedger, trial_state
from agent.outcome import describe, outcome
from agent.progress import View
from agent.proposal import Proposal
from agent.proposers import outside, sampled
from agent.workspace import write_text
from tracks.base import Track
from tracks.evaluation import Evaluation
from tracks.instance import official_instance
from tracks.procedure import search_procedure
from tracks.registry import get_track

MAX_DUPLICATES = 100
"""After so many proposals in a row that were tried before, the space counts as exhausted."""


@dataclass
class _Running:
    trial: optuna.Trial
    proposal: Proposal


def search(ledger: StudyLedger, executor: Executor, view: View, max_time_s: float | None) -> None:
    """Finish exactly the budget of trials, or stop asking after `max_time_s` seconds.

    Trials that an earlier process left running are evaluated again under their own numbers.
    """
    track = get_track(ledger.settings.track)
    started = time.monotonic()
    sampled.enqueue_recipes(ledger.study, track.structure)
    left_over = ledger.trials(TrialState.RUNNING)
    view.phase("searching", ledger.settings.budget, len(ledger.finished()))
    best = ledger.best()
    if best:
        view.best(best_line(best))
    running: dict[Future[Evaluation], _Running] = {}
    while True:
        while len(running) < executor.jobs:
            in_time = max_time_s is None or time.monotonic() - started < max_time_s
            room = len(ledger.finished()) + len(running) < ledger.settings.budget
            if not (in_time and room):
                break
            resumed = left_over.pop(0) if left_over else None
            claim = _claim(ledger, track, resumed)
            if claim is None:
                view.note(f"the last {MAX_DUPLICATES} proposals had all been tried: search ends")
                ledger.set_budget(len(ledger.finished()) + len(running))
                break
            running[_start(ledger, executor, view, claim)] = claim
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            claim = running.pop(future)
            record(ledger, claim.trial, future.result(), view)


def _claim(ledger: StudyLedger, track: Track, resumed: FrozenTrial | None) -> _Running | None:
    """The next proposal that was not tried before, with its trial; None if none can be found."""
    max_steps = track.scales[ledger.settings.scale].max_steps
    for _ in range(MAX_DUPLICATES):
        if resumed:
            trial = optuna.Trial(ledger.study, resumed._trial_id)
            resumed = None
        else:
            known = ledger.study.get_trials(deepcopy=False)
            number = sum(t.state != TrialState.WAITING for t in known)
            ledger.study.sampler = sampled.sampler(ledger.settings.seed, number)
            trial = ledger.study.ask()
        if trial.user_attrs.get("origin") == outside.ORIGIN:
            proposal = outside.propose(trial, ledger.folder)
        else:
            proposal = sampled.propose(trial, track.structure, max_steps)
        original = _tried_before(ledger, trial.number, proposal)
        trial.set_user_attr("proposal", proposal.to_json())
        if original is None:
            return _Running(trial, proposal)
        trial.set_user_attr("outcome", {"state": DUPLICATE, "reason": f"same as trial {original}"})
        ledger.study.tell(trial, state=TrialState.FAIL)
    return None


def _tried_before(ledger: StudyLedger, number: int, proposal: Proposal) -> int | None:
    for trial in ledger.study.get_trials(deepcopy=False):
        other = trial.user_attrs.get("proposal", {}).get("digest")
        if other == proposal.submission.digest and trial.number != number:
            return trial.number if trial_state(trial) != DUPLICATE else None
    return None


def _start(
    ledger: StudyLedger, executor: Executor, view: View, claim: _Running
) -> Future[Evaluation]:
    settings = ledger.settings
    track = get_track(settings.track)
    number, proposal = claim.trial.number, claim.proposal
    write_text(ledger.trial_folder(number) / "submission.py", proposal.submission.source)
    key = f"trial {number}"
    max_steps = track.scales[settings.scale].max_steps
    return executor.submit(
        proposal.submission,
        official_instance(settings.track, settings.scale),
        search_procedure(track, settings.objective),
        on_step=lambda step: view.advanced(key, proposal.label, step / max_steps),
    )


def record(ledger: StudyLedger, trial: optuna.Trial, evaluation: Evaluation, view: View) -> None:
    """Write a finished evaluation to the ledger: its files, its outcome, and last its state."""
    result = outcome(evaluation, ledger.settings.objective)
    _keep_evaluation(ledger, trial.number, evaluation)
    trial.set_user_attr("outcome", result)
    before = ledger.best()
    if evaluation.complete:
        ledger.study.tell(trial, evaluation.rank(ledger.settings.objective))
    else:
        ledger.study.tell(trial, state=TrialState.FAIL)
    line = describe(result) + f" in {evaluation.duration_s:.0f} s"
    view.finished(f"trial {trial.number}", line, failed=not evaluation.complete)
    best = ledger.best()
    if best and (before is None or best.number != before.number):
        view.best(best_line(best))


def _keep_evaluation(ledger: StudyLedger, number: int, evaluation: Evaluation) -> None:
    folder = ledger.trial_folder(number)
    write_text(folder / "log.txt", evaluation.log)
    rows = [f"{step},{value!r}" for step, value in evaluation.curve]
    metric = get_track(ledger.settings.track).metric.name
    write_text(folder / "curve.csv", "\n".join([f"step,{metric}", *rows, ""]))


def best_line(trial: FrozenTrial) -> str:
    label = trial.user_attrs["proposal"]["label"]
    return f"trial {trial.number} ({label}): {describe(trial.user_attrs['outcome'])}"
