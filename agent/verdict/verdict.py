"""The record of a verdict: challenger against incumbent, and what the comparison found."""

from dataclasses import dataclass
from typing import ClassVar

from agent.study.study import Study
from agent.verdict.novelty import Novelty
from agent.verdict.sequential import Decision
from agent.verdict.stage_record import StageRecord
from agent.verdict.statistics import PairedTest
from tracks.base import Objective
from tracks.instance import Seeds
from tracks.isolation.levels import Level


@dataclass(frozen=True)
class Scores:
    """Lower is better: the final loss, or steps to target (max_steps + 1 where it was missed)."""

    challenger: float
    incumbent: float


@dataclass(frozen=True)
class Pair:
    """One held-out instance with both scores; None where a run failed."""

    drawn_from: str
    seeds: Seeds
    challenger: float | None
    incumbent: float | None


@dataclass(frozen=True)
class InterimAnalysis:
    """The test after `seeds` pairs: accepted if p is below `level`."""

    seeds: int
    level: float
    p: float
    decision: Decision


@dataclass(frozen=True)
class Verdict(StageRecord):
    """`reason` says in words how it ended. `test` is of incumbent minus challenger, in `unit`.

    `level` is this comparison's share of `alpha`, which the whole study may spend. `key` is what
    the held-out instances were drawn from. Both are None where nothing was compared. `taken_out`
    names the parts that the ablation removed, `before_simplifying` is the verdict with them.
    `shared` names the data that is the same in all held-out instances.
    """

    file: ClassVar[str] = "verdict"

    accepted: bool
    challenger: str
    challenger_digest: str
    incumbent: str
    incumbent_digest: str
    track: str
    scale: str
    objective: Objective
    unit: str
    min_effect: float
    alpha: float
    reason: str = ""
    key: str | None = None
    level: float | None = None
    official: Scores | None = None
    interim_analyses: tuple[InterimAnalysis, ...] = ()
    pairs: tuple[Pair, ...] = ()
    test: PairedTest | None = None
    memorised: bool = False
    shared: tuple[str, ...] = ()
    sandbox: Level | None = None
    trial: int | None = None
    taken_out: tuple[str, ...] = ()
    date: str | None = None
    novelty: Novelty | None = None
    before_simplifying: "Verdict | None" = None

    @property
    def compared(self) -> str:
        """The two files by their digests, as the alpha ledger names a comparison."""
        return f"{self.challenger_digest}/{self.incumbent_digest}"


@dataclass(frozen=True)
class EarlierVerdicts(StageRecord):
    """Acceptances of the study before a better trial was judged."""

    file: ClassVar[str] = "earlier"

    verdicts: tuple[Verdict, ...] = ()


def earlier_verdicts(study: Study) -> tuple[Verdict, ...]:
    return (EarlierVerdicts.of(study) or EarlierVerdicts()).verdicts
