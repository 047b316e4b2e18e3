"""`autoresearch fidelity`: how well a track's small runs rank what the full run would."""

from pathlib import Path
from typing import Any

import typer

from agent.cli import common
from agent.cli.machine import (
    MEMORY_MB,
    Device,
    Jobs,
    MemoryMb,
    MinSandbox,
    TrialTimeout,
    machine,
    measuring,
)
from agent.study.errors import UserError
from agent.study.workspace import write_text
from tracks.isolation.launcher import Launcher


def fidelity(
    track: str = typer.Option(..., "--track", help="Track; see `autoresearch tracks`."),
    specs: int = typer.Option(36, min=4, help="Specs: recipes first, then random ones."),
    instances: int = typer.Option(2, min=1, help="Fresh instances of each proxy."),
    seed: int = typer.Option(0, min=0, help="Seed of the specs and of the fresh instances."),
    scale: str = typer.Option("full", help="The scale that its proxies are held against."),
    jobs: Jobs = None,
    trial_timeout: TrialTimeout = None,
    memory_mb: MemoryMb = MEMORY_MB,
    min_sandbox: MinSandbox = None,
    device: Device = "auto",
    markdown: Path = typer.Option(None, help="Write the table to this file as well."),
    as_json: bool = typer.Option(False, "--json", help="Print everything measured as JSON."),
) -> None:
    """Run diverse specs on every rung of a track's ladder, and compare how they rank.

    What has been measured is kept in the workspace, so the same command goes on after Ctrl-C.

    \b
    Examples:
      autoresearch fidelity --track mqar
      autoresearch fidelity --track random_teacher --specs 20 --instances 1 --markdown fidelity.md
    """
    if markdown and not markdown.absolute().parent.is_dir():
        raise UserError(f"--markdown {markdown}: its folder does not exist; create it first")
    asked = machine(jobs, trial_timeout, memory_mb, device, track, scale, min_sandbox)
    common.workspace().writable_runs()
    with Launcher(asked.device) as launcher:
        # importing torch takes seconds, which the zygote uses to do the same
        from agent.verdict.fidelity import measure_fidelity

        known = common.known_track(track)
        common.known_scale(scale, known)
        if not known.proxies.get(scale):
            there = ", ".join(known.proxies) or "none"
            raise UserError(f"{track} has no proxies for scale {scale}; it has some for: {there}")
        with measuring(launcher, common.evaluation_store(), asked) as (executor, view):
            data = measure_fidelity(
                known, executor, view, specs=specs, instances=instances, seed=seed, scale=scale
            )
    _show(data, markdown, as_json)


def _show(data: dict[str, Any], markdown: Path | None, as_json: bool) -> None:
    from agent.report import fidelity as report
    from agent.report.terminal_table import print_table

    if markdown:
        write_text(markdown, report.section(data))
    if as_json:
        common.print_json(data)
        return
    print_table(common.console(), report.title(data), report.header(data), report.rows(data))
    common.say(report.summary(data))
