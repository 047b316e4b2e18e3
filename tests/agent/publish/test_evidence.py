"""The evidence of a winner: where it comes from."""

import json
from dataclasses import replace

from agent.publish.evidence import Evidence, Winner, evidence_of
from agent.publish.readme import winner_readme
from agent.study.ledger import Ledger
from agent.study.records import Origin
from agent.verdict.verdict import Verdict
from helpers import ROOT
from tracks.submission import read_submission

KEPT = ROOT / "tests" / "compatibility" / "0.1.0" / "winner"


def test_the_evidence_names_the_model(study: str, ledger: Ledger) -> None:
    opened = ledger.open(study)
    best, verdict = opened.best(), Verdict.of(opened)
    assert best
    assert verdict
    winner = Winner("w", read_submission(opened.trial_folder(best.number)), None, verdict)
    assert evidence_of(opened, best, winner, {}).model == ""
    proposal = best.proposal.model_copy(update={"origin": Origin.LLM})
    asked = replace(best, model="openai:tiny", proposal=proposal)
    found = evidence_of(opened, asked, winner, {})
    assert (found.origin, found.model) == ("llm", "openai:tiny")


def test_the_readme_names_the_model() -> None:
    kept = Evidence.from_json(json.loads((KEPT / "evidence.json").read_text()))
    source = (KEPT / "submission.py").read_text()
    assert f"origin {kept.origin})." in winner_readme("w", kept, source)
    named = replace(kept, origin="llm", model="openai:tiny")
    assert "origin llm: openai:tiny)." in winner_readme("w", named, source)
