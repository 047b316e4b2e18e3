"""`autoresearch context`: what a researcher, a person or an agent, needs before a proposal."""

import typer

from agent.cli import inputs, output
from agent.cli.options import Json
from agent.cli.redact import without_secrets


def context(
    study: str = typer.Option(..., metavar="NAME", help="Name of the study."),
    tokens: int = typer.Option(4000, min=500, help="Length, in tokens, at most."),
    as_json: Json = False,
) -> None:
    """Show what to know before the next proposal.

    The task and its rules, the best trials, what failed, what each part is worth, what to try.
    No seed of a held-out instance is in it.

    \b
    Example:
      autoresearch context --study mqar-1
    """
    from agent.knowledge import context as knowledge

    ledger = inputs.open_ledger(read_only=True)
    text = knowledge.context(ledger.open(study), ledger.all(), tokens)
    text = without_secrets(text, ledger)
    if as_json:
        length = knowledge.tokens(text)
        output.print_json({"study": study, "tokens": length, "context": text})
    else:
        output.say(text, end="")
