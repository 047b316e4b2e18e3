"""Pairs of parts: whether one is worth more, or less, where the other is missing."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from agent.comparison import fresh_instances, resolution, run_all, unit
from agent.executor import Executor
from agent.ledger import Settings
from agent.parts import Parts
from agent.progress import View
from agent.statistics import paired_t_test
from tracks.evaluation import Evaluation
from tracks.registry import get_track
from tracks.submission import Submission

SEEDS = 3
MOST_PARTS = 10
"""With more parts than these, only those are paired whose removal costs most and does not fail."""


def interactions(
    settings: Settings, executor: Executor, view: View, parts: Parts, rows: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Take parts away two at a time, at the track's cheapest scale; `rows` are the ablation's.

    For a pair, `interaction` is L(neither) - L(without first) - L(without second) + L(both), with L
    the loss in the verdict's unit on a fresh instance: above zero, each part stands in for the
    other; below, neither does much alone. `interval` is its 95% t-interval over the instances.
    """
    track, objective = get_track(settings.track), settings.objective
    proxies = track.proxies.get(settings.scale, ())
    scale = proxies[0].scale if proxies else settings.scale
    max_steps = track.scales[scale].max_steps
    instances = fresh_instances(settings, parts.without((), max_steps), SEEDS, scale)
    worth = sorted(
        (i for i, row in enumerate(rows) if row["delta"] is not None),
        key=lambda i: -abs(rows[i]["delta"]),
    )
    chosen = sorted(worth[:MOST_PARTS])
    variants: dict[tuple[int, ...], Submission] = {
        removed: parts.without(removed, max_steps)
        for count in (0, 1, 2)
        for removed in combinations(chosen, count)
    }
    # where one part takes the other with it there is nothing to tell apart
    pairs = [
        removed
        for removed in combinations(chosen, 2)
        if variants[removed] not in (variants[removed[:1]], variants[removed[1:]])
    ]
    if not pairs:
        return _record(scale, settings, [], [])
    listed = parts.listed()
    tasks = [
        (" and ".join(listed[part].name for part in removed) or "winner", variant, instance)
        for instance in instances
        for removed, variant in variants.items()
    ]
    view.phase(f"pairing parts at scale {scale}", len(tasks))
    outcomes = run_all(executor, view, tasks, objective)
    found = {removed: outcomes[i :: len(variants)] for i, removed in enumerate(variants)}

    def row(pair: tuple[int, ...]) -> dict[str, Any]:
        corners = [found[removed] for removed in (pair, pair[:1], pair[1:], ())]
        return {"first": pair[0], "second": pair[1], **_interaction(corners, settings)}

    return _record(scale, settings, chosen, [row(pair) for pair in pairs])


def _interaction(corners: Sequence[Sequence[Evaluation]], settings: Settings) -> dict[str, Any]:
    failed = [e for corner in corners for e in corner if not e.complete]
    if failed:
        reason = f"{failed[0].state}: {failed[0].reason}"
        return {"interaction": None, "interval": None, "failed": reason}
    steps = settings.objective == "steps"
    if steps and any(e.steps_to_target is None for corner in corners[:3] for e in corner):
        # a missed target counts as the run's end, whatever else is missing
        reason = "the target was missed without one of them"
        return {"interaction": None, "interval": None, "failed": reason}
    losses = [[e.comparable(settings.objective) for e in corner] for corner in corners]
    values = [
        neither - first - second + both
        for neither, first, second, both in zip(*losses, strict=True)
    ]
    # four rounded values make sqrt(2) times the rounding of a difference
    grid = math.sqrt(2) * resolution([e for corner in corners for e in corner], settings.objective)
    test = paired_t_test(values, resolution=grid)
    return {"interaction": test.mean, "interval": test.interval, "failed": None}


def _record(
    scale: str, settings: Settings, parts: list[int], pairs: list[dict[str, Any]]
) -> dict[str, Any]:
    measured = unit(settings.objective, settings.track)
    return {"scale": scale, "unit": measured, "seeds": SEEDS, "parts": parts, "pairs": pairs}
