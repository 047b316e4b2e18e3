"""What an optimizer does, as numbers: its updates on fixed gradients, and whose they are alike."""

import math
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from agent.study.executor import Executor
from tracks.base import Track
from tracks.evaluation import Evaluation
from tracks.instance import official_instance
from tracks.probe import PROBES
from tracks.procedure import Procedure
from tracks.submission import Submission

EVERY_STEP = Procedure(eval_every=1, trainer="exact")
SAME = 1e-3
"""Updates that differ by less than this share are the same optimizer in other words."""
ALIKE = 1e-2
"""Updates whose directions differ by less than this are that optimizer with another step size."""

UNLIKE = 0.9
"""Updates whose directions differ by more have little to do with each other."""


@dataclass(frozen=True)
class Fingerprint:
    """Per probe, how the projected parameters moved at each step; None where a run failed."""

    moves: tuple[tuple[float, ...] | None, ...]


@dataclass(frozen=True)
class Likeness:
    """How far one fingerprint is from another's: 0 is the same, sqrt(2) is unrelated."""

    name: str
    distance: float
    rescaled: float
    """The distance after both were scaled to the same length."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"verdict": self.verdict}

    @property
    def verdict(self) -> str:
        if self.distance <= SAME:
            return "does the same as"
        if self.rescaled <= ALIKE:
            return "is, but for its step size,"
        return "is closest to" if self.rescaled < UNLIKE else "is like none; the nearest is"


def fingerprints(
    executor: Executor, submissions: Sequence[Submission], probes: Sequence[Track] = PROBES
) -> list[Fingerprint]:
    """Run every submission on the probes, in the place where submissions run."""
    futures: list[list[Future[Evaluation]]] = [
        [executor.submit(submission, official_instance(probe.name), EVERY_STEP) for probe in probes]
        for submission in submissions
    ]
    return [Fingerprint(tuple(_moves(f.result()) for f in probes)) for probes in futures]


def likeness(name: str, ours: Fingerprint, theirs: Fingerprint) -> Likeness | None:
    """The largest distance over the probes that both finished; None where there is no such."""
    pairs = [(a, b) for a, b in zip(ours.moves, theirs.moves, strict=True) if a and b]
    if not pairs or any(bool(a) != bool(b) for a, b in zip(ours.moves, theirs.moves, strict=True)):
        return None
    return Likeness(
        name,
        max(_distance(a, b) for a, b in pairs),
        max(_distance(_unit(a), _unit(b)) for a, b in pairs),
    )


def closest(ours: Fingerprint, others: Sequence[tuple[str, Fingerprint]]) -> Likeness | None:
    """The nearest of `others`; a rescaled copy counts as near."""
    found = [alike for name, other in others if (alike := likeness(name, ours, other))]
    return min(found, key=lambda alike: min(alike.distance, alike.rescaled), default=None)


def probes_for(track: Track) -> list[Track]:
    """The probes whose model is of the kind that the track trains."""
    return [probe for probe in PROBES if track.structure in ("any", probe.structure)]


def failed_probes(executor: Executor, candidate: Submission) -> dict[str, Evaluation]:
    """The probes on which the candidate fails, by name, and how."""
    runs = {
        probe.name: executor.submit(candidate, official_instance(probe.name), EVERY_STEP)
        for probe in PROBES
    }
    ended = {name: run.result() for name, run in runs.items()}
    return {name: evaluation for name, evaluation in ended.items() if not evaluation.complete}


def closest_known(
    executor: Executor,
    candidate: Submission,
    known: Sequence[tuple[str, Submission]],
    probes: Sequence[Track] = PROBES,
) -> Likeness | None:
    """The nearest of the known ones; None where the candidate fails on a probe."""
    for name, other in known:
        if other.digest == candidate.digest:
            return Likeness(name, 0.0, 0.0)
    ours, *theirs = fingerprints(executor, [candidate, *(other for _, other in known)], probes)
    names = [name for name, _ in known]
    return closest(ours, list(zip(names, theirs, strict=True)))


def _moves(evaluation: Evaluation) -> tuple[float, ...] | None:
    if not evaluation.complete:
        return None
    values = [value for _, value in evaluation.curve]
    return tuple(after - before for before, after in pairwise(values))


def _distance(a: Sequence[float], b: Sequence[float]) -> float:
    """|a - b| / max(|a|, |b|)."""
    apart = math.hypot(*(x - y for x, y in zip(a, b, strict=True)))
    return apart / (max(math.hypot(*a), math.hypot(*b)) or 1.0)


def _unit(a: Sequence[float]) -> list[float]:
    length = math.hypot(*a) or 1.0
    return [x / length for x in a]
