"""Scores and effects in words: a missed target is "missed", a loss is "2.2 times lower"."""

from collections.abc import Sequence
from statistics import fmean

from agent.study.settings import Settings
from agent.verdict.figures import figure
from agent.verdict.verdict import Pair, Scores, Verdict
from tracks.base import Objective
from tracks.registry import get_track


def score_text(score: float | None, objective: Objective, max_steps: int) -> str:
    if score is None:
        return "failed"
    return "missed" if objective == "steps" and score > max_steps else f"{score:.6g}"


def result_text(score: float | None, objective: Objective, track: str, scale: str) -> str:
    """A score as steps, as a loss that is compared by its logarithm, or as the metric."""
    as_metric = not get_track(track).metric.log
    return _shown(score, objective, track, scale, as_metric=as_metric)


def metric_text(score: float | None, settings: Settings) -> str:
    """A score as steps, or always as the metric, for readers who know the metric's direction."""
    return _shown(score, settings.objective, settings.track, settings.scale, as_metric=True)


def _shown(
    score: float | None, objective: Objective, track: str, scale: str, *, as_metric: bool
) -> str:
    known = get_track(track)
    if objective == "final" and as_metric and score is not None:
        score = known.metric.value(score)
    return score_text(score, objective, known.scales[scale].max_steps)


def pair_texts(verdict: Verdict) -> list[tuple[str, str]]:
    """Challenger's and incumbent's score on each held-out instance."""
    return [_texts(verdict, pair) for pair in verdict.pairs]


def official_texts(verdict: Verdict) -> tuple[str, str]:
    """Both scores on the official instance."""
    assert verdict.official, "the official instance comes first"
    return _texts(verdict, verdict.official)


def _texts(verdict: Verdict, scores: Pair | Scores) -> tuple[str, str]:
    asked = verdict.objective, verdict.track, verdict.scale
    return result_text(scores.challenger, *asked), result_text(scores.incumbent, *asked)


def missed(verdict: Verdict) -> tuple[int, int]:
    """On how many held-out instances the challenger and the incumbent missed the target."""
    texts = pair_texts(verdict)
    return sum(ours == "missed" for ours, _ in texts), sum(
        theirs == "missed" for _, theirs in texts
    )


def effect_size(verdict: Verdict) -> str:
    """The mean effect in the verdict's unit, without a sign; a bound where it is censored."""
    assert verdict.test, "only a tested comparison has an effect"
    size = f"{figure(abs(verdict.test.mean))} {verdict.unit}"
    ours, theirs = missed(verdict)
    censored = theirs and not ours and verdict.test.mean > 0
    return f"at least {size}" if censored else size


def effect_in_words(verdict: Verdict) -> str:
    """As "28 steps against 61 steps", "28 steps against missed in 400", "2.2 times lower loss"."""
    assert verdict.test, "only a tested comparison has an effect"
    if verdict.objective == "steps":
        limit = _max_steps(verdict)
        ours = _mean_steps([pair.challenger for pair in verdict.pairs], limit)
        theirs = _mean_steps([pair.incumbent for pair in verdict.pairs], limit)
        return f"{ours} against {theirs}"
    mean, metric = verdict.test.mean, get_track(verdict.track).metric
    if metric.log:
        loss = metric.loss_name if metric.higher_is_better else "loss"
        times, direction = f"{10 ** abs(mean):.3g}", "lower" if mean >= 0 else "higher"
        return f"{times} times {direction} {loss}" if times != "1" else f"equal {loss} to 3 digits"
    both = [[pair.challenger for pair in verdict.pairs], [pair.incumbent for pair in verdict.pairs]]
    means = [fmean(metric.value(loss) for loss in side if loss is not None) for side in both]
    return f"{metric.name.replace('_', ' ')} {means[0]:.4g} against {means[1]:.4g}"


def _mean_steps(scores: Sequence[float | None], max_steps: int) -> str:
    reached = [score for score in scores if score is not None and score <= max_steps]
    count = len(scores) - len(reached)
    if not reached:
        return f"missed in {max_steps}"
    mean = f"{figure(fmean(reached))} steps"
    return f"{mean}, missed in {max_steps} on {count} of {len(scores)}" if count else mean


def _max_steps(verdict: Verdict) -> int:
    return get_track(verdict.track).scales[verdict.scale].max_steps
