"""The cost of a study's questions to a model, from the calls in its ledger."""

from dataclasses import dataclass

from agent.study.records import Call
from agent.study.study import Study


@dataclass(frozen=True)
class Spending:
    """Calls, tokens by kind and US dollars, with the models and the dates of their prices."""

    calls: int
    failed: int
    models: list[str]
    prices: list[str]
    usd: float
    seconds: float
    input: int
    cache_write: int
    cache_read: int
    output: int

    def __str__(self) -> str:
        failed = f", {self.failed} of them failed" if self.failed else ""
        were = "was" if len(self.models) == 1 else "were"
        return (
            f"{', '.join(self.models)} {were} asked {self.calls} times{failed}: "
            f"{self.input} tokens in, {self.cache_write} written to the cache, "
            f"{self.cache_read} read from it, {self.output} out, "
            f"${self.usd:.4f} at prices of {', '.join(self.prices)}."
        )


def calls_of(study: Study) -> list[Call]:
    """Every call that was made for a trial of the study, in the order of trials."""
    return [call for trial in study.every_trial() for call in trial.calls]


def spent_usd(study: Study) -> float:
    """The cost of the study's calls; one that was cut off counts at its maximum."""
    return float(sum(call.usd for call in calls_of(study)))


def spending(study: Study) -> Spending | None:
    """What all calls of the study came to; None where no model was asked."""
    calls = calls_of(study)
    if not calls:
        return None
    return Spending(
        calls=len(calls),
        failed=sum(call.state != "answered" for call in calls),
        models=sorted({call.model for call in calls}),
        prices=sorted({call.prices for call in calls}),
        usd=spent_usd(study),
        seconds=sum(call.seconds for call in calls),
        input=sum(call.input for call in calls),
        cache_write=sum(call.cache_write for call in calls),
        cache_read=sum(call.cache_read for call in calls),
        output=sum(call.output for call in calls),
    )
