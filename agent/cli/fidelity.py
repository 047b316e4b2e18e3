"""`autoresearch fidelity`: how well a track's proxies rank what the full run would."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from agent.cli import output
from agent.cli.machine import AnyMachine, measuring
from agent.cli.options import Json, Markdown, OnTrack, files_of, option
from agent.study.errors import UserError
from tracks.track_file import ladder_of

if TYPE_CHECKING:
    from agent.verdict.fidelity import Fidelity


@dataclass(frozen=True)
class Ladder(OnTrack):
    """What runs on the ladder of a track."""

    specs: int = option("Specs: recipes first, then random ones.", default=36, min=4)
    seeds: int = option("Number of instances of each proxy.", default=2, min=1)
    seed: int = option("Seed of all random choices.", default=0, min=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not ladder_of(self.track, self.scale):
            track = self.track
            there = ", ".join(name for name in track.scales if ladder_of(track, name)) or "none"
            raise UserError(
                f"{self.track.name} has no proxies for scale {self.scale}; it has some for: {there}"
            )

    def measured(self, asked: AnyMachine) -> "Fidelity":
        """The fidelity on this machine."""
        with measuring(asked) as (executor, view):
            from agent.verdict.fidelity import Design, measure_fidelity

            design = Design(self.specs, self.seeds, self.seed, self.scale)
            return measure_fidelity(self.track, executor, view, design)


def fidelity(
    task: Ladder, machine: AnyMachine, markdown: Markdown = None, as_json: Json = False
) -> None:
    """Measure how well small runs rank what the full run would.

    Diverse specs run on every rung of the track's ladder. Evaluations are kept in the workspace,
    so the same command continues after Ctrl-C.

    \b
    Examples:
      autoresearch fidelity --track mqar
      autoresearch fidelity --track random_teacher --specs 20 --seeds 1 --markdown fidelity.md
    """
    output.require_outputs({"--markdown": markdown}, files_of(task.track))
    found = task.measured(machine.on(task.track, task.scale))
    from agent.report.sections.fidelity import fidelity_section

    output.show_section(as_json, asdict(found), fidelity_section(found), markdown)
