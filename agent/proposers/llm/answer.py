"""What a model must answer: a hypothesis and an optimizer, as JSON that is checked here."""

import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from agent.proposers.llm.structured import json_object, object_schema
from agent.study.proposal import Proposal
from agent.study.records import BUCKETS, Hypothesis, Origin
from search_space.render import render
from search_space.spec import Spec, make_spec
from tracks.submission import MAX_BYTES, InvalidSubmissionError, Submission, parse_submission

LONGEST = {"hypothesis": 600, "expected_effect": 200, "name": 40}
"""Characters that are kept."""
MOST_PARENTS = 20
NUMBER = re.compile(r"(?:trial\s*)?#?(\d{1,9})", re.I)
FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n(.*?)(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.S | re.M)
"""A block of code; one that is not closed ends with the text."""


def _text(meaning: str) -> dict[str, Any]:
    return {"type": "string", "description": meaning}


_TRIAL = {"type": "integer", "description": "number of a trial of this study"}
_EDIT = object_schema(
    find=_text("text that occurs exactly once in the parent's file"),
    replace=_text("what stands there instead"),
)
SCHEMA = object_schema(
    hypothesis=_text("what you expect to happen and why, in one to three sentences"),
    expected_effect=_text("how much better than the best trial, in its unit"),
    bucket={"type": "string", "enum": list(BUCKETS), "description": "size of that effect"},
    parents={"type": "array", "items": _TRIAL, "description": "trials that this one builds on"},
    name=_text("two or three words for a table"),
    optimizer={
        "anyOf": [
            object_schema(
                form={"const": "spec", "type": "string"},
                spec=_text("a spec as JSON: parts with their numbers by kind, in phases"),
            ),
            object_schema(
                form={"const": "edit", "type": "string"},
                parent=_TRIAL,
                edits={"type": "array", "items": _EDIT},
            ),
            object_schema(
                form={"const": "code", "type": "string"},
                source=_text("a whole submission.py with its switches"),
            ),
        ]
    },
)
"""JSON schema of an answer."""


def read_answer(text: str, max_steps: int, source_of: Callable[[int], str | None]) -> Proposal:
    """The proposal in an answer, for runs of `max_steps`; `source_of` gives a trial's file.

    It is read in any of its usual forms, and then checked. Raises ValueError with what is wrong, as
    it may be told to the model.
    """
    answer = json_object(text, "the answer", "optimizer")
    words = {name: _words(answer, name) for name in LONGEST}
    bucket = read_bucket(answer.get("bucket"))
    if bucket not in BUCKETS:
        raise ValueError(f"bucket: expected {', '.join(BUCKETS)}, got {_shown(bucket)}")
    parents = _parents(answer.get("parents"))
    made = _object(answer.get("optimizer"), "optimizer", "form")
    source, spec = _optimizer(made, max_steps, source_of)
    submission = Submission(source)
    try:
        parse_submission(submission)
    except InvalidSubmissionError as error:
        raise ValueError(str(error)) from error
    edited = [_number(made.get("parent"))] if _word(made.get("form")) == "edit" else []
    known = [n for n in [*edited, *parents] if n is not None and source_of(n) is not None]
    hypothesis = Hypothesis(
        words["hypothesis"], words["expected_effect"], bucket, tuple(dict.fromkeys(known))
    )
    label = re.sub(r"[^A-Za-z0-9]+", "-", words["name"]).strip("-").lower()
    return Proposal(submission, Origin.LLM, label or "unnamed", spec, hypothesis)


def _optimizer(
    made: Mapping[str, Any], max_steps: int, source_of: Callable[[int], str | None]
) -> tuple[str, Spec | None]:
    form = _word(made.get("form"))
    if form == "spec":
        spec = make_spec(_object(made.get("spec"), "spec"))
        return render(spec, max_steps), spec
    if form == "edit":
        parent = _number(made.get("parent"))
        source = source_of(parent) if parent is not None else None
        if source is None:
            raise ValueError(f"parent: there is no trial {_shown(made.get('parent'))} with a file")
        return _edited(source, made.get("edits")), None
    if form == "code":
        return read_code(_string(made, "source")), None
    raise ValueError(f"form: expected spec, edit or code, got {_shown(form)}")


def _edited(source: str, edits: Any) -> str:
    if not (isinstance(edits, list) and edits):
        raise ValueError("edits: expected a list of at least one object with find and replace")
    for edit in edits:
        if not isinstance(edit, dict):
            raise ValueError("edits: expected objects with find and replace")
        find, replace = _string(edit, "find"), _string(edit, "replace")
        count = source.count(find) if find else 0
        if count != 1:
            raise ValueError(
                f"find: expected text that occurs once in the parent's file, but {find[:80]!r} "
                f"occurs {count} times"
            )
        source = source.replace(find, replace)
        if len(source) > MAX_BYTES:
            raise ValueError(f"edits: they make the file longer than {MAX_BYTES} bytes")
    return source


def read_bucket(value: Any) -> Any:
    """As it is listed, whatever its case; anything else as it came."""
    return _word(value)


def read_code(text: str) -> str:
    """A file out of the fence that it stands in, without a common indentation or a byte order mark.

    A text that is Python as it stands is left as it is.
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


def _object(value: Any, what: str, key: str | None = None) -> dict[str, Any]:
    """An object that is given as such, as text, or as the one element of a list."""
    while isinstance(value, list) and len(value) == 1:
        (value,) = value
    if isinstance(value, str):
        return json_object(value, what, key)
    if not isinstance(value, dict):
        expected = " with form spec, edit or code" if key else ", or its JSON as text"
        raise ValueError(f"{what}: expected an object{expected}, got {_shown(value)}")
    return value


def _parents(value: Any) -> list[int]:
    given = [] if value is None else value if isinstance(value, list) else [value]
    numbers = [number for one in given if (number := _number(one)) is not None]
    if len(numbers) < len(given):
        raise ValueError(f"parents: expected a list of trial numbers, got {_shown(value)}")
    if len(numbers) > MOST_PARENTS:
        raise ValueError(f"parents: expected at most {MOST_PARENTS}")
    return numbers


def _number(value: Any) -> int | None:
    """Of a trial, also as text; None for anything else."""
    if isinstance(value, str) and (match := NUMBER.fullmatch(value.strip())):
        return int(match[1])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if type(value) is int else None


def _word(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _string(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name}: expected text, got {type(value).__name__}")
    return value


def _words(answer: Mapping[str, Any], name: str) -> str:
    """As one line of plain characters, cut to its length."""
    text = _string(answer, name)
    plain = "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(plain.split())
    if not line:
        raise ValueError(f"{name}: expected text, got none")
    return line[: LONGEST[name]]
