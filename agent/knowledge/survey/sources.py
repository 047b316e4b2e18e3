"""The sources of a survey: submissions with their READMEs and results, else READMEs and modules."""

import warnings
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agent.knowledge.leaderboard import results_by_track
from agent.knowledge.survey.claims import Claim, best, boast, of_readme, of_results
from agent.knowledge.survey.foreign import candidates, files_below
from agent.study.errors import UserError
from tracks.printable import TERMINAL, plain
from tracks.rules.checker import broken
from tracks.submission import MAX_BYTES, InvalidSubmissionError, Submission, parse_submission

CHEAT = "submission that breaks a rule"


@dataclass(frozen=True)
class Source:
    """One source: `path` is relative to the folder, `kind` its kind in words.

    `claims` are its claimed results, one for each contest; `claimed` is their line in a table.
    """

    path: str
    kind: str
    readme: str = ""
    code: str = ""
    claims: tuple[Claim, ...] = ()
    claimed: str = ""


def sources(folder: Path) -> list[Source]:
    """Every folder with a submission, and the README on top.

    Where there is no submission, every README.md and every module, each by itself. Links, files
    above 1 MB and those that are not UTF-8 are left out.
    """
    modules: dict[Path, list[str]] = defaultdict(list)
    for path in candidates(folder):
        if text := _text(path):
            modules[path.parent].append(text)
    found = [_submission(at, folder, texts) for at, texts in modules.items()]
    readmes = [folder / "README.md"] if modules else files_below(folder, "README.md")
    for path in readmes:
        text = "" if path.parent in modules else _text(path)
        if text:
            name = path.relative_to(folder).as_posix()
            claims = best(of_readme(text))
            found.append(Source(name, "README", text, "", claims, _claimed(claims, text)))
    for path in [] if modules else files_below(folder, "*.py"):
        text = "" if path.name.startswith("test_") else _text(path)
        if text:
            found.append(Source(path.relative_to(folder).as_posix(), "module", code=text))
    return found


def _submission(at: Path, folder: Path, modules: list[str]) -> Source:
    path, code = at.relative_to(folder).as_posix(), "\n".join(modules)
    readme = _text(at / "README.md") or ""
    if not all(_keeps_rules(module) for module in modules):
        return Source(path, CHEAT, readme, code)
    claims = list(of_readme(readme))
    for file in sorted(at.glob("result*.json")):
        if _text(file):
            # a file in another form claims nothing
            with suppress(UserError, RecursionError):
                claims += of_results(results_by_track(file))
    kept = best(claims)
    return Source(path, "submission", readme, code, kept, _claimed(kept, readme))


def _claimed(claims: tuple[Claim, ...], readme: str) -> str:
    return plain("; ".join(claim.said for claim in claims)) or boast(readme)


def _text(path: Path) -> str | None:
    """None for what is left out; a link could lead out of the folder."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
            return None
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    return None if "\0" in text else TERMINAL.sub("", text)


def _keeps_rules(code: str) -> bool:
    submission = Submission(code)
    with warnings.catch_warnings(action="ignore"):
        try:
            parse_submission(submission)
            return not broken(submission)
        except InvalidSubmissionError:
            return False
