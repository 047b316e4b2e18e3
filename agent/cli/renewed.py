"""Files of a document that are written again when it changes, and the diffs of the changes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli import output

if TYPE_CHECKING:
    from agent.report.section import Document


@dataclass
class Renewed:
    """A document as Markdown and as a page, where these are asked for.

    With `keep_changes` each renewal that changes the text leaves a unified diff of the Markdown,
    named by its moment in UTC, in the folder FILE.changes beside the first of the files.
    """

    markdown: Path | None
    html: Path | None
    keep_changes: bool
    _text: str | None = None

    def renew(self, document: "Document") -> Path | None:
        """Write what has changed; the diff, if one is kept. Raises UserError."""
        file = self.markdown or self.html
        if not file:
            return None
        from agent.report.html import page
        from agent.report.markdown import markdown

        text = markdown(document)
        before = _read(self.markdown) if self._text is None else self._text
        kept = None
        if self.keep_changes and before is not None and before != text:
            # before the file: a kill in between repeats the diff, and loses none
            kept = self._keep_change(file, before, text)
        _write("--markdown", self.markdown, text)
        _write("--html", self.html, page(document))
        self._text = text
        return kept

    def _keep_change(self, file: Path, before: str, text: str) -> Path:
        moment = datetime.now(UTC)
        path = file.with_name(f"{file.name}.changes") / f"{moment:%Y%m%dT%H%M%SZ}.diff"
        names = "before", f"{moment:%Y-%m-%d %H:%M:%S} UTC"
        lines = unified_diff(before.splitlines(), text.splitlines(), *names, lineterm="")
        option = "--markdown" if self.markdown else "--html"
        output.write_file(option, path, "\n".join(lines) + "\n")
        return path


def _read(path: Path | None) -> str | None:
    """None where there is no file, or something that is not read without end."""
    if not (path and path.is_file()):
        return None
    return path.read_text(encoding="utf-8", errors="replace")


def _write(option: str, path: Path | None, text: str) -> None:
    if path and _read(path) != text:
        output.write_file(option, path, text)
