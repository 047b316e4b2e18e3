"""Surveyed techniques: what each source claims, kept in a file of the workspace."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from agent.study.errors import UserError
from agent.study.locks import exclusive
from agent.study.records import BUCKETS, Bucket
from agent.study.workspace import read_json, write_json
from search_space.registry import get_kind
from tracks.printable import plain

SCHEMA_VERSION = 1
LONGEST_SOURCE = 400
COMMIT = re.compile(r" at [0-9a-f]{40}$")


@dataclass(frozen=True)
class Technique:
    """One technique of one source.

    `part` is `kind part`, or None where the search space has no such part. `claimed_gain` is the
    source's claim, or empty; `bucket` the size of the expected effect; `evidence` a line of the
    source. Raises ValueError for values that cannot be kept.
    """

    name: str
    source: str
    claimed_gain: str
    bucket: Bucket
    part: str | None
    evidence: str

    def __post_init__(self) -> None:
        for field in ("name", "source"):
            if not getattr(self, field):
                raise ValueError(f"{field}: expected a text that is not empty")
        if self.bucket not in BUCKETS:
            raise ValueError(f"bucket {_shown(self.bucket)}: expected {', '.join(BUCKETS)}")
        if self.part is not None:
            kind, _, part = self.part.partition(" ")
            if not part:
                raise ValueError(f"part {_shown(self.part)}: expected a kind and a part, or null")
            get_kind(kind[:60]).part(part)

    @property
    def key(self) -> tuple[str, str]:
        """Equal for the same part, or name without one, of a source at any commit."""
        return (self.part or f": {self.name}", COMMIT.sub("", self.source))

    @property
    def short_source(self) -> str:
        """With the first twelve digits of a commit."""
        return COMMIT.sub(lambda found: found[0][:16], self.source)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: Any) -> "Technique":
        """Check every field and reduce the texts to plain lines. Raises ValueError."""
        if not isinstance(content, dict):
            raise ValueError(f"expected an object for a technique, got {_shown(content)}")
        names = [field.name for field in fields(cls)]
        if set(content) != set(names):
            given = plain(", ".join(_shown(name) for name in content)) or "none"
            raise ValueError(f"expected the fields {', '.join(names)}; there are: {given}")
        for name, value in content.items():
            if not isinstance(value, str) and (name, value) != ("part", None):
                raise ValueError(f"{name}: expected a text, got {_shown(value)}")
        texts = {name: plain(content[name]) for name in ("name", "claimed_gain", "evidence")}
        return cls(**{**content, **texts, "source": plain(content["source"], LONGEST_SOURCE)})


class Techniques:
    """The ledger of techniques: `techniques.json` in the folder `runs`."""

    def __init__(self, runs: Path) -> None:
        self._file = runs / "techniques.json"

    def all(self) -> list[Technique]:
        """In order. Raises UserError for a file of another form."""
        try:
            content = read_json(self._file)
            if content is None:
                return []
            if content["schema_version"] != SCHEMA_VERSION:
                raise ValueError(f"expected schema_version {SCHEMA_VERSION}")
            return in_order(Technique.from_json(one) for one in content["techniques"])
        except (ValueError, KeyError, TypeError, RecursionError, OSError) as error:
            raise UserError(
                f"{self._file}: not a ledger of techniques ({error}); fix it or remove it"
            ) from error

    def add(self, techniques: Iterable[Technique]) -> int:
        """Keep them and count those with a new key; one with a known key is replaced."""
        with exclusive(self._file.with_suffix(".lock")):
            kept = {one.key: one for one in self.all()}
            before = len(kept)
            kept |= {one.key: one for one in techniques}
            written = [one.to_json() for one in in_order(kept.values())]
            write_json(self._file, {"schema_version": SCHEMA_VERSION, "techniques": written})
            return len(kept) - before


def in_order(techniques: Iterable[Technique]) -> list[Technique]:
    """High before medium before low, then by name."""
    return sorted(techniques, key=lambda t: (BUCKETS.index(t.bucket), t.name.lower(), t.key))


def _shown(value: Any) -> str:
    return plain(repr(value), 60)
