"""The evidence behind a published winner."""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from agent.study.records import FinishedTrial
from agent.study.schema_version import SCHEMA_VERSION
from agent.study.study import Study
from agent.study.tool_version import tool_version
from agent.verdict.ablation_record import Ablation
from agent.verdict.baselines import BaselineRow
from agent.verdict.stage_record import Record
from agent.verdict.transfer_record import TransferRecord
from agent.verdict.verdict import Verdict
from search_space.spec import Spec
from tracks.submission import Submission


@dataclass(frozen=True)
class Winner:
    """A submission that the study accepted, with the records of the stages after its search."""

    name: str
    submission: Submission
    spec: Spec | None
    verdict: Verdict
    ablation: Ablation | None = None
    baselines: tuple[BaselineRow, ...] = ()
    transfer: TransferRecord | None = None

    @property
    def folder(self) -> str:
        return f"submissions/{self.name}"


@dataclass(frozen=True)
class Evidence(Record):
    """`official` is the winner's result on the official instance, `study` the study's name and
    settings, `trials` every proposal with its outcome, `model` the model that proposed the winner,
    as the study names it, empty for another origin."""

    study: Mapping[str, Any]
    trial: int
    origin: str
    hypothesis: Mapping[str, Any] | None
    spec: Mapping[str, Any] | None
    official: Mapping[str, Any]
    verdict: Verdict
    ablation: Ablation | None
    baselines: tuple[BaselineRow, ...]
    trials: tuple[Mapping[str, Any], ...]
    tool: Mapping[str, Any]
    python: str
    schema_version: int = SCHEMA_VERSION
    transfer: TransferRecord | None = None
    model: str = ""


def evidence_of(
    study: Study, trial: FinishedTrial, winner: Winner, official: Mapping[str, Any]
) -> Evidence:
    return Evidence(
        study={"name": study.name, **asdict(study.settings)},
        trial=trial.number,
        origin=trial.proposal.origin,
        hypothesis=trial.proposal.to_json().get("hypothesis"),
        spec=winner.spec.to_json() if winner.spec else None,
        official=official,
        verdict=winner.verdict,
        ablation=winner.ablation,
        baselines=winner.baselines,
        trials=tuple(
            {"trial": it.number, **it.proposal.to_json(), **it.outcome.to_json()}
            for it in study.finished()
        ),
        tool=asdict(tool_version()),
        python=sys.version.split()[0],
        transfer=winner.transfer,
        model=trial.author,
    )
