"""How a ledger grows with its trials: queries and seconds of a trial, of `status`, of a sampler.

    python benchmarks/ledger.py --trials 10 1000 10000
    python benchmarks/ledger.py --trials 10 1000 10000 --storage postgresql://me@localhost/empty

Trials are written at once (`synthetic.py`), then the search loop adds some, whose evaluations are
made up. Seconds are of the CPU, in the coordinator's process; queries are counted by SQLAlchemy.
Every number of trials gets a study of its own, in a folder that is removed.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine, event

from agent.report.tables import table
from agent.search.loop import search
from agent.study.ledger import Ledger
from agent.study.settings import Settings
from agent.study.workspace import Workspace
from synthetic import add_trials
from tracks.evaluation import Evaluation, State
from tracks.instance import Instance
from tracks.procedure import Procedure
from tracks.submission import Submission

ASKED = 5
"""Trials that are counted; the first two of a process, which load what is needed, are not."""
FIRST = 2
SETTINGS = Settings("mqar", "steps", 1, 0, 3, "small", recipes=False)


class MadeUp:
    """An executor that measures nothing: every evaluation is complete at once."""

    jobs = 1

    def submit(
        self, submission: Submission, instance: Instance, procedure: Procedure, *_: object
    ) -> Future[Evaluation]:
        ended: Future[Evaluation] = Future()
        curve = ((0, 5.0), (400, 3.0))
        ended.set_result(Evaluation(instance, State.COMPLETE, procedure, curve=curve))
        return ended


class Silent:
    """A view that shows nothing."""

    def __getattr__(self, name: str) -> object:
        return lambda *_, **__: None


@dataclass
class Counted:
    """Queries and CPU seconds."""

    queries: int = 0
    cpu_s: float = 0.0

    def each(self, count: int) -> "Counted":
        return Counted(round(self.queries / count), self.cpu_s / count)


@contextmanager
def counting() -> Iterator[Counted]:
    counted, began = Counted(), time.process_time()

    def count(*_: object) -> None:
        counted.queries += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield counted
    finally:
        event.remove(Engine, "before_cursor_execute", count)
        counted.cpu_s = time.process_time() - began


def a_trial(workspace: Workspace, trials: int, sampler: str, name: str) -> Counted:
    """Of one trial, from its ask to its end, in a study of so many."""
    ledger = Ledger(workspace)
    settings = replace(SETTINGS, sampler=sampler, budget=trials + FIRST)  # type: ignore[arg-type]
    study = ledger.create(name, settings)
    add_trials(ledger, study, trials)
    search(study, MadeUp(), Silent(), None)  # type: ignore[arg-type]
    study.settings = replace(settings, budget=trials + FIRST + ASKED)
    with counting() as counted:
        search(study, MadeUp(), Silent(), None)  # type: ignore[arg-type]
    assert len(study.finished()) == trials + FIRST + ASKED
    return counted.each(ASKED)


def status_s(workspace: Workspace) -> float:
    """CPU seconds of the command, with Python's start."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = dict(os.environ)
    environment |= {"AUTORESEARCH_STORAGE": workspace.storage} if workspace.storage else {}
    subprocess.run(
        [sys.executable, "-m", "agent", "status"], cwd=workspace.root, env=environment,
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, nargs="+", default=[10, 1000])
    parser.add_argument("--storage", default="", help="an empty database for each number of trials")
    arguments = parser.parse_args()
    rows = []
    for trials in arguments.trials:
        with tempfile.TemporaryDirectory() as folder:
            address = arguments.storage.replace("TRIALS", str(trials))
            workspace = Workspace(Path(folder), address)
            workspace.writable_runs()
            own = a_trial(workspace, trials, "random", "own")
            status = status_s(workspace)
            forest = a_trial(workspace, trials, "forest", "forest")
            seconds = [own.cpu_s * 1000, (forest.cpu_s - own.cpu_s) * 1000, status * 1000]
            rows.append([f"{trials:,}", str(own.queries), *(f"{ms:.0f} ms" for ms in seconds)])
            print(table(HEADER, rows[-1:]), file=sys.stderr, flush=True)
    print(table(HEADER, rows))


HEADER = ["trials", "queries a trial", "a trial", "of it the forest", "`status`"]

if __name__ == "__main__":
    main()
