"""Runs on the official instance, started before they are needed, beside other work."""

from concurrent.futures import Future
from dataclasses import dataclass, replace

from agent.verdict.comparison import Bench, failure
from agent.verdict.verdict import Verdict
from tracks.evaluation import Evaluation
from tracks.instance import official_instance
from tracks.procedure import Procedure, official_procedure, search_procedure
from tracks.registry import get_track
from tracks.submission import Submission


@dataclass(frozen=True)
class OfficialRuns:
    """Each starts when it is first asked for; one that was started or finished is not repeated."""

    bench: Bench

    def exact(self, submission: Submission) -> Future[Evaluation]:
        """The run that is recorded and published: to the last step, on the official device."""
        settings = self.bench.settings
        procedure = official_procedure(get_track(settings.track), settings.objective)
        return self._start(submission, procedure, settings.official_device)

    def compared(self, submission: Submission) -> Future[Evaluation]:
        """As a search measures its trials, and a verdict both sides."""
        settings = self.bench.settings
        procedure = search_procedure(get_track(settings.track), settings.objective)
        return self._start(submission, procedure, settings.device)

    def publishable(self, verdict: Verdict, challenger: Submission) -> Verdict:
        """The verdict, refused where the challenger's exact run fails: it could not be published.

        Waits for that run if the verdict accepts.
        """
        if not verdict.accepted:
            return verdict
        run = self.exact(challenger)
        if not run.done():
            self.bench.view.note("waiting for the exact run on the official instance")
        measured = run.result()
        if measured.complete:
            return verdict
        reason = (
            f"the challenger failed in the exact run on the official instance: {failure(measured)}"
        )
        self.bench.view.note(f"refused: {reason}")
        return replace(verdict, accepted=False, reason=reason)

    def _start(
        self, submission: Submission, procedure: Procedure, device: str
    ) -> Future[Evaluation]:
        settings = self.bench.settings
        instance = official_instance(settings.track, settings.scale)
        return self.bench.executor.submit(submission, instance, procedure, device=device)
