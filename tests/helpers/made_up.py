"""Studies of which nothing was measured: trials with made-up results, and records of stages."""

from typing import Any

from agent.study.ledger import Ledger
from agent.study.records import Hypothesis, Origin, Outcome, ProposalRecord
from agent.study.settings import Settings
from agent.study.study import Study
from agent.verdict.sequential import Decision
from agent.verdict.statistics import paired_t_test
from agent.verdict.verdict import InterimAnalysis, Pair, Scores, Verdict
from helpers.verdicts import verdict
from search_space.spec import Spec
from tracks.evaluation import State
from tracks.instance import OFFICIAL_SEEDS


def made_up_study(ledger: Ledger, name: str) -> Study:
    return ledger.create(name, Settings("mqar", "steps", 20, seed=0, seeds=3, scale="full"))


def add_trial(
    study: Study,
    spec: Spec | None,
    steps: int | None,
    *,
    origin: Origin = Origin.SAMPLED,
    model: str = "",
    label: str = "it",
    hypothesis: Hypothesis | None = None,
) -> int:
    """A trial that reached the target after `steps`, or raised an exception where that is None."""
    trial = study.new_trial()
    trial.keep_source(origin, model)
    record = ProposalRecord(
        origin=origin,
        label=label,
        digest=f"{study.name}/{trial.number}",
        spec=spec.to_json() if spec else None,
        hypothesis=hypothesis,
    )
    trial.keep_proposal(record)
    if steps is None:
        trial.end(Outcome(state=State.EXCEPTION, reason="ZeroDivisionError"))
    else:
        score = float(steps)
        outcome = Outcome(state=State.COMPLETE, score=score, final=0.99, steps_to_target=steps)
        trial.end(outcome, score)
    return trial.number


def compared(ours: list[float], theirs: list[float], **changed: Any) -> Verdict:
    """A verdict on these steps to target, in pairs."""
    test = paired_t_test([b - a for a, b in zip(ours, theirs, strict=True)], resolution=1.0)
    about: dict[str, Any] = {
        "pairs": tuple(
            Pair(f"key/{number}", OFFICIAL_SEEDS, *scores)
            for number, scores in enumerate(zip(ours, theirs, strict=True))
        ),
        "test": test,
        "official": Scores(ours[0], theirs[0]),
        "interim_analyses": (InterimAnalysis(len(ours), 0.0017, test.p, Decision.ACCEPTED),),
        "date": "2030-01-02T03:04:05+00:00",
    }
    return verdict(**about | changed)
