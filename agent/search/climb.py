"""One trial's way up the ladder: evaluated rung by rung, then written to the ledger."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import optuna
from optuna.trial import FrozenTrial, TrialState

from agent.proposers.files import AGENT
from agent.proposers.llm.answer import ORIGIN as LLM
from agent.study.executor import Executor
from agent.study.ladder import Rung, ladder, submission_for
from agent.study.ledger import StudyLedger
from agent.study.outcome import describe, outcome, pruned_outcome
from agent.study.progress import View
from agent.study.proposal import Proposal
from agent.study.trial_locks import MAX_BEGINNINGS, begun
from agent.study.workspace import write_text
from tracks.evaluation import DIVERGING, Evaluation, State
from tracks.procedure import search_procedure
from tracks.registry import get_track

WRITTEN = (LLM, AGENT)
KILLED_PROCESSES = (
    f"begun {MAX_BEGINNINGS} times, and the process that evaluated it was killed each time"
)


@dataclass(eq=False)
class Climb:
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


class Climber:
    """Starts climbs, takes them on, and records how they ended."""

    def __init__(self, ledger: StudyLedger, executor: Executor, view: View) -> None:
        self._ledger, self._executor, self._view = ledger, executor, view
        settings = ledger.settings
        self._track, self._objective = get_track(settings.track), settings.objective
        self._procedure = search_procedure(self._track, settings.objective)
        self.rungs = ladder(settings)

    def begin(self, trial: optuna.Trial, proposal: Proposal, *, at_the_top: bool = False) -> Climb:
        """Keep the proposal's file; what has no spec cannot be rendered for a smaller run."""
        trial.set_user_attr("proposal", proposal.to_json())
        path = self._ledger.trial_folder(trial.number) / "submission.py"
        write_text(path, proposal.submission.source)
        whole = at_the_top or proposal.spec is None
        return Climb(trial, proposal, self.rungs[-1:] if whole else self.rungs)

    def resume(self, trial: optuna.Trial) -> Climb | None:
        """The climb of a written proposal that an earlier process left; None for other trials.

        What was sampled is sampled again, which gives the same.
        """
        record = trial.user_attrs.get("proposal")
        path = self._ledger.trial_folder(trial.number) / "submission.py"
        if not record or record["origin"] not in WRITTEN or not path.exists():
            return None
        proposal = Proposal.from_json(record, path.read_text(encoding="utf-8"))
        return self.begin(trial, proposal, at_the_top=record["origin"] == AGENT)

    def start(self, climb: Climb) -> Future[Evaluation]:
        key, rung = f"trial {climb.trial.number}", climb.rung
        if begun(climb.trial) > MAX_BEGINNINGS:
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
        """Report a value below the top, and whether the trial climbs on from there."""
        climb.duration_s += evaluation.duration_s
        if climb.at_the_top or not evaluation.complete:
            return False
        value = evaluation.rank(self._objective)
        climb.passed[climb.rung.scale] = value
        number = climb.trial.number
        reported = self._ledger.study.get_trials(False)[number].intermediate_values
        if climb.level not in reported:
            climb.trial.report(value, climb.level)
        # a trial taken up again has gone on from where it reported a higher rung
        if climb.level >= max(reported, default=0) and climb.trial.should_prune():
            return False
        climb.level += 1
        return True

    def record(self, climb: Climb, evaluation: Evaluation) -> None:
        """Write a trial's end to the ledger: its files, its outcome, and last its state."""
        ledger, trial, scale = self._ledger, climb.trial, climb.rung.scale
        pruned = evaluation.complete and not climb.at_the_top
        told = pruned_outcome if pruned else outcome
        result = told(evaluation, self._objective)
        result |= {"duration_s": climb.duration_s, "scale": scale, "rungs": climb.passed}
        self._keep(trial.number, evaluation)
        trial.set_user_attr("outcome", result)
        before = ledger.best()
        if evaluation.complete and not pruned:
            ledger.study.tell(trial, evaluation.rank(self._objective))
        # who diverged at once is the worst to the sampler as one pruned without a value; who did
        # so higher up would count as the best of the pruned, and is told as failed
        elif pruned or (evaluation.state in DIVERGING and not climb.passed):
            ledger.study.tell(trial, state=TrialState.PRUNED)
        else:
            ledger.study.tell(trial, state=TrialState.FAIL)
        line = describe(result) + f" in {climb.duration_s:.0f} s"
        self._view.finished(f"trial {trial.number}", line, failed=not evaluation.complete)
        best = ledger.best()
        if best and (before is None or best.number != before.number):
            self._view.best(best_line(best))

    def _keep(self, number: int, evaluation: Evaluation) -> None:
        folder = self._ledger.trial_folder(number)
        write_text(folder / "log.txt", evaluation.log)
        rows = [f"{step},{value!r}" for step, value in evaluation.curve]
        write_text(folder / "curve.csv", "\n".join([f"step,{self._track.metric.name}", *rows, ""]))


def best_line(trial: FrozenTrial) -> str:
    label = trial.user_attrs["proposal"]["label"]
    return f"trial {trial.number} ({label}): {describe(trial.user_attrs['outcome'])}"
