"""The official result of a file as an interval, and where a workspace keeps these."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.study.errors import UnreadableFileError
from agent.study.locks import exclusive
from agent.study.schema_version import SCHEMA_VERSION
from agent.study.workspace import Workspace, read_json, write_json
from agent.verdict.figures import figure
from agent.verdict.stage_record import VERSION, Record, first_error
from tracks.base import Objective
from tracks.registry import file_digest, get_track

Key = tuple[str, str, str]
"""Digest of a file, track and scale."""
CURE = "restore it from git, or remove it and measure again"


@dataclass(frozen=True)
class Result:
    """One run: the metric after its last step, None where it diverged; `steps` None: missed."""

    final: float | None
    steps: int | None


@dataclass(frozen=True)
class Interval:
    """The best and the worst result of n runs; an end is None where the run was `lost`: it missed
    the target, or diverged.

    The median result lies between them unless all n are on one side of it: with probability
    1 - 2^(1 - n), 97% for six.
    """

    best: float | None
    worst: float | None
    lost: str = "missed"

    def __str__(self) -> str:
        ends = [self.lost if end is None else figure(end) for end in (self.best, self.worst)]
        return ends[0] if ends[0] == ends[1] else " to ".join(ends)


@dataclass(frozen=True)
class Chaos(Record):
    """Official results of one file: first from the initial weights as they are, then perturbed.

    The perturbed runs have the seeds 1, 2, ...; `hardware` is that of the evaluations.
    """

    submission: str
    digest: str
    track: str
    scale: str
    eval_every: int
    results: tuple[Result, ...]
    hardware: str
    torch: str
    date_utc: str
    track_digest: str | None = None
    """Of the track's file then; None for a track that comes without a file."""

    @property
    def key(self) -> Key:
        return self.digest, self.track, self.scale

    def interval(self, objective: Objective) -> Interval:
        """Of the steps to target, or of the metric after the last step."""
        if objective == "steps":
            values = [None if r.steps is None else float(r.steps) for r in self.results]
            higher, lost = False, "missed"
        else:
            values = [r.final for r in self.results]
            higher, lost = get_track(self.track).metric.higher_is_better, "diverged"
        reached = sorted((v for v in values if v is not None), reverse=higher)
        whole = len(reached) == len(values)
        return Interval(reached[0] if reached else None, reached[-1] if whole else None, lost)


def measured(workspace: Workspace, track: str) -> Mapping[Key, Chaos]:
    """What was measured on a track as it is now. Raises UnreadableFileError."""
    of_track = {key: one for key, one in kept(workspace).items() if one.track == track}
    return {key: one for key, one in of_track.items() if one.track_digest == file_digest(track)}


def of_result(
    runs: Mapping[Key, Chaos], key: Key, objective: Objective, eval_every: int | None
) -> Chaos | None:
    """The runs of a file that compare with its result: steps depend on how often one evaluates."""
    found = runs.get(key)
    if found and (objective == "final" or found.eval_every == eval_every):
        return found
    return None


def kept(workspace: Workspace) -> Mapping[Key, Chaos]:
    """All that was measured in a workspace. Raises UnreadableFileError."""
    path = workspace.submissions / "chaos.json"
    content = read_json(path, CURE)
    if content is None:
        return {}
    try:
        if content[VERSION] != SCHEMA_VERSION:
            raise ValueError(f"{VERSION} {content[VERSION]}, and this program reads "
                             f"{SCHEMA_VERSION}")  # fmt: skip
        records = [Chaos.from_json(one) for one in content["measured"]]
        if not all(one.results for one in records):
            raise ValueError("a record without results")
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableFileError(f"{path} is damaged: {first_error(error)}; {CURE}") from error
    return {one.key: one for one in records}


def keep(workspace: Workspace, found: Chaos) -> None:
    """Write a record beside the others of the workspace, in place of an earlier one."""
    path = workspace.submissions / "chaos.json"
    with exclusive(path.with_suffix(".lock")):
        every = {**kept(workspace), found.key: found}
        ordered = sorted(every.values(), key=lambda one: (one.track, one.scale, one.submission))
        content = {VERSION: SCHEMA_VERSION, "measured": [one.to_json() for one in ordered]}
        write_json(path, content)
