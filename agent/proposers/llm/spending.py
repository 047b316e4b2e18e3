"""The cost of a study's questions to a model, from the calls in its ledger."""

from typing import Any

from agent.study.records import Call
from agent.study.study import Study

COUNTS = ("input", "cache_write", "cache_read", "output")


def calls_of(ledger: Study) -> list[Call]:
    """Every call that was made for a trial of the study, in the order of trials."""
    return [call for trial in ledger.every_trial() for call in trial.calls]


def spent_usd(ledger: Study) -> float:
    """The cost of the study's calls; one that was cut off counts at its maximum."""
    return float(sum(call.usd for call in calls_of(ledger)))


def spending(ledger: Study) -> dict[str, Any] | None:
    """Calls, tokens by kind and US dollars, with the models; None where no model was asked."""
    calls = calls_of(ledger)
    if not calls:
        return None
    return {
        "calls": len(calls),
        "failed": sum(call.state != "answered" for call in calls),
        "models": sorted({call.model for call in calls}),
        "prices": sorted({call.prices for call in calls}),
        "usd": spent_usd(ledger),
        "seconds": sum(call.seconds for call in calls),
        **{name: sum(getattr(call, name) for call in calls) for name in COUNTS},
    }


def spending_line(spent: dict[str, Any]) -> str:
    """As one sentence."""
    failed = f", {spent['failed']} of them failed" if spent["failed"] else ""
    were = "was" if len(spent["models"]) == 1 else "were"
    return (
        f"{', '.join(spent['models'])} {were} asked {spent['calls']} times{failed}: "
        f"{spent['input']} tokens in, {spent['cache_write']} written to the cache, "
        f"{spent['cache_read']} read from it, {spent['output']} out, "
        f"${spent['usd']:.4f} at prices of {', '.join(spent['prices'])}."
    )
