"""What a model costs: the budget, calls that were lost, and what is never paid twice."""

import itertools
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from agent.cli.inputs import open_ledger
from agent.proposers.llm.asking import Asker, OutOfMoneyError
from agent.proposers.llm.prices import PRICES, Price, Usage, cost
from agent.proposers.llm.service import Reply as Answered
from agent.proposers.llm.spending import calls_of, spending, spent_usd
from agent.proposers.llm.transcript import Transcript
from agent.search.loop import StoppedError
from agent.study.records import Call as ModelCall
from agent.study.records import Status
from agent.study.study import Study
from helpers import Call
from helpers.asked import GOOD, RUN, Serve, finish, outcomes
from helpers.fake_researcher import LAZY, of_code
from helpers.messages_server import Answer, Drop, Fault, Reply, Request
from helpers.services import CHAT, EVERY, MESSAGES, Played
from tracks.isolation.launcher import Launcher


def test_the_stable_part_is_paid_once(launcher: Launcher, study: Study, serve: Serve) -> None:
    names = iter(range(100))
    serve(lambda request, number: Reply(of_code("c", LAZY.format(rate=0.01 * (1 + next(names))))))
    study.set_budget(3)
    finish(launcher, study, jobs=1)
    calls = calls_of(study)
    assert [bool(call.cache_write) for call in calls] == [True, False, False]
    assert [bool(call.cache_read) for call in calls] == [False, True, True]
    price = PRICES["claude-opus-5-5"]
    for call in calls:
        usage = Usage(call.input, call.output, call.cache_write, call.cache_read)
        assert call.usd == pytest.approx(cost(price, usage))
    assert spent_usd(study) == pytest.approx(sum(call.usd for call in calls))


def test_money_is_a_hard_stop(launcher: Launcher, study: Study, serve: Serve) -> None:
    rates = iter(range(1, 100))
    serve(
        lambda request, number: Reply(
            of_code("c", LAZY.format(rate=0.01 * next(rates))), output_tokens=4000
        )
    )
    study.set_budget(20)
    view = finish(launcher, study, most_usd=0.5)
    assert 0.2 < spent_usd(study) <= 0.5
    assert 1 <= len(study.finished()) < 20
    assert any("--max-usd 0.5 is spent" in line and "search ends" in line for line in view.lines)
    before = len(calls_of(study))
    finish(launcher, study, most_usd=0.5)
    assert len(calls_of(study)) == before
    left_over = study.open_trials(Status.RUNNING)
    finish(launcher, study, most_usd=0.9)
    assert len(calls_of(study)) > before
    assert left_over[0].number in {trial.number for trial in study.finished()}


def test_less_is_asked_for_where_less_is_left(
    launcher: Launcher, study: Study, serve: Serve
) -> None:
    server = serve([Reply(of_code("c", GOOD))])
    finish(launcher, study, most_usd=0.4)
    asked = server.requests[0].body["max_tokens"]
    assert 4000 <= asked < 24000


def test_a_limit_that_was_refused_does_not_end_the_budget(serve: Serve, tmp_path: Path) -> None:
    """A smaller one is sent again, since less than the service's own is affordable."""
    sent: list[int | None] = []

    def reply(request: Request, number: int) -> Answer:
        limit = request.body.get("max_tokens")
        sent.append(limit)
        if limit and limit > 16_384:
            too_large = f"max_tokens is too large: {limit}. This model supports at most 16384."
            return Fault(400, "invalid_request_error", too_large)
        return Reply("{}", output_tokens=min(limit or 16_384, 15_000))

    serve(reply)
    calls: dict[int, Sequence[ModelCall]] = {}

    def left_usd() -> float:
        return 0.9 - sum(call.usd for of_one in calls.values() for call in of_one)

    system, price = "some words " * 100, Price(3.0, 15.0, 3.0, 3.0)
    asker = Asker(CHAT.opened(), {}, system, price, left_usd)
    read: Callable[[str], str] = str.strip
    for number in itertools.count():
        transcript = Transcript(tmp_path / str(number), "m", partial(calls.__setitem__, number))
        transcript.begin("s", "q")
        try:
            asker.answer(transcript, read)
        except OutOfMoneyError:
            break
    assert 0.0 <= left_usd() < 0.1
    first, *without, last = sent
    assert (first, without) == (24_000, [None, None, None])
    assert last is not None
    assert last < 15_000


