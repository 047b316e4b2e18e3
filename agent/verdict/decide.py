"""The verdict: challenger against incumbent on instances that neither has seen."""

from collections.abc import Sequence
from dataclasses import replace

from agent.verdict import comparison
from agent.verdict.alpha import TOTAL, AlphaLedger
from agent.verdict.comparison import Bench, Contender, EvaluationPair, failure
from agent.verdict.comparison_keys import Keys
from agent.verdict.effect import effect_in_words, effect_size
from agent.verdict.figures import figure
from agent.verdict.memorised import NOT_CARRIED_OVER, memorised, too_good
from agent.verdict.sequential import Decision
from agent.verdict.verdict import InterimAnalysis, Pair, Scores, Verdict
from tracks.base import Objective
from tracks.evaluation import Evaluation
from tracks.instance import official_instance
from tracks.isolation.levels import weakest

DATA = {
    "training data": ("train_inputs", "train_targets"),
    "evaluation data": ("eval_inputs", "eval_targets"),
}
"""What a reader calls the tensors of a run."""


def confirm(
    bench: Bench,
    alpha: AlphaLedger,
    keys: Keys,
    challenger: Contender,
    incumbent: Contender,
    *,
    better_officially: bool = True,
) -> Verdict:
    """Compare both on held-out instances, with interim analyses, until the test decides.

    No instance is run, no key drawn and no alpha spent where the challenger is not better on the
    official instance, unless `better_officially` is False. There both are measured as a search
    measures, so that the search's own run of the challenger counts.
    """
    verdict = _undecided(bench, challenger, incumbent)
    if challenger[1].digest == incumbent[1].digest:
        return replace(verdict, reason="the best trial is the incumbent itself")
    ours, theirs = _official_runs(bench, challenger, incumbent)
    for name, run in (("incumbent", theirs), ("challenger", ours)):
        if not run.complete:
            reason = f"the {name} failed on the official instance: {failure(run)}"
            return replace(verdict, reason=reason)
    scores = Scores(ours.score(bench.objective), theirs.score(bench.objective))
    verdict = replace(verdict, official=scores)
    if better_officially and ours.comparable(bench.objective) >= theirs.comparable(bench.objective):
        reason = f"no trial beat the incumbent {incumbent[0]} on the official instance"
        return replace(verdict, reason=reason)
    digests = (challenger[1].digest, incumbent[1].digest)
    # the level is kept first, then the key
    verdict = replace(verdict, level=alpha.level(verdict.compared))
    verdict = _held_out(
        bench, replace(verdict, key=keys.key(*digests)), challenger, incumbent, ours
    )
    alpha.decide(verdict.compared, verdict.accepted)
    return verdict


def _undecided(bench: Bench, challenger: Contender, incumbent: Contender) -> Verdict:
    settings = bench.settings
    return Verdict(
        accepted=False,
        challenger=challenger[0],
        challenger_digest=challenger[1].digest,
        incumbent=incumbent[0],
        incumbent_digest=incumbent[1].digest,
        track=settings.track,
        scale=settings.scale,
        objective=bench.objective,
        unit=bench.unit,
        min_effect=settings.min_effect,
        alpha=TOTAL,
    )


def _official_runs(bench: Bench, *both: Contender) -> list[Evaluation]:
    instance = official_instance(bench.settings.track, bench.settings.scale)
    bench.view.phase("comparing with the incumbent on the official instance", 2)
    tasks = [(*each, instance) for each in both]
    return comparison.run_all(bench.executor, bench.view, tasks, bench.objective)


