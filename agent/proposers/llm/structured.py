"""JSON that a model answers with: its schema, and its reading, with whatever stands around it."""

import json
import re
from collections.abc import Iterator
from typing import Any

DECODER = json.JSONDecoder(strict=False)
"""Lets line breaks stand in strings."""
TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*"?)|,(?=\s*[}\]])', re.S)
"""Or a whole string, so that no comma in one is found."""
MOST_BRACES, MOST_REPAIRS = 2000, 10
"""Places at which an object is looked for, and at which it is without its trailing commas."""
SHOWN = 30
"""Characters before and after what cannot be read."""


def object_schema(**properties: Any) -> dict[str, Any]:
    """Of an object that has all of these and nothing else."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def json_object(text: str, what: str, key: str | None = None) -> dict[str, Any]:
    """The object that is written in `text`: the last that has `key`, without one the first.

    Prose, fences and thoughts may stand around it, line breaks in its strings, and commas after its
    last elements. Raises ValueError that begins with `what`.
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
