"""The held-out instances of a verdict, computed again from what was published of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.verdict.comparison_keys import DRAWN, instance_texts
from tracks.instance import fresh_instance


@dataclass(frozen=True)
class Recomputed:
    """One instance: what it is drawn from by its comparison's key, and what its record says."""

    comparison: str
    key: str
    index: int
    drawn_from: str
    seeds: dict[str, Any]
    recorded: str
    recorded_seeds: dict[str, Any] | None = None
    """None where a record has the text alone, from which the seeds follow."""

    @property
    def equal(self) -> bool:
        same = self.recorded_seeds in (None, self.seeds)
        return same and self.recorded == self.drawn_from and self.held_out

    @property
    def held_out(self) -> bool:
        """Whether the key was drawn, and not made of a seed that was known before."""
        return DRAWN.fullmatch(self.key) is not None


def recomputed(record: Mapping[str, Any]) -> list[Recomputed]:
    """All instances in a winner's evidence, in a report as JSON, or in a verdict alone.

    Raises KeyError, TypeError or AttributeError where it is none of these, or of before verdicts
    had a key.
    """
    verdict = record.get("verdict", record)
    first = verdict.get("before_simplifying") or verdict
    ablation = record.get("ablation") or {}
    simplified = (ablation.get("simplified") or {}).get("verdict")
    found = list(_of_verdict("verdict", verdict))
    for name, other in (("before simplifying", first), ("simplified", simplified)):
        if other and other["challenger_digest"] != verdict["challenger_digest"]:
            found += _of_verdict(name, other)
    if ablation:
        found += _compared("ablation", first, first["incumbent_digest"], ablation["instances"])
    for row in record.get("baselines") or ():
        of_row = verdict | {"key": row["key"]}
        found += _compared(f"tuned {row['family']}", of_row, row["digest"], row["instances"])
    return found


def _of_verdict(name: str, verdict: Mapping[str, Any]) -> Iterator[Recomputed]:
    pairs = verdict["pairs"]
    texts = [pair["drawn_from"] for pair in pairs]
    seeds = [pair["seeds"] for pair in pairs]
    return _compared(name, verdict, verdict["incumbent_digest"], texts, seeds)


def _compared(
    name: str,
    verdict: Mapping[str, Any],
    opponent: str,
    recorded: Sequence[str],
    seeds: Sequence[dict[str, Any]] | None = None,
) -> Iterator[Recomputed]:
    if not recorded:
        return
    key, track, scale = verdict["key"], verdict["track"], verdict["scale"]
    texts = instance_texts(key, verdict["challenger_digest"], opponent, track, scale, len(recorded))
    for index, text in enumerate(texts):
        drawn = asdict(fresh_instance(track, text, scale).seeds)
        known = seeds[index] if seeds else None
        yield Recomputed(name, key, index, text, drawn, recorded[index], known)
