"""What a model answers as JSON: its schema, its reading out of prose, and its checks."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from agent.study.records import Bucket

DECODER = json.JSONDecoder(strict=False)
"""Allows line breaks in strings."""
TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*"?)|,(?=\s*[}\]])', re.S)
"""Or a whole string, so that no comma in one is found."""
MOST_BRACES, MOST_REPAIRS = 2000, 10
"""Places where an object may begin that are tried, and that are tried without trailing commas."""
SHOWN = 30
"""Characters before and after a place that cannot be read."""
LONGEST_VALUE = 80
"""Characters of a wrong value in a message."""


class Answer(BaseModel):
    """A part of an answer: its schema demands these fields alone, its reading ignores others."""

    model_config = ConfigDict(
        json_schema_extra={"additionalProperties": False},
        json_schema_serialization_defaults_required=True,
    )


A = TypeVar("A", bound=Answer)


def word(value: Any) -> Any:
    """Text without its case and surrounding space; anything else as it is."""
    return value.strip().lower() if isinstance(value, str) else value


AnyBucket = Annotated[Bucket, BeforeValidator(word)]


class _Schema(GenerateJsonSchema):
    """Without titles, and with alternatives as `anyOf`, which the service takes."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def tagged_union_schema(self, schema: Any) -> dict[str, Any]:
        return {"anyOf": super().tagged_union_schema(schema)["oneOf"]}


def schema_of(answer: type[Answer]) -> dict[str, Any]:
    """JSON schema in which every field is required."""
    return answer.model_json_schema(schema_generator=_Schema, mode="serialization")


def with_schema(text: str, schema: Mapping[str, object]) -> str:
    """The instructions in `text` for a model that may not be shown the schema of its answer."""
    return f"{text}\n\nThe JSON schema of your answer:\n\n{json.dumps(schema)}\n"


def checked(answer: type[A], content: Any) -> A:
    """`content` as this record. Raises ValueError with everything that is wrong, in one line."""
    try:
        return answer.model_validate(content)
    except ValidationError as error:
        raise ValueError("; ".join(map(_problem, error.errors()))) from error


def _problem(error: Any) -> str:
    place = ".".join(map(str, error["loc"]))
    said = error["msg"].removeprefix("Value error, ")
    value = repr(error["input"])
    got = value if len(value) <= LONGEST_VALUE else f"{value[: LONGEST_VALUE - 3]}..."
    return f"{place}: {said}" + (f", got {got}" if error["type"] != "value_error" else "")


def json_object(text: str, what: str, key: str | None = None) -> dict[str, Any]:
    """The object in `text`: the last that has `key`, the first where `key` is None.

    Prose, fences and thoughts around it are skipped; line breaks in its strings and commas after
    its last elements are accepted. Raises ValueError that begins with `what`.
    """
    found, length = None, 0
    problem, reach = "there is none", 0
    for read, end in _objects(text):
        if isinstance(read, str):
            if end > reach:
                problem, reach = read, end
        elif key is not None and key in read:
            found, length, reach = read, end, 0
        elif end > length and not (found and key in found):
            found, length = read, end
        if key is None:
            break
    # one that is shorter than what could be read of a broken one is its draft, or stands in it
    if found is None or length <= reach:
        raise ValueError(f"{what}: expected JSON, one object; {problem}")
    return found


def _objects(text: str) -> Iterator[tuple[dict[str, Any] | str, int]]:
    """Each outermost object with its length, or what is wrong with it and how much was read."""
    at, repairs = text.find("{"), MOST_REPAIRS
    for _ in range(MOST_BRACES):
        if at < 0:
            return
        try:
            read, end = DECODER.raw_decode(text, at)
        except json.JSONDecodeError as error:
            without = None
            if repairs and error.pos > at + 1:
                repairs -= 1
                without = _without_trailing_commas(text[at:])
            if without is None:
                before, after = text[max(at, error.pos - SHOWN) : error.pos], text[error.pos :]
                problem = f"{error.msg} between {before!r} and {after[:SHOWN]!r}"
                yield problem, error.pos - at
                end = at + 1
            else:
                text, read, end = without
                yield read, end
        except (ValueError, RecursionError) as error:
            yield f"it cannot be read: {error}", 1
            end = at + 1
        else:
            yield read, end - at
        at = text.find("{", end)


def _without_trailing_commas(text: str) -> tuple[str, dict[str, Any], int] | None:
    """The text so, the object that it begins with, and where that ends; None for no object."""
    text = TRAILING_COMMA.sub(lambda found: found[1] or "", text)
    try:
        return text, *DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
