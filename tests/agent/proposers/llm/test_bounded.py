"""Answers that never end, or that stop for no reason that can be read."""

import json

import pytest

from agent.proposers.llm import remote
from agent.proposers.llm.service import ServiceError
from helpers.asked import Serve
from helpers.messages_server import Raw, Reply
from helpers.services import CHAT, MESSAGES, REMOTE, Played

WAITING = b": still working\n\n" * 100
"""What gateways send so that nobody takes a connection for lost: no event."""
SSE = "text/event-stream"
ENDLESS = [Raw(200, WAITING, SSE), Raw(200, b"data: " + WAITING, SSE), Raw(500, WAITING)]
BLOCKS = [{"type": "text", "text": "hey"}]
CHOICE = {"index": 0, "message": {"role": "assistant", "content": "hey"}}


def failed(played: Played) -> ServiceError:
    with pytest.raises(ServiceError) as raised:
        played.opened().ask("s", [{"role": "user", "content": "q"}], {"type": "object"}, 77)
    return raised.value


@pytest.mark.parametrize("played", REMOTE, ids=str)
@pytest.mark.parametrize(("name", "most"), [("LONGEST_S", -1.0), ("LONGEST_STREAM", 1000)])
def test_an_answer_without_an_end_is_given_up(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, played: Played, name: str, most: float
) -> None:
    monkeypatch.setattr(remote, name, most)
    for answer in ENDLESS:
        serve([answer])
        error = failed(played)
        said = "took too long" if most < 0 else "is longer than 1000 bytes"
        assert str(error).startswith(f"the answer {said}; asked ")
        assert (error.lasting, error.maybe_billed) == (False, True)


@pytest.mark.parametrize("reason", [["end_turn"], {}, 7], ids=str)
def test_a_reason_to_stop_that_is_no_word_is_an_answer_cut_short(
    serve: Serve, reason: object
) -> None:
    whole = {"type": "message", "content": BLOCKS, "stop_reason": reason}
    for played, body in (
        (MESSAGES, whole),
        (CHAT, {"choices": [CHOICE | {"finish_reason": reason}]}),
    ):
        serve([Raw(200, json.dumps(body).encode())])
        error = failed(played)
        assert str(error).startswith("the answer broke off; asked ")
        assert (error.lasting, error.maybe_billed) == (False, True)
    serve([Reply("{}", reason)])  # type: ignore[arg-type]
    assert str(failed(MESSAGES)).startswith("the answer broke off; asked ")
