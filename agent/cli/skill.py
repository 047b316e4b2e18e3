"""`autoresearch skill`: installs SKILL.md, the instructions for a coding agent."""

import re
from pathlib import Path

import typer

from agent.cli import output
from agent.cli.options import Json
from agent.cli.verbs import PLAIN, add
from agent.study.errors import UserError
from agent.study.shipped import shipped
from agent.study.workspace import write_text

NAME = "autoresearch"
LINK = re.compile(r"\]\((docs/[\w-]+\.md)\)")

app = typer.Typer(**PLAIN)


@app.callback()
def skill() -> None:
    """Install SKILL.md, the instructions for a coding agent.

    \b
    Example:
      autoresearch skill install .claude/skills
    """


def install(
    folder: Path = typer.Argument(..., help="Where the agent looks for skills."),
    as_json: Json = False,
) -> None:
    """Copy SKILL.md and its pages into FOLDER/autoresearch.

    An older copy there is replaced; anything else there is left alone.

    \b
    Examples:
      autoresearch skill install .claude/skills
      autoresearch skill install ~/.agents/skills
    """
    source = shipped()
    target = folder.expanduser() / NAME
    older = _older_copy(target)
    text = (source / "SKILL.md").read_text(encoding="utf-8")
    pages = ["SKILL.md", *sorted(set(LINK.findall(text)))]
    contents = {page: (source / page).read_text(encoding="utf-8") for page in pages}
    try:
        for page, content in contents.items():
            write_text(target / page, content)
        for page in older:
            # a page that the skill no longer has must not stay
            if page.relative_to(target).as_posix() not in contents:
                page.unlink()
    except OSError as error:
        raise UserError(f"cannot write to {target}: {error.strerror}") from error
    content = {"folder": str(target), "files": pages}
    output.show_lines(as_json, content, [str(target / page) for page in pages])


add(app, install)


def _older_copy(target: Path) -> list[Path]:
    """The files of an installed copy. Raises UserError where the folder is something else."""
    if not target.exists():
        return []
    files = [path for path in target.rglob("*") if not path.is_dir()] if target.is_dir() else []
    ours = {target / "SKILL.md", *(target / "docs").glob("*.md")}
    if target / "SKILL.md" not in files or not ours.issuperset(files):
        raise UserError(
            f"{target} is there and is more than an installed skill; choose another folder"
        )
    return files
