"""A proposal: one submission with where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from search_space.spec import Spec
from tracks.submission import Submission


@dataclass(frozen=True)
class Proposal:
    """`origin` is recipe, sampled or file; a spec says which parts to ablate."""

    submission: Submission
    origin: str
    label: str
    spec: Spec | None = None

    def to_json(self) -> Mapping[str, Any]:
        return {
            "origin": self.origin,
            "label": self.label,
            "digest": self.submission.digest,
            "spec": self.spec.to_json() if self.spec else None,
        }
