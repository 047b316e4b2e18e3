"""Events of a study: when they are sent, what they hold, and how their program may fail."""

import io
import json
import re
import runpy
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from agent.report.announcer import Announcer
from agent.report.event import Event
from agent.report.event_command import EventCommand
from agent.study.ledger import Ledger
from agent.study.program import Program, environment_of, words_of
from agent.study.records import Ending, Origin, Outcome, ProposalRecord
from agent.study.settings import Stage
from agent.study.study import Study
from agent.verdict.publication import Publication
from helpers import ROOT
from helpers.studies import SETTINGS
from helpers.verdicts import verdict
from helpers.views import Recorder
from tracks.evaluation import State

BLOCKS = re.findall(
    r"^```json\n(.*?)^```$", (ROOT / "docs" / "watching.md").read_text(), re.M | re.S
)
NAMES = [
    "study_started", "trial_finished", "new_best", "trial_finished", "verdict", "winner_committed",
    "study_finished",
]  # fmt: skip


def finish(study: Study, value: float | None) -> None:
    trial = study.new_trial()
    trial.keep_proposal(ProposalRecord(origin=Origin.FILE, label="mine", digest="0", spec=None))
    state = State.COMPLETE if value else Ending.REJECTED
    trial.end(Outcome(state=state, score=value, final=0.9), value)


@pytest.fixture
def study(ledger: Ledger) -> Study:
    return ledger.create("mine", SETTINGS)


@pytest.fixture
def events(study: Study) -> list[dict[str, Any]]:
    """Those of a study from its start to its end, as a program reads them."""
    sent: list[Event] = []
    finish(study, 70.0)
    view = Announcer(Recorder(), study, sent.append)
    for stage in Stage:
        study.stage = stage
        view.stage(stage)
        if stage is Stage.SEARCH:
            for value in (60.0, None):
                finish(study, value)
                view.finished("trial", "line")
        elif stage is Stage.CONFIRM:
            verdict(reason="to be ablated").keep(study)
        elif stage is Stage.ABLATE:
            verdict().keep(study)
        elif stage is Stage.COMPARE:
            verdict(date="later").keep(study)
        elif stage is Stage.PUBLISH:
            Publication("mine", "submissions/mine", "runs/mine/winner", "0", "b", "c0ffee").keep(
                study
            )
    return [json.loads(event.to_json()) for event in sent]


def test_each_event_is_sent_once(study: Study, events: list[dict[str, Any]]) -> None:
    assert [event["event"] for event in events] == NAMES
    assert [event["number"] for event in events] == list(range(1, len(NAMES) + 1))
    best, rejected = events[2], events[3]
    assert (best["trial"]["trial"], best["trial"]["score"], best["finished"]) == (1, 60.0, 2)
    assert (rejected["trial"]["state"], rejected["trial"]["score"]) == ("rejected", None)
    assert events[4]["verdict"]["reason"] == "better", "the last verdict alone"
    assert events[5]["winner"]["commit"] == "c0ffee"
    assert events[6]["trial"]["trial"] == 1
    again: list[Event] = []
    view = Announcer(Recorder(), study, again.append)
    for stage in (Stage.SEARCH, Stage.DONE):
        view.stage(stage)
    assert [event.event for event in again] == ["study_started", "study_finished"], "resumed"


def test_the_documented_events_are_these(events: list[dict[str, Any]]) -> None:
    shown = [json.loads(line) for block in BLOCKS for line in block.splitlines()]
    for example in shown:
        real = next(event for event in events if event["event"] == example["event"])
        assert list(example) == list(real), example["event"]
        for name in ("trial", "verdict", "winner"):
            assert list(example.get(name) or ()) == list(real.get(name) or ()), name
    assert {example["event"] for example in shown} >= {"trial_finished", "verdict"}
    text = (ROOT / "docs" / "watching.md").read_text()
    for name in NAMES:
        assert f"| `{name}` |" in text


def program(script: str, *granted: str, longest_s: float = 60.0) -> Program:
    line = shlex.join(["sh", "-c", script])
    words, environment = words_of(line, "--on-event"), environment_of(granted, "--event-env")
    return Program(words, environment, longest_s, 2**20)


@pytest.fixture
def event(study: Study) -> Event:
    sent: list[Event] = []
    Announcer(Recorder(), study, sent.append).stage(Stage.SEARCH)
    return sent[0]


@pytest.mark.processes
def test_a_program_gets_each_event_and_no_keys(
    event: Event, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-not-for-it")
    monkeypatch.setenv("GRANTED", "yes")
    said: list[str] = []
    command = EventCommand(program("cat >> got; env > env", "GRANTED"), said.append)
    command.send(event)
    command.send(event)
    command.close()
    assert (workspace_folder / "got").read_text() == f"{event.to_json()}\n" * 2
    names = {line.partition("=")[0] for line in (workspace_folder / "env").read_text().splitlines()}
    assert (
        {"PATH", "GRANTED"} <= names <= {"PATH", "HOME", "LC_CTYPE", "GRANTED", "PWD", "_", "SHLVL"}
    )
    assert said == []


FAILING: dict[str, tuple[Callable[[], Program], str]] = {
    "a failure": (
        lambda: program("echo one; echo 'no \x1b[31mkey' >&2; exit 3"),
        "exit status 3: no key",
    ),
    "too long": (lambda: program("sleep 60", longest_s=0.2), "took longer than 0.2 s"),
    "too much": (lambda: program("yes"), "wrote more than 1 MB"),
}


@pytest.mark.processes
@pytest.mark.parametrize("name", FAILING)
def test_a_program_that_fails_is_two_lines_at_most(event: Event, name: str) -> None:
    made, told = FAILING[name]
    said: list[str] = []
    command = EventCommand(made(), said.append)
    for _ in range(3):
        command.send(event)
    command.close()
    assert said == [
        f"warning: --on-event failed for study_started: {told}",
        "warning: --on-event failed for 3 events",
    ]


@pytest.mark.processes
def test_a_slow_program_stops_nothing(event: Event) -> None:
    said: list[str] = []
    command = EventCommand(program("sleep 60"), said.append, most=2)
    began = time.monotonic()
    for _ in range(50):
        command.send(event)
    command.close(patience_s=0)
    assert time.monotonic() - began < 30, "it did not wait for the program"
    assert said[0] == "warning: --on-event is slower than the study; the oldest events are dropped"
    assert re.fullmatch(r"warning: (49|50) events were dropped, not given to --on-event", said[1])


@pytest.mark.parametrize("name", ["wandb", "mlflow", "trackio"])
def test_the_examples_send_every_event(
    events: list[dict[str, Any]], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """These packages are not installed here: a stand-in takes the calls."""
    package = MagicMock()
    package.search_runs.return_value = []
    monkeypatch.setitem(sys.modules, name, package)
    for event in events:
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(event)))
        runpy.run_path(str(ROOT / "docs" / "trackers" / f"to_{name}.py"))
    calls = str(package.mock_calls)
    assert "autoresearch" in calls
    assert "mine" in calls
    for value in ("60.0", "accepted"):
        assert value in calls, value
