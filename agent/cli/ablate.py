"""`autoresearch ablate`: which of its parts anybody's optimizer file needs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import typer

from agent.cli import inputs, output
from agent.cli.machine import CONTINUES_WITH_KEY, AnyMachine, measuring
from agent.cli.options import MARGIN, Json, Markdown, Task, files_of, option, require_text
from agent.cli.studies import DEFAULT_SEEDS
from agent.study.errors import UserError
from tracks.submission import Submission

if TYPE_CHECKING:
    from agent.report.section import Section
    from agent.verdict.ablation_record import Ablation
    from agent.verdict.comparison import Bench
    from agent.verdict.file_parts import FileParts
    from tracks.evaluation import Evaluation

SOURCES = {
    "named": "those named by --switch",
    "spec": "those of the spec that the file was rendered from",
    "marked": "what is True in the file",
    "found": "the numbers in the file",
}
"""Where parts come from, in words."""


@dataclass(frozen=True)
class Parting:
    """What is removed, and how much may be lost by it."""

    heading: ClassVar[str] = "Ablation"
    switch: list[str] = option(
        "A part: a default of the file as NAME or NAME=VALUE, VALUE being what it is without the "
        "part; repeatable [default: the file's own].",
        default=list,
        metavar="NAME",
    )
    only_list: bool = option("Show the parts and measure nothing.", "--list", default=False)
    margin: float | None = option(**MARGIN)
    key: str | None = option(
        "What instances are drawn from, to repeat a result [default: a new one].", metavar="TEXT"
    )
    out: Path | None = option("Write the simplified file here, if it is confirmed.")

    def __post_init__(self) -> None:
        require_text("--key", self.key)

    def parts(self, whole: Submission, task: Task) -> "FileParts":
        """The parts to remove. Raises UserError."""
        from agent.knowledge.rendered import spec_of
        from agent.verdict.file_parts import file_parts

        ledger = inputs.open_ledger(read_only=True)
        found = file_parts(whole, self.switch, spec_of(whole, task.track, ledger))
        if not found.parts.listed() and not self.only_list:
            raise UserError(
                f"{whole.path}: no part to remove; name one with --switch NAME=VALUE (--list shows "
                "what has a default)"
            )
        return found

    def measured(
        self, whole: Submission, parts: "FileParts", task: Task, machine: AnyMachine
    ) -> "Found":
        """What came of it. Raises UserError."""
        from agent.verdict.comparison_keys import SeededKeys, draw

        key = self.key or draw()
        with measuring(machine, interrupted=CONTINUES_WITH_KEY.format(key)) as (executor, view):
            from agent.study.settings import Settings
            from agent.verdict.comparison import Bench
            from agent.verdict.file_ablation import ablate_file, official_run

            settings = Settings(
                track=task.track.name,
                objective=task.aim,
                budget=1,
                seed=0,
                seeds=DEFAULT_SEEDS,
                scale=task.scale,
                device=machine.device,
            )
            bench = Bench(settings, executor, view)
            steps = task.track.scales[task.scale].max_steps
            given, whole = whole, parts.whole(whole, steps)
            length = steps if whole != given else None
            if length:
                view.note(f"{given.path}: {_rendered_for(length)}")
            official = official_run(bench, (whole.name, whole))
            if official.complete and task.aim == "steps" and official.steps_to_target is None:
                bench = _by_loss(bench, whole, task)
            found = Found(key, machine.device, bench.objective, official, length)
            if not official.complete:
                return found
            keys, asked = SeededKeys(key), self.margin
            made = ablate_file(bench, (whole.name, whole), parts.parts, keys, asked)
            return replace(found, ablation=made[0], smaller=made[1])


@dataclass(frozen=True)
class Found:
    """What was measured; `ablation` is None where the official run failed, `smaller` where no
    simplified file was confirmed, `rendered_for` where the file was measured as it is."""

    key: str
    device: str
    objective: str
    official: "Evaluation"
    rendered_for: int | None = None
    ablation: "Ablation | None" = None
    smaller: Submission | None = None

    @property
    def failure(self) -> str:
        """How the whole file failed; empty where it did not."""
        if self.ablation is None:
            return f"{self.official.state}: {self.official.reason}"
        failed = len(self.ablation.winner) < len(self.ablation.instances)
        return "it failed on a held-out instance" if failed else ""


def ablate(
    task: Task,
    machine: AnyMachine,
    asked: Parting,
    file: Path = typer.Argument(..., help="A file that defines Submission, or its folder."),
    markdown: Markdown = None,
    as_json: Json = False,
) -> None:
    """Find out which of its parts an optimizer file needs.

    Removes each part on held-out instances, then together all that are redundant or harmful, and
    tests that the simplified file is not worse than the whole one by the margin. The parts are
    those that --switch names; else those of the spec, where this program rendered the file; else
    what is True in it, arguments of the constructor and constants in capitals; else its numbers,
    set to 0.

    Exit status 3 where the file itself fails on the track.

    \b
    Examples:
      autoresearch ablate my_optimizer.py --track mqar --list
      autoresearch ablate my_optimizer.py --track mqar --switch nesterov --switch beta=0.5
      autoresearch ablate my_optimizer.py --track mqar --switch "betas=(0.0, 0.99)"
    """
    whole = inputs.read_candidate(file)
    reads = [Path(whole.path), *files_of(task.track)]
    output.require_outputs({"--out": asked.out, "--markdown": markdown}, reads)
    inputs.require_allowed(whole)
    parts = asked.parts(whole, task)
    if asked.only_list:
        output.show(as_json, *_listing(whole, parts))
        return
    found = asked.measured(whole, parts, task, machine.on(task.track, task.scale))
    section = _section(whole, task, parts, found)
    _write(asked, found)
    output.show_section(as_json, _content(whole, task, parts, found), section, markdown)
    if found.failure:
        output.say(f"autoresearch: {whole.path}: {found.failure}", stderr=True)
        raise typer.Exit(output.FAILED)


def _write(asked: Parting, found: Found) -> None:
    """The simplified file, where it was asked for."""
    if asked.out and found.smaller:
        output.write_file("--out", asked.out, found.smaller.source)
    elif asked.out:
        output.say(f"{asked.out} is not written: no simplified file was confirmed", stderr=True)


def _by_loss(bench: "Bench", whole: Submission, task: Task) -> "Bench":
    """The bench for a file that misses the target, as it would without any of its parts."""
    if task.objective:
        raise UserError(
            f"--objective steps: {whole.path} misses the target of {task.track.name}, so no part "
            "could be told from another; leave it out, or give --objective final"
        )
    bench.view.note("the target is missed: the final loss is compared instead of the steps to it")
    return replace(bench, settings=replace(bench.settings, objective="final"))


def _section(whole: Submission, task: Task, parts: "FileParts", found: Found) -> "Section":
    from agent.report.section import Section
    from agent.report.sections.ablation import file_section

    where = f"{whole.name} on {task.track.name}, objective {found.objective}"
    if found.ablation is None:
        return Section("ablation", "Ablation", [f"{where}: {found.failure}."])
    origin = f"The parts are {SOURCES[parts.source]}."
    left = ", ".join(one.name for one in parts.left)
    origin += f" Left alone: {left} (--list says why)." if left else ""
    if found.rendered_for:
        origin += f" Not the file as it is: {_rendered_for(found.rendered_for)}."
    return file_section(where, found.ablation, [origin, f"Instances drawn from --key {found.key}."])


def _rendered_for(max_steps: int) -> str:
    return f"its spec is measured, rendered for runs of {max_steps} steps; the file is for others"


def _content(
    whole: Submission, task: Task, parts: "FileParts", found: Found
) -> Mapping[str, object]:
    about = {"submission": whole.name, "digest": whole.digest, "track": task.track.name}
    about |= {"scale": task.scale, "objective": found.objective, "key": found.key}
    about |= {"device": found.device, "state": found.official.state, "failure": found.failure}
    return {
        **about,
        "source": parts.source,
        "rendered_for": found.rendered_for,
        "left": [asdict(one) for one in parts.left],
        "ablation": found.ablation.to_json() if found.ablation else None,
        "simplified_digest": found.smaller.digest if found.smaller else None,
    }


def _listing(
    whole: Submission, parts: "FileParts"
) -> tuple[Mapping[str, object], str, list[str], list[list[str]]]:
    """What `--json` prints, and a table: title, header and rows."""
    chosen = parts.parts.listed()
    rows = [[one.label, one.replaced_by, "removed"] for one in chosen]
    rows += [
        [f"{one.place} {one.name}", one.neutral or "-", one.why or "left alone"]
        for one in parts.left
    ]
    content = {
        "submission": whole.name,
        "source": parts.source,
        "parts": [asdict(one) for one in chosen],
        "left": [asdict(one) for one in parts.left],
    }
    title = f"{whole.name}: what an ablation removes; the parts are {SOURCES[parts.source]}"
    return content, title, ["part", "set to", "in the ablation"], rows
