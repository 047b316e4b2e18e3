"""Evaluations by content: the same submission on the same instance is never measured twice."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from agent.study.errors import UnreadableFileError
from agent.study.workspace import write_json
from tracks.code import code_digest
from tracks.evaluation import Evaluation, State
from tracks.instance import Instance
from tracks.isolation.levels import Level
from tracks.procedure import Procedure
from tracks.processor import hardware
from tracks.registry import defining_modules, get_track
from tracks.submission import Submission

MEASURING = ("tracks.isolation.evaluate", "tracks.isolation.zygote_start")
"""The two ends of an evaluation; all code that measures is one of them or imported by them."""
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
        sandbox: Level,
    ) -> str:
        """A hash of everything that the numbers of an evaluation depend on.

        `sandbox` is the level that held at least: what was measured in a weaker one does not count.
        Besides what was asked for: the code of the track, of all that measures and of what they
        import, the versions of the libraries, and the kind of hardware.
        """
        track = get_track(instance.track)
        code = code_digest([*MEASURING, *defining_modules(track)])
        size = asdict(track.scales[instance.scale])
        how = [asdict(instance), size, asdict(procedure), device, hardware(device), sandbox]
        identity = [submission.digest, *how, code]
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    def path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"

    def get(self, key: str) -> Evaluation | None:
        """What was measured; None where nothing was, or where its file cannot be read any more."""
        path = self.path(key)
        try:
            return Evaluation.from_json(json.loads(path.read_text(encoding="utf-8")))
        except IsADirectoryError as error:
            # what is measured again could not be kept
            raise UnreadableFileError(f"{path} is a folder, not a file; remove it") from error
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def put(self, key: str, evaluation: Evaluation) -> None:
        if evaluation.state in LASTING:
            write_json(self.path(key), evaluation.to_json())
