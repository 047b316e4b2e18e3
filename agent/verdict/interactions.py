"""Pairs of parts: whether one is worth more, or less, where the other is missing."""

import math
from collections.abc import Sequence
from itertools import combinations

from agent.verdict.ablation_record import AblationRow, Interaction, Interactions
from agent.verdict.comparison import Bench, failure, resolution, run_all
from agent.verdict.removable import Parts
from agent.verdict.statistics import paired_t_test
from agent.verdict.variants import Parted
from tracks.base import Objective
from tracks.evaluation import Evaluation
from tracks.instance import Instance
from tracks.registry import get_track

SEEDS = 3
MOST_PARTS = 6
"""Of more parts than these, those are paired whose removal costs most."""


def interactions(
    bench: Bench, parts: Parts, key: str, rows: Sequence[AblationRow], against: str = ""
) -> Interactions:
    """Remove parts two at a time, at the track's cheapest scale; `rows` are the ablation's, `key`
    is that of the winner's comparison, and `against` the digest of its opponent.

    For a pair, `interaction` is L(neither) - L(without first) - L(without second) + L(both), with L
    the loss in the verdict's unit on a held-out instance: above zero, each part stands in for the
    other; below, neither does much alone. `interval` is its 95% t-interval over the instances.
    A part is not paired where a run without it fails or misses the target. The runs without single
    parts are those of the ablation at that scale.
    """
    track = get_track(bench.settings.track)
    proxies = track.proxies.get(bench.settings.scale, ())
    scale = proxies[0].scale if proxies else bench.settings.scale
    max_steps = track.scales[scale].max_steps
    none = Interactions(scale, bench.unit, SEEDS)
    worth = [(abs(row.delta), i) for i, row in enumerate(rows) if row.delta is not None]
    if len(worth) < 2:
        return none
    ranked: list[Parted] = [(i,) for _, i in sorted(worth, key=lambda one: -one[0])]
    winner = parts.without((), max_steps)
    # smaller runs have no opponent, as in the ablation
    against = "" if proxies else against
    instances = bench.held_out(key, winner, SEEDS, scale, against)
    found = _without(bench, parts, instances, [(), *ranked])
    usable = [alone for alone in ranked if not _unusable(found[alone], bench.objective)]
    chosen = sorted(usable[:MOST_PARTS])
    pairs = _pairs(parts, chosen, max_steps)
    if not pairs:
        return none
    found |= _without(bench, parts, instances, pairs)
    measured = tuple(
        _interaction(pair, [found[it] for it in (pair, pair[:1], pair[1:], ())], bench.objective)
        for pair in pairs
    )
    return Interactions(scale, bench.unit, SEEDS, tuple(part for (part,) in chosen), measured)


def _pairs(parts: Parts, chosen: Sequence[Parted], max_steps: int) -> list[Parted]:
    """Without those of which one part takes the other with it: they cannot be told apart."""
    return [
        first + second
        for first, second in combinations(chosen, 2)
        if parts.without(first + second, max_steps)
        not in (parts.without(first, max_steps), parts.without(second, max_steps))
    ]


def _without(
    bench: Bench, parts: Parts, instances: Sequence[Instance], removals: Sequence[Parted]
) -> dict[Parted, list[Evaluation]]:
    """Evaluations of the winner without each of `removals`, on the same instances."""
    scale, listed = instances[0].scale, parts.listed()
    max_steps = get_track(bench.settings.track).scales[scale].max_steps
    names = [" and ".join(listed[i].name for i in parted) or "winner" for parted in removals]
    variants = [parts.without(parted, max_steps) for parted in removals]
    tasks = [
        (name, variant, instance)
        for instance in instances
        for name, variant in zip(names, variants, strict=True)
    ]
    bench.view.phase(f"pairing parts at scale {scale}", len(tasks))
    outcomes = run_all(bench.executor, bench.view, tasks, bench.objective)
    return {parted: outcomes[i :: len(removals)] for i, parted in enumerate(removals)}


def _unusable(without: Sequence[Evaluation], objective: Objective) -> str | None:
    """Why runs without some parts show no interaction with another part; None where they may."""
    failures = [failure(evaluation) for evaluation in without if not evaluation.complete]
    if failures:
        return failures[0]
    if objective == "steps" and any(e.steps_to_target is None for e in without):
        # a censored value hides what else is missing
        return "the target was missed without one of them"
    return None


def _interaction(
    pair: Parted, corners: Sequence[Sequence[Evaluation]], objective: Objective
) -> Interaction:
    first, second = pair
    measured = [evaluation for corner in corners for evaluation in corner]
    reason = _unusable([e for corner in corners[:3] for e in corner], objective)
    reason = reason or next((failure(e) for e in corners[3] if not e.complete), None)
    if reason:
        return Interaction(first, second, None, None, reason)
    losses = [[e.comparable(objective) for e in corner] for corner in corners]
    values = [
        neither - first - second + both
        for neither, first, second, both in zip(*losses, strict=True)
    ]
    # four rounded values make sqrt(2) times the rounding of a difference
    grid = math.sqrt(2) * resolution(measured, objective)
    test = paired_t_test(values, resolution=grid)
    return Interaction(first, second, test.mean, test.interval, None)
