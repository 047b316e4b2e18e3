"""A small study that asks models, which a scripted server plays."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from agent.proposers.llm.researcher import Researcher
from agent.proposers.llm.service import Paid
from agent.search.loop import search
from agent.search.sources import Sources
from agent.study.local_executor import LocalExecutor
from agent.study.records import Outcome
from agent.study.settings import ProposerName
from agent.study.study import Study
from agent.study.workspace import Workspace
from helpers import studies
from helpers.fake_researcher import LAZY
from helpers.messages_server import MessagesServer, Script
from helpers.services import MESSAGES, Played
from helpers.views import Recorder
from tracks.isolation.launcher import Launcher

GOOD = LAZY.format(rate=0.05)
SETTINGS = replace(studies.SETTINGS, budget=1, recipes=False)
ALONE: ProposerName = "llm"

Serve = Callable[[Script], MessagesServer]
RUN = ["run", "--track", "mqar", "--scale", "small", "--budget", "2", "--study", "s"]
RUN += ["--no-commit", "--no-ablation"]


def finish(
    launcher: Launcher,
    study: Study,
    *,
    proposer: ProposerName = ALONE,
    most_usd: float = 5.0,
    jobs: int = 2,
    silence_s: float = 30.0,
    models: Sequence[Played] = (MESSAGES,),
) -> Recorder:
    """Search with models whose clients never repeat by themselves."""
    view = Recorder()
    executor = LocalExecutor(launcher, jobs, study.store)
    workspace = Workspace(Path.cwd())
    services = [model.opened(silence_s) for model in models]
    researchers = [
        Researcher(workspace, study, executor, view, Paid(service, service.price(), most_usd))
        for service in services
    ]
    try:
        search(study, executor, view, None, Sources(proposer, researchers))
    finally:
        for service in services:
            getattr(service, "close", lambda: None)()
    return view


def outcomes(study: Study) -> list[Outcome]:
    return [trial.outcome for trial in study.finished()]
