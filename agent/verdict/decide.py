"""The verdict: challenger against incumbent on instances that neither has seen."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from agent.study.executor import Executor
from agent.study.progress import View
from agent.study.settings import Settings
from agent.verdict import comparison
from agent.verdict.alpha import AlphaLedger
from agent.verdict.comparison import Contender, Pair
from agent.verdict.comparison_keys import Keys
from agent.verdict.sequential import Decision
from agent.verdict.statistics import PairedTest
from tracks.base import Objective
from tracks.evaluation import Evaluation
from tracks.instance import official_instance
from tracks.isolation.levels import weakest

MEMORISED_LOG10 = 1.0
"""An official loss ten times below the fresh ones did not come from optimizing well."""
MEMORISED_STEPS = 0.1
"""Nor did steps to target that are better by a tenth of the run."""


def confirm(
    settings: Settings,
    alpha: AlphaLedger,
    keys: Keys,
    executor: Executor,
    view: View,
    challenger: Contender,
    incumbent: Contender,
    *,
    better_officially: bool = True,
) -> dict[str, Any]:
    """Run both on fresh instances, test, go on while the answer is open; say how it ended and why.

    Nothing is compared, no key drawn and no alpha spent, where the challenger is no better on the
    official instance, unless that is not asked for. Both are measured there as a search measures,
    so that a search's own run of the challenger counts.
    """
    objective = settings.objective
    record: dict[str, Any] = {
        "accepted": False,
        "challenger": challenger[0],
        "challenger_digest": challenger[1].digest,
        "incumbent": incumbent[0],
        "incumbent_digest": incumbent[1].digest,
        "track": settings.track,
        "scale": settings.scale,
        "key": None,
        "objective": objective,
        "unit": comparison.unit(objective, settings.track),
        "min_effect": settings.min_effect,
        "alpha": alpha.total,
        "level": None,
        "looks": [],
        "pairs": [],
        "test": None,
        "memorised": False,
        "sandbox": None,
    }
    if challenger[1].digest == incumbent[1].digest:
        return record | {"reason": "the best trial is the incumbent itself"}
    official = official_instance(settings.track, settings.scale)
    view.phase("comparing with the incumbent on the official instance", 2)
    both = (challenger, incumbent)
    tasks = [(*each, official) for each in both]
    ours, theirs = comparison.run_all(executor, view, tasks, objective)
    if not theirs.complete:
        reason = f"the incumbent failed on the official instance: {theirs.reason}"
        return record | {"reason": reason}
    if not ours.complete:
        reason = f"the challenger failed on the official instance: {ours.state}: {ours.reason}"
        return record | {"reason": reason}
    record["official"] = {
        "challenger": ours.score(objective),
        "incumbent": theirs.score(objective),
    }
    if better_officially and ours.comparable(objective) >= theirs.comparable(objective):
        reason = f"no trial beat the incumbent {incumbent[0]} on the official instance"
        return record | {"reason": reason}
    digests = (challenger[1].digest, incumbent[1].digest)
    name = "/".join(digests)
    level = record["level"] = alpha.level(name)
    key = record["key"] = keys.key(*digests)
    looks, pairs = comparison.look_by_look(
        settings, key, level, executor, view, *both, "confirming", min_effect=settings.min_effect
    )
    record["pairs"] = [_pair(a, b, objective) for a, b in pairs]
    record["sandbox"] = weakest(evaluation.sandbox for pair in pairs for evaluation in pair)
    record["looks"] = [
        {"seeds": it.seeds, "level": it.level, "p": it.test.p, "decision": it.decision}
        for it in looks
    ]
    failure = _failure(pairs, both, objective)
    if failure:
        record["reason"] = failure
    else:
        test, accepted = looks[-1].test, looks[-1].decision == Decision.ACCEPTED
        record |= {"test": asdict(test), "accepted": accepted}
        record["memorised"] = _memorised(settings, ours, [a for a, _ in pairs])
        record["reason"] = _reason(record, test)
    alpha.decide(name, record["accepted"])
    return record


def _failure(
    pairs: Sequence[Pair], both: tuple[Contender, Contender], objective: Objective
) -> str | None:
    found = comparison.failed(pairs, objective)
    if not found:
        return None
    who, evaluation = found
    how = f"{evaluation.state}: {evaluation.reason}"
    if who == 0:
        return f"{both[0][0]} failed on a fresh instance: {how}"
    return (
        f"open: the incumbent {both[1][0]} failed on a fresh instance, so nothing is known: {how}"
    )


def _pair(ours: Evaluation, theirs: Evaluation, objective: Objective) -> dict[str, Any]:
    instance = ours.instance
    return {
        "drawn_from": instance.drawn_from,
        "seeds": asdict(instance.seeds),
        "challenger": ours.score(objective) if ours.complete else None,
        "incumbent": comparison.counted(theirs, objective),
    }


def _memorised(settings: Settings, official: Evaluation, fresh: Sequence[Evaluation]) -> bool:
    objective = settings.objective
    mean = sum(evaluation.comparable(objective) for evaluation in fresh) / len(fresh)
    gap = mean - official.comparable(objective)
    steps = objective == "steps"
    return gap > (MEMORISED_STEPS * official.max_steps if steps else MEMORISED_LOG10)


def _reason(record: dict[str, Any], test: PairedTest) -> str:
    unit_name, incumbent = record["unit"], record["incumbent"]
    effect = f"{abs(test.mean):.3g} {unit_name}"
    if record["accepted"]:
        return (
            f"better than {incumbent} by {effect} on {len(record['pairs'])} fresh instances "
            f"(p = {test.p:.2g})"
        )
    if test.mean <= 0:
        reason = f"on fresh instances it is worse than {incumbent} by {effect}"
    else:
        reason = (
            f"better than {incumbent} by {effect} on {len(record['pairs'])} fresh instances, "
            f"but p = {test.p:.2g} is not below {record['looks'][-1]['level']:.2g}"
        )
    if record["memorised"]:
        reason += (
            "; its official result does not carry over to fresh instances: "
            "it was fitted to the public seeds, or memorised from them"
        )
    return reason
