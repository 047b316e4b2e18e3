"""What is published of a winner: four files that say what it is and prove it."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.publish.readme import winner_readme
from agent.study.records import FinishedTrial
from agent.study.schema_version import SCHEMA_VERSION
from agent.study.study import Study
from agent.study.tool_version import tool_version
from search_space.spec import Spec
from tracks.submission import Submission

WINNER_FILES = ("submission.py", "README.md", "result.json", "evidence.json")


@dataclass(frozen=True)
class Winner:
    """A submission that the study accepted, with the record of its verdict and its ablation."""

    name: str
    submission: Submission
    spec: Spec | None
    verdict: Mapping[str, Any]
    ablation: Mapping[str, Any] | None = None
    baselines: Sequence[Mapping[str, Any]] = ()
    closest: Mapping[str, Any] | None = None

    @property
    def folder(self) -> str:
        return f"submissions/{self.name}"


def winner_files(
    ledger: Study, trial: FinishedTrial, winner: Winner, official: dict[str, Any]
) -> dict[str, str]:
    """Text by file name; `official` is the winner's record on the official instance."""
    track = ledger.settings.track
    evidence = _evidence(ledger, trial, winner, official)
    texts = (
        winner.submission.source,
        winner_readme(winner.name, evidence, winner.submission.source),
        _text({"schema_version": SCHEMA_VERSION, "tracks": {track: official}}),
        _text(evidence),
    )
    return dict(zip(WINNER_FILES, texts, strict=True))


def _evidence(
    ledger: Study, trial: FinishedTrial, winner: Winner, official: dict[str, Any]
) -> dict[str, Any]:
    trials = [
        {"trial": trial.number, **trial.proposal.to_json(), **trial.outcome.to_json()}
        for trial in ledger.finished()
    ]
    return {
        "schema_version": SCHEMA_VERSION,
        "study": {"name": ledger.name, **asdict(ledger.settings)},
        "trial": trial.number,
        "origin": trial.proposal.origin,
        "hypothesis": trial.proposal.to_json().get("hypothesis"),
        "spec": winner.spec.to_json() if winner.spec else None,
        "official": official,
        "verdict": winner.verdict,
        "ablation": winner.ablation,
        "baselines": list(winner.baselines),
        "closest": winner.closest,
        "trials": trials,
        "tool": tool_version(),
        "python": sys.version.split()[0],
    }


def _text(content: Any) -> str:
    return json.dumps(content, indent=2) + "\n"
