"""Fidelity of a track's proxies: how well its small runs rank what the full run would."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from agent.study.executor import Executor
from agent.study.ladder import screen_scale
from agent.study.progress import View
from agent.study.samplers import SCREENED
from agent.verdict.comparison import Task, run_all
from agent.verdict.ladder_chance import CONTESTANTS, Column, chance_and_cost
from agent.verdict.statistics import spearman
from search_space.render import render
from search_space.sample import random_specs, recipes_for
from search_space.spec import Spec
from tracks.base import Proxy, Track
from tracks.instance import Instance, drawn_instance, official_instance
from tracks.submission import Submission
from tracks.track_file import ladder_of

GOOD_RANKING, GOOD_CHANCE, GOOD_SAVING = 0.5, 0.9, 1.5
"""What a proxy must reach to be proposed: its correlation among the better half, its chance to keep
the best, and how many times cheaper it is."""


def diverse_specs(track: Track, count: int, seed: int) -> dict[str, Spec]:
    """The recipes for models of this kind, then random specs, up to `count`, by name."""
    structure = track.structure
    found = recipes_for(structure)
    for number, spec in enumerate(random_specs(count - len(found), seed, structure)):
        found[f"random {number}"] = spec
    return dict(list(found.items())[:count])


@dataclass(frozen=True)
class Rung:
    """One proxy: Spearman's rank correlation with the full run, of all specs and of the better half
    by the full run (None where nothing is ranked), how many times cheaper it is, and the chance
    that the best of 20 specs passes it alone."""

    scale: str
    keep: float
    spearman: float | None
    spearman_better_half: float | None
    times_cheaper: float
    best_kept: float


@dataclass(frozen=True)
class Fidelity:
    """`best_kept` is the chance that the whole ladder gives the best of `best_of` specs a full run,
    `cost` its share of that many full runs; `values` by spec and scale are None where a run failed.
    """

    track: str
    scale: str
    specs: int
    instances: int
    full_s: float
    rungs: tuple[Rung, ...]
    best_of: int
    best_kept: float
    cost: float
    values: Mapping[str, Mapping[str, Any]]
    proposed: tuple[Proxy, ...] | None = None
    """For a track without proxies: those that rank well enough; None where it has its own."""


@dataclass(frozen=True)
class Design:
    """How many diverse specs run at `scale`, and on how many held-out instances of each proxy."""

    specs: int
    instances: int
    seed: int = 0
    scale: str = "full"


def measure_fidelity(track: Track, executor: Executor, view: View, design: Design) -> Fidelity:
    """Run diverse specs at full size, on each proxy of that scale, and where trials are screened.

    Correlations are averaged over the instances. Chances are over random draws from the specs in
    random order. Seconds include the building of data by the first run on an instance.
    """
    seed, scale, count = design.seed, design.scale, design.instances
    proxies = ladder_of(track, scale)
    shown = [*proxies, *_screen(track, scale, proxies)]
    named = diverse_specs(track, design.specs, seed)
    where = [
        drawn_instance(track.name, f"fidelity/{seed}/{number}", proxy.scale)
        for proxy in shown
        for number in range(count)
    ]
    where.append(official_instance(track.name, scale))
    *small, full = _measured(track, executor, view, named, where)
    rungs = {proxy: small[i * count : (i + 1) * count] for i, proxy in enumerate(shown)}
    kept, columns = [proxy.keep for proxy in proxies], [rungs[proxy] for proxy in proxies]
    chance, cost = chance_and_cost(columns, full, kept, seed)
    judged = tuple(_rung(proxy, columns, full, seed) for proxy, columns in rungs.items())
    return Fidelity(
        track=track.name,
        scale=scale,
        specs=len(named),
        instances=count,
        full_s=fmean(full.seconds),
        rungs=judged,
        proposed=None if track.proxies else tuple(_good(judged[: len(proxies)])),
        best_of=min(CONTESTANTS, len(named)),
        best_kept=chance,
        cost=cost,
        values={
            name: {scale: _number(full.values[row])}
            | {it.scale: [_number(c.values[row]) for c in rungs[it]] for it in shown}
            for row, name in enumerate(named)
        },
    )


def _screen(track: Track, scale: str, proxies: Sequence[Proxy]) -> list[Proxy]:
    """The scale at which one of several candidates becomes a trial, unless it is shown anyway."""
    there = {scale, *(proxy.scale for proxy in proxies)}
    screen = screen_scale(track, scale, recipes=False)
    return [Proxy(screen, 1 / SCREENED)] if screen and screen not in there else []


def _measured(
    track: Track,
    executor: Executor,
    view: View,
    named: Mapping[str, Spec],
    instances: Sequence[Instance],
) -> list[Column]:
    """Every spec on every instance."""
    tasks: list[Task] = []
    for instance in instances:
        steps = track.scales[instance.scale].max_steps
        tasks += [
            (f"{name} ({instance.scale})", Submission(render(spec, steps)), instance)
            for name, spec in named.items()
        ]
    view.phase(f"measuring {len(named)} specs on every rung", len(tasks))
    outcomes = run_all(executor, view, tasks, track.objective)
    values = [e.rank(track.objective) if e.complete else math.inf for e in outcomes]
    seconds = [e.duration_s for e in outcomes]
    starts = range(0, len(tasks), len(named))
    return [Column(values[i : i + len(named)], seconds[i : i + len(named)]) for i in starts]


def _good(rungs: Sequence[Rung]) -> Iterator[Proxy]:
    for rung in rungs:
        ranks = (rung.spearman_better_half or 0.0) >= GOOD_RANKING
        if ranks and rung.best_kept >= GOOD_CHANCE and rung.times_cheaper >= GOOD_SAVING:
            yield Proxy(rung.scale, rung.keep)


def _rung(proxy: Proxy, columns: Sequence[Column], full: Column, seed: int) -> Rung:
    order = sorted(range(len(full.values)), key=full.values.__getitem__)
    better = order[: len(order) // 2]
    chance, _ = chance_and_cost([columns], full, [proxy.keep], seed)
    return Rung(
        scale=proxy.scale,
        keep=proxy.keep,
        spearman=_correlation(columns, full, range(len(order))),
        spearman_better_half=_correlation(columns, full, better),
        times_cheaper=fmean(full.seconds) / fmean([fmean(c.seconds) for c in columns]),
        best_kept=chance,
    )


def _correlation(columns: Sequence[Column], full: Column, rows: Sequence[int]) -> float | None:
    """Spearman's, of these specs, averaged over the instances where it is defined."""
    ranked = [full.values[i] for i in rows]
    found = [spearman([column.values[i] for i in rows], ranked) for column in columns]
    defined = [value for value in found if value is not None]
    return fmean(defined) if defined else None


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
