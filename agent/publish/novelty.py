"""How new a winner is: its behavioural fingerprint against those of known optimizers."""

from collections.abc import Iterator

from agent.knowledge.tried import parts_in
from agent.proposers.gates.fingerprint import (
    RESCALED,
    SAME,
    Neighbour,
    compared,
    fingerprints,
    nearer,
    nearest_known,
    nearest_published,
)
from agent.proposers.gates.known import known_submissions
from agent.publish.evidence import Winner
from agent.study.executor import Executor
from agent.study.workspace import Workspace
from agent.verdict.novelty import Novelty, NoveltyKind
from search_space.ablate import leave_one_out
from search_space.recipes import RECIPES
from search_space.render import render
from search_space.spec import Spec
from tracks.probe import STEPS
from tracks.submission import Submission


def novelty(
    workspace: Workspace, executor: Executor, winner: Winner, whole: Winner
) -> Novelty | None:
    """None where the winner fails on a probe, or no known optimizer passes the same ones.

    `whole` is the winner with the parts that were taken out of it.
    """
    probed = _probed(winner)
    known = [
        (name, other)
        for name, other in known_submissions(workspace)
        if name.startswith("recipe") or other.digest != winner.submission.digest
    ]
    file = nearest_known(executor, probed, known)
    nearest = nearer(file, nearest_published(executor, probed))
    if nearest is None:
        return None
    if _same(nearest):
        same = nearest.distance <= SAME
        return _novelty(NoveltyKind.KNOWN if same else NoveltyKind.RESCALED, nearest)
    if winner.verdict.taken_out:
        entire = _probed(whole)
        before = nearer(nearest_known(executor, entire, known), nearest_published(executor, entire))
        if before and _same(before):
            return _novelty(NoveltyKind.SIMPLIFIED, before, *winner.verdict.taken_out)
    recipes = list(_recipes(winner.spec, file.name if file else ""))
    ours, *theirs = fingerprints(executor, [probed, *(recipe for _, _, recipe in recipes)])
    tuned = None
    for (name, removed, _), other in zip(recipes, theirs, strict=True):
        found = compared(name, ours, other)
        if found and _same(found):
            return _novelty(NoveltyKind.SIMPLIFIED, found, *removed)
        if found and winner.spec and not tuned:
            tuned = _novelty(NoveltyKind.TUNED, found, *removed)
    return tuned or _novelty(NoveltyKind.NEW, nearest)


def _probed(winner: Winner) -> Submission:
    """The optimizer for a run of the probes' length, as recipes are rendered."""
    return Submission(render(winner.spec, STEPS)) if winner.spec else winner.submission


def _same(found: Neighbour) -> bool:
    return found.distance <= SAME or found.rescaled <= RESCALED


def _novelty(kind: NoveltyKind, found: Neighbour, *without: str) -> Novelty:
    return Novelty(kind, found.name, found.distance, found.rescaled, without)


def _recipes(spec: Spec | None, nearest: str) -> Iterator[tuple[str, tuple[str, ...], Submission]]:
    """Recipes, and recipes without one part, with exactly the parts of the spec; without a spec,
    the nearest recipe without each part."""
    for name, recipe in RECIPES.items():
        variants = [((f"{it.name} {it.part}",), it.spec) for it in leave_one_out(recipe)]
        for removed, variant in [((), recipe), *variants]:
            wanted = parts_in(variant) == parts_in(spec) if spec else nearest == f"recipe {name}"
            if wanted:
                yield f"recipe {name}", removed, Submission(render(variant, STEPS))
