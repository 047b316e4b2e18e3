"""A proposal: one submission with where it comes from and why it was made."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from search_space.spec import Spec, make_spec
from tracks.submission import Submission

Bucket = Literal["high", "medium", "low"]
BUCKETS: tuple[Bucket, ...] = ("high", "medium", "low")


@dataclass(frozen=True)
class Hypothesis:
    """Why somebody proposes it: what should happen, how much of it, and from which trials."""

    text: str
    expected_effect: str = ""
    bucket: Bucket = "medium"
    parents: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Hypothesis":
        return cls(**{**record, "parents": tuple(record["parents"])})


@dataclass(frozen=True)
class Proposal:
    """`origin` is recipe, sampled, tuned, composed, file, agent or llm; a spec says which parts to
    ablate."""

    submission: Submission
    origin: str
    label: str
    spec: Spec | None = None
    hypothesis: Hypothesis | None = None

    def to_json(self) -> Mapping[str, Any]:
        record = {
            "origin": self.origin,
            "label": self.label,
            "digest": self.submission.digest,
            "spec": self.spec.to_json() if self.spec else None,
        }
        return record | ({"hypothesis": asdict(self.hypothesis)} if self.hypothesis else {})

    @classmethod
    def from_json(cls, record: Mapping[str, Any], source: str) -> "Proposal":
        """From its record and its file. Raises ValueError for parts that are no longer known."""
        given = record.get("hypothesis")
        hypothesis = Hypothesis.from_json(given) if given else None
        spec = make_spec(record["spec"]) if record["spec"] else None
        return cls(Submission(source), record["origin"], record["label"], spec, hypothesis)
