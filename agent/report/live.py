"""The page of a study that runs, built again once the study has changed."""

import threading
import time
from dataclasses import replace
from pathlib import Path

from agent.report.data import Report
from agent.report.html import page, policy
from agent.report.section import Document
from agent.report.sections.study import study_document
from agent.study.errors import MachineError, UserError
from agent.study.ledger import Ledger
from agent.study.system_errors import system_error
from agent.study.workspace import Workspace

RENEW_S = 3
"""How often a page asks for what has changed."""
SHARE = 0.1
"""Of one core, at most, that building pages takes from the study."""
ANYWAY_S = 30
"""After this time a page is built again where no file has changed: a killed run changes none."""
Mark = tuple[object, ...]


class LivePage:
    """The page of one study. Safe to call from any thread: however many ask, it is built once."""

    def __init__(self, workspace: Workspace, study: str, renew_s: int = RENEW_S) -> None:
        """Raises UserError or MachineError where there is no such study to read now."""
        self._workspace, self._study, self._renew_s = workspace, study, renew_s
        self._lock = threading.Lock()
        self._ledger = Ledger(workspace, read_only=True)
        self._mark: Mark = ()
        self._document = self._read()
        self._page = page(self._document, renew_s)
        self._not_before = 0.0

    @property
    def policy(self) -> str:
        """Its Content-Security-Policy."""
        return policy(self._renew_s)

    def text(self) -> str:
        """As HTML. Where the study cannot be read now, the last page with a line that says why."""
        with self._lock:
            mark = self._marked()
            if mark != self._mark and time.monotonic() >= self._not_before:
                began = time.monotonic()
                self._mark = mark
                self._page = page(self._renewed(), self._renew_s)
                now = time.monotonic()
                self._not_before = now + (now - began) / SHARE
            return self._page

    def _renewed(self) -> Document:
        try:
            self._document = self._read()
        except Exception as error:
            # the cause may end without a change of the study, or with another file
            self._mark, self._ledger = (), Ledger(self._workspace, read_only=True)
            known = isinstance(error, UserError | MachineError)
            why = str(error) if known else system_error(error) or f"internal error: {error!r}"
            line = f"Not renewed: {why}. The rest is as it was before."
            return replace(self._document, lead=[line, *self._document.lead])
        return self._document

    def _read(self) -> Document:
        return study_document(Report(self._ledger.open(self._study), self._ledger.all()))

    def _marked(self) -> Mark:
        """Changes with the files of the ledger and of the study's stages, and with time."""
        folder = self._workspace.runs / self._study
        database = self._workspace.runs / "ledger.db"
        files = [database, database.with_name("ledger.db-wal"), *sorted(folder.glob("*.json"))]
        return time.monotonic() // ANYWAY_S, *map(_stat, files)


def _stat(path: Path) -> Mark:
    """Nothing for a file that is not there: a stage may just have removed it."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return path.name, found.st_mtime_ns, found.st_size
