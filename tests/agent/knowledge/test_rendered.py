"""The spec of a rendered file is found again, and never that of an edited one."""

import json
from dataclasses import replace
from pathlib import Path

from agent.knowledge.rendered import spec_of
from agent.study.ledger import Ledger
from search_space.recipes import RECIPES
from search_space.render import render
from search_space.spec import make_spec
from tracks.registry import get_track
from tracks.submission import Submission

TRACK = get_track("mqar")
OWN = make_spec({"direction": {"part": "adam", "beta2": 0.77}})


def test_recipes_are_known_for_every_length_of_the_track(ledger: Ledger) -> None:
    for scale in ("full", "small"):
        source = render(RECIPES["muon"], TRACK.scales[scale].max_steps)
        assert spec_of(Submission(source), TRACK, ledger) == RECIPES["muon"]
        edited = Submission(source.replace("torch.no_grad", "torch.inference_mode"))
        assert spec_of(edited, TRACK, ledger) is None


def test_evidence_beside_the_file_has_the_spec(ledger: Ledger, workspace_folder: Path) -> None:
    path = workspace_folder / "submission.py"
    mine = Submission(render(OWN, TRACK.scales["full"].max_steps), str(path))
    assert spec_of(mine, TRACK, ledger) is None
    evidence = workspace_folder / "evidence.json"
    evidence.write_text(json.dumps({"spec": OWN.to_json()}))
    assert spec_of(mine, TRACK, ledger) == OWN
    assert spec_of(replace(mine, source="class Submission: ...\n"), TRACK, ledger) is None
