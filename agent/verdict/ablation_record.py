"""The record of an ablation: what each part of a winner is worth, and what was taken out."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from agent.verdict.stage_record import StageRecord
from agent.verdict.statistics import PairedTest, excludes_zero
from agent.verdict.verdict import Verdict


class Finding(StrEnum):
    """What the held-out instances say of a part."""

    HELPFUL = "helpful"
    NEEDED = "needed"
    REDUNDANT = "redundant"
    HARMFUL = "harmful"
    INCONCLUSIVE = "inconclusive"

    @property
    def removable(self) -> bool:
        return self in (Finding.REDUNDANT, Finding.HARMFUL)

    @property
    def meaning(self) -> str:
        return MEANINGS[self]


MEANINGS = {
    Finding.HELPFUL: "the 95% interval of the loss from removing the part is above zero",
    Finding.NEEDED: "a run fails without the part",
    Finding.REDUNDANT: "removing the part costs less than the ablation's margin, in a test at 5%",
    Finding.HARMFUL: "the 95% interval of the loss from removing the part is below zero",
    Finding.INCONCLUSIVE: "the held-out instances were not enough to say what the part is worth",
}


@dataclass(frozen=True)
class Measured:
    """The loss without some parts minus the winner's, in the ablation's unit.

    `interval` is the pointwise 95% t-interval of `delta` over `seeds` instances. All are None where
    a run failed, and `failed` says how. `margin` is what it was judged with, that of its scale;
    None in a record of before.
    """

    scale: str
    finding: Finding
    delta: float | None
    interval: tuple[float, float] | None
    seeds: int | None
    test: PairedTest | None
    failed: str | None
    margin: float | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class AblationRow(Measured):
    """One part; `removed_with` names the parts that the runs were without as well."""

    kind: str
    part: str
    replaced_by: str
    removed_with: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.kind} {self.part}"

    @property
    def together_with(self) -> str:
        """The other removed parts in words; empty where there are none."""
        others = ", ".join(self.removed_with)
        return f" (together with {others})" if others else ""


@dataclass(frozen=True)
class Removal(Measured):
    """Parts removed together, by index; `verdict` is on the optimizer without them, if any."""

    parts: tuple[int, ...]
    name: str | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Interaction:
    """Of two parts, by index: L(neither) - L(without first) - L(without second) + L(both)."""

    first: int
    second: int
    interaction: float | None
    interval: tuple[float, float] | None
    failed: str | None

    @property
    def clear(self) -> bool:
        """Whether its 95% interval excludes zero."""
        return self.interval is not None and excludes_zero(self.interval)


@dataclass(frozen=True)
class Interactions:
    scale: str
    unit: str
    seeds: int
    parts: tuple[int, ...] = ()
    pairs: tuple[Interaction, ...] = ()


@dataclass(frozen=True)
class Ablation(StageRecord):
    """`instances` are what the held-out instances were drawn from, `winner` its scores on them,
    `margin` is that of the study's own scale.
    """

    file: ClassVar[str] = "ablation"

    unit: str
    margin: float
    instances: tuple[str, ...]
    winner: tuple[float, ...]
    rows: tuple[AblationRow, ...]
    simplified: Removal | None = None
    """The parts that can be removed together; None where none can."""
    interactions: Interactions | None = None

    @property
    def margins(self) -> dict[str, float]:
        """What the rows were judged with, by scale."""
        return {r.scale: self.margin if r.margin is None else r.margin for r in self.rows}

    @property
    def taken_out(self) -> tuple[str, ...]:
        """Names of the parts that can be removed together."""
        return tuple(self.rows[i].name for i in self.simplified.parts) if self.simplified else ()
