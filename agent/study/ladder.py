"""The fidelity ladder: small runs first, and a full run only for promising trials."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.study.proposal import Proposal
from agent.study.settings import Settings
from search_space.render import render
from tracks.base import Proxy, Track
from tracks.instance import Instance, drawn_instance, official_instance
from tracks.registry import get_track
from tracks.submission import Submission


@dataclass(frozen=True)
class Rung:
    """One instance for all trials of a study, and the share of them that goes on."""

    instance: Instance
    max_steps: int
    keep: float = 1.0

    @property
    def scale(self) -> str:
        return self.instance.scale


def ladder(settings: Settings) -> list[Rung]:
    """The study's proxies, with seeds of its own, then the official instance."""
    track = get_track(settings.track)
    rungs = [
        Rung(
            proxy_instance(track, settings.seed, proxy.scale),
            track.scales[proxy.scale].max_steps,
            proxy.keep,
        )
        for proxy in settings.ladder
    ]
    steps = track.scales[settings.scale].max_steps
    return [*rungs, Rung(official_instance(track.name, settings.scale), steps)]


def proxy_instance(track: Track, seed: int, scale: str) -> Instance:
    """On which all proposals of a study with this seed are compared at a smaller scale."""
    return drawn_instance(track.name, f"proxy/{seed}", scale)


def screen_scale(track: Track, scale: str, *, recipes: bool) -> str | None:
    """Where candidates for trials of a scale are run; None where the track has no screen.

    It is the track's screen, and where recipes are known the cheapest rung, if that is less work:
    most trials are children of recipes then, whose parts hold at full scale.
    """
    screen = track.screen
    if screen is None or screen not in track.scales:
        return None
    rungs = [proxy.scale for proxy in track.proxies.get(scale, ())] if recipes else []
    return min([screen, *rungs], key=lambda name: track.scales[name].work)


def screen_of(settings: Settings) -> str | None:
    """Where candidates for trials of a study are run; None where there is one for each."""
    track = get_track(settings.track)
    wanted = settings.screen > 1
    return screen_scale(track, settings.scale, recipes=settings.recipes) if wanted else None


def searches(settings: Settings, screen: str | None) -> bool:
    """Whether trials are chosen from all candidates at the screen.

    They are where that is a rung, so that what is chosen there holds higher up, and no recipe is
    known, from which there is more to learn than from hundreds of small runs.
    """
    return not settings.recipes and get_track(settings.track).has_rung(settings.scale, screen)


def from_screen(settings: Settings) -> tuple[Proxy, ...]:
    """The rungs of a study whose candidates are compared at its screen.

    A trial begins at that scale, where its result is stored. Where trials are chosen from all
    candidates, that result and how others like them came out have decided, and stop none again.
    """
    screen, scales = screen_of(settings), get_track(settings.track).scales
    if screen is None:
        return settings.ladder
    rungs = [rung for rung in settings.ladder if scales[rung.scale].work >= scales[screen].work]
    chosen = searches(settings, screen)
    return tuple(
        replace(rung, keep=1.0) if chosen and rung.scale == screen else rung for rung in rungs
    )


def submission_for(proposal: Proposal, rung: Rung) -> Submission:
    """The proposal rendered for this rung's length; at the top or without a spec, as it is."""
    if proposal.spec is None or rung.instance.official:
        return proposal.submission
    return Submission(render(proposal.spec, rung.max_steps))


def goes_on(value: float, others: Sequence[float], keep: float) -> bool:
    """Whether `value` is among the ceil(keep n) lowest of the n values, itself included."""
    allowed = math.ceil(keep * (len(others) + 1))
    return sum(other < value for other in others) < allowed
