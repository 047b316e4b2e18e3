"""`autoresearch context`: what a researcher outside, a person or an agent, works with."""

import typer

from agent.cli import common

FEWEST_TOKENS = 500


def context(
    study: str = typer.Option(..., "--study", help="Name of the study."),
    most_tokens: int = typer.Option(
        4000, "--tokens", min=FEWEST_TOKENS, help="Tell it in about so many tokens, at most."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print it as a string in JSON."),
) -> None:
    """Tell what a researcher should know before the next proposal.

    The task and its rules, the best trials, what failed, what each part is worth, what to try.
    Nothing of confirmation seeds is in it.

    \b
    Example:
      autoresearch context --study mqar-1
    """
    from agent.context import context as told_by
    from agent.context import tokens
    from agent.ledger import SCHEMA_VERSION

    ledger = common.open_ledger()
    opened = ledger.open(study)
    text = told_by(opened, ledger.all(), most_tokens)
    if as_json:
        about = {"study": study, "tokens": tokens(text), "context": text}
        common.print_json({"schema_version": SCHEMA_VERSION, **about})
    else:
        print(text, end="")
