"""The parts of anybody's file: those that the user names, those that the file marks, or plain ones.

A part of code is a default that an ablation may replace: its neutral value is the one with which
the mechanism is off.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agent.study.errors import UserError
from agent.verdict.removable import CodeParts, Parts, SpecParts
from search_space.defaults import Default, defaults
from search_space.spec import Spec
from tracks.submission import Submission

Source = Literal["named", "spec", "marked", "found"]
"""Where the parts come from."""
_NEVER_OFF = """
    eps epsilon learning_rate lr max_steps num_steps seed step_size steps total_steps
"""
NEVER_OFF = frozenset(_NEVER_OFF.split())
"""Numbers without which nothing runs."""


@dataclass(frozen=True)
class Candidate:
    """A default that may be a part: without it the literal is `neutral`, or None and `why` says
    why no such value is plain."""

    name: str
    place: str
    value: str
    neutral: str | None
    why: str = ""


@dataclass(frozen=True)
class FileParts:
    """The parts to ablate, where they come from, and the other defaults."""

    source: Source
    parts: Parts
    left: tuple[Candidate, ...] = ()

    def whole(self, given: Submission, max_steps: int) -> Submission:
        """The file with all its parts; where they are those of a spec, for runs of this length."""
        # without a part the spec is rendered for this length too, with another schedule
        return replace(given, source=self.parts.without((), max_steps).source)


def candidates(source: str) -> list[Candidate]:
    """All defaults of a file."""
    return [_candidate(one) for one in defaults(source).values()]


def file_parts(submission: Submission, named: Sequence[str], spec: Spec | None) -> FileParts:
    """What to ablate: the parts that are named as NAME or NAME=VALUE, else those of the spec, else
    what is True in the file, else its numbers.

    Raises UserError for a name or a value that cannot be.
    """
    if spec and not named:
        return FileParts("spec", SpecParts(spec))
    known = candidates(submission.source)
    source: Source = "named"
    neutral = _named({one.name: one for one in known}, named)
    if not named:
        plain = {one.name: one.neutral for one in known if one.neutral is not None}
        marked = {name: literal for name, literal in plain.items() if literal == "False"}
        source, neutral = ("marked", marked) if marked else ("found", plain)
    left = tuple(one for one in known if one.name not in neutral)
    return FileParts(source, CodeParts(submission, neutral), left)


def _candidate(one: Default) -> Candidate:
    neutral, why = None, ""
    if one.value is True:
        neutral = "False"
    elif one.value is False or one.value == 0:
        why = "off already"
    elif not isinstance(one.value, int | float):
        why = "not a number"
    elif one.name.lower() in NEVER_OFF:
        why = "nothing runs without it"
    else:
        neutral = repr(type(one.value)(0))
    return Candidate(one.name, one.place, repr(one.value), neutral, why)


def _named(known: Mapping[str, Candidate], named: Sequence[str]) -> dict[str, str]:
    neutral: dict[str, str] = {}
    for given in named:
        name, equals, text = given.partition("=")
        one = known.get(name)
        if one is None:
            there = ", ".join(known) or "none"
            raise UserError(
                f"--switch {given}: no argument of the constructor and no constant has that name "
                f"and a default; there are: {there}"
            )
        literal = _literal(given, text) if equals else one.neutral
        if literal is None:
            raise UserError(
                f"--switch {given}: {name} is {one.value} ({one.why}); say what it is without the "
                f"part: --switch {name}=VALUE"
            )
        if literal == one.value:
            raise UserError(f"--switch {given}: {name} is {literal} already; give another value")
        if name in neutral:
            raise UserError(f"--switch {given}: {name} is named twice; name it once")
        neutral[name] = literal
    return neutral


def _literal(given: str, text: str) -> str:
    try:
        return repr(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise UserError(
            f"--switch {given}: expected a number, True, False, None, a text in quotes, or a tuple"
        ) from None
