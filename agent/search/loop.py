"""The study loop: proposals become trials, evaluated in parallel until the budget is finished."""

import math
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any

from agent.proposers import files, sampled
from agent.proposers.bandit import Arm
from agent.proposers.llm.asking import RejectedError
from agent.proposers.llm.researcher import SpentError, UnavailableError
from agent.search.climb import KILLED_PROCESSES, Climb, Climber
from agent.search.plateau import Plateau
from agent.search.sources import OPTUNA, Sources
from agent.study.errors import StoppedError, UserError
from agent.study.executor import Executor
from agent.study.progress import View, best_line
from agent.study.proposal import Proposal
from agent.study.records import Ending, Origin, Outcome, ProposalRecord, Trial
from agent.study.study import Study
from agent.study.trial_locks import MAX_BEGINNINGS, TrialLocks
from agent.study.trials import RunningTrial
from tracks.evaluation import Evaluation, State
from tracks.isolation.errors import EvaluationInterrupted, HarnessError
from tracks.registry import get_track

MAX_DUPLICATES = 100
"""After this many duplicates in a row the space counts as exhausted."""


def search(
    study: Study,
    executor: Executor,
    view: View,
    max_time_s: float | None,
    sources: Sources = OPTUNA,
) -> None:
    """Finish exactly the budget of trials, or start no more after `max_time_s` seconds or, where
    the study has a patience, at a plateau.

    Every free slot takes the next step at once: a promising trial's next rung, or a new trial; a
    model is asked in the background. Trials that an earlier process left running keep their
    numbers. With the proposer `external` only queued files are evaluated.

    Raises StoppedError where a model is the only proposer and does not answer.
    """
    deadline = math.inf if max_time_s is None else time.monotonic() + max_time_s
    climber, locks = Climber(study, executor, view), TrialLocks(study)
    plateau = Plateau(study, view)
    _Search(study, executor, view, deadline, sources, climber, locks, plateau).run()


