"""What a study keeps of its publication: where the winner is, and the official runs to plot."""

from dataclasses import dataclass
from typing import ClassVar

from agent.study.study import Study
from agent.verdict.stage_record import StageRecord


@dataclass(frozen=True)
class Publication(StageRecord):
    """`files` is the folder beside the study, `folder` the one in the repository.

    `branch` and `commit` are None where nothing was committed; `note` says why. `trial_digest` is
    of the trial's file, of which the published one may be a simplification.
    """

    file: ClassVar[str] = "publication"

    name: str
    folder: str
    files: str
    trial_digest: str
    branch: str | None = None
    commit: str | None = None
    note: str = ""


@dataclass(frozen=True)
class EarlierPublications(StageRecord):
    """Those of the study before its best trial was judged again, or another became the best."""

    file: ClassVar[str] = "published"

    publications: tuple[Publication, ...] = ()


def publications(study: Study) -> list[Publication]:
    """All of a study, the latest last."""
    earlier = (EarlierPublications.of(study) or EarlierPublications()).publications
    latest = Publication.of(study)
    return [*earlier, *([latest] if latest and latest not in earlier else [])]


@dataclass(frozen=True)
class OfficialCurve(StageRecord):
    """(step, metric) of an official run."""

    name: str
    curve: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class IncumbentCurve(OfficialCurve):
    file: ClassVar[str] = "incumbent"


@dataclass(frozen=True)
class WinnerCurve(OfficialCurve):
    file: ClassVar[str] = "winner"
