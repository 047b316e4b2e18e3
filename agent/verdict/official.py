"""Runs on the official instance, started before they are needed, beside other work."""

from concurrent.futures import Future
from dataclasses import dataclass, replace

from agent.verdict.alpha import AlphaLedger
from agent.verdict.comparison import Bench, failure
from agent.verdict.effect import official_texts
from agent.verdict.memorised import NOT_CARRIED_OVER, too_good
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

    def publishable(self, verdict: Verdict, challenger: Submission, alpha: AlphaLedger) -> Verdict:
        """The verdict, refused where the challenger's exact run could not be published: where it
        fails, is worse than the incumbent's run on that instance, or too good for the held-out
        ones.

        The search and the held-out comparisons use closed-form gradients; some optimizers amplify
        how these differ from the exact ones in the last digits, and a file can tell by them which
        run is the one to be published. Waits for that run if the verdict accepts. A refusal is
        recorded in the alpha ledger, where it passes no level on.
        """
        if not verdict.accepted:
            return verdict
        run = self.exact(challenger)
        if not run.done():
            self.bench.view.note("waiting for the exact run on the official instance")
        reason = _unpublishable(verdict, run.result())
        if not reason:
            return verdict
        self.bench.view.note(f"refused: {reason}")
        alpha.decide(verdict.compared, False)
        return replace(verdict, accepted=False, reason=reason)

    def _start(
        self, submission: Submission, procedure: Procedure, device: str
    ) -> Future[Evaluation]:
        settings = self.bench.settings
        instance = official_instance(settings.track, settings.scale)
        return self.bench.executor.submit(submission, instance, procedure, device=device)


def _unpublishable(verdict: Verdict, exact: Evaluation) -> str:
    """What keeps the challenger's exact run from being published; empty for nothing."""
    if not exact.complete:
        return f"the challenger failed in the exact run on the official instance: {failure(exact)}"
    held_out = [pair.challenger for pair in verdict.pairs if pair.challenger is not None]
    if too_good(exact, held_out, verdict.objective):
        return f"{verdict.reason}, but of the exact run: {NOT_CARRIED_OVER}"
    before = verdict.official
    if before is None or exact.score(verdict.objective) <= before.incumbent:
        return ""
    run = replace(verdict, official=replace(before, challenger=exact.score(verdict.objective)))
    ours, theirs = official_texts(run)
    return (
        f"{verdict.reason}, but in the exact run on the official instance the challenger has "
        f"{ours}, and {verdict.incumbent} has {theirs}"
    )
