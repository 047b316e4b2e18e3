"""Several models in one study."""

import pytest

from agent.proposers.llm.spending import spending, spent_usd
from agent.report.data import Report
from agent.search.loop import StoppedError
from agent.study.records import Status
from agent.study.study import Study
from helpers.asked import GOOD, Serve, finish
from helpers.fake_researcher import LAZY, of_code
from helpers.messages_server import Answer, Fault, Reply, Request
from helpers.services import CHAT, EVERY, MESSAGES
from tracks.isolation.launcher import Launcher


def test_three_models_share_a_study(launcher: Launcher, study: Study, serve: Serve) -> None:
    """One is good, one never passes, one is down: no trial waits for it, and none is lost."""
    rates = iter(range(1, 100))

    def script(request: Request, number: int) -> Answer:
        if request.body["model"] == "command":
            return Fault(500)
        good = request.body["model"] == MESSAGES.model
        return Reply(of_code("c", LAZY.format(rate=0.01 * next(rates))) if good else "no JSON")

    server = serve(script)
    study.set_budget(4)
    view = finish(launcher, study, jobs=1, models=EVERY)
    trials = study.finished()
    assert len(trials) == 4
    assert {trial.model for trial in trials} == {MESSAGES.model, CHAT.model}
    assert {trial.outcome.state for trial in trials if trial.model == CHAT.model} == {"rejected"}
    # the trial of the one that is down goes to another
    assert sum(request.body["model"] == "command" for request in server.requests) == 2
    assert any("the model is not asked for now: the command failed" in it for it in view.lines)
    found = {source.model: source for source in Report(study).sources}
    assert found.keys() == {MESSAGES.model, CHAT.model}
    assert (found[CHAT.model].usd, found[CHAT.model].complete) == (0, 0)
    assert found[MESSAGES.model].usd == spent_usd(study) > 0
    spent = spending(study)
    assert spent is not None
    assert spent.models == sorted(played.model for played in EVERY)


def test_a_left_over_trial_keeps_its_model_where_that_is_asked(
    launcher: Launcher, study: Study, serve: Serve
) -> None:
    serve([Fault(403)])
    with pytest.raises(StoppedError):
        finish(launcher, study, models=[CHAT])
    (left,) = study.open_trials(Status.RUNNING)
    assert left.model == CHAT.model
    serve([Reply(of_code("c", GOOD))])
    finish(launcher, study, models=[MESSAGES, CHAT])
    assert [trial.model for trial in study.finished()] == [CHAT.model]
