"""What a study does where its model fails, and what it says."""

import json
import os
from pathlib import Path

import pytest

from agent.proposers.llm.messages import Messages
from agent.proposers.llm.researcher import REST
from agent.proposers.llm.service import ServiceError
from agent.proposers.llm.spending import calls_of, spent_usd
from agent.study.errors import StoppedError
from agent.study.evaluation_store import EvaluationStore
from agent.study.records import Status
from agent.study.study import Study
from helpers import Call
from helpers.asked import GOOD, RUN, Serve, finish, outcomes
from helpers.fake_researcher import LAZY, of_code
from helpers.messages_server import Answer, Fault, Hang, Raw, Reply
from helpers.services import KEY
from tracks.isolation.launcher import Launcher


def test_what_lasts_stops_a_study_at_once_and_leaves_it_to_go_on(
    launcher: Launcher, study: Study, serve: Serve
) -> None:
    server = serve([Fault(403, message=f"because; the key was {KEY}")])
    with pytest.raises(StoppedError, match="status 403: because") as raised:
        finish(launcher, study)
    assert KEY not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert len(server.requests) == 1
    assert study.finished() == []
    assert spent_usd(study) == 0
    server = serve([Reply(of_code("later", GOOD))])
    finish(launcher, study)
    assert [trial.number for trial in study.finished()] == [0]


@pytest.mark.parametrize("answer", [Fault(503), Hang(60)], ids=str)
def test_what_passes_is_tried_twice_then_the_model_rests(
    launcher: Launcher, study: Study, serve: Serve, answer: Answer
) -> None:
    server = serve([answer])
    with pytest.raises(StoppedError):
        finish(launcher, study, silence_s=0.5)
    assert len(server.requests) == 2
    assert all(call.state == "failed" for call in calls_of(study))
    assert study.finished() == []


def test_an_answer_of_something_else_is_named_and_not_asked_for_again(
    launcher: Launcher, study: Study, serve: Serve
) -> None:
    # no model writes a page, so it costs nothing
    server = serve([Raw(200, b"<html>Log in</html>", "text/html; charset=utf-8")])
    named = rf"not of the Messages API .*; asked {server.url}/v1/messages$"
    with pytest.raises(StoppedError, match=named):
        finish(launcher, study)
    assert len(server.requests) == 1
    assert spent_usd(study) == 0


def test_one_failure_that_passes_is_not_noticed_in_the_result(
    launcher: Launcher, study: Study, serve: Serve
) -> None:
    serve([Fault(529, "overloaded_error"), Reply(of_code("after all", GOOD))])
    view = finish(launcher, study)
    assert outcomes(study)[0].state == "complete"
    assert any("overloaded" in line and "asking once more" in line for line in view.lines)


def test_with_the_service_down_a_mixed_study_goes_on_with_optuna(
    launcher: Launcher, study: Study, serve: Serve
) -> None:
    server = serve([Fault(500)])
    study.set_budget(8)
    view = finish(launcher, study, proposer="mixed", jobs=1)
    assert len(study.finished()) == 8
    assert {t.proposal.origin for t in study.finished()} == {"sampled"}
    said = [line for line in view.lines if "Optuna goes on" in line]
    assert said
    # one question, repeated once, then a rest of some trials
    assert 2 <= len(server.requests) <= 2 + 8 // REST
    assert not study.open_trials(Status.RUNNING)


def test_who_has_no_key_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("ANTHROPIC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ServiceError, match="set ANTHROPIC_API_KEY"):
        Messages("claude-opus-5-5")


def test_a_connection_that_is_refused_costs_nothing_and_is_named(
    launcher: Launcher, study: Study, serve: Serve
) -> None:
    server = serve([Reply("never asked")])
    server.server_close()
    refused = f"Connection refused; asked {server.url}/v1/messages"
    with pytest.raises(StoppedError, match=f"^cannot reach the service: {refused}$"):
        finish(launcher, study)
    assert [call.state for call in calls_of(study)] == ["failed", "failed"]
    assert spent_usd(study) == 0


def test_no_password_of_an_address_is_told(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://user:s3cret@127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    service = Messages("claude-opus-5-5", pauses_s=())
    with pytest.raises(ServiceError, match="cannot reach") as raised:
        service.ask("s", [{"role": "user", "content": "q"}], {}, 10)
    assert "s3cret" not in str(raised.value)
    assert not raised.value.maybe_billed
    service.close()


@pytest.mark.processes
def test_the_command_line_says_why_it_stops_and_how_to_go_on(
    call: Call, serve: Serve, evaluations: EvaluationStore
) -> None:
    server = serve([Fault(401, "authentication_error", f"invalid {KEY}")])
    status, out, err = call(*RUN, "--proposer", "llm")
    assert (status, out) == (1, "")
    last = err.splitlines()[-1]
    assert last == (
        "autoresearch: stopped: the service refused the API key; check ANTHROPIC_API_KEY "
        f"(status 401: invalid ***); asked {server.url}/v1/messages; "
        "continue with: autoresearch run --resume s"
    )
    serve(lambda request, number: Reply(of_code("c", LAZY.format(rate=0.02 * (1 + number)))))
    status, out, err = call("run", "--resume", "s", "--json")
    assert status == 0, err
    report = json.loads(out)
    assert [row["origin"] for row in report["sources"]] == ["llm"]
    assert report["spending"]["calls"] == 3
    assert report["spending"]["failed"] == 1
    assert report["verdict"]["accepted"]
    assert "about 2 proposals for about $" in err
    _, shown, _ = call("report", "s")
    assert "was asked 3 times, 1 of them failed" in " ".join(shown.split())
