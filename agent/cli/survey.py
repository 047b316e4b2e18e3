"""`autoresearch survey`: techniques that others use, kept with their source and claimed gain."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import typer

from agent.cli import inputs, output
from agent.cli.model import ModelOptions, say_without_model
from agent.cli.options import SOURCE, Json
from agent.study.errors import UserError

if TYPE_CHECKING:
    from agent.knowledge.techniques import Technique
    from agent.proposers.llm.reader import Reader


HEADER = ["bucket", "technique", "part", "claimed", "source"]


@dataclass(frozen=True)
class ReadingModel(ModelOptions):
    """The model that reads submissions."""

    default_usd: ClassVar[float] = 1.0


def survey(
    model: ReadingModel,
    source: list[str] = typer.Argument(..., help=SOURCE),
    llm: bool | None = typer.Option(
        None, "--llm/--no-llm", help="Let a model read [default: if there is an API key]."
    ),
    as_json: Json = False,
) -> None:
    """Find techniques in the submissions of others.

    They are kept in runs/techniques.json, and `autoresearch run` adds them to its best trial. A
    submission is read with the README.md and the results beside it; where a source has none,
    every README.md and every Python file is read. Nothing is run. A technique is kept with its
    source, its claimed gain, a bucket by the rank of that claim, and the part of the search space
    that it is, if there is one. With an API key a model reads, for up to a dollar; otherwise parts
    are found by their names in prose and code.

    \b
    Examples:
      autoresearch survey ../caffeine
      autoresearch survey https://example.org/fork.git ../caffeine/submissions --json
    """
    from agent.knowledge.techniques import Techniques, in_order

    runs = inputs.workspace().writable_runs()
    reader = _reader(llm, model, runs)
    techniques, files = _read(source, reader)
    new = Techniques(runs).add(techniques)
    if reader:
        line = f"spent ${reader.spent_usd:.4f} on the model"
        line += f"; then by signatures: {reader.stopped}" if reader.stopped else ""
        output.say(line, stderr=True)
    shown = in_order(techniques)
    rows = [one.to_json() for one in shown]
    usd = reader.spent_usd if reader else 0.0
    content = {"read": files, "techniques": rows, "new": new, "usd": usd}
    if shown or as_json:
        output.show(as_json, content, f"From {', '.join(source)}", HEADER, map(_cells, shown))
    if not as_json:
        print(f"{len(files)} read, {len(shown)} techniques, {new} of them new.")


def _read(
    sources: list[str], reader: "Reader | None"
) -> "tuple[list[Technique], list[dict[str, str]]]":
    """The techniques of all sources, and the files that were read."""
    from agent.knowledge.survey import survey as read
    from agent.knowledge.survey.foreign import fetched

    techniques, files = [], []
    for source in sources:
        with fetched(source) as (folder, origin):
            found = read(folder, origin, reader)
        techniques += found.techniques
        files += [{"source": source, "path": s.path, "kind": s.kind} for s in found.sources]
    return techniques, files


def _cells(one: "Technique") -> list[str]:
    part, claimed = one.part or "needs a new part", one.claimed_gain or "-"
    return [one.bucket, one.name, part, claimed, one.short_source]


def _reader(wanted: bool | None, model: ReadingModel, runs: Path) -> "Reader | None":
    """The model that reads; None where none is wanted, there is no key, or no connection."""
    from agent.proposers.llm.reader import Reader
    from agent.proposers.llm.service import NoKeyError

    if wanted is False:
        return None
    if len(model.model) > 1:
        raise UserError("a survey asks one model; give one --model")
    try:
        (paid,) = model.paid(instead="--no-llm")
    except UserError as error:
        if wanted or model.model or model.price:
            raise
        if error.__cause__ and not isinstance(error.__cause__, NoKeyError):
            say_without_model(error.__cause__, "submissions are read by signatures")
        return None
    return Reader(paid, runs / "survey")
