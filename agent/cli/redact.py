"""Secrets that no output for an agent may hold."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.study.ledger import Ledger


def without_secrets(text: str, ledger: "Ledger") -> str:
    """The text without keys of comparisons and of the API: an agent may send it to a model."""
    from agent.proposers.llm.redaction import Redaction
    from agent.verdict.comparison_keys import drawn_keys

    redaction = Redaction()
    keys = [os.environ.get(name, "") for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")]
    for secret in [*keys, *drawn_keys(ledger)]:
        redaction.hide(secret)
    return redaction.cut(text)
