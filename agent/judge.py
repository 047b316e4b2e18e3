"""The stages after the search: confirm, ablate, compare, transfer, publish the best trial."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from agent.knowledge.leaderboard import incumbent
from agent.knowledge.tried import parts_in
from agent.publish.evidence import Winner, evidence_of
from agent.publish.novelty import novelty
from agent.publish.publisher import Publisher
from agent.study.ledger import Ledger
from agent.study.records import FinishedTrial, Origin
from agent.study.settings import Stage
from agent.study.stages import Stages
from agent.study.study import Study
from agent.study.workspace import Workspace
from agent.verdict.ablation import ablate
from agent.verdict.ablation_record import Ablation
from agent.verdict.alpha import alpha_of
from agent.verdict.baselines import BaselineRecord, BaselineRow, against_baselines, tuned_baselines
from agent.verdict.comparison import Bench, Contender
from agent.verdict.comparison_keys import ComparisonKeys, Keys
from agent.verdict.decide import confirm
from agent.verdict.interactions import interactions
from agent.verdict.official import OfficialRuns
from agent.verdict.publication import (
    EarlierPublications,
    IncumbentCurve,
    Publication,
    WinnerCurve,
    publications,
)
from agent.verdict.removable import Parts, parts_of
from agent.verdict.transfer import Design, transfer
from agent.verdict.transfer_record import TransferRecord
from agent.verdict.variants import Basis
from agent.verdict.verdict import EarlierVerdicts, Verdict, earlier_verdicts
from search_space.spec import Spec, make_spec
from tracks.registry import get_track
from tracks.result_file import result_record
from tracks.submission import Submission, read_submission
from tracks.track_file import TrackError
from tracks.workload import require_packages

STAGE_RECORDS = (
    Verdict,
    IncumbentCurve,
    Ablation,
    BaselineRecord,
    TransferRecord,
    WinnerCurve,
    Publication,
)


@dataclass(frozen=True)
class Options:
    """What does not change the search: it can be given again when a study is resumed."""

    max_time_s: float | None = None
    ablation: bool = True
    commit: bool = True
    name: str | None = None
    margin: float | None = None
    transfer: bool = True
    keys: Keys | None = None
    """Of comparisons; drawn where there are none."""


@dataclass(frozen=True)
class Judge:
    """Takes the best trial through the stages after the search."""

    workspace: Workspace
    study: Study
    bench: Bench
    options: Options
    stages: Stages

    @cached_property
    def keys(self) -> Keys:
        return self.options.keys or ComparisonKeys(self.study)

    @cached_property
    def official(self) -> OfficialRuns:
        return OfficialRuns(self.bench)

    @cached_property
    def publisher(self) -> Publisher:
        return Publisher(self.workspace, self.study, self.options.commit)

    def judge(self, best: FinishedTrial) -> None:
        """Confirm, ablate, compare and publish a trial; what was published is left alone."""
        challenger = read_submission(self.study.trial_folder(best.number))
        before = self.publisher.published(challenger)
        if before:
            self.bench.view.note("the best trial has been accepted and published before")
            self._compare(before.name, read_submission(self.study.folder / "winner" / before.name))
            return
        self.keep_acceptance(best.number)
        for record in STAGE_RECORDS:
            record.path(self.study).unlink(missing_ok=True)
        whole = winner = self._confirmed(best, challenger)
        parts = self._parts_of(challenger, winner.spec)
        if winner.verdict.accepted and self._ablates(parts):
            self.stages.enter(Stage.ABLATE)
            # what was sampled is named after its parts, of which some may be gone
            label = None if best.proposal.origin is Origin.SAMPLED else best.proposal.label
            winner = self._ablated(winner, parts, label)
        verdict = self._publishable(winner.verdict, winner.submission)
        verdict.keep(self.study)
        if not verdict.accepted:
            return
        self.stages.enter(Stage.COMPARE)
        rows = self._compare(winner.name, winner.submission)
        self.bench.view.note("comparing its updates with those of known optimizers")
        found = novelty(self.workspace, self.bench.executor, winner, whole)
        winner = replace(winner, verdict=replace(verdict, novelty=found), baselines=rows)
        winner.verdict.keep(self.study)
        if self.options.transfer:
            self.stages.enter(Stage.TRANSFER)
            winner = replace(winner, transfer=self._transferred(winner))
        self.stages.enter(Stage.PUBLISH)
        self._publish(best, winner, challenger.digest)

    def keep_acceptance(self, number: int) -> None:
        """An acceptance stays on record when another trial is judged in its place, and what was
        published always."""
        before, earlier = Verdict.of(self.study), earlier_verdicts(self.study)
        # a kill right after this must not record it twice
        if before and before.accepted and before.trial != number and before not in earlier:
            EarlierVerdicts((*earlier, before)).keep(self.study)
        if published := publications(self.study):
            EarlierPublications(tuple(published)).keep(self.study)

    def _parts_of(self, challenger: Submission, spec: Spec | None) -> Parts:
        return parts_of(challenger, spec, self._max_steps)

    @property
    def _max_steps(self) -> int:
        settings = self.bench.settings
        return get_track(settings.track).scales[settings.scale].max_steps

    def _publishable(self, verdict: Verdict, submission: Submission) -> Verdict:
        return self.official.publishable(verdict, submission, alpha_of(self.study))

    def _ablates(self, parts: Parts) -> bool:
        return self.options.ablation and bool(parts.listed())

    def incumbent(self) -> Contender:
        settings = self.bench.settings
        return incumbent(self.workspace, settings.track, settings.objective, settings.scale)

    def _confirmed(self, best: FinishedTrial, challenger: Submission) -> Winner:
        """The trial with its verdict."""
        self.stages.enter(Stage.CONFIRM)
        kept = best.proposal.spec
        spec = make_spec(kept) if kept else None
        if not self._ablates(self._parts_of(challenger, spec)):
            self.official.exact(challenger)
        name = self.publisher.name(best.proposal.label, challenger, self.options.name)
        verdict = replace(self._confirm(name, challenger), trial=best.number)
        verdict.keep(self.study)
        return Winner(name, challenger, spec, verdict)

    def _confirm(self, name: str, challenger: Submission) -> Verdict:
        opponent, alpha = self.incumbent(), alpha_of(self.study)
        verdict = confirm(self.bench, alpha, self.keys, (name, challenger), opponent)
        measured = self.official.compared(opponent[1]).result()
        IncumbentCurve(opponent[0], measured.curve).keep(self.study)
        word = "accepted" if verdict.accepted else "refused"
        self.bench.view.note(f"{word}: {verdict.reason}")
        return replace(verdict, date=datetime.now(UTC).isoformat(timespec="seconds"))

    def _ablated(self, winner: Winner, parts: Parts, label: str | None) -> Winner:
        """The winner with its ablation, or the simplified optimizer if that is confirmed."""
        won = winner.verdict
        assert won.key is not None
        assert won.test is not None
        basis = Basis(won.key, won.incumbent_digest, won.test.mean, self.options.margin)
        ablation = ablate(self.bench, parts, basis)
        removal = ablation.simplified
        smaller = None
        if removal:
            name = self.options.name
            smaller = self.publisher.without(winner, parts, removal.parts, label, name)
        # an exact run takes long, and goes on beside the pairs and the second verdict
        self.official.exact((smaller or winner).submission)
        pairs = interactions(self.bench, parts, won.key, ablation.rows, won.incumbent_digest)
        ablation = replace(ablation, interactions=pairs)
        if removal and smaller:
            smaller = self._confirm_simplified(winner, smaller, ablation.taken_out)
            removal = replace(removal, name=smaller.name, verdict=smaller.verdict)
            ablation = replace(ablation, simplified=removal)
        ablation.keep(self.study)
        if not (smaller and smaller.verdict.accepted):
            return replace(winner, ablation=ablation)
        verdict = replace(smaller.verdict, before_simplifying=won)
        return replace(smaller, verdict=verdict, ablation=ablation)

    def _confirm_simplified(
        self, winner: Winner, smaller: Winner, taken: tuple[str, ...]
    ) -> Winner:
        """The simplified optimizer with a verdict of its own."""
        verb = "is" if len(taken) == 1 else "are"
        parts = ", ".join(taken)
        self.bench.view.note(f"{parts} {verb} redundant; confirming the simplified optimizer")
        verdict = self._confirm(smaller.name, smaller.submission)
        verdict = self._publishable(verdict, smaller.submission)
        if smaller.spec and winner.spec:
            taken = tuple(sorted(parts_in(winner.spec) - parts_in(smaller.spec)))
        verdict = replace(verdict, trial=winner.verdict.trial, taken_out=taken)
        return replace(smaller, verdict=verdict)

    def _compare(self, name: str, submission: Submission) -> tuple[BaselineRow, ...]:
        """The winner against the baselines that were tuned by now, if any."""
        opponents = tuned_baselines(Ledger(self.workspace), self.bench.settings)
        rows = against_baselines(self.bench, self.keys, (name, submission), opponents)
        BaselineRecord(rows).keep(self.study)
        return rows

    def _transferred(self, winner: Winner) -> TransferRecord | None:
        """What came of it on other tasks, in short runs; None where packages are missing."""
        executor, view = self.bench.executor, self.bench.view
        key = self.keys.key(winner.submission.digest, TransferRecord.file)
        design = Design.of_a_winner(key, self._max_steps)
        try:
            require_packages()
            record = transfer(executor, view, (winner.name, winner.submission), design)
        except TrackError as error:
            view.note(f"not tried on other tasks: {error}")
            return None
        record.keep(self.study)
        view.note(f"{winner.name}: {record.verdict}")
        return record

    def _publish(self, best: FinishedTrial, winner: Winner, trial_digest: str) -> None:
        """Write the winner's files beside the study, and commit them if that was asked."""
        measured = self.official.exact(winner.submission).result()
        WinnerCurve(winner.name, measured.curve).keep(self.study)
        path = f"{winner.folder}/submission.py"
        official = result_record(measured, winner.name, path, self.bench.objective)
        evidence = evidence_of(self.study, best, winner, official)
        publication = self.publisher.publish(winner, evidence, trial_digest)
        where = f"committed to branch {publication.branch}; " if publication.commit else ""
        self.bench.view.note(where + publication.note.replace("`", ""))
