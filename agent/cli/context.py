"""`autoresearch context`: what a researcher, a person or an agent, needs before a proposal."""

from typing import TYPE_CHECKING

import typer

from agent.cli import inputs, output
from agent.cli.options import Json

if TYPE_CHECKING:
    from agent.study.ledger import Ledger


def context(
    study: str = typer.Option(..., metavar="NAME", help="Name of the study."),
    tokens: int = typer.Option(4000, min=500, help="Greatest length, in tokens."),
    as_json: Json = False,
) -> None:
    """Show what to know before the next proposal.

    The task and its rules, the best trials, what failed, what each part is worth, what to try.
    No seed of a held-out instance is in it.

    \b
    Example:
      autoresearch context --study mqar-1
    """
    text = context_of(study, tokens)
    if as_json:
        from agent.knowledge.context import tokens as count

        output.print_json({"study": study, "tokens": count(text), "context": text})
    else:
        output.say(text, end="")


def context_of(study: str, tokens: int) -> str:
    """The context in at most `tokens`, without secrets. Raises UserError."""
    from agent.knowledge import context as knowledge

    ledger = inputs.open_ledger(read_only=True)
    return without_secrets(knowledge.context(ledger.open(study), ledger.all(), tokens), ledger)


def without_secrets(text: str, ledger: "Ledger") -> str:
    """The text without any known secret: an agent may send it to a model."""
    from agent.proposers.llm.known_secrets import known_secrets
    from agent.proposers.llm.redaction import Redaction

    redaction = Redaction()
    for secret in known_secrets(ledger):
        redaction.hide(secret)
    return redaction.cut(text)
