"""`autoresearch space adopt`: a mechanism of code that won becomes a part of the search space."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

import search_space
from agent.cli import common
from agent.study.errors import UnreadableFileError, UserError
from agent.study.workspace import read_json, write_text
from tracks.printable import printable
from tracks.submission import Submission

if TYPE_CHECKING:
    from search_space.adoption import Adoption

SCHEMA_VERSION = 1
PACKAGE = Path(search_space.__file__).parent
TIMEOUT_S = 120
RENDERING = """
import sys
from tracks.rules.checker import broken
from search_space.lint import lint_source
from search_space.render import render
from search_space.spec import make_spec
from tracks.submission import Submission

kind, name = sys.argv[1:]
source = render(make_spec({kind: {"part": name}}), 400)
compile(source, name, "exec")
rules = [one.text for one in broken(Submission(source))]
sys.exit("; ".join(rules + lint_source(source)) or 0)
"""
"""Run where nothing is loaded yet: the registry with the new part, and an optimizer that has it."""


def adopt(
    submission: str = typer.Argument(..., help="A folder of submissions/, or a file."),
    switch: str = typer.Option(..., help="The switch, which has a function of the same name."),
    kind: str = typer.Option(..., help="Kind of the part; `space list` shows the kinds."),
    name: str = typer.Option("", help="Name of the part [default: the switch's]."),
    source: str = typer.Option("", help="Where the mechanism is from, if its docstring is silent."),
    anyway: bool = typer.Option(False, "--anyway", help="Adopt it without evidence that it helps."),
    as_json: bool = typer.Option(False, "--json", help="Print what was written as JSON."),
) -> None:
    """Make a mechanism of code that won a part of the search space.

    The mechanism is a switch of the submission and a function of the same name, which stands by
    itself; docs/adopting.md tells how to write it. The submission's evidence must say that it was
    accepted, and that the switch helps.

    \b
    Example:
      autoresearch space adopt my-winner --switch polar_decay --kind magnitude
    """
    from search_space.adoption import adopted

    candidate = common.read_candidate(_path(submission))
    common.require_allowed(candidate)
    try:
        adoption = adopted(candidate.source, switch, kind, name=name, cited=source)
    except ValueError as error:
        raise UserError(f"{candidate.path}: {error}") from error
    evidence, helps = _evidence(candidate, switch)
    if not (helps or anyway):
        raise UserError(f"{evidence}; --anyway adopts it all the same")
    paths = _write(adoption)
    if as_json:
        written = [str(path) for path in paths]
        part = {"kind": adoption.kind, "part": adoption.name, "evidence": evidence}
        common.print_json({"schema_version": SCHEMA_VERSION, **part, "written": written})
        return
    common.say(f"{adoption.kind}.{adoption.name} is a part now. {evidence}.")
    print(*(printable(f"  {path}") for path in paths), sep="\n")
    print("Next: autoresearch space components > docs/components.md, make check test, a commit.")
    print("A study that began before has other parts to choose from, and cannot be resumed.")


def _path(submission: str) -> Path:
    inside = common.workspace().submissions / submission
    return _shown(inside) if inside.is_dir() else Path(submission)


def _shown(path: Path) -> Path:
    """As seen from the current folder, where it is inside."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _evidence(candidate: Submission, switch: str) -> tuple[str, bool]:
    """What the evidence beside a submission says of a switch, and whether that is enough."""
    path = Path(candidate.path).with_name("evidence.json")
    try:
        content = read_json(path)
        if content is None:
            return f"there is no {path}, so nothing says that {switch} helps", False
        return _said(content, candidate, switch, str(path))
    except UnreadableFileError as error:
        return str(error), False
    except (ValueError, KeyError, TypeError, OSError) as error:
        return f"{path} is no winner's evidence ({type(error).__name__}: {error})", False


def _said(content: Any, candidate: Submission, switch: str, path: str) -> tuple[str, bool]:
    verdict, ablation = content["verdict"], content["ablation"]
    if not verdict["accepted"]:
        return f"{path} says that it was not accepted: {verdict['reason']}", False
    if verdict["challenger_digest"] != candidate.digest:
        return f"{path} is of another text than {candidate.path} has now", False
    rows = [row for row in (ablation or {"rows": []})["rows"] if row["kind"] == "switch"]
    row = next((row for row in rows if row["part"] == switch), None)
    if row is None:
        return f"{path} has no ablation of the switch {switch}", False
    delta = "" if row["delta"] is None else f", by {row['delta']:.3g} {ablation['unit']}"
    finding = f"{path} says of the switch {switch}: {row['finding']}{delta}"
    return finding, row["finding"] in ("helps", "needed")


def _write(adoption: "Adoption") -> list[Path]:
    """Both files, the rule before the part that calls it; none where the part does not work."""
    files = {
        PACKAGE / adoption.rule_path: adoption.rule_file,
        PACKAGE / adoption.part_path: adoption.part_file,
    }
    for path in files:
        if path.exists():
            raise UserError(f"{_shown(path)} exists already; remove it, or choose another --name")
    try:
        for path, text in files.items():
            write_text(path, text)
        _check(adoption)
    except BaseException as error:
        for path in files:
            if path.exists():
                path.unlink()
        if isinstance(error, OSError):
            raise UserError(f"cannot write to {_shown(PACKAGE)} ({error.strerror})") from error
        raise
    return [_shown(path) for path in files]


def _check(adoption: "Adoption") -> None:
    command = [sys.executable, "-B", "-c", RENDERING, adoption.kind, adoption.name]
    try:
        done = subprocess.run(
            command, cwd=PACKAGE.parent, capture_output=True, text=True, timeout=TIMEOUT_S
        )
    except subprocess.TimeoutExpired as error:
        raise UserError(f"{adoption.name} was not adopted: it takes too long to load") from error
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it does not load"])[-1]
        raise UserError(f"{adoption.kind}.{adoption.name} was not adopted: {reason}")
