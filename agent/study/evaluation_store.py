"""Evaluations by content, so that none is measured twice."""

import hashlib
import json
import platform
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
"""The two ends of an evaluation; they import all code that measures."""
LASTING = {State.COMPLETE, State.INVALID, State.NONFINITE, State.DIVERGED}
"""Reproducible states; the others depend on limits and on the machine's load."""


class EvaluationStore:
    """One JSON file for each evaluation, below `folder`.

    Processes that measure go on with the code that they began with. So code counts as it was when
    this store first needed it, and once it is edited nothing more is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._code: dict[tuple[str, ...], str] = {}
        """Digests by modules."""

    def key(
        self,
        submission: Submission,
        instance: Instance,
        procedure: Procedure,
        device: str,
        sandbox: Level,
        computer: str | None = None,
    ) -> str:
        """A hash of everything that the numbers of an evaluation depend on.

        Besides the arguments: the code of the track, of everything that measures and of what they
        import, the file that the track is from, the versions of Python and libraries, and the kind
        of hardware: `computer`, as `tracks.processor.hardware` has it, is that of another machine.
        `sandbox` is the required level.
        """
        track = get_track(instance.track)
        code = self._digest((*MEASURING, *defining_modules(track)))
        size = asdict(track.scales[instance.scale])
        computer = computer or hardware(device)
        how = [asdict(instance), size, asdict(procedure), device, computer, sandbox]
        file = track.source.digest if track.source else ""
        identity = [submission.digest, *how, code, file, platform.python_version()]
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    def path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"

    def get(self, key: str) -> Evaluation | None:
        """The evaluation; None where there is none, or where its file is damaged."""
        path = self.path(key)
        try:
            return Evaluation.from_json(json.loads(path.read_text(encoding="utf-8")))
        except IsADirectoryError as error:
            # a new measurement could not be kept
            raise UnreadableFileError(f"{path} is a folder, not a file; remove it") from error
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def put(self, key: str, evaluation: Evaluation) -> None:
        """Keep it, if it can be repeated."""
        if evaluation.state in LASTING and not self._is_edited():
            write_json(self.path(key), evaluation.to_json())

    def _digest(self, modules: tuple[str, ...]) -> str:
        if modules not in self._code:
            self._code[modules] = code_digest(modules)
        return self._code[modules]

    def _is_edited(self) -> bool:
        return any(code_digest(modules) != before for modules, before in self._code.items())
