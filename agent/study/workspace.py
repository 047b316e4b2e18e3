"""Where a project keeps its submissions and its ledger."""

import json
import os
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.study.errors import UnreadableFileError, UserError
from agent.study.shipped import shipped
from agent.study.storage_address import SCHEME, VARIABLE, StorageAddress

PACKAGED_SUBMISSIONS = shipped() / "submissions"
"""The baselines of the package, for workspaces without their own."""

SETTINGS_FILE = "autoresearch.toml"
"""A file of settings in a workspace."""
SETTING = f'expected one line, storage = "{SCHEME}://USER@HOST/DATABASE"'
EMBEDDED = "runs/ledger.db"
EVALUATIONS = "evaluations"
"""The folder of `runs/` with the evaluations of all studies."""
MARK = "runs/ledger.mark"
"""A file with which a ledger on a server finds the folder of its files."""


@dataclass(frozen=True)
class Workspace:
    """A folder with `submissions/` and `runs/`; `storage` is the address of a ledger elsewhere."""

    root: Path
    storage: str = field(default="", repr=False)
    """Empty for the one in `runs/`."""

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def submissions(self) -> Path:
        return self.root / "submissions"

    def writable_runs(self) -> Path:
        """Create `runs/`. Raises UserError where it cannot be written."""
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
    """The nearest workspace from `start` upwards, else `start`. Raises UserError."""
    folder = next((each for each in (start, *start.parents) if is_workspace(each)), start)
    runs = folder / "runs"
    if runs.is_symlink() and not runs.exists():
        raise UserError(
            f"{runs} is a link to {os.readlink(runs)}, which is not there; mount or make that "
            "folder, or remove the link"
        )
    return Workspace(folder, os.environ.get(VARIABLE) or address_in(folder))


def address_in(folder: Path) -> str:
    """The ledger's address in the settings of a workspace; empty where there is none.

    Raises UserError.
    """
    file = folder / SETTINGS_FILE
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise UserError(f"{file} cannot be read: {error}; {SETTING}") from error
    address = settings.pop("storage", "")
    if settings or not isinstance(address, str):
        raise UserError(f"{file} has another setting than its address: {SETTING}")
    if address:
        StorageAddress.parse(address, allow_password=False)
    return address


def is_workspace(folder: Path) -> bool:
    """Whether `folder` has settings, a ledger, a published winner or the source of autoresearch.

    A folder `submissions` alone does not count: other projects have one too.
    """
    try:
        if any((folder / file).is_file() for file in (SETTINGS_FILE, EMBEDDED, MARK)):
            return True
        if any((folder / "submissions").glob("*/evidence.json")):
            return True
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
        return bool(project.get("project", {}).get("name") == "autoresearch")
    except (OSError, ValueError, AttributeError):
        return False


def write_text(path: Path, text: str) -> None:
    """Replace `path` atomically; what is no file, such as /dev/null, is written to."""
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8"
    ) as file:
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except OSError:
            # a full disk is no fuller for it
            os.unlink(file.name)
            raise


def write_json(path: Path, content: Any) -> None:
    write_text(path, json.dumps(content, indent=2) + "\n")


def read_json(path: Path, cure: str = "restore it from a copy, or remove it") -> Any:
    """The content of a JSON file; None where there is no such file.

    Raises UnreadableFileError for a file that is damaged or may not be read.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        reason = str(error).split("\n")[0]
        raise UnreadableFileError(f"{path} is damaged: not JSON ({reason}); {cure}") from error
    except IsADirectoryError as error:
        raise UnreadableFileError(f"{path} is damaged: a folder, not a file; {cure}") from error
    except OSError as error:
        raise UnreadableFileError(f"{path}: {error.strerror}; make it readable") from error
