"""The forms in which the scripted server answers: one for each API that it plays."""

import json
import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

Json = dict[str, Any]
STOPS = {"end_turn": "stop", "max_tokens": "length", "refusal": "content_filter"}
"""Reasons to stop of chat completions."""
FIXED = {"id": "chatcmpl-fake", "created": 1}
PIECES = 8
"""Parts in which a text is streamed, at most."""
EARLIER = "\n\nYour answer was:\n\n"
"""Before each earlier answer in the question to a command."""


def tokens(blocks: Iterable[Json]) -> int:
    """One for every 3.5 characters."""
    return math.ceil(sum(len(block.get(block["type"], "")) for block in blocks) / 3.5)


def prompt_blocks(body: Json) -> Iterator[Json]:
    """The blocks of system and messages, in the order in which their prefixes are cached.

    A system text among the messages, as a chat has it, is cached without being marked.
    """
    for turn in [{"role": "system", "content": body.get("system", [])}, *body["messages"]]:
        said = turn["content"]
        for block in [{"type": "text", "text": said}] if isinstance(said, str) else said:
            marked = {"cache_control": {}} if turn["role"] == "system" and said else {}
            by_itself = marked if turn in body["messages"] else {}
            yield {"role": turn["role"], **block, **by_itself}


def pieces(text: str) -> list[str]:
    step = math.ceil(len(text) / PIECES) or 1
    return [text[at : at + step] for at in range(0, len(text), step)]


class Messages:
    """Anthropic's Messages API."""

    path = "/v1/messages"
    begun = 3
    """Events before the first piece of a text."""
    cut_off = b'{"type": "mess'

    def error(self, kind: str, message: str) -> Json:
        named = {"type": kind, "message": message}
        return {"type": "error", "error": named, "request_id": "req_fake"}

    def events(self, message: Json) -> Iterator[Json]:
        """The events that add up to a message."""
        usage = message["usage"] | {"output_tokens": 1}
        start = {"content": [], "stop_reason": None, "usage": usage}
        yield {"type": "message_start", "message": message | start}
        yield {"type": "ping"}
        for index, block in enumerate(message["content"]):
            parts = {name: block[name] for name in (block["type"], "signature") if name in block}
            empty = block | dict.fromkeys(parts, "")
            yield {"type": "content_block_start", "index": index, "content_block": empty}
            for name, text in parts.items():
                for piece in [text] if name == "signature" else pieces(text):
                    delta = {"type": f"{name}_delta", name: piece}
                    yield {"type": "content_block_delta", "index": index, "delta": delta}
            yield {"type": "content_block_stop", "index": index}
        end = {"stop_reason": message["stop_reason"], "stop_sequence": None}
        yield {"type": "message_delta", "delta": end, "usage": message["usage"]}
        yield {"type": "message_stop"}

    def sent(self, event: Json) -> bytes:
        return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()

    def is_piece(self, event: Json) -> bool:
        return bool(event["type"] == "content_block_delta")

    def whole(self, message: Json) -> bytes:
        return json.dumps(message).encode()


class Chat(Messages):
    """Chat completions, made out of what the Messages API would say."""

    path = "/v1/chat/completions"
    begun = 1
    cut_off = b'{"choices": [{"ind'

    def error(self, kind: str, message: str) -> Json:
        return {"error": {"message": message, "type": kind, "param": None, "code": None}}

    def events(self, message: Json) -> Iterator[Json]:
        yield self._chunk(message, {"role": "assistant", "content": ""})
        for block in message["content"]:
            name = {"text": "content", "thinking": "reasoning"}.get(block["type"])
            if name is None:
                calls = [{"index": 0, "id": "t", "type": "function", "function": {"name": "look"}}]
                yield self._chunk(message, {"tool_calls": calls})
            for piece in pieces(block[block["type"]]) if name else []:
                yield self._chunk(message, {name: piece})
        yield self._chunk(message, {}, self._stop(message))
        # the usage comes in a chunk of its own, and then the end
        yield self._chunk(message, None) | {"usage": self._usage(message)}
        yield {}

    def sent(self, event: Json) -> bytes:
        return f"data: {json.dumps(event) if event else '[DONE]'}\n\n".encode()

    def is_piece(self, event: Json) -> bool:
        choices = event.get("choices")
        return bool(choices and choices[0]["delta"].get("content"))

    def whole(self, message: Json) -> bytes:
        said: Json = {"role": "assistant", "content": None}
        for block in message["content"]:
            said |= {"content": block["text"]} if block["type"] == "text" else {}
        choice = {"index": 0, "message": said, "finish_reason": self._stop(message)}
        body = {"object": "chat.completion", "choices": [choice], "usage": self._usage(message)}
        return json.dumps({**FIXED, **body, "model": message["model"]}).encode()

    def _chunk(self, message: Json, delta: Json | None, stop: str | None = None) -> Json:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": stop}]
        kind = {"object": "chat.completion.chunk", "choices": choices}
        return {**FIXED, **kind, "model": message["model"], "usage": None}

    def _stop(self, message: Json) -> str:
        return STOPS.get(message["stop_reason"], message["stop_reason"])

    def _usage(self, message: Json) -> Json | None:
        """All that was read of the prompt counts as its tokens, also what was in the cache."""
        used = message["usage"]
        kinds = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        new, written, cached = (used[kind] for kind in kinds)
        if new is None:
            return None
        counted = isinstance(new, int) and isinstance(cached, int)
        return {
            "prompt_tokens": new + written + cached if counted else new,
            "completion_tokens": used["output_tokens"],
            "total_tokens": 0,
            "prompt_tokens_details": {"cached_tokens": cached},
        }


class Command(Messages):
    """The text alone, for a command that passes on what it is asked."""

    path = "/v1/command"

    def whole(self, message: Json) -> bytes:
        texts = [block["text"] for block in message["content"] if block["type"] == "text"]
        return "".join(texts).encode("utf-8", "surrogatepass")

    @staticmethod
    def turns(question: str) -> list[Json]:
        """A question as turns."""
        first, *later = question.split(EARLIER)
        turns = [{"role": "user", "content": first}]
        for text in later:
            answer, _, problem = text.partition("\n\nThat was not accepted:")
            turns += [
                {"role": "assistant", "content": answer},
                {"role": "user", "content": f"That was not accepted:{problem}"},
            ]
        return turns


FORMS: dict[str, Messages] = {form.path: form() for form in (Messages, Chat, Command)}


def first_events(form: Messages, message: Json, count: int) -> Iterator[Json]:
    """Up to `count` pieces of the text."""
    return islice(form.events(message), form.begun + count)
