"""Pairs of parts: whether one is worth more, or less, where the other is missing."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from agent.study.executor import Executor
from agent.study.progress import View
from agent.study.settings import Settings
from agent.verdict.comparison import fresh_instances, resolution, run_all, unit
from agent.verdict.removable import Parts
from agent.verdict.statistics import paired_t_test
from tracks.evaluation import Evaluation
from tracks.registry import get_track

Removal = tuple[int, ...]
"""Indices of parts taken away together."""
SEEDS = 3
MOST_PARTS = 6
"""With more parts than these, only those are paired whose removal costs most."""


def interactions(
    settings: Settings,
    executor: Executor,
    view: View,
    parts: Parts,
    key: str,
    rows: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """Take parts away two at a time, at the track's cheapest scale; `rows` are the ablation's, and
    `key` is that of the winner's comparison.

    For a pair, `interaction` is L(neither) - L(without first) - L(without second) + L(both), with L
    the loss in the verdict's unit on a held-out instance: above zero, each part stands in for the
    other; below, neither does much alone. `interval` is its 95% t-interval over the instances.
    A part is not paired where a run without it fails or misses the target: no pair with it has an
    interaction. The runs without single parts are those of the ablation at that scale.
    """
    track, objective = get_track(settings.track), settings.objective
    proxies = track.proxies.get(settings.scale, ())
    scale = proxies[0].scale if proxies else settings.scale
    max_steps = track.scales[scale].max_steps
    instances = fresh_instances(key, parts.without((), max_steps), SEEDS, track.name, scale)
    listed = parts.listed()

    def without(removals: Sequence[Removal], title: str) -> dict[Removal, list[Evaluation]]:
        names = [" and ".join(listed[i].name for i in removal) or "winner" for removal in removals]
        variants = [parts.without(removal, max_steps) for removal in removals]
        tasks = [
            (name, variant, instance)
            for instance in instances
            for name, variant in zip(names, variants, strict=True)
        ]
        view.phase(f"{title} at scale {scale}", len(tasks))
        outcomes = run_all(executor, view, tasks, objective)
        return {removal: outcomes[i :: len(removals)] for i, removal in enumerate(removals)}

    worth = [(i,) for i, row in enumerate(rows) if row["delta"] is not None]
    worth.sort(key=lambda alone: -abs(rows[alone[0]]["delta"]))
    if len(worth) < 2:
        return _record(scale, settings, [], [])
    found = without([(), *worth], "single parts")
    told = [alone for alone in worth if not _untold(found[alone], settings)]
    chosen = sorted(told[:MOST_PARTS])
    # where one part takes the other with it there is nothing to tell apart
    pairs = [
        first + second
        for first, second in combinations(chosen, 2)
        if parts.without(first + second, max_steps)
        not in (parts.without(first, max_steps), parts.without(second, max_steps))
    ]
    if not pairs:
        return _record(scale, settings, [], [])
    found |= without(pairs, "pairing parts")

    def row(pair: Removal) -> dict[str, Any]:
        corners = [found[removal] for removal in (pair, pair[:1], pair[1:], ())]
        return {"first": pair[0], "second": pair[1], **_interaction(corners, settings)}

    return _record(scale, settings, [part for (part,) in chosen], [row(pair) for pair in pairs])


def _untold(without: Sequence[Evaluation], settings: Settings) -> str | None:
    """Why runs without some parts have no interaction with another part; None where they may."""
    failures = [_failure(evaluation) for evaluation in without if not evaluation.complete]
    if failures:
        return failures[0]
    if settings.objective == "steps" and any(e.steps_to_target is None for e in without):
        # a missed target counts as the run's end, whatever else is missing
        return "the target was missed without one of them"
    return None


def _failure(evaluation: Evaluation) -> str:
    return f"{evaluation.state}: {evaluation.reason}"


def _interaction(corners: Sequence[Sequence[Evaluation]], settings: Settings) -> dict[str, Any]:
    measured = [evaluation for corner in corners for evaluation in corner]
    reason = _untold([e for corner in corners[:3] for e in corner], settings)
    reason = reason or next((_failure(e) for e in corners[3] if not e.complete), None)
    if reason:
        return {"interaction": None, "interval": None, "failed": reason}
    losses = [[e.comparable(settings.objective) for e in corner] for corner in corners]
    values = [
        neither - first - second + both
        for neither, first, second, both in zip(*losses, strict=True)
    ]
    # four rounded values make sqrt(2) times the rounding of a difference
    grid = math.sqrt(2) * resolution(measured, settings.objective)
    test = paired_t_test(values, resolution=grid)
    return {"interaction": test.mean, "interval": test.interval, "failed": None}


def _record(
    scale: str, settings: Settings, parts: list[int], pairs: list[dict[str, Any]]
) -> dict[str, Any]:
    measured = unit(settings.objective, settings.track)
    return {"scale": scale, "unit": measured, "seeds": SEEDS, "parts": parts, "pairs": pairs}
