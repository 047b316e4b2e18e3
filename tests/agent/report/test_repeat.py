"""The commands that repeat a study."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from agent.proposers.files import enqueue_file
from agent.report.data import Report
from agent.study.ledger import Ledger
from agent.study.records import Origin
from agent.study.study import Study
from agent.study.workspace import Workspace
from helpers import sources
from helpers.made_up import add_trial, made_up_study
from tracks.submission import Submission, read_submission


@pytest.fixture
def study(workspace_folder: Path) -> Study:
    return made_up_study(Ledger(Workspace(workspace_folder)), "one")


def words(study: Study) -> list[str]:
    return shlex.split(Report(study).commands[0])


def test_files_are_handed_in_as_the_study_kept_them(study: Study, workspace_folder: Path) -> None:
    for source in (sources.GRADIENT_DESCENT, sources.TORCH_ADAMW):
        enqueue_file(study, Submission(source, "good.py"))
    found = words(study)
    files = [found[at + 1] for at, word in enumerate(found) if word == "--submission"]
    assert [read_submission(workspace_folder / file).source for file in files] == [
        sources.GRADIENT_DESCENT,
        sources.TORCH_ADAMW,
    ]
    assert not any(Path(file).is_absolute() for file in files)


def test_options_that_change_the_search_are_repeated(study: Study) -> None:
    assert not {"--patience", "--no-compose", "--model", "--recipes"} & set(words(study))
    study.override(
        patience=7, compose=False, proposer="llm", max_usd=2.5,
        model=("command:ask me", "openai:b"), price=("openai:b=1/2",), model_env=("KEY",),
    )  # fmt: skip
    assert (
        Report(study)
        .commands[0]
        .endswith(
            " --proposer llm --recipes --no-ladder --no-compose --patience 7 "
            "--model 'command:ask me' --model openai:b --price openai:b=1/2 --model-env KEY "
            "--max-usd 2.5 --jobs 1"
        )
    )
    study.settings = replace(study.settings, recipes=False)
    assert not {"--recipes", "--no-recipes"} & set(words(study)), "a model begins without them"


def test_no_command_repeats_what_an_agent_handed_in(study: Study) -> None:
    assert words(study)[:2] == ["autoresearch", "run"]
    add_trial(study, None, 90, origin=Origin.AGENT)
    assert words(study)[:2] == ["autoresearch", "report"]
