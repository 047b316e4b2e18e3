"""A/A test of the verdict: false-positive rate, noise, sample size for a given effect."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agent.study.errors import UserError
from agent.verdict import simulation
from agent.verdict.alpha import TOTAL, AlphaLedger
from agent.verdict.comparison import Bench, Contender, differences, failure, resolution, run_all
from agent.verdict.comparison_keys import Keys
from agent.verdict.decide import confirm
from agent.verdict.verdict import Verdict
from tracks.evaluation import Evaluation
from tracks.submission import Submission

JITTER = 1e-2

REPLICATE = """

# --- added by the A/A test: the same optimizer, its gradients jittered by {jitter:g} ---
import torch as _torch

_step = Submission.step


def _jittered(self, *closure):
    random = self.__dict__.setdefault("_random", _torch.Generator().manual_seed({seed}))
    for group in self.param_groups:
        for p in group["params"]:
            if p.grad is not None:
                noise = _torch.randn(p.grad.shape, generator=random, dtype=p.grad.dtype)
                p.grad.mul_(1 + {jitter!r} * noise.to(p.grad.device))
    return _step(self, *closure)


Submission.step = _jittered
"""


@dataclass(frozen=True)
class Challenger:
    """What the verdict made of a copy or a replicate."""

    name: str
    accepted: bool
    seeds: int
    reason: str


@dataclass(frozen=True)
class AATest:
    """`kept` counts false positives; `run_to_run` is the largest difference of a copy.

    `mean`, `seed_to_seed` (standard deviation) and `missed` are over `instances`; `paired_noise` is
    the standard deviation of `differences`, those of replicates. `false_keep_rate` is the share of
    simulated null studies that promote a challenger; None where too few differences were measured.
    """

    track: str
    scale: str
    objective: str
    unit: str
    submission: str
    alpha: float
    challengers: tuple[Challenger, ...]
    kept: int
    run_to_run: float
    instances: int
    missed: int
    mean: float
    seed_to_seed: float
    paired_noise: float
    differences: tuple[float, ...]
    studies: int
    proposals: int
    false_keep_rate: float | None
    power: float
    seeds_needed: tuple[simulation.SampleSize, ...]


def copy_of(submission: Submission) -> Submission:
    """The same code in other bytes."""
    return Submission(f"{submission.source}\n# copy 1\n", submission.path)


def replicate_of(submission: Submission, number: int) -> Submission:
    """As good as `submission` by construction, with other numbers."""
    added = REPLICATE.format(seed=number, jitter=JITTER)
    return Submission(submission.source.rstrip("\n") + "\n" + added, submission.path)


def aa_test(
    bench: Bench,
    keys: Keys,
    original: Contender,
    *,
    replicates: int = 4,
    instances: int = 8,
    effects: Sequence[float] = (),
) -> AATest:
    """Put copies and replicates of `original` through the verdict, and measure the noise.

    A copy must equal the original to the bit. A replicate differs as by rounding, so none is
    better; the noise of its paired differences hides small effects. Resampled, these differences go
    through thousands of studies. Sample sizes are for `effects`, in the objective's unit, or else
    for multiples of the noise. Raises UserError where one of them does not complete a run.
    """
    name, submission = original
    challengers = [(f"copy 1 of {name}", copy_of(submission))]
    challengers += [
        (f"replicate {n} of {name}", replicate_of(submission, n)) for n in range(1, replicates + 1)
    ]
    alpha = AlphaLedger()
    verdicts = [
        confirm(bench, alpha, keys, each, original, better_officially=False) for each in challengers
    ]
    columns = _measured(bench, keys, [original, *challengers], instances)
    return _result(bench, name, verdicts, columns, effects)


def _result(
    bench: Bench,
    name: str,
    verdicts: Sequence[Verdict],
    columns: Sequence[Sequence[Evaluation]],
    effects: Sequence[float],
) -> AATest:
    """From the evaluations of the original, of its copy and of its replicates, in this order."""
    own, copy, *others = columns
    settings, objective = bench.settings, bench.objective
    grid = resolution([e for column in columns for e in column], objective)
    paired = [difference for each in others for difference in differences(each, own, objective)]
    noise = max(statistics.fmean(value**2 for value in paired) ** 0.5, grid / 6**0.5)
    values = [evaluation.comparable(objective) for evaluation in own]
    random = np.random.default_rng(settings.seed)
    return AATest(
        track=settings.track,
        scale=settings.scale,
        objective=objective,
        unit=bench.unit,
        submission=name,
        alpha=TOTAL,
        challengers=tuple(
            Challenger(it.challenger, it.accepted, len(it.pairs), it.reason) for it in verdicts
        ),
        kept=sum(verdict.accepted for verdict in verdicts),
        run_to_run=max(map(abs, differences(copy, own, objective))),
        instances=len(own),
        missed=sum(evaluation.steps_to_target is None for evaluation in own),
        mean=statistics.fmean(values),
        seed_to_seed=statistics.stdev(values),
        paired_noise=noise,
        differences=tuple(paired),
        studies=simulation.STUDIES,
        proposals=simulation.PROPOSALS,
        false_keep_rate=simulation.false_positive_rate(random, paired, grid),
        power=simulation.POWER,
        seeds_needed=simulation.sample_sizes(random, noise, effects),
    )


def _measured(
    bench: Bench, keys: Keys, contenders: Sequence[Contender], count: int
) -> list[list[Evaluation]]:
    """Evaluations of each contender on `count` held-out instances of the first."""
    name, submission = contenders[0]
    held_out = bench.held_out(keys.key(submission.digest, ""), submission, count)
    bench.view.phase("measuring the noise", count * len(contenders))
    tasks = [(*each, instance) for instance in held_out for each in contenders]
    outcomes = run_all(bench.executor, bench.view, tasks, bench.objective)
    for (who, *_), evaluation in zip(tasks, outcomes, strict=True):
        if not evaluation.complete:
            how = f"{who} does not complete a run ({failure(evaluation)})"
            rounded = who.startswith("replicate ")
            why = f"; rounding decides whether {name} does" if rounded else ""
            raise UserError(f"{how}{why}; choose another --submission")
    return [outcomes[i :: len(contenders)] for i in range(len(contenders))]
