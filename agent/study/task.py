"""One evaluation to be made: what is measured, on which kind of device, under which bounds."""

from collections.abc import Callable
from dataclasses import dataclass

from agent.study.bounds import Bounds
from tracks.instance import Instance
from tracks.procedure import Procedure, optimizer_device
from tracks.registry import get_track
from tracks.submission import Submission

OnStep = Callable[[int], None]


@dataclass(frozen=True)
class Task:
    """`on_step` gets the number of each step that is reported; 0 when the evaluation begins."""

    submission: Submission
    instance: Instance
    procedure: Procedure
    device: str
    """Its kind."""
    bounds: Bounds
    on_step: OnStep | None = None

    @property
    def optimizer_device(self) -> str:
        """Where its optimizer steps."""
        return optimizer_device(get_track(self.instance.track), self.procedure, self.device)
