"""Small studies: their settings, the search alone, and the main job on what it is given."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.judge import Options
from agent.pipeline import run_study
from agent.proposers.files import enqueue_file
from agent.report.data import Report
from agent.search.loop import search
from agent.study.ledger import Ledger
from agent.study.local_executor import LocalExecutor
from agent.study.settings import Settings
from agent.study.study import Study
from agent.study.workspace import Workspace
from helpers.views import Recorder
from search_space.sample import trial_params
from search_space.spec import make_spec
from tracks.isolation.launcher import Launcher
from tracks.submission import Submission

SETTINGS = Settings(track="mqar", objective="steps", budget=6, seed=0, seeds=3, scale="small")
STRONG = make_spec(
    {
        "momentum": {"part": "ema", "beta": 0.5},
        "direction": {"part": "adam", "beta2": 0.9},
        "schedule": {"part": "wsd", "lr": 0.2, "decay": 0.6, "warmup": 0.05},
    }
)
"""Wins on the small scale, where it needs a quarter of adamw's steps."""
KEPT: Path | None = None
"""Evaluations of all studies of a session, except where a test makes `runs/evaluations` first."""


def finish(
    launcher: Launcher, study: Study, jobs: int = 2, max_time_s: float | None = None
) -> Recorder:
    view = Recorder()
    # not as a context manager: that would close the session's launcher
    search(study, LocalExecutor(launcher, jobs, study.store), view, max_time_s)
    return view


def table(study: Study) -> list[tuple[int, str, float | None]]:
    return [(t.number, t.proposal.digest, t.value) for t in study.finished()]


def run(
    launcher: Launcher,
    settings: Settings,
    name: str,
    options: Options,
    *files: str,
    transfers: bool = False,
) -> tuple[dict[str, Any], Recorder]:
    workspace = Workspace(Path.cwd())
    evaluations = workspace.writable_runs() / "evaluations"
    if KEPT and not evaluations.exists():
        evaluations.symlink_to(KEPT)
    study = Ledger(workspace).create(name, settings)
    if not files:
        study.enqueue(trial_params(STRONG, "tables"))
    for number, source in enumerate(files):
        enqueue_file(study, Submission(source, f"file{number}.py"))
    view = Recorder()
    executor = LocalExecutor(launcher, 2, study.store)
    return run_study(
        workspace, study, executor, view, replace(options, transfer=transfers)
    ).to_json(), view


def report_of(name: str) -> Report:
    """Of a study in this folder."""
    return Report(Ledger(Workspace(Path.cwd())).open(name))
