"""An optimizer as removable parts: those of a spec, or defaults in its code."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from search_space.ablate import leave_one_out, without
from search_space.defaults import defaults, with_defaults
from search_space.render import render
from search_space.spec import Spec
from search_space.switches import switches
from tracks.submission import Submission


@dataclass(frozen=True)
class Part:
    """What is removed; `kind` says where it is, `replaced_by` what takes its place."""

    kind: str
    name: str
    replaced_by: str

    @property
    def label(self) -> str:
        return f"{self.kind} {self.name}"


class Parts(Protocol):
    """A proposal's parts, by index."""

    def listed(self) -> Sequence[Part]: ...

    def without(self, parts: Collection[int], max_steps: int) -> Submission:
        """The optimizer without these parts, for a run of `max_steps` steps."""

    def spec_without(self, parts: Collection[int]) -> Spec | None:
        """Its spec, where it has one."""


def parts_of(submission: Submission, spec: Spec | None, max_steps: int) -> Parts:
    """Of a file for runs of `max_steps` steps."""
    if spec:
        return SpecParts(spec, {max_steps: submission})
    return CodeParts(submission, dict.fromkeys(switches(submission.source), "False"))


class SpecParts:
    """Parts of a spec; `whole`, by the length of its runs, is its file, where there is one.

    A file is measured as it is: an earlier version may have rendered the spec to another text.
    """

    def __init__(self, spec: Spec, whole: Mapping[int, Submission] | None = None) -> None:
        self._spec, self._whole = spec, whole or {}
        self._removals = leave_one_out(spec)

    def listed(self) -> list[Part]:
        return [
            Part(r.name, r.part, " and without ".join([r.replaced_by, *r.also]))
            for r in self._removals
        ]

    def without(self, parts: Collection[int], max_steps: int) -> Submission:
        if not parts and max_steps in self._whole:
            return self._whole[max_steps]
        return Submission(render(self.spec_without(parts), max_steps))

    def spec_without(self, parts: Collection[int]) -> Spec:
        return without(self._spec, [self._removals[index] for index in parts])


class CodeParts:
    """Parts of code: defaults, each with the literal that removes the part."""

    def __init__(self, submission: Submission, neutral: Mapping[str, str]) -> None:
        self._submission = submission
        self._neutral = neutral
        known = defaults(submission.source)
        self._listed = [
            Part("switch" if known[name].value is True else known[name].place, name, value)
            for name, value in neutral.items()
        ]

    def listed(self) -> list[Part]:
        return self._listed

    def without(self, parts: Collection[int], max_steps: int) -> Submission:
        if not parts:
            return self._submission
        gone = {self._listed[index].name for index in parts}
        values = {name: value for name, value in self._neutral.items() if name in gone}
        return Submission(with_defaults(self._submission.source, values), self._submission.path)

    def spec_without(self, parts: Collection[int]) -> None:
        return None
