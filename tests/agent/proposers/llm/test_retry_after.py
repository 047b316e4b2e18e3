"""The header with which a service asks to wait: seconds, or a date of its own clock."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from agent.proposers.llm.retry_after import asked_to_wait_s
from agent.proposers.llm.service import ServiceError
from helpers.asked import Serve
from helpers.messages_server import Fault
from helpers.services import REMOTE, Played

NOW = "Sun, 06 Nov 1994 08:49:30 GMT"


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("1e400", 60.0),
        ("nan", 0.0),
        ("soon", 0.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 7.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 7.0),
        ("Sun, 06 Nov 1994 08:49:07 GMT", 0.0),
        ("Tue, 06 Dec 1994 08:49:37 GMT", 60.0),
        ("Sun, 06 Nov 99999999994 08:49:37 GMT", 0.0),
    ],
)
def test_a_wait_is_seconds_or_a_date_by_the_clock_of_the_service(
    asked: str, seconds: float
) -> None:
    assert asked_to_wait_s({"retry-after": asked, "date": NOW}) == seconds


def test_without_a_date_of_the_answer_the_clock_of_this_machine_counts() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 20 < asked_to_wait_s({"retry-after": soon}) <= 30
    assert asked_to_wait_s({}) == 0


@pytest.mark.parametrize("played", REMOTE, ids=str)
def test_a_service_that_asks_to_wait_until_a_date_is_heard(serve: Serve, played: Played) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    serve([Fault(429, "rate_limit_error", headers={"retry-after": later})])
    with pytest.raises(ServiceError) as raised:
        played.opened().ask("s", [{"role": "user", "content": "q"}], {"type": "object"}, 77)
    assert raised.value.wait_s == 60
