"""Forms of answers and errors that some services have, and the interfaces do not name."""

import json
from typing import Any

import pytest

from agent.proposers.llm.service import Reply, ServiceError
from helpers.asked import Serve
from helpers.messages_server import Fault, Raw
from helpers.services import CHAT, REMOTE, Played


def asked(played: Played) -> Reply:
    return played.opened().ask("system", [{"role": "user", "content": "first"}], {}, 77)


def failed(played: Played) -> ServiceError:
    with pytest.raises(ServiceError) as error:
        asked(played)
    return error.value


@pytest.mark.filterwarnings("ignore:Pydantic")
@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "thinking", "thinking": [{"text": "hm"}]}, {"type": "text", "text": "a"}], "a"),
        (["a", {"type": "text", "text": "b"}], "ab"),
        (5, ""),
    ],
)
def test_a_text_may_come_in_blocks(serve: Serve, content: Any, text: str, streamed: bool) -> None:
    said = {"delta" if streamed else "message": {"role": "assistant", "content": content}}
    whole = json.dumps({"choices": [{"index": 0, "finish_reason": "stop", **said}]})
    kind = "text/event-stream" if streamed else "application/json"
    serve([Raw(200, (f"data: {whole}\n\n" if streamed else whole).encode(), kind)])
    assert (asked(CHAT).text, asked(CHAT).stop_reason) == (text, "end_turn")


@pytest.mark.parametrize("played", REMOTE, ids=str)
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": "pull it first"}', "pull it first"),
        (b'{"detail": "pull it first"}', "pull it first"),
        (b'{"detail": [{"loc": ["body"], "msg": "pull it first"}]}', "pull it first"),
        (b'[{"error": {"message": "pull it first", "code": 404}}]', "pull it first"),
        (b"pull it\nfirst", "pull it first"),
        (b"<html>not here</html>", "<html>not here</html>"),
    ],
)
def test_an_error_has_the_words_of_the_service(
    serve: Serve, played: Played, body: bytes, said: str
) -> None:
    serve([Raw(404, body)])
    assert f"(status 404: {said}" in str(failed(played))


@pytest.mark.parametrize("played", REMOTE, ids=str)
def test_an_error_with_status_200_does_not_last(serve: Serve, played: Played) -> None:
    """As a gateway passes on that its provider is busy; it may have been billed."""
    serve([Raw(200, b'{"error": {"message": "provider is busy", "code": 429}}')])
    error = failed(played)
    assert str(error).startswith("the service failed (status 200: provider is busy); asked ")
    assert (error.lasting, error.maybe_billed) == (False, True)


@pytest.mark.parametrize("played", REMOTE, ids=str)
def test_an_address_that_leads_to_itself_is_named(serve: Serve, played: Played) -> None:
    server = serve([])
    server.script = [Fault(308, headers={"location": played.asked_at(server.url)})]
    error = failed(played)
    assert played.api
    assert str(error).startswith(f"the address leads elsewhere; check {played.api.address}; ")
    assert (error.lasting, error.maybe_billed) == (True, False)
