"""Evaluations by content: the same submission on the same instance is never measured twice."""

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from agent.workspace import read_json, write_json
from tracks.evaluation import Evaluation, State
from tracks.instance import Instance
from tracks.procedure import Procedure
from tracks.registry import get_track
from tracks.submission import Submission
from tracks.training import TrainerName

VERSIONS: Mapping[TrainerName, int] = {"exact": 1, "fused": 2}
"""Version of what each trainer computes; a change makes old evaluations unknown."""
LASTING = {State.COMPLETE, State.INVALID, State.NONFINITE, State.DIVERGED}
"""States that come out the same again; the others depend on limits and on the machine's load."""


class EvaluationStore:
    """One JSON file an evaluation, below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def key(
        self,
        submission: Submission,
        instance: Instance,
        procedure: Procedure,
        device: str,
    ) -> str:
        # not at the top: verbs that only read have no use for it
        import torch

        versions = [VERSIONS[procedure.trainer], torch.__version__, platform.machine()]
        size = asdict(get_track(instance.track).scales[instance.scale])
        how = [instance.to_json(), size, procedure.to_json(), device]
        identity = [submission.digest, *how, *versions]
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    def path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"

    def get(self, key: str) -> Evaluation | None:
        record = read_json(self.path(key))
        return Evaluation.from_json(record) if record else None

    def put(self, key: str, evaluation: Evaluation) -> None:
        if evaluation.state in LASTING:
            write_json(self.path(key), evaluation.to_json())
