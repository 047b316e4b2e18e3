"""`autoresearch survey`: what others use, kept as ideas with their source and claim."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agent.cli import common
from agent.cli.model import Model, PriceOption, paid_model, say_without_model
from agent.study.errors import UserError

if TYPE_CHECKING:
    from agent.proposers.llm.reader import Reader


def survey(
    source: list[str] = typer.Argument(
        ...,
        help="A folder, or the https, ssh or file URL of a git repository; repeatable.",
    ),
    use_model: bool = typer.Option(
        None, "--llm/--no-llm", help="Let a model read [default: where there is an API key]."
    ),
    model: Model = None,
    max_usd: float = typer.Option(1.0, "--max-usd", min=0, help="Most to spend on it, in dollars."),
    price: PriceOption = None,
    as_json: bool = typer.Option(False, "--json", help="Print what was found as JSON."),
) -> None:
    """Read the submissions of others for techniques, and keep them in runs/techniques.json.

    A submission is read with the README.md and the results beside it; where a source has none,
    every README.md and every Python file is read. Nothing is run. A technique is kept with where it
    is from, what is claimed for it, a bucket by the rank of that claim among the others, and the
    part of the search space that it is, if there is one. Where there is an API key a model reads,
    for a dollar at most; otherwise parts are known by their names in prose and code.

    \b
    Examples:
      autoresearch survey ../caffeine
      autoresearch survey https://example.org/fork.git ../caffeine/submissions --json
    """
    from agent.knowledge.survey import survey as read
    from agent.knowledge.survey.foreign import fetched
    from agent.knowledge.techniques import SCHEMA_VERSION, Techniques, in_order
    from agent.report.terminal_table import print_table

    common.finite("--max-usd", max_usd)
    runs = common.workspace().writable_runs()
    reader = _reader(use_model, model, price, max_usd, runs)
    techniques, files = [], []
    for one in source:
        with fetched(one) as (folder, origin):
            found = read(folder, origin, reader)
        techniques += found.techniques
        files += [{"source": one, "path": s.path, "kind": s.kind} for s in found.sources]
    new = Techniques(runs).add(techniques)
    if reader:
        line = f"spent ${reader.spent_usd:.4f} on the model"
        line += f"; then by signatures: {reader.stopped}" if reader.stopped else ""
        common.say(line, stderr=True)
    shown = in_order(techniques)
    if as_json:
        rows = [one.to_json() for one in shown]
        found_here = {"read": files, "techniques": rows, "new": new}
        spent = {"usd": reader.spent_usd if reader else 0.0}
        common.print_json({"schema_version": SCHEMA_VERSION, **found_here, **spent})
        return
    header = ["bucket", "technique", "part", "claimed", "source"]
    cells = [
        [t.bucket, t.name, t.part or "needs a new part", t.claimed_gain or "-", t.short_source]
        for t in shown
    ]
    if cells:
        print_table(common.console(), f"From {', '.join(source)}", header, cells)
    print(f"{len(files)} read, {len(shown)} techniques, {new} of them new.")


def _reader(
    wanted: bool | None, model: str | None, price: str | None, max_usd: float, runs: Path
) -> "Reader | None":
    """The model that reads; None where none is wanted, there is no key, or none can be reached."""
    from agent.proposers.llm.reader import Reader
    from agent.proposers.llm.service import NoKeyError

    if wanted is False:
        return None
    try:
        paid = paid_model(model, price, max_usd, without="--no-llm")
    except UserError as error:
        if wanted or model or price:
            raise
        if error.__cause__ and not isinstance(error.__cause__, NoKeyError):
            say_without_model(error.__cause__, "signatures are read")
        return None
    return Reader(paid.service, paid.price, max_usd, runs / "survey")
