"""Messages between processes: what is sent is received, and anything else is an error."""

import json
import socket
from dataclasses import MISSING, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracks.evaluation import State
from tracks.instance import Instance, Seeds
from tracks.isolation import wire
from tracks.isolation.levels import Level
from tracks.isolation.limits import Limits
from tracks.isolation.protocol import (
    Boxed,
    Done,
    End,
    Ended,
    Failed,
    Fault,
    Fork,
    Job,
    Layout,
    Message,
    Progress,
    Ready,
    Setup,
    Slot,
    Unprepared,
)
from tracks.procedure import Procedure

TEXTS = st.text(st.characters(), max_size=50)
NUMBERS = st.floats(allow_nan=False)
COUNTS = st.integers(0, 2**62)
LAYOUTS = st.builds(
    Layout,
    st.lists(
        st.builds(
            Slot,
            st.lists(COUNTS, max_size=3).map(tuple),
            st.lists(COUNTS, max_size=3).map(tuple),
            TEXTS,
            COUNTS,
        ),
        max_size=3,
    ).map(tuple),
    COUNTS,
    st.lists(st.booleans() | COUNTS | TEXTS, max_size=3).map(tuple),
)
JOBS = st.builds(
    Job,
    st.builds(
        Instance,
        TEXTS,
        st.builds(Seeds, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, st.none() | COUNTS),
        TEXTS,
        st.none() | TEXTS,
    ),
    TEXTS,
    st.builds(Procedure, COUNTS, st.sampled_from(["exact", "fused"]), st.booleans()),
    TEXTS,
    TEXTS,
    st.builds(
        Limits, NUMBERS, COUNTS, COUNTS, st.none() | NUMBERS, st.none() | st.sampled_from(Level)
    ),
    LAYOUTS,
)
CURVES = st.lists(st.tuples(COUNTS, NUMBERS), max_size=3).map(tuple)
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.builds(Failed, st.sampled_from(State), TEXTS, st.lists(TEXTS, max_size=3).map(tuple)),
    st.builds(Fault, TEXTS),
    st.builds(Fork, st.sampled_from(["trainer", "host", "data"]), st.booleans()),
    st.builds(Ended, st.integers(-64, 255), COUNTS),
    st.builds(Boxed, st.sampled_from(Level)),
    st.builds(Progress, COUNTS),
    st.builds(Ready, st.booleans()),
    st.builds(Unprepared, TEXTS),
    st.builds(Setup, LAYOUTS, TEXTS, st.booleans(), TEXTS, TEXTS, NUMBERS, COUNTS,
              st.sampled_from(Level), st.sampled_from(Level)),
    st.builds(Done, CURVES, NUMBERS, NUMBERS, COUNTS, COUNTS, COUNTS, COUNTS,
              st.dictionaries(TEXTS, TEXTS | st.none(), max_size=3)),
    JOBS,
)  # fmt: skip


def received(data: bytes, *kinds: type[Message]) -> Message:
    """The message in bytes after which the peer hangs up."""
    ours, theirs = socket.socketpair()
    with ours:
        ours.settimeout(10.0)
        with theirs:
            theirs.sendall(data)
        return wire.receive(ours, *kinds, limit=2**16)


def sent(message: Message) -> bytes:
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            wire.send(ours, message)
        return b"".join(iter(lambda: theirs.recv(2**16), b""))


@given(MESSAGES)
def test_what_is_sent_is_received(message: Message) -> None:
    assert received(sent(message), End, type(message)) == message


@given(MESSAGES, st.data())
def test_a_message_that_is_cut_is_an_error(message: Message, data: st.DataObject) -> None:
    whole = sent(message)
    end = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(wire.PeerGoneError):
        received(whole[:end], type(message))


@given(st.binary(max_size=300))
def test_bytes_that_are_no_message_are_an_error(data: bytes) -> None:
    for frame in (data, wire.LENGTH.pack(len(data)) + data):
        with pytest.raises(wire.WireError):
            received(frame, Failed, Ready)


@given(MESSAGES, st.data())
def test_a_message_with_other_fields_is_an_error(message: Message, data: st.DataObject) -> None:
    content = json.loads(sent(message)[wire.LENGTH.size :])
    lacking = {field.name for field in fields(message) if field.default is MISSING}
    for name in [*lacking, "kind"]:
        body = json.dumps({key: value for key, value in content.items() if key != name}).encode()
        with pytest.raises(wire.WireError):
            received(wire.LENGTH.pack(len(body)) + body, type(message))
    body = json.dumps(content | {"more": 1}).encode()
    with pytest.raises(wire.WireError):
        received(wire.LENGTH.pack(len(body)) + body, type(message))


@given(MESSAGES)
def test_a_message_of_another_kind_is_an_error(message: Message) -> None:
    with pytest.raises(wire.WireError, match="a message that is no End"):
        received(sent(message), End)
