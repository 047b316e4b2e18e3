"""Submit an external proposal as a trial and return its result."""

from dataclasses import dataclass

from agent.knowledge.incumbent import incumbent_score_of
from agent.proposers.gates.known import read_known, trial_folders
from agent.proposers.gates.refusal import Refusal, findings, last_lines, refusal
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
    workspace: Workspace, study: Study, executor: Executor, view: View, proposal: Proposal
) -> dict[str, object]:
    """Measure `proposal` as a trial of the study; several processes may do so at once.

    A proposal that fails a gate costs no trial: `state` is rejected, and `gate` names the gate.
    Raises UserError where the budget is spent.
    """
    about: dict[str, object] = {"schema_version": SCHEMA_VERSION, "study": study.name}
    about |= {"label": proposal.label, "digest": proposal.submission.digest}
    track = get_track(study.settings.track)
    refused = refusal(proposal, track, executor, read_known(trial_folders(study, every=False)))
    climber = Climber(study, executor, view)
    view.phase("measuring the proposal", 1)
    with TrialLocks(study) as locks:
        if not refused:
            with locks.deciding():
                begun = _begun(study, locks, climber, proposal)
            if isinstance(begun, Climb):
                evaluation = climber.start(begun).result()
                climber.goes_on(begun, evaluation)
                with locks.ending(begun.trial.number):
                    climber.record(begun, evaluation)
                result = _Result(workspace, study, begun, evaluation).to_json()
                return about | result | _budget(study, locks)
            refused = begun
        return about | _rejected(refused) | _budget(study, locks)


def _begun(
    study: Study, locks: TrialLocks, climber: Climber, proposal: Proposal
) -> Climb | Refusal:
    """The climb of a trial that a killed process left, or of a new one."""
    same = study.trial_of(proposal.submission.digest)
    if same:
        if same.number not in {trial.number for trial in locks.abandoned()}:
            how = "was" if same.status is Status.FINISHED else "is being"
            return Refusal("duplicate", f"the same file {how} measured as trial {same.number}")
        trial = study.resumed_trial(same.number)
    else:
        budget = study.settings.budget
        if locks.taken() >= budget:
            raise UserError(
                f"study {study.name} has spent its budget of {budget} trials; "
                f"ask for more with --budget N, or take its best to the verdict: "
                f"autoresearch run --resume {study.name}"
            )
        trial = study.new_trial()
    locks.take(trial)
    return climber.begin(trial, proposal, at_the_top=True)


def _rejected(refused: Refusal) -> dict[str, object]:
    about = {"gate": refused.gate, "reason": refused.reason, "log": refused.log.splitlines()}
    again = "fix it and resubmit; no trial was used"
    return {"state": Ending.REJECTED, "trial": None, "score": None, **about, "next": again}


@dataclass(frozen=True)
class _Result:
    """What an agent reads of its proposal's trial."""

    workspace: Workspace
    study: Study
    climb: Climb
    evaluation: Evaluation

    def to_json(self) -> dict[str, object]:
        settings, evaluation, proposal = self.study.settings, self.evaluation, self.climb.proposal
        complete, number = evaluation.complete, self.climb.trial.number
        ranked = self.study.ranked()
        place = next((i for i, trial in enumerate(ranked) if trial.number == number), None)
        finished = {trial.number: trial for trial in self.study.finished()}
        parents = proposal.hypothesis.parents if proposal.hypothesis else ()
        return {
            "state": evaluation.state,
            "trial": number,
            "reason": evaluation.reason,
            "score": evaluation.score(settings.objective) if complete else None,
            "final": evaluation.last if complete else None,
            "steps_to_target": evaluation.steps_to_target if complete else None,
            "rank": None if place is None else place + 1,
            "of": len(ranked),
            "beaten_by": [_row(trial) for trial in ranked[: place or 0][:BEATEN_BY]],
            "parents": [_row(finished[parent]) for parent in parents if parent in finished],
            "incumbent": dict(
                zip(("name", "score"), incumbent_score_of(self.workspace, self.study), strict=True)
            ),
            "curve": _thinned(evaluation.curve),
            "findings": findings(proposal),
            "log": last_lines(evaluation),
            "duration_s": evaluation.duration_s,
            "next": self._next(best=place == 0),
        }

    def _next(self, *, best: bool) -> str:
        name = self.study.name
        context = f"`autoresearch context --study {name}` shows what to build on"
        if not best:
            return context
        # otherwise the rest of the budget would be searched first
        external = "" if self.study.overrides.proposer == "external" else " --proposer external"
        verdict = f"`autoresearch run --resume {name}{external}` tests it on held-out instances"
        return f"the best so far; {context}; once you have no better idea, {verdict}"


def _row(trial: FinishedTrial) -> dict[str, object]:
    keys = ("trial", "label", "origin", "state", "score")
    row = trial.row()
    return {key: row[key] for key in keys}


def _thinned(curve: tuple[tuple[int, float], ...]) -> list[tuple[int, float]]:
    """At most POINTS points of a curve, the last always."""
    every = max(1, -(-(len(curve) - 1) // (POINTS - 1)))
    return [*curve[:-1][::every], *curve[-1:]]


def _budget(study: Study, locks: TrialLocks) -> dict[str, object]:
    with locks.deciding():
        left = study.settings.budget - locks.taken()
    return {"budget": study.settings.budget, "budget_left": left}
