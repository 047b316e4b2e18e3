"""The held-out instances of a verdict, recomputed from its published record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.verdict.ablation_record import Ablation
from agent.verdict.baselines import BaselineRecord
from agent.verdict.comparison_keys import DRAWN, instance_texts
from agent.verdict.verdict import Verdict
from tracks.instance import Seeds, drawn_instance


@dataclass(frozen=True)
class Recomputed:
    """One instance: the text and seeds that follow from the key, and the recorded ones."""

    comparison: str
    key: str
    index: int
    drawn_from: str
    seeds: Seeds
    recorded: str
    recorded_seeds: Seeds | None = None
    """None where a record has the text alone, from which the seeds follow."""

    @property
    def equal(self) -> bool:
        same = self.recorded_seeds in (None, self.seeds)
        return same and self.recorded == self.drawn_from and self.held_out

    @property
    def held_out(self) -> bool:
        """Whether the key was drawn, and does not stand for a seed that was known before."""
        return DRAWN.fullmatch(self.key) is not None


def recomputed(record: Mapping[str, Any]) -> tuple[Verdict, list[Recomputed]]:
    """The verdict of a winner's evidence, a JSON report or a verdict file, and all its instances.

    Raises ValueError, TypeError or AttributeError where it is none of these.
    """
    verdict = Verdict.from_json(record.get("verdict", record))
    first = verdict.before_simplifying or verdict
    ablation = Ablation.from_json(record["ablation"]) if record.get("ablation") else None
    simplified = ablation.simplified.verdict if ablation and ablation.simplified else None
    found = list(_of_verdict("verdict", verdict))
    for name, other in (("before simplifying", first), ("simplified", simplified)):
        if other and other.challenger_digest != verdict.challenger_digest:
            found += _of_verdict(name, other)
    if ablation:
        found += _compared("ablation", first, first.key, first.incumbent_digest, ablation.instances)
    for row in BaselineRecord.from_json({"rows": record.get("baselines") or ()}).rows:
        found += _compared(f"tuned {row.family}", verdict, row.key, row.digest, row.instances)
    return verdict, found


def _of_verdict(name: str, verdict: Verdict) -> Iterator[Recomputed]:
    texts = [pair.drawn_from for pair in verdict.pairs]
    seeds = [pair.seeds for pair in verdict.pairs]
    return _compared(name, verdict, verdict.key, verdict.incumbent_digest, texts, seeds)


def _compared(
    name: str,
    verdict: Verdict,
    key: str | None,
    opponent: str,
    recorded: Sequence[str],
    seeds: Sequence[Seeds] = (),
) -> Iterator[Recomputed]:
    if not recorded:
        return
    if key is None:
        raise ValueError("pairs without the key that they were drawn from")
    track, scale = verdict.track, verdict.scale
    texts = instance_texts(key, verdict.challenger_digest, opponent, track, scale, len(recorded))
    for index, text in enumerate(texts):
        drawn = drawn_instance(track, text, scale).seeds
        known = seeds[index] if seeds else None
        yield Recomputed(name, key, index, text, drawn, recorded[index], known)
