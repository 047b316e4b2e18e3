"""`autoresearch skill`: installs SKILL.md, the instructions for a coding agent."""

import re
from pathlib import Path
from typing import Literal

import typer

from agent.cli import output
from agent.cli.options import Json
from agent.cli.verbs import PLAIN, add
from agent.study.errors import UserError
from agent.study.shipped import shipped
from agent.study.workspace import write_text

NAME = "autoresearch"
Agent = Literal["claude", "codex", "copilot", "cursor", "gemini", "opencode"]
FOLDERS: dict[Agent, tuple[str, str]] = {
    "claude": (".claude/skills", "~/.claude/skills"),
    "codex": (".agents/skills", "~/.agents/skills"),
    "copilot": (".github/skills", "~/.copilot/skills"),
    "cursor": (".cursor/skills", "~/.cursor/skills"),
    "gemini": (".gemini/skills", "~/.gemini/skills"),
    "opencode": (".opencode/skills", "~/.config/opencode/skills"),
}
"""Where each agent looks for skills by its documentation: in a project, and for a user."""
LINK = re.compile(r"\]\((docs/[\w-]+\.md)\)")
OURS = re.compile(rf"---\nname: {NAME}\n.*?^# {NAME}$", re.S | re.M)
"""What SKILL.md begins with, in every version."""

app = typer.Typer(**PLAIN)


@app.callback()
def skill() -> None:
    """Install SKILL.md, the instructions for a coding agent.

    \b
    Example:
      autoresearch skill install --agent claude
    """


def install(
    folder: Path | None = typer.Argument(None, help="Folder of skills, for any other agent."),
    agent: Agent | None = typer.Option(
        None, help="Install where this agent looks for the skills of the current folder."
    ),
    user: bool = typer.Option(False, "--user", help="With --agent: for all folders of the user."),
    as_json: Json = False,
) -> None:
    """Copy SKILL.md and its pages for a coding agent.

    They become the folder `autoresearch` there. An older copy is replaced; anything else is left
    alone.

    \b
    Examples:
      autoresearch skill install --agent claude
      autoresearch skill install --agent codex --user
      autoresearch skill install my_agent/skills
    """
    source = shipped()
    target = _skills_folder(folder, agent, user).expanduser() / NAME
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


def _skills_folder(folder: Path | None, agent: Agent | None, user: bool) -> Path:
    """The folder that was asked for. Raises UserError."""
    if (folder is None) == (agent is None):
        names = ", ".join(FOLDERS)
        raise UserError(f"install where? give either --agent NAME ({names}) or a folder of skills")
    if user and agent is None:
        raise UserError("--user is for --agent NAME; a folder is taken as it is given")
    return Path(FOLDERS[agent][user]) if agent else folder or Path()


def _older_copy(target: Path) -> list[Path]:
    """The files of an installed copy. Raises UserError where the folder is something else."""
    if not target.exists():
        return []
    files = [path for path in target.rglob("*") if not path.is_dir()] if target.is_dir() else []
    installed = target / "SKILL.md"
    text = installed.read_text(encoding="utf-8", errors="replace") if installed in files else ""
    ours = {installed, *(target / page for page in LINK.findall(text))}
    if not OURS.match(text) or not ours.issuperset(files):
        raise UserError(
            f"{target} is there and is no installed skill, or more than one; choose another folder"
        )
    return files
