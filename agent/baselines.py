"""A winner against known optimizers that were tuned with as many trials as its own search had."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.comparison import differences, fresh_instances, resolution, run_all, unit
from agent.executor import Executor
from agent.ledger import Ledger, Settings
from agent.progress import View
from agent.statistics import paired_t_test
from tracks.submission import InvalidSubmissionError, Submission, read_submission

SEEDS = 3


@dataclass(frozen=True)
class Baseline:
    """The best of a study that tuned one known optimizer."""

    family: str
    study: str
    trials: int
    submission: Submission


def tuned_baselines(ledger: Ledger, settings: Settings) -> list[Baseline]:
    """Baselines of this track, objective and scale with at least as many trials; the most each."""
    found: dict[str, Baseline] = {}
    for study in ledger.all():
        other, best = study.settings, study.best()
        asked = (other.track, other.objective, other.scale)
        trials = len(study.finished())
        if other.tuned is None or best is None or trials < settings.budget:
            continue
        if asked != (settings.track, settings.objective, settings.scale):
            continue
        if other.tuned not in found or trials > found[other.tuned].trials:
            try:
                submission = read_submission(study.trial_folder(best.number))
            except InvalidSubmissionError:
                continue  # its folder was removed
            found[other.tuned] = Baseline(other.tuned, study.name, trials, submission)
    return [found[family] for family in sorted(found)]


def against_baselines(
    settings: Settings,
    executor: Executor,
    view: View,
    winner: tuple[str, Submission],
    baselines: Sequence[Baseline],
    against: str = "",
) -> list[dict[str, Any]]:
    """One row a baseline: mean advantage of the winner on its fresh instances, interval and p.

    The instances are those of the winner's comparison with `against`, a digest.

    Nothing is promoted by this, so no alpha is spent; p is for one baseline by itself.
    """
    objective = settings.objective
    instances = fresh_instances(settings, winner[1], SEEDS, against=against)
    names = [(f"tuned {baseline.family}", baseline.submission) for baseline in baselines]
    view.phase("comparing with tuned baselines", (1 + len(names)) * len(instances))
    tasks = [(*each, instance) for instance in instances for each in (winner, *names)]
    outcomes = run_all(executor, view, tasks, objective)
    ours, *others = (outcomes[index :: 1 + len(names)] for index in range(1 + len(names)))
    rows = []
    for baseline, theirs in zip(baselines, others, strict=True):
        row: dict[str, Any] = {
            "family": baseline.family,
            "study": baseline.study,
            "trials": baseline.trials,
            "unit": unit(objective, settings.track),
            "scores": [e.score(objective) if e.complete else None for e in theirs],
            "test": None,
        }
        if all(evaluation.complete for evaluation in (*ours, *theirs)):
            grid = resolution([*ours, *theirs], objective)
            test = paired_t_test(differences(ours, theirs, objective), resolution=grid)
            row["test"] = asdict(test)
        rows.append(row)
    return rows
