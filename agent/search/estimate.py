"""How long the stages of a study take on this machine, by what adamw takes for one run."""

import time
from concurrent.futures import wait
from dataclasses import dataclass

from agent.study.executor import Executor
from agent.study.known_good import known_good
from agent.study.ladder import screen_of, searches
from agent.study.samplers import FIRST_DRAWS, ROUNDS, turns
from agent.study.settings import Settings
from tracks.instance import official_instance
from tracks.procedure import search_procedure
from tracks.registry import get_track

PATIENCE_S = 5.0
"""A run that takes longer is extrapolated from its steps; it goes on, and its result is kept."""
START_S = 60.0
"""The processes, the data and a GPU are ready by then; the first trial waits for them as well."""
LOOK_S = 0.1
PARTS, PAIRS, HELD_OUT = 6, 15, 3
"""Of a typical ablation: parts, pairs of parts, and held-out instances of each."""


@dataclass(frozen=True)
class Estimate:
    """Seconds of wall-clock time; the verdict's with as many seeds as it may use."""

    jobs: int
    run_s: float
    search_s: float
    verdict_s: float
    ablation_s: float
    """Ablation and verdict are 0 for a baseline, which has neither; the first also where it is
    not wanted."""

    @property
    def later_s(self) -> float:
        """Of the stages after the search."""
        return self.verdict_s + self.ablation_s

    def __str__(self) -> str:
        later = {"verdict": self.verdict_s, "ablation": self.ablation_s}
        said = "".join(f", {stage} up to {_minutes(s)}" for stage, s in later.items() if s)
        return (
            f"expected here ({self.jobs} at a time): search {_minutes(self.search_s)}"
            f"{said} (adamw takes {self.run_s:.1f} s a run)"
        )


def estimate(settings: Settings, executor: Executor, *, ablates: bool) -> Estimate | None:
    """None where adamw has done no step in time, or fails."""
    run_s = _adamw_s(settings, executor)
    return estimate_from(settings, executor.jobs, run_s, ablates=ablates) if run_s else None


def estimate_from(settings: Settings, jobs: int, run_s: float, *, ablates: bool) -> Estimate:
    """A run at another scale takes its share of work; a trial takes what its ladder lets it and
    what screening it takes, and a refinement a full run and one at the screen.

    In an ablation each part and pair is removed at the cheapest scale, three full runs take out all
    parts in doubt, and the simplified optimizer has a verdict of its own.
    """
    trial_s, track = _trial_s(settings, run_s), get_track(settings.track)
    proxies = track.proxies.get(settings.scale, ())
    small_s = run_s * (_share(settings, proxies[0].scale) if proxies else 1.0)
    search_s = settings.budget * trial_s / jobs
    if settings.tuned:
        return Estimate(jobs, run_s, search_s, 0.0, 0.0)
    verdict_s = 2 * settings.seeds * run_s / jobs
    if not ablates:
        return Estimate(jobs, run_s, search_s, verdict_s, 0.0)
    removed_s = HELD_OUT * ((1 + PARTS + PAIRS) * small_s + run_s) / jobs
    return Estimate(jobs, run_s, search_s, verdict_s, removed_s + verdict_s)


def _trial_s(settings: Settings, run_s: float) -> float:
    """Of a mean trial."""
    climb_s, share = 0.0, 1.0
    screen = screen_of(settings)
    searched = searches(settings, screen)
    every = turns(searched=searched)
    refined = 1 / every if settings.refines else 0.0
    for proxy in settings.ladder:
        if proxy.scale != screen:
            climb_s += share * run_s * _share(settings, proxy.scale)
        share *= proxy.keep
    climb_s += share * run_s
    mean_s = (1 - refined) * climb_s + refined * run_s
    if screen:
        rounds = ROUNDS if searched else 1
        first = 0 if settings.recipes else min(FIRST_DRAWS, settings.budget)
        later = settings.budget - first
        proposed = rounds * first + later * ((every - 1 + rounds) / every - refined)
        candidates = settings.screen * proposed + later * refined
        mean_s += candidates / settings.budget * run_s * _share(settings, screen)
    return mean_s


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _share(settings: Settings, scale: str) -> float:
    """Of a run at this scale, in one at the study's."""
    scales = get_track(settings.track).scales
    return scales[scale].work / scales[settings.scale].work


def _adamw_s(settings: Settings, executor: Executor) -> float:
    """Of a whole run on the official instance; 0 where nothing is known in time.

    The evaluation is the one that the search and the verdict need of adamw. The time until its
    first steps is left out: it is spent once.
    """
    track = get_track(settings.track)
    max_steps = track.scales[settings.scale].max_steps
    began = time.monotonic()
    seen: list[tuple[int, float]] = []

    def advanced(step: int) -> None:
        if seen and step <= seen[-1][0]:
            seen.clear()  # it begins again, on another worker or after a fault
        if step:
            seen.append((step, time.monotonic()))

    future = executor.submit(
        known_good(max_steps),
        official_instance(settings.track, settings.scale),
        search_procedure(track, settings.objective),
        advanced,
        settings.device,
    )
    while not future.done():
        late = next((since + PATIENCE_S for _, since in seen), began + START_S)
        if time.monotonic() > late:
            break
        wait([future], LOOK_S)
    known = list(seen)
    if len(known) > 1:
        (first, since), (last, now) = known[0], known[-1]
        return (now - since) * max_steps / (last - first)
    if future.done() and future.result().complete:
        evaluation = future.result()
        return evaluation.training_wall_time_s * max_steps / (evaluation.curve[-1][0] or max_steps)
    return 0.0
