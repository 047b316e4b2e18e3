"""What does not work, by ablations and by trials; and pairs of parts whose interaction is clear."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from agent.knowledge.tried import Tried
from agent.knowledge.worth import interval_text
from agent.verdict.ablation_record import Ablation

FEWEST = 3
"""Trials of a part before it is called bad."""
NAMED = 3
"""Trials that evidence names."""


@dataclass(frozen=True)
class BadPart:
    """A part with its evidence in words.

    `interval` is the 95% interval of `delta`, the loss without the part in `unit`, over `runs`
    held-out instances; or, with `unit` "better half", that of the share of its `runs` trials that
    are in the better half of their studies.
    """

    part: str
    evidence: str
    delta: float | None
    interval: tuple[float, float] | None
    unit: str
    runs: int | None


@dataclass(frozen=True)
class MeasuredPair:
    """Two parts with their interaction and its 95% interval, in `unit`."""

    parts: list[str]
    interaction: float
    unit: str
    study: str
    interval: tuple[float, float] | None
    instances: int
    scale: str


def negative(
    tried: Sequence[Tried], ablations: Mapping[str, Ablation], shown: int
) -> list[BadPart]:
    """Parts that an ablation found removable, and parts of no good trial."""
    return [*_removable(ablations), *_without_good_trial(tried)[:shown]]


def _removable(ablations: Mapping[str, Ablation]) -> Iterable[BadPart]:
    for study, ablation in ablations.items():
        for row in ablation.rows:
            if row.finding.removable and row.delta is not None:
                how = row.together_with or " by itself"
                measured = interval_text(row.delta, row.interval, ablation.unit)
                evidence = f"{row.finding}{how} in the ablation of {study}: {measured} without, "
                evidence += f"{row.seeds} held-out instances, scale {row.scale}"
                about = row.delta, row.interval, ablation.unit, row.seeds
                yield BadPart(row.name, evidence, *about)


def _without_good_trial(tried: Sequence[Tried]) -> list[BadPart]:
    """The worst by mean rank first."""
    by_part: dict[str, list[Tried]] = defaultdict(list)
    for one in tried:
        for part in one.parts:
            by_part[part].append(one)
    worst = []
    for part, users in by_part.items():
        if len(users) >= FEWEST and min(one.rank for one in users) > 0.5:
            mean = fmean(one.rank for one in users)
            worst.append((mean, BadPart(part, _trials(users), None, (0.0, most(len(users))),
                                        "better half", len(users))))  # fmt: skip
    return [bad for _, bad in sorted(worst, key=lambda one: (-one[0], one[1].part))]


def most(trials: int) -> float:
    """The upper end of the 95% interval of a share that was 0 of n trials.

    1 - 0.025^(1 / n), by Clopper and Pearson 1934.
    """
    return 1.0 - math.pow(0.025, 1 / trials)


def _trials(users: Sequence[Tried]) -> str:
    ended = Counter(one.trial.outcome.state for one in users)
    states = ", ".join(f"{count} {state}" for state, count in ended.most_common())
    names = ", ".join(f"{one.study}/{one.trial.number}" for one in users[:NAMED])
    names += f" and {len(users) - NAMED} more" if users[NAMED:] else ""
    share = f"95% interval of that share 0% to {most(len(users)):.0%}"
    return f"{len(users)} trials, none in the better half ({share}): {states}; {names}"


def interactions(ablations: Mapping[str, Ablation], shown: int) -> list[MeasuredPair]:
    """Measured pairs whose interval excludes zero, the largest first."""
    found = []
    for study, ablation in ablations.items():
        if measured := ablation.interactions:
            for pair in measured.pairs:
                if pair.clear and pair.interaction is not None:
                    parts = [ablation.rows[index].name for index in (pair.first, pair.second)]
                    about = study, pair.interval, measured.seeds, measured.scale
                    found.append(MeasuredPair(parts, pair.interaction, measured.unit, *about))
    return sorted(found, key=lambda pair: -abs(pair.interaction))[:shown]
