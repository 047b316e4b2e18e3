"""The study loop: ask for proposals, evaluate them in parallel, tell the ledger."""

import math
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field

import optuna
from optuna.trial import FrozenTrial, TrialState

from agent.executor import Executor
from agent.ladder import Rung, RungPruner, ladder, submission_for
from agent.ledger import DUPLICATE, StudyLedger, trial_state
from agent.outcome import describe, outcome, pruned_outcome
from agent.progress import View
from agent.proposal import Proposal
from agent.proposers import outside, sampled
from agent.workspace import write_text
from tracks.evaluation import DIVERGING, Evaluation
from tracks.procedure import search_procedure
from tracks.registry import get_track

MAX_DUPLICATES = 100
"""After so many proposals in a row that were tried before, the space counts as exhausted."""


def search(ledger: StudyLedger, executor: Executor, view: View, max_time_s: float | None) -> None:
    """Finish exactly the budget of trials, or stop asking after `max_time_s` seconds.

    Every free slot takes the next step at once: a promising trial's next rung, or a new trial.
    Trials that an earlier process left running are evaluated again under their own numbers.
    """
    _Search(ledger, executor, view, max_time_s).run()


@dataclass(eq=False)
class _Climb:
    """A trial on its way up the ladder; `passed` has its value at each rung below, by scale."""

    trial: optuna.Trial
    proposal: Proposal
    rungs: Sequence[Rung]
    level: int = 0
    duration_s: float = 0.0
    passed: dict[str, float] = field(default_factory=dict)

    @property
    def rung(self) -> Rung:
        return self.rungs[self.level]

    @property
    def at_the_top(self) -> bool:
        return self.level == len(self.rungs) - 1


