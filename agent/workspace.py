"""Where a project keeps its submissions and its ledger."""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import UserError

PACKAGED_SUBMISSIONS = Path(__file__).resolve().parent.parent / "submissions"
"""The baselines that come with the source; used where the workspace has none of its own."""


@dataclass(frozen=True)
class Workspace:
    """A folder with `submissions/` and `runs/`."""

    root: Path

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def submissions(self) -> Path:
        return self.root / "submissions"

    def writable_runs(self) -> Path:
        """Create `runs/`; a UserError says so where that is not possible."""
        try:
            self.runs.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.runs):
                pass
        except OSError as error:
            raise UserError(
                f"cannot write to {self.runs} ({error.strerror}); make it writable, "
                "or run in another folder"
            ) from error
        return self.runs


def find_workspace(start: Path) -> Workspace:
    """The nearest folder from `start` upwards that has `submissions/`, else `start`."""
    for folder in (start, *start.parents):
        if (folder / "submissions").is_dir():
            return Workspace(folder)
    return Workspace(start)


def write_text(path: Path, text: str) -> None:
    """Replace `path` in one step: whoever reads it sees the old text or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8"
    ) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def write_json(path: Path, content: Any) -> None:
    write_text(path, json.dumps(content, indent=2) + "\n")


def read_json(path: Path) -> Any:
    """The content of a JSON file; None where there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
