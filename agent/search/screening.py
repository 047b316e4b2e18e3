"""Screening: several specs are proposed for a trial, and measured at a small scale to choose it."""

import math
from collections.abc import Sequence

from agent.proposers.proposer import FAILED, Seen
from agent.study.executor import Executor
from agent.study.ladder import proxy_instance, searches
from agent.study.progress import View
from agent.study.settings import Settings
from search_space.render import render
from search_space.spec import Spec
from tracks.evaluation import Evaluation
from tracks.procedure import search_procedure
from tracks.registry import get_track
from tracks.submission import Submission


class Screening:
    """Measures candidates at a smaller scale, on one instance that is the same for all of a seed.

    `spent_s` sums the recorded times of their evaluations, also of those that were stored.
    """

    def __init__(
        self, executor: Executor, settings: Settings, scale: str, view: View | None = None
    ) -> None:
        track, objective = get_track(settings.track), settings.objective
        self.count = settings.screen
        self.searched = searches(settings, scale)
        self.spent_s = 0.0
        self._executor, self._objective, self._view = executor, objective, view
        self._instance = proxy_instance(track, settings.seed, scale)
        self._steps = track.scales[scale].max_steps
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
            found.append(self._seen(spec, evaluation))
        self._tell("")
        return found

    def _seen(self, spec: Spec, evaluation: Evaluation) -> Seen:
        if not evaluation.complete:
            return Seen(spec, FAILED)
        loss = evaluation.last_train_loss
        place = 0.0, evaluation.rank(self._objective)
        return Seen(spec, place, loss if math.isfinite(loss) else None)

    def _tell(self, line: str) -> None:
        if self._view:
            self._view.choosing(line)
