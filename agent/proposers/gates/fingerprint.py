"""Behavioural fingerprints: updates on fixed gradients, and the nearest known optimizer."""

import math
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from agent.proposers.gates.known import same_file
from agent.proposers.gates.published import Fingerprint, coarse, published
from agent.study.executor import Executor
from tracks.base import Track
from tracks.device import CPU
from tracks.evaluation import Evaluation
from tracks.instance import official_instance
from tracks.probe import PROBES
from tracks.procedure import Procedure
from tracks.submission import Submission

EVERY_STEP = Procedure(eval_every=1, trainer="exact")
SAME = 1e-3
"""Updates that differ by less than this share belong to the same optimizer."""
RESCALED = 1e-2
"""Updates whose directions differ by less than this differ in the step size only."""
UNRELATED = 0.9
"""Updates whose directions differ by more have little in common."""


@dataclass(frozen=True)
class Neighbour:
    """A known optimizer and its distance: 0 is the same, sqrt(2) is unrelated.

    `rescaled` is the distance after both were scaled to the same length.
    """

    name: str
    distance: float
    rescaled: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"verdict": self.verdict}

    @property
    def verdict(self) -> str:
        if self.distance <= SAME:
            return "does the same as"
        if self.distance <= RESCALED:
            # what was measured on another processor may differ by this much
            return "does nearly the same as"
        if self.rescaled <= RESCALED:
            return "differs only in its step size from"
        return "is nearest to" if self.rescaled < UNRELATED else "is unlike all; the nearest is"


def fingerprints(
    executor: Executor, submissions: Sequence[Submission], probes: Sequence[Track] = PROBES
) -> list[Fingerprint]:
    """Run every submission on the probes, in the sandbox."""
    runs = [[_run(executor, one, probe) for probe in probes] for one in submissions]
    return [tuple(_moves(run.result()) for run in by_probe) for by_probe in runs]


def compared(name: str, ours: Fingerprint, theirs: Fingerprint) -> Neighbour | None:
    """With the largest distance over the probes; None where they failed on different ones."""
    both = list(zip(ours, theirs, strict=True))
    pairs = [(a, b) for a, b in both if a and b]
    if not pairs or any(bool(a) != bool(b) for a, b in both):
        return None
    rescaled = max(_distance(_unit(a), _unit(b)) for a, b in pairs)
    return Neighbour(name, max(_distance(a, b) for a, b in pairs), rescaled)


def nearest(ours: Fingerprint, others: Sequence[tuple[str, Fingerprint]]) -> Neighbour | None:
    """The nearest of `others`; a rescaled copy counts as near, after one that does the same."""
    return nearer(*(compared(name, ours, other) for name, other in others))


def nearer(*found: Neighbour | None) -> Neighbour | None:
    """One that does the same, else the nearest, the first of equals; None where there is none."""
    there = [one for one in found if one]
    # copies of one optimizer at other step sizes are as near, but for rounding
    return min(
        there,
        key=lambda one: (one.distance > SAME, min(one.distance, one.rescaled)),
        default=None,
    )


def nearest_known(
    executor: Executor,
    candidate: Submission,
    known: Sequence[tuple[str, Submission]],
    probes: Sequence[Track] = PROBES,
) -> Neighbour | None:
    """The nearest of the known ones; None where the candidate fails on a probe."""
    if same := same_file(candidate, known):
        return Neighbour(same, 0.0, 0.0)
    ours, *theirs = fingerprints(executor, [candidate, *(other for _, other in known)], probes)
    return nearest(ours, list(zip((name for name, _ in known), theirs, strict=True)))


def nearest_published(
    executor: Executor, candidate: Submission, probes: Sequence[Track] = PROBES
) -> Neighbour | None:
    """The nearest of the published optimizers; None where the candidate fails on a probe."""
    (ours,) = fingerprints(executor, [candidate], probes)
    return nearest(coarse(ours), published([probe.name for probe in probes]))


def probes_for(track: Track) -> list[Track]:
    """The probes whose model is of the kind that the track trains."""
    return [probe for probe in PROBES if track.structure in ("any", probe.structure)]


def failed_probes(executor: Executor, candidate: Submission) -> dict[str, Evaluation]:
    """The evaluations of the probes on which the candidate fails, by name."""
    runs = {probe.name: _run(executor, candidate, probe) for probe in PROBES}
    return {name: ended for name, run in runs.items() if not (ended := run.result()).complete}


def _run(executor: Executor, submission: Submission, probe: Track) -> Future[Evaluation]:
    """On the CPU, which is faster for a student of that size, and the same for every study."""
    return executor.submit(submission, official_instance(probe.name), EVERY_STEP, device=CPU)


def _moves(evaluation: Evaluation) -> tuple[float, ...] | None:
    if not evaluation.complete:
        return None
    return tuple(after - before for (_, before), (_, after) in pairwise(evaluation.curve))


def _distance(a: Sequence[float], b: Sequence[float]) -> float:
    """|a - b| / max(|a|, |b|)."""
    return math.dist(a, b) / (max(math.hypot(*a), math.hypot(*b)) or 1.0)


def _unit(a: Sequence[float]) -> list[float]:
    length = math.hypot(*a) or 1.0
    return [x / length for x in a]
