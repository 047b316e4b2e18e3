"""The sources of a study's proposals, and the hypotheses stated with them."""

from dataclasses import asdict
from typing import Any

from agent.proposers.bandit import payoffs
from agent.study.records import FinishedTrial, Origin
from agent.study.study import Study


def sources(ledger: Study) -> list[dict[str, Any]]:
    """One row for each origin of finished trials, in order of appearance."""
    finished, ranked = ledger.finished(), ledger.ranked()
    by_origin: dict[Origin, list[FinishedTrial]] = {}
    for trial in finished:
        by_origin.setdefault(trial.proposal.origin, []).append(trial)
    paid = payoffs(finished, list(by_origin))
    rows = []
    for origin, trials in by_origin.items():
        complete = [t for t in trials if t.complete]
        best = next((t for t in ranked if t.proposal.origin is origin), None)
        calls = [call for trial in trials for call in trial.calls]
        rows.append(
            {
                "origin": origin,
                "trials": len(trials),
                "complete": len(complete),
                "paid": sum(paid[origin]),
                "best": best.number if best else None,
                "best_came": str(best.outcome) if best else None,
                "usd": sum(call.usd for call in calls) if calls else None,
            }
        )
    return rows


def hypotheses(ledger: Study) -> list[dict[str, Any]]:
    """Every stated hypothesis with its result."""
    return [
        {"trial": t.number, "origin": t.proposal.origin, **asdict(why), "came": str(t.outcome)}
        for t in ledger.finished()
        if (why := t.proposal.hypothesis)
    ]
