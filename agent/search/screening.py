"""Screening: several specs are proposed for a trial, and the best at a small scale becomes it."""

from collections.abc import Sequence

from agent.proposers.proposer import FAILED, Seen
from agent.study.executor import Executor
from agent.study.ladder import proxy_instance
from agent.study.progress import View
from agent.study.settings import Settings
from search_space.render import render
from search_space.spec import Spec
from tracks.procedure import search_procedure
from tracks.registry import get_track
from tracks.submission import Submission


class Screening:
    """Measures candidates on one instance of the track's screen, the same for all of a seed.

    It carries over where it is a rung of the ladder, which stands for larger scales.

    `spent_s` sums the recorded times of their evaluations, also of those that were stored.
    """

    def __init__(self, executor: Executor, settings: Settings, view: View | None = None) -> None:
        track, objective = get_track(settings.track), settings.objective
        assert track.screen
        self.count = settings.screen
        self.carries = track.screen_carries(settings.scale)
        self.spent_s = 0.0
        self._executor, self._objective, self._view = executor, objective, view
        self._instance = proxy_instance(track, settings.seed, track.screen)
        self._steps = track.scales[track.screen].max_steps
        self._procedure = search_procedure(track, objective)

    def measured(self, specs: Sequence[Spec]) -> list[Seen]:
        """Each with its place there, as if they were trials of that scale."""
        rendered = (Submission(render(spec, self._steps)) for spec in specs)
        running = [self._executor.submit(one, self._instance, self._procedure) for one in rendered]
        found = list[Seen]()
        for spec, future in zip(specs, running, strict=True):
            self._tell(f"choosing the next trial: {len(found)} of {len(specs)} candidates measured")
            evaluation = future.result()
            self.spent_s += evaluation.duration_s
            complete = evaluation.complete
            found.append(
                Seen(spec, (0.0, evaluation.rank(self._objective)) if complete else FAILED)
            )
        self._tell("")
        return found

    def _tell(self, line: str) -> None:
        if self._view:
            self._view.choosing(line)
