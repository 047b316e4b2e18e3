"""Who found what: the sources of a study's proposals, and what those expected that said so."""

from dataclasses import asdict
from typing import Any

from agent.proposers.bandit import origins_and_values, payoffs
from agent.study.records import FinishedTrial, Origin
from agent.study.study import Study

SOURCE_HEADER = ["source", "trials", "complete", "paid", "best", "cost"]
SOURCE_NOTE = (
    "Paid: complete, and in the best quarter of what was complete by then; that is what decides "
    "who proposes next in a mixed study."
)
STACKED_HEADER = ["bucket", "part", "source", "joined to", "before", "trial", "after", "stacks"]
EXPECTED_HEADER = ["trial", "from", "hypothesis", "expected", "bucket", "came"]


def sources(ledger: Study) -> list[dict[str, Any]]:
    """One row for each origin of finished trials, in the order in which they came."""
    finished, ranked = ledger.finished(), ledger.ranked()
    by_origin: dict[Origin, list[FinishedTrial]] = {}
    for trial in finished:
        by_origin.setdefault(trial.proposal.origin, []).append(trial)
    paid = payoffs(origins_and_values(finished), list(by_origin))
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
    """Every proposal that said what it expected, with what came of it."""
    return [
        {"trial": t.number, "origin": t.proposal.origin, **asdict(why), "came": str(t.outcome)}
        for t in ledger.finished()
        if (why := t.proposal.hypothesis)
    ]


def expected(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Hypotheses to be shown; those of compositions are told with what stacked."""
    return [row for row in data["hypotheses"] if row["origin"] != Origin.COMPOSED]


def stacked_cells(row: dict[str, Any]) -> list[str]:
    base = "-" if row["base"] is None else str(row["base"])
    word = {True: "stacks", False: "does not", None: "-"}[row["stacks"]]
    told = [base, row["before"] or "-", str(row["trial"]), row["after"], word]
    return [row["bucket"], row["part"], row["source"], *told]


def source_cells(row: dict[str, Any]) -> list[str]:
    best = "-" if row["best"] is None else f"trial {row['best']}: {row['best_came']}"
    usd = "-" if row["usd"] is None else f"${row['usd']:.4f}"
    return [row["origin"], str(row["trials"]), str(row["complete"]), str(row["paid"]), best, usd]


def expected_cells(row: dict[str, Any]) -> list[str]:
    parents = ", ".join(map(str, row["parents"])) or "-"
    effect = row["expected_effect"] or "-"
    return [str(row["trial"]), parents, row["text"], effect, row["bucket"], row["came"]]
