"""The version of the ledger: written with every study, and required to open it."""

from collections.abc import Mapping
from typing import Any

from agent.study.errors import UserError
from agent.study.tool_version import program_version, tool_version

SCHEMA_VERSION = 1
"""Of JSON that commands print and stages keep; docs/versioning.md says what stays compatible."""
LEDGER_VERSION = 3
"""Of what is in the database. Studies before 2 have no number."""
ATTRIBUTE = "version"


def this_version() -> dict[str, Any]:
    """What a new study stores under ATTRIBUTE."""
    commit = tool_version().commit
    program = f"autoresearch {program_version()}"
    return {"number": LEDGER_VERSION, "written_by": program + (f" ({commit})" if commit else "")}


def require_this_version(study: str, attributes: Mapping[str, Any]) -> None:
    """Raise UserError for a study that an older or newer program wrote."""
    before = {"number": 1, "written_by": "an older autoresearch"}
    written = attributes.get(ATTRIBUTE, before)
    if written["number"] != LEDGER_VERSION:
        raise UserError(
            f"study {study} was written by {written['written_by']}, as version {written['number']} "
            f"of the ledger; this program has version {LEDGER_VERSION}: use that program, or move "
            "runs/ away and start again"
        )
