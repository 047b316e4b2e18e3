"""The study loop: ask for proposals, evaluate them in parallel, tell the ledger."""

import math
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any

from agent.knowledge.techniques import Technique
from agent.proposers import bandit
from agent.proposers import files as outside
from agent.proposers import sampler as sampled
from agent.proposers.compose import enqueue_composition
from agent.proposers.llm.asking import RejectedError
from agent.proposers.llm.researcher import Researcher, SpentError, UnavailableError
from agent.search.climb import KILLED_PROCESSES, Climb, Climber, best_line
from agent.study.errors import UserError
from agent.study.executor import Executor
from agent.study.ladder import RungPruner
from agent.study.progress import View
from agent.study.proposal import Proposal
from agent.study.records import Ending, Origin, Outcome, ProposalRecord, Status, Trial
from agent.study.settings import ProposerName
from agent.study.study import Study
from agent.study.trial_locks import MAX_BEGINNINGS, TrialLocks
from agent.study.trials import RunningTrial
from tracks.evaluation import Evaluation, State
from tracks.isolation.evaluate import EvaluationInterrupted
from tracks.isolation.launcher import HarnessError
from tracks.registry import get_track

MAX_DUPLICATES = 100
"""After so many proposals in a row that were tried before, the space counts as exhausted."""


class StoppedError(Exception):
    """The search cannot go on now; nothing is lost, and the study can be resumed."""


@dataclass(frozen=True)
class Sources:
    """Who proposes: the proposer's name, the model it may ask, and ideas to be composed."""

    proposer: ProposerName = "optuna"
    researcher: Researcher | None = None
    techniques: Sequence[Technique] = ()


def search(
    ledger: Study,
    executor: Executor,
    view: View,
    max_time_s: float | None,
    sources: Sources = Sources(),
) -> None:
    """Finish exactly the budget of trials, or stop asking after `max_time_s` seconds.

    Every free slot takes the next step at once: a promising trial's next rung, or a new trial;
    a model thinks beside them. Trials that an earlier process left running are evaluated again
    under their own numbers. With the proposer `outside` only what was handed in is evaluated.

    Raises StoppedError where a model is the only proposer and does not answer.
    """
    _Search(ledger, executor, view, max_time_s, sources).run()


