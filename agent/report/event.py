"""What happens in a study, as a program outside reads it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from agent.study.settings import Stage
from tracks.base import Objective

SCHEMA_VERSION = 1
"""Of an event; docs/versioning.md says what may change without a new one."""
EventName = Literal[
    "study_started", "trial_finished", "new_best", "verdict", "winner_committed", "study_finished"
]
Fields = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event with the state of its study.

    `number` counts the events of a run from 1, so that a gap shows those that were dropped. `trial`
    is the one that finished, or the best one, as a row of `report --json`; `verdict` and `winner`
    are there with the events that they are named in.
    """

    event: EventName
    number: int
    at: str
    """ISO 8601, UTC."""
    study: str
    track: str
    objective: Objective
    scale: str
    stage: Stage
    finished: int
    budget: int
    usd: float
    """What models have cost."""
    trial: Fields | None = None
    verdict: Fields | None = None
    winner: Fields | None = None

    def to_json(self) -> str:
        """One object in one line, without what this event does not have."""
        had = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps({"schema_version": SCHEMA_VERSION, **had})
