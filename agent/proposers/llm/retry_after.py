"""How long a service asks to wait, in seconds or as a date."""

import time
from collections.abc import Mapping
from email.utils import mktime_tz, parsedate_tz

LONGEST_WAIT_S = 60.0


def asked_to_wait_s(headers: Mapping[str, str]) -> float:
    """Seconds that the header `retry-after` of an answer asks for, limited to a minute."""
    asked = headers.get("retry-after", "0")
    try:
        seconds = float(asked)
    except ValueError:
        seconds = _seconds_until(asked, headers.get("date", ""))
    return min(LONGEST_WAIT_S, max(0.0, seconds))


def _seconds_until(date: str, now: str) -> float:
    """From one date of the sender's clock to another; from this machine's where there is no `now`.

    0 where `date` cannot be read.
    """
    until, since = _timestamp(date), _timestamp(now)
    return 0.0 if until is None else until - (time.time() if since is None else since)


def _timestamp(date: str) -> float | None:
    try:
        parsed = parsedate_tz(date)
        return mktime_tz(parsed) if parsed else None
    except (ValueError, OverflowError):
        return None
