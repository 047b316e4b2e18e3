"""Who found what: the sources of a study's proposals, and what those expected that said so."""

from typing import Any

from optuna.trial import FrozenTrial, TrialState

from agent.proposers.bandit import origins_and_values, payoffs
from agent.study.ledger import StudyLedger
from agent.study.outcome import describe

SOURCE_HEADER = ["source", "trials", "complete", "paid", "best", "cost"]
SOURCE_NOTE = (
    "Paid: complete, and in the best quarter of what was complete by then; that is what decides "
    "who proposes next in a mixed study."
)
STACKED_HEADER = ["bucket", "part", "source", "joined to", "before", "trial", "after", "stacks"]
EXPECTED_HEADER = ["trial", "from", "hypothesis", "expected", "bucket", "came"]


def sources(ledger: StudyLedger) -> list[dict[str, Any]]:
    """One row for each origin of finished trials, in the order in which they came."""
    finished = ledger.finished()
    by_origin: dict[str, list[FrozenTrial]] = {}
    for trial in finished:
        by_origin.setdefault(trial.user_attrs["proposal"]["origin"], []).append(trial)
    paid = payoffs(origins_and_values(finished), list(by_origin))
    rows = []
    for origin, trials in by_origin.items():
        complete = [t for t in trials if t.state is TrialState.COMPLETE]
        best = min(complete, key=lambda t: (t.values[0], t.number), default=None)
        calls = [call for trial in trials for call in trial.user_attrs.get("calls", [])]
        rows.append(
            {
                "origin": origin,
                "trials": len(trials),
                "complete": len(complete),
                "paid": sum(paid[origin]),
                "best": best.number if best else None,
                "best_came": describe(best.user_attrs["outcome"]) if best else None,
                "usd": sum(call["usd"] for call in calls) if calls else None,
            }
        )
    return rows


def hypotheses(ledger: StudyLedger) -> list[dict[str, Any]]:
    """Every proposal that said what it expected, with what came of it."""
    return [
        {"trial": t.number, "origin": t.user_attrs["proposal"]["origin"], **why, "came": came}
        for t in ledger.finished()
        if (why := t.user_attrs["proposal"].get("hypothesis"))
        and (came := describe(t.user_attrs["outcome"]))
    ]


def expected(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Hypotheses to be shown; those of compositions are told with what stacked."""
    return [row for row in data["hypotheses"] if row["origin"] != "composed"]


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
