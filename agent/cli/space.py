"""Verbs of the search space: list, show, render, components, prior."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from agent.cli import output
from agent.cli.options import FULL, Json, files_of, known_track
from agent.cli.verbs import PLAIN, add
from agent.study.errors import UserError
from tracks.base import Track

if TYPE_CHECKING:
    from search_space.spec import Spec

MAX_STEPS = 400
SPEC_FILE = ".json"

app = typer.Typer(**PLAIN)


@app.callback()
def space() -> None:
    """Show recipes and parts, and render them to code.

    \b
    Examples:
      autoresearch space list
      autoresearch space show product_space
      autoresearch space render muon -o muon.py
    """


def list_(as_json: Json = False) -> None:
    """List the recipes and, by kind, the parts.

    \b
    Example:
      autoresearch space list
    """
    from agent.report.terminal_table import print_table
    from search_space.recipes import RECIPES
    from search_space.registry import KINDS, RUN_KINDS

    if as_json:
        output.print_json(
            {
                "recipes": {name: spec.to_json() for name, spec in RECIPES.items()},
                "kinds": {
                    kind.name: {
                        "per": "run" if kind in RUN_KINDS else "phase",
                        "neutral": kind.neutral,
                        "parts": {part.name: part.summary for part in kind.parts},
                    }
                    for kind in KINDS
                },
            }
        )
        return
    recipes, kinds = listed()
    print_table(output.console(), "Recipes", ["recipe", "composed of"], recipes)
    print_table(output.console(), "Parts (the neutral one first)", ["kind", "parts"], kinds)


def listed() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Recipes with what they are composed of, and kinds with their parts."""
    from search_space.recipes import RECIPES
    from search_space.registry import KINDS

    recipes = [(name, spec.label) for name, spec in RECIPES.items()]
    return recipes, [(kind.name, ", ".join(part.name for part in kind.parts)) for kind in KINDS]


def show(
    name: str = typer.Argument(..., help="A recipe, a kind, or a part such as direction.muon."),
    as_json: bool = typer.Option(False, "--json", help="Print the recipe's spec as JSON."),
) -> None:
    """Show a recipe with its numbers, or a part with its formula.

    \b
    Examples:
      autoresearch space show cm_tail_ema --json > spec.json
      autoresearch space show direction.comp_muon
    """
    from search_space.recipes import RECIPES

    if as_json and name in RECIPES:
        output.print_json(RECIPES[name].to_json())
        return
    text = shown(name)
    if as_json:
        raise UserError("--json shows recipes; for all parts: autoresearch space list --json")
    print(text)


def shown(name: str) -> str:
    """A recipe with its numbers, a kind, or a part. Raises UserError."""
    from search_space.document import describe
    from search_space.recipes import RECIPES
    from search_space.registry import KINDS, get_kind

    if name in RECIPES:
        return _spec_text(name, RECIPES[name])
    kind_name, _, part_name = name.partition(".")
    if kind_name not in {kind.name for kind in KINDS}:
        raise UserError(
            f"{name!r} is no recipe and no part; `autoresearch space list` shows what there is"
        )
    kind = get_kind(kind_name)
    try:
        parts = [kind.part(part_name)] if part_name else list(kind.parts)
    except ValueError as error:
        raise UserError(str(error)) from error
    return "\n".join(describe(kind, part) for part in parts).rstrip()


def render(
    name: str = typer.Argument(..., help="A recipe, or a JSON file with a spec."),
    file: Path | None = typer.Option(None, "-o", "--output", help="Write to this file."),
    track: Track | None = typer.Option(
        None, parser=known_track, metavar="TRACK", help="Take the length of the run from it."
    ),
    max_steps: int | None = typer.Option(
        None, min=1, help=f"Length of the run [default: {MAX_STEPS}]."
    ),
) -> None:
    """Write a spec as one submission file that needs only torch.

    \b
    Examples:
      autoresearch space render product_space -o submission.py
      autoresearch space render spec.json --track mqar
      autoresearch space render muon --max-steps 1000
    """
    read = [Path(name)] if name.endswith(SPEC_FILE) else []
    output.require_outputs({"--output": file}, [*read, *files_of(track)])
    length = track.scales[FULL].max_steps if track else MAX_STEPS
    source = rendered(name, max_steps or length)
    if file is None:
        print(source, end="")
    else:
        output.write_file("--output", file, source)


def rendered(name: str, max_steps: int) -> str:
    """The code of a recipe, or of the spec in a JSON file, for a run. Raises UserError."""
    from search_space.render import render as render_spec

    return render_spec(spec_of(name), max_steps)


def components() -> None:
    """Print the reference of all parts as Markdown.

    \b
    Example:
      autoresearch space components > docs/components.md
    """
    from search_space.document import components as document

    print(document(), end="")


def prior() -> None:
    """Print what random specs are drawn from, as Markdown.

    \b
    Example:
      autoresearch space prior > docs/prior.md
    """
    from search_space.prior import prior as document

    print(document(), end="")


for _verb in (list_, show, render, components, prior):
    add(app, _verb)


def _spec_text(name: str, spec: "Spec") -> str:
    lines = [f"{name}: {spec.label} (spec {spec.identifier})"]
    groups: list[tuple[str, Any]] = [("whole run", spec.run)] if spec.run.in_use() else []
    for phase in spec.phases:
        title = f"from {phase.start:g} of the run" if len(spec.phases) > 1 else "each step"
        groups.append((title, phase))
    for title, choices in groups:
        lines += ["", f"{title}:"]
        for kind, choice in choices.to_json().items():
            numbers = ", ".join(f"{key} {choice[key]:g}" for key in choice if key != "part")
            lines.append(f"  {kind:12} {choice['part']:20} {numbers}".rstrip())
    return "\n".join(lines)


def spec_of(name: str) -> "Spec":
    """That of a recipe, or in a JSON file. Raises UserError."""
    from search_space.recipes import RECIPES

    if name in RECIPES:
        return RECIPES[name]
    if name.endswith(SPEC_FILE):
        return read_spec(Path(name))
    raise UserError(f"no recipe named {name!r}; there are: {', '.join(RECIPES)}; or a .json file")


def read_spec(file: Path) -> "Spec":
    """The spec in a JSON file. Raises UserError."""
    from search_space.spec import make_spec

    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file}: it is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file}: expected JSON, but {error}") from error
    if not isinstance(content, dict):
        raise UserError(f"{file}: expected a JSON object of kinds, as `space show NAME --json` has")
    content.pop("schema_version", None)
    try:
        return make_spec(content)
    except ValueError as error:
        raise UserError(f"{file}: {error}") from error
