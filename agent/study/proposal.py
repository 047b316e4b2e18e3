"""A proposal: one submission with where it comes from and why it was made."""

from dataclasses import dataclass

from agent.study.records import Hypothesis, Origin, ProposalRecord
from search_space.spec import Spec, make_spec
from tracks.submission import Submission


@dataclass(frozen=True)
class Proposal:
    """A submission on its way to being a trial; a spec says which parts to ablate."""

    submission: Submission
    origin: Origin
    label: str
    spec: Spec | None = None
    hypothesis: Hypothesis | None = None

    def record(self) -> ProposalRecord:
        known = {"hypothesis": self.hypothesis} if self.hypothesis else {}
        return ProposalRecord(
            origin=self.origin,
            label=self.label,
            digest=self.submission.digest,
            spec=self.spec.to_json() if self.spec else None,
            **known,
        )

    @classmethod
    def from_record(cls, record: ProposalRecord, source: str) -> "Proposal":
        """With the source of its file. Raises ValueError for parts that are no longer known."""
        spec = make_spec(record.spec) if record.spec else None
        return cls(Submission(source), record.origin, record.label, spec, record.hypothesis)