class _Search:
    def __init__(
        self, ledger: StudyLedger, executor: Executor, view: View, max_time_s: float | None
    ) -> None:
        self.ledger, self.executor, self.view = ledger, executor, view
        self.settings = ledger.settings
        self.track = get_track(self.settings.track)
        self.rungs = ladder(self.settings)
        self.procedure = search_procedure(self.track, self.settings.objective)
        self.left_over = ledger.trials(TrialState.RUNNING)
        self.deadline = math.inf if max_time_s is None else time.monotonic() + max_time_s

    def run(self) -> None:
        study, settings = self.ledger.study, self.settings
        study.sampler = sampled.RepeatableSampler(settings.sampler, settings.seed)
        study.pruner = RungPruner([rung.keep for rung in self.rungs])
        if settings.tuned:
            sampled.enqueue_baseline(study, settings.tuned, self.track.structure)
        elif settings.recipes:
            sampled.enqueue_recipes(study, self.track.structure)
        self.view.phase("searching", self.settings.budget, len(self.ledger.finished()))
        best = self.ledger.best()
        if best:
            self.view.best(best_line(best))
        running: dict[_Climb, Future[Evaluation]] = {}
        ready: _Climb | None = None
        while True:
            while len(running) < self.executor.jobs:
                climb = ready or self._next(len(running))
                ready = None
                if climb is None:
                    break
                running[climb] = self._start(climb)
            if not running:
                return
            if self.executor.jobs > 1 and ready is None:
                # asking takes a while, in which no slot has to wait; one job asks in strict order
                ready = self._next(len(running))
            done, _ = wait(running.values(), return_when=FIRST_COMPLETED)
            for climb in [climb for climb, future in running.items() if future in done]:
                evaluation = running.pop(climb).result()
                if self._goes_on(climb, evaluation):
                    running[climb] = self._start(climb)
                else:
                    self._record(climb, evaluation)

    def _next(self, in_flight: int) -> _Climb | None:
        """The next trial to start; None when the budget or the time is spent."""
        claimed = len(self.ledger.finished()) + in_flight
        if time.monotonic() >= self.deadline or claimed >= self.ledger.settings.budget:
            return None
        climb = self._claim(self.left_over.pop(0) if self.left_over else None)
        if climb is None:
            self.view.note(f"the last {MAX_DUPLICATES} proposals had all been tried: search ends")
            self.ledger.set_budget(claimed)
        return climb

    def _claim(self, resumed: FrozenTrial | None) -> _Climb | None:
        """The next proposal that was not tried before, with its trial; None if none is found."""
        study = self.ledger.study
        for _ in range(MAX_DUPLICATES):
            if resumed:
                trial = optuna.Trial(study, resumed._trial_id)
                resumed = None
            else:
                trial = study.ask()
            if trial.user_attrs.get("origin") == outside.ORIGIN:
                proposal = outside.propose(trial, self.ledger.folder)
            else:
                proposal = sampled.propose(
                    trial,
                    self.track.structure,
                    self.rungs[-1].max_steps,
                    self.settings.tuned,
                )
            original = _tried_before(self.ledger, trial.number, proposal)
            trial.set_user_attr("proposal", proposal.to_json())
            if original is None:
                path = self.ledger.trial_folder(trial.number) / "submission.py"
                write_text(path, proposal.submission.source)
                return _Climb(trial, proposal, self.rungs if proposal.spec else self.rungs[-1:])
            reason = f"same as trial {original}"
            trial.set_user_attr("outcome", {"state": DUPLICATE, "reason": reason})
            study.tell(trial, state=TrialState.FAIL)
        return None

    def _start(self, climb: _Climb) -> Future[Evaluation]:
        key, rung = f"trial {climb.trial.number}", climb.rung
        label = climb.proposal.label + ("" if climb.at_the_top else f" at {rung.scale}")

        def advanced(step: int) -> None:
            fraction = (climb.level + step / rung.max_steps) / len(climb.rungs)
            self.view.advanced(key, label, fraction)

        submission = submission_for(climb.proposal, rung)
        return self.executor.submit(submission, rung.instance, self.procedure, advanced)

    def _goes_on(self, climb: _Climb, evaluation: Evaluation) -> bool:
        """Report a value below the top, and whether the trial climbs on from there."""
        climb.duration_s += evaluation.duration_s
        if climb.at_the_top or not evaluation.complete:
            return False
        value = evaluation.rank(self.settings.objective)
        climb.passed[climb.rung.scale] = value
        number = climb.trial.number
        reported = self.ledger.study.get_trials(False)[number].intermediate_values
        if climb.level not in reported:
            climb.trial.report(value, climb.level)
        # a trial taken up again has gone on from where it reported a higher rung
        if climb.level >= max(reported, default=0) and climb.trial.should_prune():
            return False
        climb.level += 1
        return True

    def _record(self, climb: _Climb, evaluation: Evaluation) -> None:
        """Write a trial's end to the ledger: its files, its outcome, and last its state."""
        ledger, trial, scale = self.ledger, climb.trial, climb.rung.scale
        pruned = evaluation.complete and not climb.at_the_top
        objective = self.settings.objective
        result = pruned_outcome(evaluation, objective) if pruned else outcome(evaluation, objective)
        result |= {"duration_s": climb.duration_s, "scale": scale, "rungs": climb.passed}
        _keep_evaluation(ledger, trial.number, evaluation)
        trial.set_user_attr("outcome", result)
        before = ledger.best()
        if evaluation.complete and not pruned:
            ledger.study.tell(trial, evaluation.rank(objective))
        # who diverged at once is the worst to the sampler as one pruned without a value; who did
        # so higher up would count as the best of the pruned, and is told as failed
        elif pruned or (evaluation.state in DIVERGING and not climb.passed):
            ledger.study.tell(trial, state=TrialState.PRUNED)
        else:
            ledger.study.tell(trial, state=TrialState.FAIL)
        line = describe(result) + f" in {climb.duration_s:.0f} s"
        self.view.finished(f"trial {trial.number}", line, failed=not evaluation.complete)
        best = ledger.best()
        if best and (before is None or best.number != before.number):
            self.view.best(best_line(best))


def _tried_before(ledger: StudyLedger, number: int, proposal: Proposal) -> int | None:
    for trial in ledger.study.get_trials(deepcopy=False):
        other = trial.user_attrs.get("proposal", {}).get("digest")
        if other == proposal.submission.digest and trial.number != number:
            return trial.number if trial_state(trial) != DUPLICATE else None
    return None


def _keep_evaluation(ledger: StudyLedger, number: int, evaluation: Evaluation) -> None:
    folder = ledger.trial_folder(number)
    write_text(folder / "log.txt", evaluation.log)
    rows = [f"{step},{value!r}" for step, value in evaluation.curve]
    metric = get_track(ledger.settings.track).metric.name
    write_text(folder / "curve.csv", "\n".join([f"step,{metric}", *rows, ""]))


def best_line(trial: FrozenTrial) -> str:
    label = trial.user_attrs["proposal"]["label"]
    return f"trial {trial.number} ({label}): {describe(trial.user_attrs['outcome'])}"
