"""One candidate of a researcher outside: through the gates, measured, and told what came of it."""

from typing import Any

from agent.knowledge.leaderboard import entries
from agent.proposers.gates.known import read_known, trial_folders
from agent.proposers.gates.refusal import Refusal, findings, refusal
from agent.search.climb import Climb, Climber
from agent.study.errors import UserError
from agent.study.executor import Executor
from agent.study.progress import View
from agent.study.proposal import Proposal
from agent.study.records import Ending, FinishedTrial, Status
from agent.study.schema_version import SCHEMA_VERSION
from agent.study.study import Study
from agent.study.trial_locks import TrialLocks
from agent.study.workspace import Workspace
from tracks.evaluation import Evaluation
from tracks.registry import get_track

BEATEN_BY = 3
"""Better trials that are named, the best first."""
POINTS = 20
"""Of a curve, at most."""


def propose(
    workspace: Workspace, ledger: Study, executor: Executor, view: View, proposal: Proposal
) -> dict[str, Any]:
    """Measure `proposal` as a trial of the study; several processes may do so at once.

    What does not pass the gates costs no trial: `state` is rejected then, and `gate` says which.
    Raises UserError where the budget is spent.
    """
    about = {"schema_version": SCHEMA_VERSION, "study": ledger.name}
    about |= {"label": proposal.label, "digest": proposal.submission.digest}
    track = get_track(ledger.settings.track)
    refused = refusal(proposal, track, executor, read_known(trial_folders(ledger, every=False)))
    climber = Climber(ledger, executor, view)
    view.phase("measuring the proposal", 1)
    with TrialLocks(ledger) as locks:
        climb = None
        if not refused:
            with locks.deciding():
                climb = _claimed(ledger, locks, climber, proposal)
        if not isinstance(climb, Climb):
            refused = refused or climb
            return about | _rejected(refused) | _budget(ledger, locks)
        evaluation = climber.start(climb).result()
        climber.goes_on(climb, evaluation)
        climber.record(climb, evaluation)
        locks.release(climb.trial.number)
        return about | _measured(workspace, ledger, climb, evaluation) | _budget(ledger, locks)


def _claimed(
    ledger: Study, locks: TrialLocks, climber: Climber, proposal: Proposal
) -> Climb | Refusal:
    """A trial for the proposal: one that a killed process left, or a new one."""
    same = ledger.trial_of(proposal.submission.digest)
    if same:
        if same.number not in {trial.number for trial in locks.abandoned()}:
            how = "was" if same.status is Status.FINISHED else "is being"
            return Refusal("duplicate", f"the same file {how} measured as trial {same.number}")
        left_over = ledger.resumed_trial(same.number)
        locks.take(left_over)
        return climber.begin(left_over, proposal, at_the_top=True)
    budget = ledger.settings.budget
    if locks.taken() >= budget:
        raise UserError(
            f"study {ledger.name} has spent its budget of {budget} trials; "
            f"ask for more with --budget N, or take its best to the verdict: "
            f"autoresearch run --resume {ledger.name}"
        )
    new = ledger.new_trial()
    locks.take(new)
    return climber.begin(new, proposal, at_the_top=True)


def _rejected(refused: Refusal | None) -> dict[str, Any]:
    assert refused is not None
    told = {"gate": refused.gate, "reason": refused.reason, "log": refused.log.splitlines()}
    again = "fix it and resubmit; no trial was used"
    return {"state": Ending.REJECTED, "trial": None, "score": None, **told, "next": again}


def _measured(
    workspace: Workspace, ledger: Study, climb: Climb, evaluation: Evaluation
) -> dict[str, Any]:
    settings, number = ledger.settings, climb.trial.number
    ranked = ledger.ranked()
    place = next((i for i, trial in enumerate(ranked) if trial.number == number), None)
    better = ranked[: place or 0]
    best = entries(workspace, settings.track, settings.objective, settings.scale)
    incumbents = [entry for entry in best if entry.standing != "imported"][:1]
    parents = climb.proposal.hypothesis.parents if climb.proposal.hypothesis else ()
    finished = {trial.number: trial for trial in ledger.finished()}
    log = [*evaluation.traceback, *evaluation.log.splitlines()[-20:]]
    return {
        "state": evaluation.state,
        "trial": number,
        "reason": evaluation.reason,
        "score": evaluation.score(settings.objective) if evaluation.complete else None,
        "final": evaluation.final if evaluation.complete else None,
        "steps_to_target": evaluation.steps_to_target if evaluation.complete else None,
        "rank": None if place is None else place + 1,
        "of": len(ranked),
        "beaten_by": [_told(trial) for trial in better[:BEATEN_BY]],
        "parents": [_told(finished[number]) for number in parents if number in finished],
        "incumbent": {"name": incumbents[0].name, "score": incumbents[0].score(settings.objective)}
        if incumbents
        else None,
        "curve": _thinned(evaluation.curve),
        "findings": findings(climb.proposal),
        "log": log,
        "duration_s": evaluation.duration_s,
        "next": _next(ledger, best=place == 0),
    }


def _next(ledger: Study, *, best: bool) -> str:
    context = f"autoresearch context --study {ledger.name} tells what to build on"
    if not best:
        return context
    # else what is left of the budget would be searched first
    outside = "" if ledger.overrides.proposer == "outside" else " --proposer outside"
    verdict = f"autoresearch run --resume {ledger.name}{outside} tests it on fresh instances"
    return f"the best so far; {context}; once you have no better idea, {verdict}"


def _told(trial: FinishedTrial) -> dict[str, Any]:
    proposal, outcome = trial.proposal, trial.outcome
    told = {"trial": trial.number, "label": proposal.label, "origin": proposal.origin}
    return told | {"state": outcome.state, "score": outcome.score}


def _thinned(curve: tuple[tuple[int, float], ...]) -> list[tuple[int, float]]:
    """At most so many points of a curve, the last always."""
    every = max(1, -(-len(curve) // POINTS))
    return [*curve[:-1][::every], *curve[-1:]]


def _budget(ledger: Study, locks: TrialLocks) -> dict[str, Any]:
    with locks.deciding():
        left = ledger.settings.budget - locks.taken()
    return {"budget": ledger.settings.budget, "budget_left": left}
