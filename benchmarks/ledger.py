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
from agent.study.samplers import SamplerName
from agent.study.settings import Settings
from agent.study.workspace import Workspace
from search_space.sample import trial_params
from search_space.spec import make_spec
from synthetic import add_trials
from tracks.evaluation import Evaluation, State
from tracks.instance import Instance
from tracks.procedure import Procedure
from tracks.registry import get_track
from tracks.submission import Submission

ASKED = 5
"""Trials of a kind that are counted; the first ones, which load what is needed, are not."""
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


def a_trial(workspace: Workspace, trials: int, sampler: SamplerName) -> tuple[Counted, Counted]:
    """Of one trial, from its ask to its end, in a study of `trials`: of a queued one, always of the
    same parts, and of one that the sampler proposes."""
    ledger = Ledger(workspace)
    study = ledger.create(f"of-{trials}", replace(SETTINGS, sampler=sampler))
    add_trials(ledger, study, trials)
    for number in range(FIRST + ASKED):
        rate = 0.01 * (number + 1)
        spec = make_spec({"phases": [{"schedule": {"part": "constant", "lr": rate}}]})
        study.enqueue(trial_params(spec, get_track(SETTINGS.track).structure))
    counts = []
    for more in (FIRST, ASKED, FIRST, ASKED):
        study.settings = replace(study.settings, budget=len(study.finished()) + more)
        with counting() as counted:
            search(study, MadeUp(), Silent(), None)  # type: ignore[arg-type]
        assert len(study.finished()) == study.settings.budget
        counts.append(counted.each(more))
    return counts[1], counts[3]


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
            queued, sampled = a_trial(workspace, trials, "forest")
            seconds = [queued.cpu_s, sampled.cpu_s, status_s(workspace)]
            cells = [f"{1000 * each:.0f} ms" for each in seconds]
            rows.append([f"{trials:,}", str(queued.queries), *cells])
            print(table(HEADER, rows[-1:]), file=sys.stderr, flush=True)
    print(table(HEADER, rows))


HEADER = ["trials", "queries of a trial", "a queued trial", "one by the forest", "`status`"]

if __name__ == "__main__":
    main()