def test_two_coordinators_do_not_reserve_the_same_money(
    launcher: Launcher, study: Study, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserving: list[bool] = []

    def is_reserving() -> bool:
        return bool(study.locks.held([f"{study.name}/budget.lock"]))

    def counted(ledger: Study) -> float:
        reserving.append(is_reserving())
        return spent_usd(ledger)

    def reply(request: object, number: int) -> Reply:
        assert not is_reserving(), "others wait for an answer"
        assert [call.state for call in calls_of(study)] == ["sent"]
        return Reply(of_code("c", GOOD))

    monkeypatch.setattr("agent.proposers.llm.researcher.spent_usd", counted)
    server = serve(reply)
    finish(launcher, study)
    assert len(server.requests) == 1
    assert outcomes(study)[0].state == "complete"
    # the view is shown what is left as well
    assert reserving.count(True) == 1


def test_an_answer_without_usage_counts_as_the_most_it_can_cost(
    launcher: Launcher, study: Study, serve: Serve
) -> None:
    nothing = {"input_tokens": None, "output_tokens": None}
    serve([Reply(of_code("c", GOOD), usage=nothing)])
    finish(launcher, study)
    (call,) = calls_of(study)
    assert call.usd > 0.4


def test_a_call_that_was_cut_off_counts_and_is_made_again(
    launcher: Launcher, study: Study, serve: Serve
) -> None:
    serve([Drop(3)])
    with pytest.raises(StoppedError):
        finish(launcher, study)
    lost = spent_usd(study)
    assert lost > 0.5
    serve([Reply(of_code("c", GOOD))])
    finish(launcher, study)
    assert outcomes(study)[0].state == "complete"
    assert lost < spent_usd(study) < lost + 0.3


def test_a_connection_lost_after_the_question_counts_at_its_most(
    launcher: Launcher, study: Study, serve: Serve
) -> None:
    server = serve([Drop(0)])
    with pytest.raises(StoppedError, match="the connection was lost: Server dis"):
        finish(launcher, study)
    assert len(server.requests) == 2
    assert spent_usd(study) > 0.8


@pytest.mark.parametrize("model", EVERY, ids=str)
def test_what_was_answered_is_not_paid_for_again(
    launcher: Launcher, study: Study, serve: Serve, monkeypatch: pytest.MonkeyPatch, model: Played
) -> None:
    server = serve([Reply("no JSON"), Reply(of_code("c", GOOD))])

    def killed(*arguments: object, **options: object) -> Answered:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("agent.proposers.llm.researcher.refusal", killed)
        with pytest.raises(KeyboardInterrupt):
            finish(launcher, study, models=[model])
    assert (len(server.requests), study.finished()) == (2, [])
    finish(launcher, study, models=[model])
    assert len(server.requests) == 2
    assert outcomes(study)[0].state == "complete"
    (trial,) = study.finished()
    assert (trial.proposal.origin, trial.model) == ("llm", model.model)
    assert trial.row()["model"] == model.model
    assert (spent_usd(study) == 0) == (model is not MESSAGES)


def test_spending_is_told_in_one_line(study: Study) -> None:
    assert spending(study) is None
    trial = study.new_trial()
    call = ModelCall(state="answered", model="m", at="", prices="2026-01-02", usd=0.5, seconds=2.0)
    trial.keep_calls([call.model_copy(update={"input": 1, "output": 2, "cache_read": 3})])
    spent = spending(study)
    assert spent is not None
    assert str(spent) == (
        "m was asked 1 times: 1 tokens in, 0 written to the cache, 3 read from it, 2 out, "
        "$0.5000 at prices of 2026-01-02."
    )


@pytest.mark.processes
def test_another_model_has_another_price(call: Call, serve: Serve) -> None:
    serve(lambda request, number: Reply(of_code("c", LAZY.format(rate=0.02 * (1 + number)))))
    free = ["--model", "my-own", "--price", "0/0"]
    assert call(*RUN, "--proposer", "llm", *free)[0] == 0
    assert spent_usd(open_ledger().open("s")) == 0
    status, _, err = call("run", "--resume", "s", "--budget", "3", "--model", "claude-opus-5")
    assert status == 0, err
    assert spent_usd(open_ledger().open("s")) > 0