def _held_out(
    bench: Bench, verdict: Verdict, challenger: Contender, incumbent: Contender, ours: Evaluation
) -> Verdict:
    """The verdict on held-out instances; `ours` is the challenger's official run."""
    assert verdict.key is not None
    assert verdict.level is not None
    analyses, pairs = comparison.compare_sequentially(
        bench,
        (challenger, incumbent),
        verdict.key,
        verdict.level,
        "confirming",
        min_effect=verdict.min_effect,
    )
    verdict = replace(
        verdict,
        pairs=tuple(_pair(a, b, bench.objective) for a, b in pairs),
        sandbox=weakest(evaluation.sandbox for pair in pairs for evaluation in pair),
        interim_analyses=tuple(
            InterimAnalysis(it.seeds, it.level, it.test.p, it.decision) for it in analyses
        ),
    )
    broken = _failure(pairs, verdict) or _without_variation(pairs, verdict)
    if broken:
        return replace(verdict, reason=broken)
    scores = [a.score(bench.objective) for a, _ in pairs]
    refused = too_good(ours, scores, bench.objective)
    verdict = replace(
        verdict,
        test=analyses[-1].test,
        # its official result is what would be published, and what others would have to beat
        accepted=analyses[-1].decision == Decision.ACCEPTED and not refused,
        memorised=refused or memorised(ours, scores, bench.objective),
        shared=_shared([a for a, _ in pairs]),
    )
    return replace(verdict, reason=_reason(verdict))


def _failure(pairs: Sequence[EvaluationPair], verdict: Verdict) -> str | None:
    found = comparison.failed(pairs, verdict.objective)
    if not found:
        return None
    who, evaluation = found
    how = failure(evaluation)
    if who == 0:
        return f"{verdict.challenger} failed on a held-out instance: {how}"
    return f"inconclusive: the incumbent {verdict.incumbent} failed on a held-out instance: {how}"


def _without_variation(pairs: Sequence[EvaluationPair], verdict: Verdict) -> str | None:
    """Why runs that are all the same decide nothing."""
    first, *others = ([evaluation.curve for evaluation in pair] for pair in pairs)
    if not others or any(curves != first for curves in others):
        return None
    return (
        f"inconclusive: all held-out instances of {verdict.track} are the same run, which a test "
        "cannot judge; the track has to take its data or its student from the seeds"
    )


def _shared(held_out: Sequence[Evaluation]) -> tuple[str, ...]:
    """The data of which all these instances have the same."""
    audits = [evaluation.data_audit for evaluation in held_out if evaluation.data_audit]
    if len(audits) < 2:
        return ()
    same = {name for name in audits[0] if all(one[name] == audits[0][name] for one in audits)}
    return tuple(words for words, names in DATA.items() if same.issuperset(names))


def _pair(ours: Evaluation, theirs: Evaluation, objective: Objective) -> Pair:
    instance = ours.instance
    assert instance.drawn_from is not None
    score = ours.score(objective) if ours.complete else None
    return Pair(instance.drawn_from, instance.seeds, score, comparison.counted(theirs, objective))


def _reason(verdict: Verdict) -> str:
    assert verdict.test
    count, p = len(verdict.pairs), f"p = {verdict.test.p:.2g}"
    hopeful = verdict.test.mean > min(0.0, verdict.min_effect)
    reason = f"{_found(verdict)} on {count} held-out instances "
    if verdict.shared:
        reason += f"with the same {' and '.join(verdict.shared)} "
    reason += f"({effect_in_words(verdict)}"
    if verdict.accepted:
        return f"{reason}; {p})"
    passed = verdict.interim_analyses[-1].decision == Decision.ACCEPTED
    reason += f"; {p})" if passed else ")"
    if hopeful and not passed:
        reason += f", but {p} is not below {verdict.interim_analyses[-1].level:.2g}"
    if verdict.memorised:
        reason += f"; {NOT_CARRIED_OVER}"
    return reason


def _found(verdict: Verdict) -> str:
    """The sign and the size of the effect; of an effect below zero that was allowed, the bound."""
    assert verdict.test
    if verdict.min_effect < 0:
        sign = "not worse" if verdict.test.mean > verdict.min_effect else "worse"
        bound = f"{figure(-verdict.min_effect)} {verdict.unit} or more"
        return f"{sign} than {verdict.incumbent} by {bound}"
    better = "better" if verdict.test.mean > 0 else "worse"
    return f"{better} than {verdict.incumbent} by {effect_size(verdict)}"
