"""The spec that a file was rendered from, where it can be found."""

import re
from collections.abc import Iterator
from pathlib import Path

from agent.study.ledger import Ledger
from agent.study.workspace import read_json
from search_space.recipes import RECIPES
from search_space.render import render
from search_space.spec import Spec, make_spec
from tracks.base import Track
from tracks.submission import Submission

NAMED = re.compile(r"\(spec\s+([0-9a-f]{12})\)")


def spec_of(submission: Submission, track: Track, ledger: Ledger) -> Spec | None:
    """The spec whose rendering for the track is this file, byte for byte; None without one.

    It is looked for among the recipes, in the evidence beside the file, and in the ledger.
    """
    named = NAMED.search(submission.source)
    if not named:
        return None
    lengths = {scale.max_steps for scale in track.scales.values()}
    for spec in _specs(submission, ledger):
        if spec.identifier == named[1]:
            rendered = (render(spec, steps) for steps in lengths)
            return spec if submission.source in rendered else None
    return None


def _specs(submission: Submission, ledger: Ledger) -> Iterator[Spec]:
    yield from RECIPES.values()
    kept = read_json(Path(submission.path).parent / "evidence.json")
    if isinstance(kept, dict) and kept.get("spec"):
        try:
            yield make_spec(kept["spec"])
        except ValueError:
            pass  # parts that are no longer there
    for study in ledger.all():
        trial = study.trial_of(submission.digest)
        if trial and trial.proposal and (spec := trial.proposal.known_spec()):
            yield spec
