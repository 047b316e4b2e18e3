"""The records of a study: types of what its storage keeps, read back as they were written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel

from search_space.spec import Spec, make_spec
from tracks.base import Objective
from tracks.evaluation import Evaluation, State
from tracks.isolation.levels import Level

Bucket = Literal["high", "medium", "low"]
BUCKETS: tuple[Bucket, ...] = ("high", "medium", "low")


class Origin(StrEnum):
    """Where a proposal comes from: `earlier` from an earlier study, a `file` was given to `run`."""

    RECIPE = "recipe"
    EARLIER = "earlier"
    SAMPLED = "sampled"
    TUNED = "tuned"
    """A baseline with sampled numbers."""
    COMPOSED = "composed"
    """A surveyed technique joined to the best trial."""
    FILE = "file"
    AGENT = "agent"
    """Handed in with a hypothesis, by `propose`."""
    LLM = "llm"


class Status(StrEnum):
    """Where a trial stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"


class Ending(StrEnum):
    """Ends of a trial that are no state of an evaluation."""

    PRUNED = "pruned"
    """Stopped by the ladder below its full run."""
    DUPLICATE = "duplicate"
    """Proposed before in the same study; not part of the budget."""
    REJECTED = "rejected"
    """No answer of the model passed the gates."""


class Record(BaseModel, frozen=True):
    """Fields that were never set are absent from the stored form, so it reads back equal."""

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_unset=True)


class Outcome(Record, frozen=True):
    """How a trial or an evaluation ended; only a complete one has a score.

    `score` as Evaluation.score, lower is better; `final` is the last metric, after max_steps unless
    the run stopped `at_target`; `steps_to_target` is None where the target was missed; `scale` is
    the last one run, `rungs` the values passed below it, by scale.
    """

    state: State | Ending
    reason: str = ""
    duration_s: float = 0.0
    sandbox: Level | None = None
    score: float | None = None
    final: float | None = None
    steps_to_target: int | None = None
    has_target: bool = True
    """Whether the track has one."""
    at_target: bool = False
    scale: str | None = None
    rungs: dict[str, float] = {}

    @classmethod
    def of(cls, evaluation: Evaluation, objective: Objective) -> "Outcome":
        measured: dict[str, Any] = {}
        if evaluation.complete:
            measured = {
                "score": evaluation.score(objective),
                "final": evaluation.last,
                "steps_to_target": evaluation.steps_to_target,
                "at_target": evaluation.at_target,
                **({} if evaluation.has_target else {"has_target": False}),
            }
        return cls(
            state=evaluation.state,
            reason=evaluation.reason,
            duration_s=evaluation.duration_s,
            sandbox=evaluation.sandbox,
            **measured,
        )

    @classmethod
    def pruned(cls, evaluation: Evaluation, objective: Objective) -> "Outcome":
        """Of a trial that ended below its full run: no score, since scales do not compare."""
        value = cls.of(evaluation, objective)
        reason = f"not promising at scale {evaluation.instance.scale} ({value})"
        return cls(state=Ending.PRUNED, reason=reason, duration_s=evaluation.duration_s)

    def __str__(self) -> str:
        """One short line."""
        if self.final is None:
            return f"{self.state}: {self.reason}"
        last = f"{'metric there' if self.at_target else 'final'} {self.final:.6g}"
        if not self.has_target:
            return last
        steps = self.steps_to_target
        return f"target at step {steps}, {last}" if steps else f"target missed, {last}"


@dataclass(frozen=True)
class Hypothesis:
    """What the proposer expects, stated before the measurement, and the trials it builds on."""

    text: str
    expected_effect: str = ""
    bucket: Bucket = "medium"
    parents: tuple[int, ...] = ()


class Composition(Record, frozen=True):
    """A surveyed technique that was joined to trial `base`; to the default spec where None."""

    name: str
    source: str
    claimed_gain: str
    bucket: Bucket
    part: str
    evidence: str
    base: int | None


class Queued(Record, frozen=True):
    """What was known of a proposal when it was queued."""

    origin: Origin
    label: str
    digest: str = ""
    """Of a file; specs are rendered when their turn comes."""
    composition: Composition | None = None
    hypothesis: Hypothesis | None = None


class ProposalRecord(Record, frozen=True):
    """A proposal without its file, which is in the trial's folder."""

    origin: Origin
    label: str
    digest: str
    spec: dict[str, Any] | None
    """None for code."""
    hypothesis: Hypothesis | None = None

    def known_spec(self) -> Spec | None:
        """None for code, and for parts that this version does not have."""
        try:
            return make_spec(self.spec) if self.spec else None
        except ValueError:
            return None


class Call(Record, frozen=True):
    """One call of a model for a trial; until it is answered `usd` is the most it can cost."""

    state: Literal["sent", "answered", "failed"]
    model: str
    at: str
    usd: float
    prices: str
    reason: str = ""
    stop_reason: str | None = None
    seconds: float = 0.0
    blocks: tuple[str, ...] = ()
    input: int = 0
    output: int = 0
    cache_write: int = 0
    cache_read: int = 0


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A trial as the storage has it now.

    `source` is the proposer, `model` the last model that was asked, and `beginnings` the number of
    processes that work or were killed at work on it. One that `refines` skips the ladder.
    """

    number: int
    status: Status
    queued: Queued | None = None
    source: Origin | None = None
    model: str = ""
    proposal: ProposalRecord | None = None
    outcome: Outcome | None = None
    calls: tuple[Call, ...] = ()
    beginnings: int = 0
    refines: bool = False
    started: datetime | None = None

    @property
    def duplicate(self) -> bool:
        return self.outcome is not None and self.outcome.state is Ending.DUPLICATE


@dataclass(frozen=True, kw_only=True)
class FinishedTrial(Trial):
    """A trial that has ended; `value` ranks complete ones, lower is better. Times are local."""

    proposal: ProposalRecord
    outcome: Outcome
    value: float | None = None
    ended: datetime | None = None

    @property
    def complete(self) -> bool:
        return self.value is not None

    @property
    def name(self) -> str:
        return f"trial {self.number} ({self.proposal.label})"

    @property
    def author(self) -> str:
        """The model that proposed it; empty for a proposal of another origin."""
        return self.model if self.proposal.origin is Origin.LLM else ""

    def row(self) -> Mapping[str, Any]:
        """What it was and how it ended, as a row of a JSON table."""
        proposal, outcome = self.proposal, self.outcome
        return {
            "trial": self.number,
            "label": proposal.label,
            "origin": proposal.origin,
            "model": self.author,
            "score": outcome.score,
            "final": outcome.final,
            "steps_to_target": outcome.steps_to_target,
            "state": outcome.state,
            "reason": outcome.reason,
            "duration_s": outcome.duration_s,
        }
