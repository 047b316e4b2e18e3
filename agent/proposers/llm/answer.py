"""What the researcher answers: a hypothesis and an optimizer in one of three forms."""

import re
import textwrap
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from agent.proposers.llm.structured import Answer, AnyBucket, checked, json_object, schema_of, word
from agent.study.proposal import Proposal
from agent.study.records import Hypothesis, Origin
from search_space.render import render
from search_space.spec import Spec, make_spec
from tracks.printable import visible
from tracks.submission import MAX_BYTES, InvalidSubmissionError, Submission, parse_submission

MOST_PARENTS = 20
NUMBER = re.compile(r"(?:trial\s*)?#?(\d{1,9})", re.I)
FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n(.*?)(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.S | re.M)
"""A block of code; one that is not closed ends with the text."""
SourceOf = Callable[[int], str | None]
"""The file of a trial, None without one."""


def _line(most: int) -> AfterValidator:
    """One line of printable characters, cut to `most`."""

    def one_line(text: str) -> str:
        line = " ".join(visible(text).split())
        if not line:
            raise ValueError("expected text, got none")
        return line[:most]

    return AfterValidator(one_line)


def _number(value: Any) -> Any:
    """The number of a trial, also where it is written as text such as `trial 7`."""
    if isinstance(value, bool):
        raise ValueError("expected the number of a trial")
    match = NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(match[1]) if match else value


def _listed(value: Any) -> Any:
    return [] if value is None else value if isinstance(value, list) else [value]


def _few(numbers: list[int]) -> list[int]:
    if len(numbers) > MOST_PARENTS:
        raise ValueError(f"expected at most {MOST_PARENTS} trials, got {len(numbers)}")
    return numbers


def _object(what: str, key: str | None = None) -> BeforeValidator:
    """An object that is given as such, as text, or as the one element of a list."""

    def unwrapped(value: Any) -> Any:
        while isinstance(value, list) and len(value) == 1:
            (value,) = value
        if isinstance(value, str):
            value = json_object(value, what, key)
        if not isinstance(value, dict):
            raise ValueError("expected an object, or its JSON as text")
        return {**value, key: word(value.get(key))} if key else value

    return BeforeValidator(unwrapped)


Trial = Annotated[
    int, BeforeValidator(_number), Field(description="number of a trial of this study")
]


class Edit(Answer):
    find: str = Field(description="text that occurs exactly once in the parent's file")
    replace: str = Field(description="what takes its place")


class SpecForm(Answer):
    form: Literal["spec"]
    spec: Annotated[
        dict[str, Any],
        _object("spec"),
        WithJsonSchema({"type": "string"}),
        Field(description="a spec as JSON: parts with their numbers by kind, in phases"),
    ]


class EditForm(Answer):
    form: Literal["edit"]
    parent: Trial
    edits: list[Edit]


class CodeForm(Answer):
    form: Literal["code"]
    source: str = Field(description="a whole submission.py with its switches")


class ProposalAnswer(Answer):
    """The fields that a proposal needs; the descriptions are part of the question."""

    hypothesis: Annotated[str, _line(600)] = Field(
        description="what you expect to happen and why, in one to three sentences"
    )
    expected_effect: Annotated[str, _line(200)] = Field(
        description="how much better than the best trial, in its unit"
    )
    bucket: AnyBucket = Field(description="size of that effect")
    parents: Annotated[list[Trial], BeforeValidator(_listed), AfterValidator(_few)] = Field(
        default=[], description="trials that this one builds on"
    )
    name: Annotated[str, _line(40)] = Field(description="two or three words for a table")
    optimizer: Annotated[
        Annotated[SpecForm | EditForm | CodeForm, Field(discriminator="form")],
        _object("optimizer", "form"),
    ]


SCHEMA = schema_of(ProposalAnswer)


def read_answer(text: str, max_steps: int, source_of: SourceOf) -> Proposal:
    """The proposal in an answer, for runs of `max_steps`.

    Raises ValueError with what is wrong, in words that the model can act on.
    """
    answer = checked(ProposalAnswer, json_object(text, "the answer", "optimizer"))
    source, spec = _optimizer(answer.optimizer, max_steps, source_of)
    submission = Submission(source)
    parse_submission(submission)
    edited = [answer.optimizer.parent] if isinstance(answer.optimizer, EditForm) else []
    known = (number for number in [*edited, *answer.parents] if source_of(number) is not None)
    hypothesis = Hypothesis(
        answer.hypothesis, answer.expected_effect, answer.bucket, tuple(dict.fromkeys(known))
    )
    label = re.sub(r"[^A-Za-z0-9]+", "-", answer.name).strip("-").lower()
    return Proposal(submission, Origin.LLM, label or "unnamed", spec, hypothesis)


def _optimizer(
    made: SpecForm | EditForm | CodeForm, max_steps: int, source_of: SourceOf
) -> tuple[str, Spec | None]:
    match made:
        case SpecForm():
            spec = make_spec(made.spec)
            return render(spec, max_steps), spec
        case EditForm():
            source = source_of(made.parent)
            if source is None:
                raise ValueError(f"parent: there is no trial {made.parent} with a file")
            return _edited(source, made.edits), None
        case CodeForm():
            return read_code(made.source), None


def _edited(source: str, edits: list[Edit]) -> str:
    if not edits:
        raise ValueError("edits: expected at least one object with find and replace")
    for edit in edits:
        count = source.count(edit.find) if edit.find else 0
        if count != 1:
            raise ValueError(
                "find: expected text that occurs once in the parent's file, but "
                f"{edit.find[:80]!r} occurs {count} times"
            )
        source = source.replace(edit.find, edit.replace)
        if len(source) > MAX_BYTES:
            raise ValueError(f"edits: they make the file longer than {MAX_BYTES} bytes")
    return source


def read_code(text: str) -> str:
    """A file out of its fence, without a common indentation or a byte order mark.

    Text that is Python already stays as it is.
    """
    text = text.removeprefix("\ufeff")
    if _is_python(text):
        return text
    blocks = [found[2] for found in FENCED.finditer(text)]
    code = max(blocks, key=len, default=text)
    # a file whose first line is not indented is not an indented one
    indented = code.lstrip("\r\n")[:1] in (" ", "\t")
    return textwrap.dedent(code) if indented else code


def _is_python(text: str) -> bool:
    try:
        parse_submission(Submission(text))
    except InvalidSubmissionError:
        return False
    return True
