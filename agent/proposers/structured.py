"""JSON that a model answers with: its schema, and its reading."""

import json
import re
from typing import Any

FENCE = re.compile(r"^\s*```(?:json)?\s*\n(.*)\n\s*```\s*$", re.S)


def object_schema(**properties: Any) -> dict[str, Any]:
    """Of an object that has all of these and nothing else."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def json_object(text: str, what: str) -> dict[str, Any]:
    """The object that is written in `text`, also between lines of backticks.

    Raises ValueError that begins with `what`.
    """
    fenced = FENCE.match(text)
    try:
        content = json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{what}: expected JSON, but {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{what}: expected a JSON object")
    return content