class _Search:
    def __init__(
        self,
        ledger: Study,
        executor: Executor,
        view: View,
        max_time_s: float | None,
        sources: Sources,
    ) -> None:
        self.ledger, self.executor, self.view = ledger, executor, view
        self.settings = ledger.settings
        self.proposer, self.researcher = sources.proposer, sources.researcher
        self.techniques = sources.techniques if sources.proposer in ("optuna", "mixed") else ()
        self.track = get_track(self.settings.track)
        self.climber = Climber(ledger, executor, view)
        self.locks = TrialLocks(ledger)
        self.deadline = math.inf if max_time_s is None else time.monotonic() + max_time_s
        self.running: dict[Climb, Future[Evaluation]] = {}
        self.ready: list[Climb] = []
        self.asked: tuple[RunningTrial, Future[Proposal]] | None = None
        """The trial that the model thinks about."""
        self.source: Origin | None = None
        """Where the next trial is to come from, once that can be had."""
        self.stopped = ""

    def run(self) -> None:
        study, settings = self.ledger, self.settings
        study.search_with(
            sampled.RepeatableSampler(settings.sampler, settings.seed),
            RungPruner([rung.keep for rung in self.climber.rungs]),
        )
        if settings.tuned:
            sampled.enqueue_baseline(study, settings.tuned, self.track.structure)
        elif settings.recipes and self.proposer != "outside":
            sampled.enqueue_recipes(study, self.track.structure)
        self.view.phase("searching", settings.budget, len(self.ledger.finished()))
        best = self.ledger.best()
        if best:
            self.view.best(best_line(best))
        with self.locks:
            while self._step():
                pass
        if self.stopped:
            raise StoppedError(self.stopped)

    def _step(self) -> bool:
        """Start what can be started, and wait for one thing to end; False where nothing goes on."""
        self._fill_slots()
        waited_for: list[Future[Any]] = list(self.running.values())
        waited_for += [self.asked[1]] if self.asked else []
        if not waited_for:
            return False
        done, _ = wait(waited_for, return_when=FIRST_COMPLETED)
        if self.asked and self.asked[1] in done:
            self._hear()
        for climb in [climb for climb, future in self.running.items() if future in done]:
            evaluation = self.running.pop(climb).result()
            if self.climber.goes_on(climb, evaluation):
                self.running[climb] = self.climber.start(climb)
            else:
                self.climber.record(climb, evaluation)
                self.locks.release(climb.trial.number)
        return True

    def _fill_slots(self) -> None:
        while len(self.running) < self.executor.jobs:
            climb = self.ready.pop(0) if self.ready else self._next()
            if climb is None:
                break
            self.running[climb] = self.climber.start(climb)
        if self.executor.jobs > 1 and self.running and not self.ready:
            # asking takes a while, in which no slot has to wait; one job asks in strict order
            climb = self._next()
            self.ready += [climb] if climb else []

    def _next(self) -> Climb | None:
        """The next trial to start; None when the budget or the time is spent, or a model thinks."""
        if time.monotonic() >= self.deadline or self.stopped:
            return None
        for _ in range(MAX_DUPLICATES):
            with self.locks.deciding():
                trial = self._claim()
            if trial is None:
                return None
            climb = self.climber.resume(trial)
            kept = trial.record()
            if climb is None and kept.source is Origin.LLM:
                if kept.beginnings > MAX_BEGINNINGS:
                    self._end(trial, State.CRASH, KILLED_PROCESSES)
                    continue
                self._ask(trial)
                return None
            climb = climb or self._sampled(trial)
            if climb:
                return climb
        self.view.note(f"the last {MAX_DUPLICATES} proposals had all been tried: search ends")
        self.ledger.set_budget(self.locks.taken())
        return None

    def _claim(self) -> RunningTrial | None:
        """A trial of the source whose turn it is, claimed for this process."""
        claimed = self.locks.taken()
        if claimed >= self.ledger.settings.budget:
            return None
        for left_over in self.locks.abandoned():
            if not self.locks.may_take(left_over):
                claimed += 1  # its turn comes
                continue
            if self._takes_up(left_over, claimed):
                trial = self.ledger.resumed_trial(left_over.number)
                self.locks.take(trial)
                return trial
        if claimed >= self.ledger.settings.budget:
            return None
        self.source = self.source or self._turn(claimed)
        if self.source is None or (self.source is Origin.LLM and self.asked):
            return None
        if self.source is Origin.LLM:
            trial = self.ledger.new_trial()
            trial.keep_source(Origin.LLM)
        else:
            if self.techniques and not self.ledger.trials(Status.WAITING):
                enqueue_composition(self.ledger, self.techniques, self.track.structure)
            trial = self.ledger.ask()
        self.source = None
        self.locks.take(trial)
        return trial

    def _turn(self, claimed: int) -> Origin | None:
        """Which source the next trial comes from; None where there is none."""
        queued = [trial.queued for trial in self.ledger.trials(Status.WAITING)]
        handed_in = any(one and one.origin is Origin.FILE for one in queued)
        if self.proposer == "optuna" or handed_in:
            return Origin.SAMPLED
        if self.proposer == "outside":
            return None
        if self.proposer == "llm" and queued:
            return Origin.SAMPLED
        asked = self.researcher is not None and self.researcher.is_asked(claimed)
        if self.proposer == "llm":
            return Origin.LLM if asked else None
        if not asked:
            return Origin.SAMPLED
        values = bandit.origins_and_values(self.ledger.finished())
        return bandit.choose(
            bandit.payoffs(values, (Origin.SAMPLED, Origin.LLM)), self.settings.seed, claimed
        )

    def _takes_up(self, left_over: Trial, claimed: int) -> bool:
        """Whether a trial that nobody works on can go on now; without a model it is Optuna's."""
        if left_over.proposal or left_over.source is not Origin.LLM:
            return True
        if self.researcher and self.researcher.is_asked(claimed):
            return self.asked is None
        if self.proposer in ("llm", "outside"):
            return False
        self.ledger.resumed_trial(left_over.number).keep_source(Origin.SAMPLED)
        return True

    def _sampled(self, trial: RunningTrial) -> Climb | None:
        """Optuna's proposal for this trial, or what was queued; None where it was tried before."""
        queued = trial.record().queued
        if queued and queued.origin is Origin.FILE:
            proposal = outside.propose(queued, self.ledger.folder)
        else:
            steps = self.climber.rungs[-1].max_steps
            proposal = sampled.propose(trial, self.track.structure, steps, self.settings.tuned)
        original = self.ledger.trial_of(proposal.submission.digest, but=trial.number)
        if original is None:
            return self.climber.begin(trial, proposal)
        trial.keep_proposal(proposal.record())
        reason = f"same as trial {original.number}"
        trial.end(Outcome(state=Ending.DUPLICATE, reason=reason))
        self.locks.release(trial.number)
        return None

    def _ask(self, trial: RunningTrial) -> None:
        """Let the model think in a thread of its own, which ends with the process."""
        assert self.researcher is not None
        researcher, claimed = self.researcher, self.locks.taken()
        future: Future[Proposal] = Future()

        def think() -> None:
            try:
                future.set_result(researcher.propose(trial, claimed))
            except BaseException as error:
                future.set_exception(error)

        threading.Thread(target=think, name="researcher", daemon=True).start()
        self.asked = (trial, future)

    def _hear(self) -> None:
        """Take what the model proposed, or go on without it."""
        assert self.asked is not None
        trial, future = self.asked
        self.asked = self.source = None
        try:
            self.ready.append(self.climber.begin(trial, future.result()))
        except RejectedError as error:
            self._end(trial, Ending.REJECTED, str(error))
        except UnavailableError as error:
            if self.proposer == "llm":
                # a study with nothing measured has nothing to be judged
                if isinstance(error, SpentError) and self.ledger.finished():
                    self.view.note(f"{error}: search ends")
                else:
                    self.stopped = str(error)
                return
            self.view.note(f"the model is not asked for now: {error}; Optuna goes on")
            trial.keep_source(Origin.SAMPLED)
            climb = self._sampled(trial)
            self.ready += [climb] if climb else []
        except (UserError, HarnessError, EvaluationInterrupted):
            raise
        except Exception as error:
            # whatever an answer made of us is no reason to stop the others
            self._end(trial, Ending.REJECTED, f"a fault of ours: {type(error).__name__}: {error}")

    def _end(self, trial: RunningTrial, state: State | Ending, reason: str) -> None:
        """A trial for which the model wrote nothing that can be evaluated."""
        line = " ".join(reason.split())[:300]
        nothing = ProposalRecord(origin=Origin.LLM, label="unwritten", digest="", spec=None)
        trial.keep_proposal(nothing)
        scale = self.settings.scale
        trial.end(Outcome(state=state, reason=line, duration_s=0.0, scale=scale, rungs={}))
        self.locks.release(trial.number)
        self.view.finished(f"trial {trial.number}", f"{state}: {line}", failed=True)