@dataclass
class _Search:
    study: Study
    executor: Executor
    view: View
    deadline: float
    sources: Sources
    climber: Climber
    locks: TrialLocks
    plateau: Plateau
    running: dict[Climb, Future[Evaluation]] = field(default_factory=dict)
    ready: list[Climb] = field(default_factory=list)
    asked: tuple[RunningTrial, Future[Proposal]] | None = None
    """The trial for which a model is asked now."""
    source: Arm | None = None
    """Whose turn it is, kept until that source can propose."""
    stopped: str = ""

    def run(self) -> None:
        self.sources.prepare(self.study, self.executor, self.view)
        self.view.phase("searching", self.study.settings.budget, len(self.study.finished()))
        if best := self.study.best():
            self.view.best(best_line(best))
        with self.locks:
            while self._step():
                pass
        if self.stopped:
            raise StoppedError(self.stopped)

    def _step(self) -> bool:
        """Start what can be started, wait for one thing to end; False where there is nothing."""
        self._fill_slots()
        waited_for: list[Future[Any]] = list(self.running.values())
        waited_for += [self.asked[1]] if self.asked else []
        if not waited_for:
            return not self._is_over() and self.locks.wait_elsewhere()
        done, _ = wait(waited_for, return_when=FIRST_COMPLETED)
        if self.asked and self.asked[1] in done:
            self._take_answer()
        for climb in [climb for climb, future in self.running.items() if future in done]:
            evaluation = self.running.pop(climb).result()
            if self.climber.goes_on(climb, evaluation):
                self.running[climb] = self.climber.start(climb)
            else:
                with self.locks.ending(climb.trial.number):
                    self.climber.record(climb, evaluation)
        return True

    def _fill_slots(self) -> None:
        while len(self.running) < self.executor.jobs and not self._is_over():
            climb = self.ready.pop(0) if self.ready else self._next()
            if climb is None:
                break
            self.running[climb] = self.climber.start(climb)
        if self.executor.jobs > 1 and self.running and not self.ready:
            # sampling takes a while, so one trial is kept ready; one job samples in strict order
            climb = self._next()
            self.ready += [climb] if climb else []

    def _next(self) -> Climb | None:
        """The next trial to start; None when budget or time is spent, or the model is asked."""
        if self._is_over() or self.plateau.reached():
            return None
        for _ in range(MAX_DUPLICATES):
            with self.locks.deciding():
                trial = self._take()
                if trial is None:
                    return None
                self.locks.take(trial)
            climb, kept = self.climber.resume(trial), trial.record()
            if climb is None and kept.source is Origin.LLM:
                if kept.beginnings > MAX_BEGINNINGS:
                    self._end_unwritten(trial, State.CRASH, KILLED_PROCESSES)
                    continue
                self._ask(trial)
                return None
            climb = climb or self._sampled(trial)
            if climb:
                return climb
        self.view.note(f"the last {MAX_DUPLICATES} proposals were duplicates: search ends")
        self.study.set_budget(self.locks.taken())
        return None

    def _is_over(self) -> bool:
        """Whether no trial may start any more, also none that is ready; it is resumed later."""
        return bool(self.stopped) or time.monotonic() >= self.deadline

    def _take(self) -> RunningTrial | None:
        """An abandoned trial, or a new one of the source whose turn it is."""
        taken, budget = self.locks.taken(), self.study.settings.budget
        if taken >= budget:
            return None
        for left_over in self.locks.abandoned():
            if not self.locks.may_take(left_over):
                taken += 1  # its turn comes
            elif self._can_resume(left_over, taken):
                return self.study.resumed_trial(left_over.number)
        if taken >= budget:
            return None
        self.source = self.source or self.sources.turn(self.study, taken)
        if self.source is None or (self.source.model and self.asked):
            return None
        if self.source.model:
            trial = self.study.new_trial()
            trial.keep_source(Origin.LLM, self.source.model)
        else:
            self.sources.compose(self.study)
            trial = self.study.ask()
        self.source = None
        return trial

    def _can_resume(self, left_over: Trial, taken: int) -> bool:
        """Whether an abandoned trial can continue now; one for the model may pass to Optuna."""
        if left_over.proposal or left_over.source is not Origin.LLM:
            return True
        if self.sources.may_ask(taken):
            return self.asked is None
        if self.sources.proposer in ("llm", "external"):
            return False
        self.study.resumed_trial(left_over.number).keep_source(Origin.SAMPLED)
        return True

    def _sampled(self, trial: RunningTrial) -> Climb | None:
        """The queued or sampled proposal of this trial; None for a duplicate."""
        queued, settings = trial.record().queued, self.study.settings
        if queued and queued.origin is Origin.FILE:
            proposal = files.propose(queued, self.study.folder)
        else:
            structure, steps = get_track(settings.track).structure, self.climber.rungs[-1].max_steps
            proposal = sampled.propose(trial, structure, steps, settings.tuned)
        original = self.study.trial_of(proposal.submission.digest, but=trial.number)
        if original is None:
            return self.climber.begin(trial, proposal, at_the_top=trial.record().refines)
        trial.keep_proposal(proposal.record())
        trial.end(Outcome(state=Ending.DUPLICATE, reason=f"same as trial {original.number}"))
        self.locks.release(trial.number)
        return None

    def _ask(self, trial: RunningTrial) -> None:
        """Ask the trial's model in a thread of its own, which ends with the process."""
        taken = self.locks.taken()
        researcher = self.sources.researcher(self.study, taken, trial.record().model)
        trial.keep_source(Origin.LLM, researcher.model)
        future: Future[Proposal] = Future()

        def answer() -> None:
            try:
                future.set_result(researcher.propose(trial, taken))
            except BaseException as error:
                future.set_exception(error)

        threading.Thread(target=answer, name="researcher", daemon=True).start()
        self.asked = (trial, future)

    def _take_answer(self) -> None:
        """Start the model's proposal, or continue without it."""
        assert self.asked is not None
        trial, future = self.asked
        self.asked = self.source = None
        try:
            self.ready.append(self.climber.begin(trial, future.result()))
        except RejectedError as error:
            self._end_unwritten(trial, Ending.REJECTED, str(error))
        except UnavailableError as error:
            self._without_model(trial, error)
        except (UserError, HarnessError, EvaluationInterrupted):
            raise
        except Exception as error:
            # an answer that trips our own code must not stop the other trials
            reason = f"internal error: {type(error).__name__}: {error}"
            self._end_unwritten(trial, Ending.REJECTED, reason)

    def _without_model(self, trial: RunningTrial, error: UnavailableError) -> None:
        """Give the trial to another model, else to Optuna; stop where only models propose."""
        if self.sources.may_ask(self.locks.taken(), but=trial.record().model):
            self.view.note(f"the model is not asked for now: {error}; another model goes on")
            self._ask(trial)
        elif self.sources.proposer != "llm":
            self.view.note(f"the model is not asked for now: {error}; Optuna goes on")
            trial.keep_source(Origin.SAMPLED)
            self.ready += filter(None, [self._sampled(trial)])
        elif isinstance(error, SpentError) and self.study.finished():
            self.view.note(f"{error}: search ends")
        else:
            # a study without a finished trial has nothing to judge
            self.stopped = str(error)

    def _end_unwritten(self, trial: RunningTrial, state: State | Ending, reason: str) -> None:
        """End a trial for which the model wrote nothing that can be evaluated."""
        line, scale = " ".join(reason.split())[:300], self.study.settings.scale
        nothing = ProposalRecord(origin=Origin.LLM, label="unwritten", digest="", spec=None)
        trial.keep_proposal(nothing)
        trial.end(Outcome(state=state, reason=line, duration_s=0.0, scale=scale, rungs={}))
        self.locks.release(trial.number)
        self.view.finished(f"trial {trial.number}", f"{state}: {line}", failed=True)
