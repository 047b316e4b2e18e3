"""An A/A run of the pipeline: equal challengers under other names, and what the noise hides."""

import math
import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np

from agent.study.errors import UserError
from agent.study.executor import Executor
from agent.study.progress import View
from agent.study.settings import Settings
from agent.verdict.alpha import AlphaLedger
from agent.verdict.comparison import differences, fresh_instances, resolution, run_all, unit
from agent.verdict.comparison_keys import Keys
from agent.verdict.decide import confirm
from agent.verdict.sequential import LOOKS, Decision, looked_through
from tracks.submission import Submission

STUDIES, PROPOSALS = 2000, 50
"""Simulated null studies, and comparisons in each."""
POWER, REPEATS = 0.9, 1000
EFFECTS = (1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""In units of the noise of a paired difference."""
JITTER = 1e-2
MOST = 13
"""Seeds of a simulated comparison, at most."""

TWIN = """

# --- added by the self-test: the same optimizer, its gradients jittered by {jitter:g} ---
import torch as _torch

_step = Submission.step


def _jittered(self, *closure):
    random = self.__dict__.setdefault("_random", _torch.Generator().manual_seed({seed}))
    for group in self.param_groups:
        for p in group["params"]:
            if p.grad is not None:
                noise = _torch.randn(p.grad.shape, generator=random, dtype=p.grad.dtype)
                p.grad.mul_(1 + {jitter!r} * noise)
    return _step(self, *closure)


Submission.step = _jittered
"""


def copy_of(submission: Submission, number: int) -> Submission:
    """The same code in other bytes."""
    return Submission(f"{submission.source}\n# copy {number}\n", submission.path)


def twin_of(submission: Submission, number: int) -> Submission:
    """As good as `submission`, by construction, without giving the same numbers."""
    added = TWIN.format(seed=number, jitter=JITTER)
    return Submission(submission.source.rstrip("\n") + "\n" + added, submission.path)


def selftest(
    settings: Settings,
    keys: Keys,
    executor: Executor,
    view: View,
    original: tuple[str, Submission],
    *,
    twins: int = 4,
    instances: int = 8,
    effects: Sequence[float] = (),
) -> dict[str, Any]:
    """Put copies and twins of `original` through the verdict, and measure the track's noise.

    A copy must come out equal to the bit everywhere. A twin differs by its rounding, as it were, so
    no twin is better; the noise of its paired differences is what hides small effects. Resampled,
    they then go through thousands of studies. The seeds that are needed are told for `effects`, in
    the objective's unit, or else for multiples of the noise.
    """
    objective, name = settings.objective, original[0]
    challengers = [(f"copy 1 of {name}", copy_of(original[1], 1))]
    challengers += [(f"twin {n} of {name}", twin_of(original[1], n)) for n in range(1, twins + 1)]
    alpha = AlphaLedger()
    verdicts = [
        confirm(settings, alpha, keys, executor, view, each, original, better_officially=False)
        for each in challengers
    ]
    key = keys.key(original[1].digest, "")
    fresh = fresh_instances(key, original[1], instances, settings.track, settings.scale)
    view.phase("measuring the noise", instances * (1 + len(challengers)))
    tasks = [(*each, instance) for instance in fresh for each in (original, *challengers)]
    outcomes = run_all(executor, view, tasks, objective)
    for evaluation in outcomes:
        if not evaluation.complete:
            how = f"{evaluation.state}: {evaluation.reason}"
            raise UserError(f"{name} does not complete a run ({how}); choose another --submission")
    own, copy, *others = (outcomes[i :: 1 + len(challengers)] for i in range(1 + len(challengers)))
    grid = resolution(outcomes, objective)
    paired = [difference for twin in others for difference in differences(twin, own, objective)]
    noise = max(statistics.fmean(value**2 for value in paired) ** 0.5, grid / 6**0.5)
    values = [evaluation.comparable(objective) for evaluation in own]
    random = np.random.default_rng(settings.seed)
    return {
        "track": settings.track,
        "scale": settings.scale,
        "objective": objective,
        "unit": unit(objective, settings.track),
        "submission": name,
        "alpha": alpha.total,
        "challengers": [
            {
                "name": challenger[0],
                "accepted": verdict["accepted"],
                "seeds": len(verdict["pairs"]),
                "reason": verdict["reason"],
            }
            for challenger, verdict in zip(challengers, verdicts, strict=True)
        ],
        "kept": sum(verdict["accepted"] for verdict in verdicts),
        "run_to_run": max(map(abs, differences(copy, own, objective))),
        "instances": instances,
        "missed": sum(evaluation.steps_to_target is None for evaluation in own),
        "mean": statistics.fmean(values),
        "seed_to_seed": statistics.stdev(values),
        "paired_noise": noise,
        "differences": paired,
        "studies": STUDIES,
        "proposals": PROPOSALS,
        "false_keep_rate": _false_keeps(random, paired, grid),
        "power": POWER,
        "seeds_needed": []
        if not noise
        else [
            {"effect": noise * multiple, "in_noise": multiple, "seeds": _needed(random, multiple)}
            for multiple in ([effect / noise for effect in effects] or EFFECTS)
        ],
    }


def _false_keeps(random: np.random.Generator, noise: Sequence[float], grid: float) -> float | None:
    """The share of null studies, with this noise, that promote one of their proposals; None where
    too little noise was measured to draw from.

    Equals may swap their names, so a difference has either sign with the same chance. No measured
    difference is drawn twice in a comparison: it would have no spread. Few measurements are not a
    continuous noise, so a kernel of the usual width blurs them and their variance is kept (the
    smoothed bootstrap, Silverman and Young 1987).
    """
    if len(noise) < MOST:
        return None
    spread = statistics.fmean(value**2 for value in noise) ** 0.5
    width = 1.06 * spread * len(noise) ** -0.2
    shrink = spread / math.hypot(spread, width) if spread else 1.0
    kept = 0
    for _ in range(STUDIES):
        ledger = AlphaLedger()
        for number in range(PROPOSALS):
            drawn = random.permutation(noise)[:MOST] * random.choice([-1.0, 1.0], MOST)
            drawn = (drawn + width * random.standard_normal(MOST)) * shrink
            if _accepted(drawn, ledger.level(str(number)), grid):
                kept += 1
                break
    return kept / STUDIES


def _accepted(drawn: np.ndarray, level: float, grid: float) -> bool:
    answer = looked_through(drawn.tolist(), level, resolution=grid)
    return answer.decision == Decision.ACCEPTED


def _needed(random: np.random.Generator, effect: float) -> int | None:
    """The smallest maximum of seeds with which a study's first comparison has the power."""
    level = AlphaLedger().level("first")
    for most in LOOKS:
        draws = random.standard_normal((REPEATS, most)) + effect
        if sum(_accepted(row, level, 0.0) for row in draws) >= POWER * REPEATS:
            return most
    return None
