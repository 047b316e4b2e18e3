"""Whether an official result is too good for the results on held-out instances."""

from collections.abc import Sequence
from statistics import median

from tracks.base import Objective
from tracks.evaluation import Evaluation
from tracks.registry import get_track

NOT_CARRIED_OVER = (
    "its official result does not carry over to held-out instances: it was fitted to the public "
    "seeds, or memorised from them"
)
LOG10 = 1.0
"""An official loss ten times below the held-out ones did not come from optimizing well."""
SHARE = 0.5
"""Nor did one that is lower by this share of it, where losses are compared by differences."""
STEPS = 0.1
"""Nor did steps to target that are better by a tenth of the run."""
RANGES = 3.0
"""An honest result is not this many ranges of the held-out ones better than the best of them."""
LEAST_LOG10, LEAST_SHARE, LEAST_STEPS = 0.1, 0.02, 0.1
"""A range counts as no less, since a few results may be equal: in log10 of the loss, or as a share
of the median where losses or steps are compared."""


def memorised(official: Evaluation, held_out: Sequence[float], objective: Objective) -> bool:
    """Whether the official result is much better than the median of these held-out scores."""
    ours = official.comparable(objective)
    gap = median(official.compared(score, objective) for score in held_out) - ours
    if objective == "steps":
        return gap > STEPS * official.max_steps
    log = get_track(official.instance.track).metric.log
    return gap > (LOG10 if log else SHARE * abs(ours))


def too_good(official: Evaluation, held_out: Sequence[float], objective: Objective) -> bool:
    """Whether the official result is far outside of the range of these held-out scores.

    By this an optimizer that wins is refused, so the range of an honest one must allow for it.
    """
    if not held_out:
        return False
    scores = [official.compared(score, objective) for score in held_out]
    if objective == "steps":
        least = LEAST_STEPS * median(scores)
    elif get_track(official.instance.track).metric.log:
        least = LEAST_LOG10
    else:
        least = LEAST_SHARE * abs(median(scores))
    spread = max(max(scores) - min(scores), least)
    return min(scores) - official.comparable(objective) > RANGES * spread
