"""The files of a published winner, small enough for a commit that a person reads."""

import json
from collections.abc import Mapping
from typing import Any

from agent.publish.evidence import Evidence
from agent.publish.readme import winner_readme
from tracks.submission import Submission

WINNER_FILES = ("submission.py", "README.md", "result.json", "evidence.json")
STEP = "  "


def winner_files(name: str, submission: Submission, evidence: Evidence) -> dict[str, str]:
    """Text by file name."""
    official = evidence.official
    result = {"schema_version": evidence.schema_version, "tracks": {official["track"]: official}}
    texts = (
        submission.source,
        winner_readme(name, evidence, submission.source),
        compact_json(result, 3),
        compact_json(evidence.to_json(), 2),
    )
    return dict(zip(WINNER_FILES, texts, strict=True))


def compact_json(content: Mapping[str, Any], depth: int) -> str:
    """A line for each name of an object, down to `depth`, and for each object of a list; all else,
    as a curve, is on one line."""
    return _lines(content, depth, "") + "\n"


def _lines(value: Any, depth: int, indent: str) -> str:
    inner = indent + STEP
    if isinstance(value, Mapping) and value and depth > 0:
        items = [f"{json.dumps(k)}: {_lines(v, depth - 1, inner)}" for k, v in value.items()]
        marks = "{}"
    elif isinstance(value, list | tuple) and any(isinstance(it, Mapping) for it in value):
        items, marks = [json.dumps(it) for it in value], "[]"
    else:
        return json.dumps(value)
    return marks[0] + ",".join(f"\n{inner}{item}" for item in items) + f"\n{indent}{marks[1]}"
