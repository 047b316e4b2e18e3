"""Ideas found outside: who claims what for which technique, in a file of the workspace."""

import fcntl
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from agent.study.errors import UserError
from agent.study.records import BUCKETS, Bucket
from agent.study.workspace import read_json, write_json
from search_space.registry import get_kind
from tracks.printable import plain

SCHEMA_VERSION = 1
LONGEST_SOURCE = 400
COMMIT = re.compile(r" at [0-9a-f]{40}$")


@dataclass(frozen=True)
class Technique:
    """One technique as one source has it; ValueError where a field is none that could be kept.

    `part` is `kind part`, or None where the search space has no such part. `claimed_gain` is what
    the source says it reached, empty where it says nothing;
    `bucket` how much is to be expected of it; `evidence` a line of the source.
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
    def key(self) -> tuple[str, str, str]:
        """The same for the same find: in an older commit of a repository it is no other one."""
        what = ("", self.name) if self.part is None else (self.part, "")
        return (*what, COMMIT.sub("", self.source))

    @property
    def short_source(self) -> str:
        """With the first twelve digits of a commit."""
        return COMMIT.sub(lambda found: found[0][:16], self.source)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: Any) -> "Technique":
        """Check every field, and make plain lines of the texts. ValueError says what is wrong."""
        if not isinstance(content, dict):
            raise ValueError(f"expected an object for a technique, got {_shown(content)}")
        names = [field.name for field in fields(cls)]
        if set(content) != set(names):
            given = plain(", ".join(_shown(name) for name in content)) or "none"
            raise ValueError(f"expected the fields {', '.join(names)}; there are: {given}")
        for name in names:
            if not isinstance(content[name], str) and not (
                name == "part" and content[name] is None
            ):
                raise ValueError(f"{name}: expected a text, got {_shown(content[name])}")
        texts = {name: plain(content[name]) for name in ("name", "claimed_gain", "evidence")}
        return cls(**{**content, **texts, "source": plain(content["source"], LONGEST_SOURCE)})


class Techniques:
    """The ledger of techniques: `techniques.json` in the folder `runs`."""

    def __init__(self, runs: Path) -> None:
        self._file = runs / "techniques.json"

    def all(self) -> list[Technique]:
        """High, medium, low, and by name; UserError for a file that is none of ours."""
        try:
            content = read_json(self._file)
            if content is None:
                return []
            if content["schema_version"] != SCHEMA_VERSION:
                raise ValueError(f"expected schema_version {SCHEMA_VERSION}")
            return in_order(Technique.from_json(one) for one in content["techniques"])
        except (ValueError, KeyError, TypeError, RecursionError, OSError) as error:
            raise UserError(
                f"{self._file}: not a ledger of techniques ({error}); mend it or remove it"
            ) from error

    def add(self, techniques: Iterable[Technique]) -> int:
        """Keep them and count those that were not known; a known one is replaced.

        Known are the same part of the same source and, where there is no part, the same name.
        """
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with open(self._file.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
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
