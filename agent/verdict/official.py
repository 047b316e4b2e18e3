"""Runs on the official instance, begun before they are needed, beside other work."""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from agent.study.executor import Executor
from agent.study.progress import View
from agent.study.settings import Settings
from tracks.evaluation import Evaluation
from tracks.instance import official_instance
from tracks.procedure import Procedure, official_procedure, search_procedure
from tracks.registry import get_track
from tracks.submission import Submission


@dataclass(frozen=True)
class OfficialRuns:
    """Each begins when it is first asked for; one that was begun or finished is not repeated."""

    settings: Settings
    executor: Executor
    view: View

    def exact(self, submission: Submission) -> Future[Evaluation]:
        """What is recorded and published, to the last step, on the device of published figures."""
        track, settings = get_track(self.settings.track), self.settings
        procedure = official_procedure(track, settings.objective)
        return self._begin(submission, procedure, settings.official_device)

    def compared(self, submission: Submission) -> Future[Evaluation]:
        """As a search measures its trials, and a verdict both sides."""
        track = get_track(self.settings.track)
        procedure = search_procedure(track, self.settings.objective)
        return self._begin(submission, procedure, self.settings.device)

    def publishable(self, verdict: Mapping[str, Any], challenger: Submission) -> dict[str, Any]:
        """The verdict, refused where the challenger's exact run fails: it could not be published.

        Waits for that run if the verdict accepts.
        """
        if not verdict["accepted"]:
            return dict(verdict)
        run = self.exact(challenger)
        if not run.done():
            self.view.note("waiting for the exact run on the official instance")
        measured = run.result()
        if measured.complete:
            return dict(verdict)
        how = f"{measured.state}: {measured.reason}"
        reason = f"the challenger failed in the exact run on the official instance: {how}"
        self.view.note(f"refused: {reason}")
        return {**verdict, "accepted": False, "reason": reason}

    def _begin(
        self, submission: Submission, procedure: Procedure, device: str
    ) -> Future[Evaluation]:
        instance = official_instance(self.settings.track, self.settings.scale)
        return self.executor.submit(submission, instance, procedure, device=device)
