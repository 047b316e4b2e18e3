"""Techniques that others use and the effect to expect, from their submissions and READMEs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent.knowledge.survey.clone import public
from agent.knowledge.survey.mentions import parts_named, terms_without_part
from agent.knowledge.survey.sources import Source, sources
from agent.knowledge.techniques import LONGEST_SOURCE, Technique, in_order
from agent.study.errors import UserError
from agent.study.records import BUCKETS, Bucket
from tracks.printable import plain


@dataclass(frozen=True)
class Found:
    """Techniques, each once, in the order of the ledger; and the sources."""

    techniques: list[Technique]
    sources: list[Source]


class Reader(Protocol):
    """A model that reads a source instead of the signatures of the parts."""

    def techniques(self, source: Source, label: str) -> list[Technique] | None:
        """The techniques of `source`; None where the model does not answer."""


def survey(folder: Path, origin: str, reader: Reader | None = None) -> Found:
    """Read the files below `folder`, which is from `origin`; UserError where none can be read.

    A bucket is evidence, not judgement. Sources that claim a result on the same track, metric and
    scale are ranked by it: techniques of the best third are high, of the middle third medium, the
    rest low, as are those without such a claim. A claim that cannot be compared makes medium; one
    of code that breaks a rule does not count. Of several sources or contests the best counts.

    A `reader` names the techniques of a source and their buckets; where it gives no answer, and
    without one, the signatures of the parts do.
    """
    read = sources(folder)
    if not read:
        raise UserError(f"{origin}: nothing to read there; expected README.md or Python files")
    standing = {source.path: _standing(source, read) for source in read}
    found: dict[str, Technique] = {}
    for source in sorted(read, key=lambda source: (standing[source.path], source.path)):
        label = plain(f"{source.path} of {public(origin)}", LONGEST_SOURCE)
        used = reader.techniques(source, label) if reader else None
        if used is None:
            used = _by_signature(source, label, BUCKETS[standing[source.path][0]])
        for technique in used:
            found.setdefault(technique.part or f"new: {technique.name.lower()}", technique)
    return Found(in_order(found.values()), read)


def _by_signature(source: Source, label: str, bucket: Bucket) -> list[Technique]:
    mentions = [*parts_named(f"{source.readme}\n{source.code}")]
    mentions += terms_without_part(source.readme)
    return [
        Technique(one.name, label, source.claimed, bucket, one.part, one.evidence)
        for one in mentions
    ]


def _standing(source: Source, read: Sequence[Source]) -> tuple[int, int]:
    """Its third of the sources, from 0, and the number of better ones, in its best contest."""
    found = [(2, len(read))]
    for claim in source.claims:
        ranks = [c.rank for other in read for c in other.claims if c.contest == claim.contest]
        better = sum(rank < claim.rank for rank in ranks)
        found.append((3 * better // len(ranks) if len(ranks) > 1 else 1, better))
    return min(found)
