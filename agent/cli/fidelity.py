"""`autoresearch fidelity`: how well a track's proxies rank what the full run would."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agent.cli import inputs, output
from agent.cli.machine import AnyMachine, measuring
from agent.cli.options import Json, Markdown, OnTrack, Seed
from agent.study.errors import UserError

if TYPE_CHECKING:
    from agent.verdict.fidelity import Fidelity


def fidelity(
    task: OnTrack,
    machine: AnyMachine,
    specs: int = typer.Option(36, min=4, help="Specs: recipes first, then random ones."),
    seeds: int = typer.Option(2, min=1, help="Number of instances of each proxy."),
    seed: Seed = 0,
    markdown: Markdown = None,
    as_json: Json = False,
) -> None:
    """Measure how well small runs rank what the full run would.

    Diverse specs run on every rung of the track's ladder. Evaluations are kept in the workspace,
    so the same command continues after Ctrl-C.

    \b
    Examples:
      autoresearch fidelity --track mqar
      autoresearch fidelity --track random_teacher --specs 20 --seeds 1 --markdown fidelity.md
    """
    output.require_folder("--markdown", markdown)
    track, scale = task.track, task.scale
    if not track.proxies.get(scale):
        there = ", ".join(track.proxies) or "none"
        raise UserError(f"{track.name} has no proxies for scale {scale}; it has some for: {there}")
    asked = machine.on(track, scale)
    inputs.workspace().writable_runs()
    with asked.launcher() as launcher:
        # importing torch takes seconds, in which the zygote imports it as well
        from agent.verdict.fidelity import Design, measure_fidelity

        with measuring(launcher, inputs.evaluation_store(), asked) as (executor, view):
            design = Design(specs, seeds, seed, scale)
            found = measure_fidelity(track, executor, view, design)
    _show(found, markdown, as_json)


def _show(found: "Fidelity", markdown: Path | None, as_json: bool) -> None:
    from agent.report.markdown import sections
    from agent.report.sections.fidelity import fidelity_section
    from agent.report.terminal import print_sections

    section = fidelity_section(found)
    if markdown:
        output.write_file("--markdown", markdown, sections([section]) + "\n")
    if as_json:
        output.print_json(asdict(found))
    else:
        print_sections(output.console(), [section])
