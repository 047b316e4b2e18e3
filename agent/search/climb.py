"""One trial on the ladder: evaluated rung by rung, then recorded."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from agent.study.executor import Executor
from agent.study.ladder import Rung, ladder, submission_for
from agent.study.progress import View, best_line
from agent.study.proposal import Proposal
from agent.study.records import Origin, Outcome
from agent.study.study import Study
from agent.study.trial_locks import MAX_BEGINNINGS
from agent.study.trials import RunningTrial
from agent.study.workspace import write_text
from tracks.evaluation import DIVERGING, Evaluation, State
from tracks.procedure import search_procedure
from tracks.registry import get_track

WRITTEN = (Origin.LLM, Origin.AGENT)
KILLED_PROCESSES = (
    f"begun {MAX_BEGINNINGS} times, and the process that evaluated it was killed each time"
)


@dataclass(eq=False)
class Climb:
    """A trial on the ladder; `passed` has its value at each rung below, by scale."""

    trial: RunningTrial
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


class Climber:
    """Starts climbs, advances them, and records their end."""

    def __init__(self, study: Study, executor: Executor, view: View) -> None:
        self._study, self._executor, self._view = study, executor, view
        settings = study.settings
        self._track, self._objective = get_track(settings.track), settings.objective
        self._procedure = search_procedure(self._track, settings.objective)
        self.rungs = ladder(settings)

    def begin(self, trial: RunningTrial, proposal: Proposal, *, at_the_top: bool = False) -> Climb:
        """Keep the proposal's file; code has no smaller rendering and starts at the top."""
        trial.keep_proposal(proposal.record())
        path = self._study.trial_folder(trial.number) / "submission.py"
        write_text(path, proposal.submission.source)
        whole = at_the_top or proposal.spec is None
        return Climb(trial, proposal, self.rungs[-1:] if whole else self.rungs)

    def resume(self, trial: RunningTrial) -> Climb | None:
        """The climb of a written proposal that an earlier process left; None for other trials.

        Sampled proposals are sampled again, with the same result.
        """
        record = trial.record().proposal
        path = self._study.trial_folder(trial.number) / "submission.py"
        if not record or record.origin not in WRITTEN or not path.exists():
            return None
        proposal = Proposal.from_record(record, path.read_text(encoding="utf-8"))
        return self.begin(trial, proposal, at_the_top=record.origin is Origin.AGENT)

    def start(self, climb: Climb) -> Future[Evaluation]:
        key, rung = f"trial {climb.trial.number}", climb.rung
        if climb.trial.record().beginnings > MAX_BEGINNINGS:
            crash = Evaluation(rung.instance, State.CRASH, self._procedure, KILLED_PROCESSES)
            ended: Future[Evaluation] = Future()
            ended.set_result(crash)
            return ended
        label = climb.proposal.label + ("" if climb.at_the_top else f" at {rung.scale}")

        def advanced(step: int) -> None:
            fraction = (climb.level + step / rung.max_steps) / len(climb.rungs)
            self._view.advanced(key, label, fraction)

        submission = submission_for(climb.proposal, rung)
        return self._executor.submit(submission, rung.instance, self._procedure, advanced)

    def goes_on(self, climb: Climb, evaluation: Evaluation) -> bool:
        """Report a value below the top; returns whether the trial goes on to the next rung."""
        climb.duration_s += evaluation.duration_s
        if climb.at_the_top or not evaluation.complete:
            return False
        value = evaluation.rank(self._objective)
        climb.passed[climb.rung.scale] = value
        goes_on = climb.trial.passes(climb.level, value)
        climb.level += goes_on
        return goes_on

    def record(self, climb: Climb, evaluation: Evaluation) -> None:
        """Write a trial's end: its files, its outcome, and last its state."""
        study, trial = self._study, climb.trial
        pruned = evaluation.complete and not climb.at_the_top
        made = Outcome.pruned if pruned else Outcome.of
        about = {
            "duration_s": climb.duration_s,
            "scale": climb.rung.scale,
            "rungs": dict(climb.passed),
        }
        outcome = made(evaluation, self._objective).model_copy(update=about)
        self._keep(trial.number, evaluation)
        before = study.best()
        value = evaluation.rank(self._objective) if evaluation.complete and not pruned else None
        diverged_at_once = evaluation.state in DIVERGING and not climb.passed
        trial.end(outcome, value, ranked_last=diverged_at_once)
        line = f"{outcome} in {climb.duration_s:.0f} s"
        self._view.finished(f"trial {trial.number}", line, failed=not evaluation.complete)
        best = study.best()
        if best and (before is None or best.number != before.number):
            self._view.best(best_line(best))

    def _keep(self, number: int, evaluation: Evaluation) -> None:
        folder = self._study.trial_folder(number)
        write_text(folder / "log.txt", evaluation.log)
        rows = [f"{step},{value!r}" for step, value in evaluation.curve]
        write_text(folder / "curve.csv", "\n".join([f"step,{self._track.metric.name}", *rows, ""]))
