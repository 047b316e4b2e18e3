"""Answers that never end, or that stop for no reason that can be read."""

import gzip
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


@pytest.mark.parametrize("played", REMOTE, ids=str)
@pytest.mark.parametrize("status", [200, 500])
def test_a_compressed_answer_is_bounded_by_what_it_unpacks_to(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, played: Played, status: int
) -> None:
    monkeypatch.setattr(remote, "LONGEST_STREAM", 2**21)
    packed = gzip.compress(bytes(2**22))
    assert len(packed) < 2**13
    serve([Raw(status, packed, SSE, {"content-encoding": "gzip"})])
    assert "the answer is longer than 2097152 bytes" in str(failed(played))


@pytest.mark.parametrize("played", REMOTE, ids=str)
def test_a_compressed_error_is_read(serve: Serve, played: Played) -> None:
    said = json.dumps({"error": {"type": "api_error", "message": "on a Sunday"}}).encode()
    serve([Raw(500, gzip.compress(said), "application/json", {"content-encoding": "gzip"})])
    assert "(status 500: on a Sunday)" in str(failed(played))
