"""Adoption: who first had a part, who took it up since, and which winners have it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.knowledge.standings import Standing, utc
from agent.knowledge.tried import Tried


@dataclass(frozen=True)
class Use:
    """A trial with a part: who proposed it (a model, else the origin) and when it ended, in UTC."""

    trial: str
    study: str
    by: str
    date: str | None


@dataclass(frozen=True)
class Adoption:
    """In how many of all confirmed winners a part is, and how often an ablation removed it.

    `trials` have it; `first` is the first of them, `adopters` the first of every other proposer or
    study after it. `named` are submissions of others whose code names it, which is no measurement.
    """

    part: str
    winners: int
    of: int
    taken_out: int
    names: tuple[str, ...]
    trials: int
    first: Use | None
    adopters: tuple[Use, ...]
    named: tuple[str, ...]


def adoption(
    entries: Sequence[Standing],
    tried: Sequence[Tried],
    named: Mapping[str, Sequence[str]] | None = None,
) -> list[Adoption]:
    """Of the parts of confirmed and pending optimizers, those of most winners first.

    `named` has submissions by the part that their code names.
    """
    winners = [entry for entry in entries if entry.standing == "confirmed"]
    dropped = Counter(part for entry in winners for part in entry.taken_out)
    good = {part for e in entries if e.standing != "refused" for part in e.parts}
    dated = [(utc(one.trial.ended), one) for one in tried]
    ordered = [one for _, one in sorted(dated, key=lambda pair: pair[0] or "")]
    rows = []
    for part in good:
        having = [one for one in ordered if part in one.parts]
        uses = _first_uses(having)
        names = tuple(entry.name for entry in winners if part in entry.parts)
        found = Adoption(
            part, len(names), len(winners), dropped[part], names, len(having),
            uses[0] if uses else None, tuple(uses[1:]), tuple((named or {}).get(part, ())),
        )  # fmt: skip
        rows.append(found)
    return sorted(rows, key=lambda row: (-row.winners, -row.trials, row.part))


def _first_uses(having: Sequence[Tried]) -> list[Use]:
    """The first trial of each proposer in each study."""
    found: dict[tuple[str, str], Use] = {}
    for one in having:
        by = one.trial.author or one.trial.proposal.origin
        found.setdefault((one.study, by), Use(one.name, one.study, by, utc(one.trial.ended)))
    return list(found.values())
